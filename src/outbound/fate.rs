//! What a look at Twilio's list decides about a message.

use super::Listed;
use super::outcome::{finishing, outcome};
use super::raise::RAISE_AFTER;
use super::settle::{LOOKS, Settler, timestamp};
use super::steps::Sight;
use crate::delivery::Status;
use crate::purpose::Purpose;
use crate::store::{Outcome, OutgoingRow};
use jiff::{SignedDuration, Timestamp};

impl Settler {
    /// How many waits a message has had since it left: by its age, or, where the clock was set, by its looks. Moving
    /// the demo's clock moves its carrier's as well.
    pub(super) fn waits(&self, row: &OutgoingRow, sight: &Sight) -> i64 {
        let age = age(row, sight);
        let waits = age.as_millis() / self.inbox.settings.settle_after.as_millis().max(1);
        let by_age = i64::try_from(waits).unwrap_or(i64::MAX);
        if sight.forward && !self.twilio.is_simulated() {
            row.looks
        } else if age.is_negative() || !sight.back.is_zero() {
            by_age.max(row.looks)
        } else {
            by_age
        }
    }

    /// How long so many waits are.
    pub(super) fn waited(&self, waits: i64) -> SignedDuration {
        self.inbox.settings.settle_after * i32::try_from(waits).unwrap_or(i32::MAX)
    }

    pub(super) fn found(&self, row: &OutgoingRow, message: &Listed) -> Outcome {
        self.metrics.settled("found");
        Outcome {
            sid: Some(message.sid.id.simple().to_string()),
            mms: Some(message.sid.mms),
            error_code: message.error_code.map(i64::from),
            by_rest: row.by_rest,
            ..finishing(outcome(row, message.status, self.inbox.clock.now()))
        }
    }

    /// Twilio does not list it: wait for the list to catch up, then decide by what it is for.
    pub(super) fn absent(&self, row: &OutgoingRow) -> Outcome {
        let now = self.inbox.clock.now();
        if row.looks < LOOKS {
            return self.wait(row, now, None);
        }
        if row.content_sid.is_some() {
            return self.unclear(row, now);
        }
        let by_rest = row.by_rest;
        let purpose = row.purpose.as_deref().and_then(Purpose::from_name);
        if !purpose.is_some_and(Purpose::is_sent_again) {
            self.metrics.settled("given_up");
            let reason = Some(format!("{}; {}", self.never_reached(), given_up(purpose)));
            return Outcome { reason, by_rest, ..outcome(row, Status::Failed, now) };
        }
        if row.expires_at.is_some_and(|end| end <= now.as_millisecond()) {
            self.metrics.settled("expired");
            return Outcome {
                reason: Some(format!("{}, and its time is over", self.never_reached())),
                by_rest,
                ..outcome(row, Status::Expired, now)
            };
        }
        self.metrics.settled("sent_again");
        Outcome { due_at: Some(now.as_millisecond()), ..outcome(row, Status::Queued, now) }
    }

    /// Why Twilio's list does not have a message. The demo's carrier forgets its list.
    fn never_reached(&self) -> &'static str {
        if self.twilio.is_simulated() {
            "the demo's phone does not know it, or lost it when the server was restarted"
        } else {
            "it never reached Twilio"
        }
    }

    /// A template's words are put together at Twilio, so the list may have it in words that we don't know.
    /// It is never sent again; its callback may still tell.
    fn unclear(&self, row: &OutgoingRow, now: Timestamp) -> Outcome {
        let reason = "the operator: Twilio's list shows no message with the words of this template; \
                      look for it in Twilio's console.";
        let raised = row.looks > LOOKS;
        if raised {
            self.raise(row, self.waited(row.looks) < RAISE_AFTER * 2);
        }
        let due_at = Some((now + RAISE_AFTER).as_millisecond());
        Outcome { due_at, ..self.wait(row, now, raised.then(|| reason.to_owned())) }
    }

    pub(super) fn wait(&self, row: &OutgoingRow, now: Timestamp, reason: Option<String>) -> Outcome {
        let handed = row.status == Status::Handed.as_str() && reason.is_none();
        let status = if handed { Status::Handed } else { Status::Uncertain };
        let due_at = Some((now + self.inbox.settings.settle_after).as_millisecond());
        Outcome { due_at, reason, by_rest: row.by_rest, ..outcome(row, status, now) }
    }
}

/// How long ago it left, by a clock that nobody set meanwhile.
pub(super) fn age(row: &OutgoingRow, sight: &Sight) -> SignedDuration {
    sight.now.duration_since(timestamp(row.sent_at.unwrap_or(row.created_at)))
}

/// Why a message that may not be sent twice is not sent again.
fn given_up(purpose: Option<Purpose>) -> &'static str {
    match purpose {
        Some(Purpose::Code) => "a code is not sent again by itself, the person can text RESEND",
        _ => "such a message is not sent again by itself",
    }
}
