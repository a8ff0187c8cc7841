//! Texts from handsets: recorded, answered by the carrier where it must, and given to the application.

use super::calls::{About, Params};
use super::keywords::Keyword;
use super::ledger::{Call, Purpose};
use super::message::{Direction, Message, Status};
use super::outbound::{Draft, is_whatsapp};
use super::settings::OptOut;
use super::{Carrier, locked, twiml};
use crate::phone::Address;
use serde::Serialize;
use std::sync::Arc;
use tokio::sync::Mutex;
use url::Url;

/// Twilio takes this many `<Message>`s from one document (code 14109) …
const REPLIES: usize = 10;
/// … and this many documents in answer to one text (code 14106).
const DOCUMENTS: usize = 50;

/// A text as it is typed on a handset.
#[derive(Clone, Default)]
pub struct Text {
    /// The handset's number in E.164; on WhatsApp with `whatsapp:` before it, or a user id there.
    pub from: String,
    /// One of the account's numbers, on the same channel.
    pub to: String,
    /// What is typed.
    pub body: String,
    /// Addresses of attached media.
    pub media: Vec<String>,
}

/// What became of a text.
#[derive(Clone, Debug, Serialize)]
pub struct Delivery {
    /// The text's SID; every try at the webhook carries the same one.
    pub sid: String,
    /// The webhook's last answer; none if it gave none or the number has no webhook.
    pub http_status: Option<u16>,
    /// How many calls were made, the fallback's included.
    pub attempts: u32,
    /// The bodies of the application's replies, in order.
    pub replies: Vec<String>,
    /// The SIDs of those replies.
    pub reply_sids: Vec<String>,
    /// What the carrier itself replied.
    pub carrier_reply: Option<String>,
    /// Twilio's code for what went wrong: 11200, 11205, 12100, 12300 …
    pub error_code: Option<u32>,
}

/// A text that can't be typed, or can't reach the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// The sender is not a number.
    #[error("`from` is not a number in E.164, or on another channel than `to`")]
    From,
    /// The recipient is not one of the account's numbers.
    #[error("`to` is not a number of this account")]
    To,
    /// The text is longer than a carrier delivers.
    #[error("`body` is longer than 1600 characters")]
    Body,
}

/// What one text has led to so far.
struct Progress {
    message: Message,
    params: Params,
    delivery: Delivery,
}

impl Carrier {
    /// Types a text on the handset `from`; returns once the application has answered, or failed to.
    ///
    /// Texts of one handset are delivered one after the other, in the order of the calls.
    ///
    /// # Errors
    /// See [`TextError`]; nothing is recorded then.
    pub async fn text(&self, from: &str, to: &str, body: &str) -> Result<Delivery, TextError> {
        self.send(Text { from: from.to_owned(), to: to.to_owned(), body: body.to_owned(), media: Vec::new() })
            .await
    }

    /// As [`Carrier::text`], with media.
    ///
    /// # Errors
    /// See [`TextError`]; nothing is recorded then.
    pub async fn send(&self, text: Text) -> Result<Delivery, TextError> {
        let from = Address::parse(&text.from).map_err(|_| TextError::From)?;
        if matches!(from, Address::Other(_)) || from.is_whatsapp() != is_whatsapp(&text.to) {
            return Err(TextError::From);
        }
        if text.body.encode_utf16().count() > 1600 {
            return Err(TextError::Body);
        }
        let number = self.number(&text.to).ok_or(TextError::To)?;
        let line = self.line(&text.from);
        let _turn = line.lock().await;
        let mut progress = self.receive(text);
        if let Some(url) = &number.sms_url {
            self.deliver(&mut progress, url, number.sms_fallback_url.as_deref()).await;
        }
        Ok(progress.delivery)
    }

    /// The lock that keeps one handset's texts in order.
    fn line(&self, phone: &str) -> Arc<Mutex<()>> {
        let mut lines = locked(&self.0.lines);
        if lines.len() >= 10_000 {
            lines.retain(|_, line| Arc::strong_count(line) > 1);
        }
        lines.entry(phone.to_owned()).or_default().clone()
    }

