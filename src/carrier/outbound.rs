//! The application's messages: taken, sent, delivered or not.

use super::handset::resolve;
use super::message::{Direction, Message, Status};
use super::settings::{Ending, OptOut};
use super::twiml::Reply;
use super::{Carrier, chance, locked};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// A message that the application asks for, before it is taken.
pub(super) struct Draft {
    pub(super) direction: Direction,
    pub(super) from: Option<String>,
    pub(super) to: String,
    pub(super) body: String,
    pub(super) content_sid: Option<String>,
    pub(super) media: Vec<String>,
    pub(super) messaging_service_sid: Option<String>,
    pub(super) status_callback: Option<String>,
    pub(super) send_at: Option<Timestamp>,
    pub(super) in_reply_to: Option<String>,
}

impl Draft {
    /// The message that a `<Message>` in the answer of `url` to the text `inbound` asks for.
    pub(super) fn reply(reply: Reply, inbound: &Message, url: &str) -> Self {
        // To get callbacks, `statusCallback` is what counts; `action` alone serves as well.
        let callback = reply.status_callback.or(reply.action);
        Self {
            direction: Direction::OutboundReply,
            from: Some(reply.from.unwrap_or_else(|| inbound.to.clone())),
            to: reply.to.unwrap_or_else(|| inbound.handset().to_owned()),
            body: reply.body,
            content_sid: None,
            media: reply.media.iter().filter_map(|address| resolve(url, address)).collect(),
            messaging_service_sid: inbound.messaging_service_sid.clone(),
            status_callback: callback.and_then(|address| resolve(url, &address)),
            send_at: None,
            in_reply_to: Some(inbound.sid.clone()),
        }
    }

    /// Twilio's code for what makes the message itself impossible to send.
    pub(super) fn content_error(&self) -> Option<u32> {
        match self.body.encode_utf16().count() {
            0 if self.media.is_empty() => Some(21602),
            1601.. => Some(21617),
            _ => None,
        }
    }
}

/// Whether an address is on WhatsApp.
pub(super) fn is_whatsapp(address: &str) -> bool {
    address.starts_with("whatsapp:")
}

/// One step in a message's life: how long after the one before, and what it becomes.
type Step = (Duration, Status, Option<u32>);

impl Carrier {
    /// Takes a reply from a webhook's answer. What can't be sent is recorded as failed. Returns its SID.
    pub(super) fn reply(&self, draft: Draft) -> String {
        let from = draft.from.as_deref().unwrap_or_default();
        let failure = if self.number(from).is_none() {
            Some(21606)
        } else if self.is_blocked(from, &draft.to) {
            Some(21610)
        } else {
            draft.content_error()
        };
        self.take(draft, failure).sid
    }

    /// Records a message and begins its life. With a failure, it is failed from the start.
    pub(super) fn take(&self, draft: Draft, failure: Option<u32>) -> Message {
        let now = self.0.clock.now();
        let by_service = draft.direction == Direction::OutboundApi && draft.messaging_service_sid.is_some();
        let status = match (failure, draft.send_at) {
            (Some(_), _) => Status::Failed,
            (None, Some(_)) => Status::Scheduled,
            (None, None) if by_service => Status::Accepted,
            (None, None) => Status::Queued,
        };
        let message = Message {
            sequence: 0,
            sid: chance::sid(if draft.media.is_empty() { "SM" } else { "MM" }),
            direction: draft.direction,
            from: draft.from,
            to: draft.to,
            body: draft.body,
            content_sid: draft.content_sid,
            media: draft.media,
            status,
            error_code: failure,
            messaging_service_sid: draft.messaging_service_sid,
            status_callback: draft.status_callback,
            send_at: draft.send_at,
            created_at: now,
            updated_at: now,
            sent_at: None,
            carrier_reply: false,
            in_reply_to: draft.in_reply_to,
        };
        self.enter(message.clone());
        self.spawn_counted(self.clone().live(message.clone()));
        message
    }

    /// Takes a message through its statuses and reports each.
    async fn live(self, message: Message) {
        if message.status == Status::Failed {
            self.report(message, &mut Vec::new()).await;
            return;
        }
        if let Some(time) = message.send_at {
            self.0.clock.sleep_until(time).await;
        }
        let mut held = Vec::new();
        for (wait, status, code) in self.plan(&message) {
            if !wait.is_zero() {
                self.0.clock.sleep(wait).await;
            }
            let Some(changed) = self.advance(&message.sid, status, code) else { break };
            self.report(changed, &mut held).await;
        }
        for message in held {
            self.post_callback(&message).await;
        }
    }

    fn plan(&self, message: &Message) -> Vec<Step> {
        let timing = self.0.settings.timing;
        let mut steps = Vec::with_capacity(3);
        if message.status != Status::Queued {
            steps.push((Duration::ZERO, Status::Queued, None));
        }
        let scope = message.from.as_deref().or(message.messaging_service_sid.as_deref()).unwrap_or_default();
        let blocked =
            self.0.settings.opt_out == OptOut::Advanced && self.is_blocked(scope, message.handset());
        let ending = match () {
            () if blocked => Ending::Failed { error_code: 21610 },
            () if self.needs_template(message) => Ending::Failed { error_code: 63016 },
            () => self.ending(&message.to),
        };
        if let Ending::Failed { error_code } = ending {
            steps.push((timing.sent_after, Status::Failed, Some(error_code)));
            return steps;
        }
        steps.push((timing.sent_after, Status::Sent, None));
        match ending {
            Ending::Delivered => steps.push((timing.ended_after, Status::Delivered, None)),
            Ending::Undelivered { error_code } => {
                steps.push((timing.ended_after, Status::Undelivered, Some(error_code)));
            }
            Ending::Failed { .. } | Ending::Silent => {}
        }
        steps
    }

    /// On WhatsApp, whoever has not written for 24 hours gets templates only (Twilio: error 63016).
    fn needs_template(&self, message: &Message) -> bool {
        if !is_whatsapp(&message.to) || message.content_sid.is_some() {
            return false;
        }
        let since = message.created_at - SignedDuration::from_hours(24);
        let state = locked(&self.0.state);
        let mut texts =
            state.book.of_handset(&message.to).filter(|text| text.direction == Direction::Inbound);
        !texts.any(|text| text.created_at > since)
    }

    /// Moves a message on. Returns it as it is then, or nothing if it was cancelled or deleted meanwhile.
    fn advance(&self, sid: &str, status: Status, code: Option<u32>) -> Option<Message> {
        let now = self.0.clock.now();
        let mut state = locked(&self.0.state);
        let (service, to) = {
            let message = state.book.get(sid).filter(|message| !message.status.is_final())?;
            let senderless = message.from.is_none();
            (message.messaging_service_sid.clone().filter(|_| senderless), message.to.clone())
        };
        let sender = service.and_then(|service| state.choose_sender(&service, &to));
        let message = state.book.get_mut(sid)?;
        message.from = message.from.take().or(sender);
        message.status = status;
        message.error_code = code;
        message.updated_at = now;
        if status == Status::Sent {
            message.sent_at = Some(now);
        }
        let changed = message.clone();
        drop(state);
        self.tell();
        Some(changed)
    }
}
