//! Final statuses that were never reported: callbacks can be lost, so a message that Twilio has is looked
//! up at growing intervals until it has come to an end, or a day is over.

use super::ticks::{Schedule, Ticked};
use super::{Listed, Twilio, TwilioError, failure};
use crate::batch::Batch;
use crate::conversation::{Inbox, Reported};
use crate::metrics::Metrics;
use crate::sid::Sid;
use crate::store::{LookAgain, UnfinishedRow};
use futures_util::{StreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// How old a message is when it is looked up, unless something was reported. `APPLY_REPORTS` in the store
/// sets the first of these, too.
const LOOKS: [SignedDuration; 5] = [
    FIRST_LOOK,
    SignedDuration::from_mins(10),
    SignedDuration::from_hours(1),
    SignedDuration::from_hours(6),
    GIVEN_UP,
];
pub(super) const FIRST_LOOK: SignedDuration = SignedDuration::from_mins(2);
/// After this long nothing more is to be expected: carriers keep a text for a day or two at most.
const GIVEN_UP: SignedDuration = SignedDuration::from_hours(24);
/// Messages looked up in one tick and how far ticks are apart: 300 a minute at most, each node.
const SLICE: i64 = 50;
const PAUSE: SignedDuration = SignedDuration::from_secs(10);
const LOOKS_AT_ONCE: usize = 8;
/// How long the last look may take before another node makes it again.
const LEASE: SignedDuration = SignedDuration::from_mins(5);

/// Looks up final statuses.
#[derive(Clone, Debug)]
pub struct Finisher {
    /// Store and clock.
    pub inbox: Arc<Inbox>,
    /// Who is asked.
    pub twilio: Twilio,
    /// Takes what was found, like a report.
    pub reports: Batch<Reported, ()>,
    /// Counts.
    pub metrics: Metrics,
}

impl Schedule for Finisher {
    const NAME: &'static str = "missing final statuses";

    async fn tick(&self, now: Timestamp) -> sqlx::Result<Ticked> {
        let mut tx = self.inbox.store.begin().await?;
        let rows = tx.unfinished(now.as_millisecond(), SLICE).await?;
        if rows.is_empty() {
            return Ok(Ticked::Idle(None));
        }
        let looks: Vec<LookAgain> = rows.iter().map(|row| next_look(row, now)).collect();
        tx.look_again(&looks).await?;
        tx.commit().await?;
        let full = i64::try_from(rows.len()).unwrap_or(SLICE) == SLICE;
        let found = stream::iter(rows).map(|row| self.look(row, now)).buffer_unordered(LOOKS_AT_ONCE);
        let given_up: Vec<LookAgain> = found.filter_map(std::future::ready).collect().await;
        if !given_up.is_empty() {
            let mut tx = self.inbox.store.begin().await?;
            tx.look_again(&given_up).await?;
            tx.commit().await?;
        }
        Ok(Ticked::Idle(full.then(|| now + PAUSE)))
    }
}

impl Finisher {
    /// Asks about one message; returns what is written if it is not looked up any more.
    async fn look(&self, row: UnfinishedRow, now: Timestamp) -> Option<LookAgain> {
        let given_up =
            |reason: &str| Some(LookAgain { id: row.id, due_at: None, reason: Some(reason.to_owned()) });
        match self.twilio.fetch(Sid { mms: row.mms, id: row.sid }).await {
            Ok(message) if message.status.rank() > row.rank => {
                self.metrics.settled("polled");
                // What is not applied now is looked up again.
                let _ = self.reports.submit(reported(row.id, &message)).await;
                None
            }
            Err(TwilioError::Refused { status: 404, .. }) if self.twilio.is_simulated() => given_up(
                "nobody needs to act: the demo's phone lost the message when the server was restarted.",
            ),
            Err(TwilioError::Refused { status: 404, .. }) => {
                given_up("nobody needs to act: Twilio has deleted the message, so its end is not known.")
            }
            Err(error) => {
                tracing::debug!(message = row.id, %error, "a message could not be looked up");
                None
            }
            Ok(_) if age(&row, now) >= GIVEN_UP => {
                self.metrics.settled("unfinished");
                given_up("nobody needs to act: the carrier reported no end within 24 hours.")
            }
            Ok(_) => None,
        }
    }
}

fn reported(message_id: i64, message: &Listed) -> Reported {
    Reported {
        message_id,
        sid: message.sid,
        status: message.status,
        twilio_status: message.status.as_str().to_owned(),
        error_code: message.error_code,
        reason: message.error_code.map(|code| failure::describe(code).reason()),
        told: false,
    }
}

fn age(row: &UnfinishedRow, now: Timestamp) -> SignedDuration {
    let sent_at = row.sent_at.and_then(|at| Timestamp::from_millisecond(at).ok());
    sent_at.map_or(SignedDuration::ZERO, |sent_at| now.duration_since(sent_at))
}

/// When it is looked up after this look.
fn next_look(row: &UnfinishedRow, now: Timestamp) -> LookAgain {
    let age = age(row, now);
    let wait = LOOKS.into_iter().find(|look| *look > age).map_or(LEASE, |look| look - age);
    LookAgain { id: row.id, due_at: Some((now + wait.max(FIRST_LOOK)).as_millisecond()), reason: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_grow_apart_and_come_to_an_end() {
        let sent: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let row = UnfinishedRow {
            id: 1,
            sid: uuid::Uuid::nil(),
            mms: false,
            status: "sent".to_owned(),
            rank: 3,
            sent_at: Some(sent.as_millisecond()),
        };
        let mut now = sent + FIRST_LOOK;
        let mut ages = Vec::new();
        while age(&row, now) < GIVEN_UP {
            ages.push(age(&row, now).as_mins());
            now = Timestamp::from_millisecond(next_look(&row, now).due_at.unwrap()).unwrap();
        }
        assert_eq!(ages, [2, 10, 60, 360]);
        assert_eq!(age(&row, now), GIVEN_UP);
        // After a day down it is looked up once more, not five times.
        assert!(next_look(&row, now).due_at.unwrap() >= (now + FIRST_LOOK).as_millisecond());
    }
}
