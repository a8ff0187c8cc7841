//! What the carrier makes of an inbound text: its own answer to reserved words, and the webhook's parameters.

use super::calls::Params;
use super::keywords::Keyword;
use super::message::{API_VERSION, Direction, Message, Status};
use super::settings::OptOut;
use super::{Carrier, chance, segments};

impl Carrier {
    /// Blocks or unblocks, and answers with the carrier's own words.
    pub(super) fn obey(&self, keyword: Keyword, text: &Message) -> Option<String> {
        let handset = text.handset();
        let scope = text.messaging_service_sid.as_deref().unwrap_or(&text.to);
        let says_yes = text.body.trim().eq_ignore_ascii_case("yes");
        let answers = match keyword {
            Keyword::Stop => self.block(scope, handset),
            // YES is an ordinary word to whoever has not stopped.
            Keyword::Start => self.unblock(scope, handset) || !says_yes,
            Keyword::Help => true,
        };
        if !answers {
            return None;
        }
        let own = self.0.settings.help.clone().filter(|_| keyword == Keyword::Help);
        let reply = own.unwrap_or_else(|| keyword.reply().to_owned());
        let now = self.0.clock.now();
        self.enter(Message {
            sid: chance::sid("SM"),
            direction: Direction::OutboundReply,
            from: Some(text.to.clone()),
            to: handset.to_owned(),
            body: reply.clone(),
            media: Vec::new(),
            status: Status::Delivered,
            created_at: now,
            updated_at: now,
            sent_at: Some(now),
            carrier_reply: true,
            in_reply_to: Some(text.sid.clone()),
            ..text.clone()
        });
        Some(reply)
    }

    /// The parameters of an inbound webhook (Twilio: guides/webhook-request).
    pub(super) fn inbound_params(&self, message: &Message, keyword: Option<Keyword>) -> Params {
        let mut params = Vec::new();
        let mut put = |name: &str, value: &str| params.push((name.to_owned(), value.to_owned()));
        let from = message.handset();
        put("ToCountry", country(&message.to));
        put("ToState", "");
        put("ToCity", "");
        put("ToZip", "");
        put("FromCountry", country(from));
        put("FromState", "");
        put("FromCity", "");
        put("FromZip", "");
        for name in ["SmsMessageSid", "SmsSid", "MessageSid"] {
            put(name, &message.sid);
        }
        put("AccountSid", &self.0.settings.account_sid);
        if let Some(service) = &message.messaging_service_sid {
            put("MessagingServiceSid", service);
        }
        put("From", from);
        put("To", &message.to);
        put("Body", &message.body);
        put("SmsStatus", "received");
        put("NumSegments", &segments::count(&message.body).to_string());
        put("NumMedia", &message.media.len().to_string());
        for (index, url) in message.media.iter().enumerate() {
            put(&format!("MediaUrl{index}"), url);
            put(&format!("MediaContentType{index}"), media_type(url));
        }
        if let (OptOut::Advanced, Some(keyword)) = (self.0.settings.opt_out, keyword) {
            put("OptOutType", keyword.opt_out_type());
        }
        put("ApiVersion", API_VERSION);
        params
    }
}

fn country(phone: &str) -> &'static str {
    match phone.as_bytes() {
        [b'+', b'1', ..] => "US",
        [b'+', b'4', b'4', ..] => "GB",
        [b'+', b'4', b'9', ..] => "DE",
        _ => "",
    }
}

fn media_type(url: &str) -> &'static str {
    match url.rsplit('.').next().unwrap_or_default() {
        "png" => "image/png",
        "gif" => "image/gif",
        "pdf" => "application/pdf",
        _ => "image/jpeg",
    }
}