    /// Records a text and does what the carrier does with reserved words.
    fn receive(&self, text: Text) -> Progress {
        // Twilio's default opt-out is for SMS, MMS and RCS; on WhatsApp it is the application's affair.
        let watched = self.0.settings.opt_out != OptOut::Off && !is_whatsapp(&text.from);
        let keyword = Keyword::of(&text.body).filter(|_| watched);
        let sid = super::chance::sid(if text.media.is_empty() { "SM" } else { "MM" });
        let now = self.0.clock.now();
        let message = Message {
            sequence: 0,
            sid: sid.clone(),
            direction: Direction::Inbound,
            messaging_service_sid: self.service_of(&text.to),
            from: Some(text.from),
            to: text.to,
            body: text.body,
            content_sid: None,
            media: text.media,
            status: Status::Received,
            error_code: None,
            status_callback: None,
            send_at: None,
            created_at: now,
            updated_at: now,
            sent_at: Some(now),
            carrier_reply: false,
            in_reply_to: None,
        };
        self.enter(message.clone());
        let carrier_reply = keyword.and_then(|keyword| self.obey(keyword, &message));
        let params = self.inbound_params(&message, keyword);
        let delivery = Delivery {
            sid,
            http_status: None,
            attempts: 0,
            replies: Vec::new(),
            reply_sids: Vec::new(),
            carrier_reply,
            error_code: None,
        };
        Progress { message, params, delivery }
    }

    /// Calls the webhook, then its fallback, and follows the documents they answer with; again and again
    /// where the settings ask for patience.
    async fn deliver(&self, progress: &mut Progress, url: &str, fallback: Option<&str>) {
        let mut round = 1;
        while !self.deliver_once(progress, url, fallback).await {
            let Some(patience) = self.0.settings.patience.filter(|patience| round <= patience.retries) else {
                return;
            };
            tokio::time::sleep(patience.pause_after(round)).await;
            round += 1;
        }
    }

    async fn deliver_once(&self, progress: &mut Progress, url: &str, fallback: Option<&str>) -> bool {
        progress.delivery.error_code = None;
        if self.follow(progress, url, Purpose::Inbound).await {
            return true;
        }
        let (Some(fallback), Some(code)) = (fallback, progress.delivery.error_code) else { return false };
        let plain = progress.params.len();
        progress.params.push(("ErrorCode".to_owned(), code.to_string()));
        progress.params.push(("ErrorUrl".to_owned(), url.to_owned()));
        let answered = self.follow(progress, fallback, Purpose::Fallback).await;
        progress.params.truncate(plain);
        answered
    }

    /// Returns whether the application answered, and answered so that it was understood.
    async fn follow(&self, progress: &mut Progress, url: &str, purpose: Purpose) -> bool {
        let (mut url, mut purpose) = (url.to_owned(), purpose);
        for _ in 0..DOCUMENTS {
            match self.document(progress, &url, purpose).await {
                Ok(None) => return true,
                Ok(Some(next)) => url = next,
                Err(code) => {
                    progress.delivery.error_code = Some(code);
                    return false;
                }
            }
            purpose = Purpose::Redirect;
        }
        progress.delivery.error_code = Some(14106);
        false
    }

    /// Fetches one document and sends what it asks for; returns where the next one is, or Twilio's code.
    async fn document(
        &self,
        progress: &mut Progress,
        url: &str,
        purpose: Purpose,
    ) -> Result<Option<String>, u32> {
        let sid = progress.delivery.sid.clone();
        let about = About { purpose, message_sid: &sid, message_status: None };
        let (outcome, attempts) = self.call(url, &progress.params, &about).await;
        progress.delivery.attempts += attempts;
        let answer = match outcome {
            Ok(answer) => answer,
            Err(failure) => {
                progress.delivery.http_status = failure.http_status;
                return Err(failure.error_code);
            }
        };
        progress.delivery.http_status = Some(answer.http_status);
        let read = twiml::answer(answer.content_type.as_deref(), &answer.body);
        let asked = read.map_err(|(code, problem)| {
            self.note(&sid, url, purpose, answer.http_status, code, problem);
            code
        })?;
        if asked.replies.len() > REPLIES {
            let problem = "more than 10 messages in one answer".to_owned();
            self.note(&sid, url, purpose, answer.http_status, 14109, problem);
            progress.delivery.error_code = Some(14109);
        }
        for reply in asked.replies.into_iter().take(REPLIES) {
            progress.delivery.replies.push(reply.body.clone());
            let reply_sid = self.reply(Draft::reply(reply, &progress.message, url));
            progress.delivery.reply_sids.push(reply_sid);
        }
        Ok(asked.redirect.and_then(|next| resolve(url, &next)))
    }

    /// Writes down a complaint about an answer, as Twilio's debugger would show it.
    fn note(&self, sid: &str, url: &str, purpose: Purpose, http_status: u16, code: u32, problem: String) {
        self.enter_call(Call {
            sequence: 0,
            purpose,
            message_sid: sid.to_owned(),
            message_status: None,
            url: url.to_owned(),
            attempt: 0,
            at: self.0.clock.now(),
            http_status: Some(http_status),
            error_code: Some(code),
            fault: None,
            problem: Some(problem),
        });
    }
}

/// An address in an answer, which may be relative to the address that gave the answer.
pub(super) fn resolve(base: &str, address: &str) -> Option<String> {
    Url::parse(base).ok()?.join(address).ok().map(Into::into)
}
