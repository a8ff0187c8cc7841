//! Status callbacks: what the application hears of its messages, and the faults on the way.

use super::Carrier;
use super::calls::{About, Params};
use super::ledger::{Call, Purpose};
use super::message::{API_VERSION, Message, Status};
use jiff::tz::TimeZone;
use std::time::Duration;

impl Carrier {
    /// Reports a message's new status, unless a fault keeps the report back: for good, for a while (on a
    /// task of its own), or in `held` until the last status has been reported.
    pub(super) async fn report(&self, message: Message, held: &mut Vec<Message>) {
        let Some(url) = &message.status_callback else { return };
        if self.fires(|faults| &mut faults.callback_lost) {
            self.note_unsent(&message, url, "callback_lost");
            return;
        }
        let doubled = self.fires(|faults| &mut faults.callback_doubled);
        if !message.status.is_final() && self.fires(|faults| &mut faults.callback_reordered) {
            self.note_unsent(&message, url, "callback_reordered");
            held.extend(std::iter::repeat_n(message, if doubled { 2 } else { 1 }));
            return;
        }
        if self.fires(|faults| &mut faults.callback_late) {
            self.note_unsent(&message, url, "callback_late");
            let wait = Duration::from_millis(self.faults().callback_late_ms);
            self.spawn_counted(self.clone().report_later(message, wait, doubled));
            return;
        }
        self.post_callback(&message).await;
        if doubled {
            self.post_callback(&message).await;
        }
    }

    async fn report_later(self, message: Message, wait: Duration, doubled: bool) {
        self.0.clock.sleep(wait).await;
        self.post_callback(&message).await;
        if doubled {
            self.post_callback(&message).await;
        }
    }

    /// Posts a callback as soon as one of the carrier's outgoing lines is free.
    pub(super) async fn post_callback(&self, message: &Message) {
        let Some(url) = &message.status_callback else { return };
        // The semaphore is never closed; were it, calling without a permit is the lesser evil.
        let _permit = self.0.callback_lines.acquire().await;
        let about = About {
            purpose: Purpose::Status,
            message_sid: &message.sid,
            message_status: Some(message.status),
        };
        // The outcome is in the ledger; Twilio does nothing more about it either.
        let _ = self.call(url, &self.callback_params(message), &about).await;
    }

    /// The parameters of a status callback (Twilio: track-outbound-message-status).
    fn callback_params(&self, message: &Message) -> Params {
        let mut params = Vec::new();
        let mut put = |name: &str, value: &str| params.push((name.to_owned(), value.to_owned()));
        if let Some(code) = message.error_code {
            put("ErrorCode", &code.to_string());
        }
        if matches!(message.status, Status::Delivered | Status::Undelivered) {
            let done = message.updated_at.to_zoned(TimeZone::UTC).strftime("%y%m%d%H%M").to_string();
            put("RawDlrDoneDate", &done);
        }
        for name in ["SmsSid", "MessageSid"] {
            put(name, &message.sid);
        }
        for name in ["SmsStatus", "MessageStatus"] {
            put(name, message.status.word());
        }
        put("To", &message.to);
        if let Some(service) = &message.messaging_service_sid {
            put("MessagingServiceSid", service);
        }
        put("AccountSid", &self.0.settings.account_sid);
        if let Some(from) = &message.from {
            put("From", from);
        }
        put("ApiVersion", API_VERSION);
        params
    }

    fn note_unsent(&self, message: &Message, url: &str, fault: &'static str) {
        self.enter_call(Call {
            sequence: 0,
            purpose: Purpose::Status,
            message_sid: message.sid.clone(),
            message_status: Some(message.status),
            url: url.to_owned(),
            attempt: 0,
            at: self.0.clock.now(),
            http_status: None,
            error_code: None,
            fault: Some(fault),
            problem: None,
        });
    }
}
