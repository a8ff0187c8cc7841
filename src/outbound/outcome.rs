//! What came of a claimed message, as it is written.

use super::finish::FIRST_LOOK;
use crate::conversation::Inbox;
use crate::delivery::Status;
use crate::gate::{Reason, Verdict};
use crate::store::{Outcome, OutgoingRow};
use crate::texts::reveal;
use jiff::{SignedDuration, Timestamp};

const MAX_BACKOFF_SECONDS: i64 = 300;

/// The gate did not let it through: for now, or for good.
pub(super) fn held(row: &OutgoingRow, verdict: Verdict, now: Timestamp) -> Outcome {
    match verdict {
        Verdict::Wait(until, reason) => Outcome {
            due_at: Some(until.as_millisecond()),
            reason: Some(reason.words().to_owned()),
            // The claim was no attempt at sending.
            attempts: Some(row.attempts - 1),
            ..outcome(row, Status::Queued, now)
        },
        Verdict::Refuse(reason) => {
            let status = if reason == Reason::Expired { Status::Expired } else { Status::Refused };
            Outcome { reason: Some(reason.words().to_owned()), ..outcome(row, status, now) }
        }
        Verdict::Send => Outcome {
            due_at: Some(now.as_millisecond()),
            attempts: Some(row.attempts - 1),
            ..outcome(row, Status::Queued, now)
        },
    }
}

/// There is nobody to send it by; that is the end of it, and staff can read why.
pub(super) fn skipped(row: &OutgoingRow, now: Timestamp) -> Outcome {
    let reason = "no Twilio credentials are set, and the demo is switched off".to_owned();
    Outcome { reason: Some(reason), ..outcome(row, Status::Skipped, now) }
}

/// It was not processed: try again after a pause.
pub(super) fn again_later(row: &OutgoingRow, now: Timestamp) -> Outcome {
    let due_at = Some((now + backoff(row)).as_millisecond());
    Outcome { due_at, ..outcome(row, Status::Queued, now) }
}

/// Twilio has it: unless an end is reported, it is looked up.
pub(super) fn finishing(outcome: Outcome) -> Outcome {
    let on_its_way = [Status::Accepted.as_str(), Status::Sent.as_str()].contains(&outcome.status);
    let due_at = on_its_way.then_some(outcome.now + FIRST_LOOK.as_secs() * 1000);
    Outcome { due_at, ..outcome }
}

/// What came of `row`, with nothing said beside the status.
pub(super) fn outcome(row: &OutgoingRow, status: Status, now: Timestamp) -> Outcome {
    Outcome::new(row.id, row.fence, status, now.as_millisecond())
}

/// The words as they are sent: with the code, if there is one.
pub(super) fn words(inbox: &Inbox, row: &OutgoingRow) -> String {
    match row.nonce.as_deref().and_then(|nonce| nonce.parse().ok()) {
        Some(nonce) => reveal(&row.body, &inbox.code_key.code(&row.address, nonce)),
        None => row.body.clone(),
    }
}

/// Doubles with each attempt; the id spreads messages that failed together.
fn backoff(row: &OutgoingRow) -> SignedDuration {
    let exponent = u32::try_from(row.attempts.clamp(1, 10)).unwrap_or(10);
    let seconds = (1_i64 << exponent).min(MAX_BACKOFF_SECONDS);
    SignedDuration::from_millis(seconds * 500 + row.id.rem_euclid(seconds * 500))
}
