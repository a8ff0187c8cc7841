//! What came of an attempt, decided without a look at anything, and as it is written.

use crate::events::{Next, after_failure};
use crate::store::{ClaimedRow, DeliveryRecord};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

/// The most attempts that a delivery remembers: its own ten, and those before a replay.
const MAX_REMEMBERED: usize = 20;
/// The longest error kept.
const MAX_ERROR: usize = 300;
/// The receiver says that it wants no more webhooks.
const GONE: u16 = 410;

/// One attempt, as the API shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Attempt {
    /// When it began.
    #[serde(serialize_with = "whole_seconds")]
    pub at: Timestamp,
    /// The HTTP status of the answer, if there was one.
    #[schemars(example = 204)]
    pub http_status: Option<u16>,
    /// Why it did not count as taken.
    #[schemars(extend("examples" = [null]))]
    pub error: Option<String>,
}

fn whole_seconds<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&format_args!("{at:.0}"))
}

/// What an attempt says about its endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Health {
    Works,
    Fails,
    Gone,
}

impl Attempt {
    pub(super) fn new(at: Timestamp, answer: Result<u16, String>) -> Self {
        let (http_status, error) = match answer {
            Ok(status @ 200..=299) => (Some(status), None),
            Ok(status @ 300..=399) => (Some(status), Some("redirects are not followed".to_owned())),
            Ok(GONE) => (Some(GONE), Some("the receiver wants no more webhooks".to_owned())),
            Ok(status) => (Some(status), Some(format!("the receiver answered {status}"))),
            Err(words) => (None, Some(words.chars().take(MAX_ERROR).collect())),
        };
        Self { at, http_status, error }
    }

    pub(super) fn health(&self) -> Health {
        match (&self.error, self.http_status) {
            (None, _) => Health::Works,
            (_, Some(GONE)) => Health::Gone,
            _ => Health::Fails,
        }
    }
}

/// The record of an attempt that has just ended.
pub(super) fn record(row: &ClaimedRow, attempt: &Attempt, now: Timestamp) -> DeliveryRecord {
    let mut history: Vec<Attempt> = serde_json::from_str(&row.history).unwrap_or_default();
    history.push(attempt.clone());
    let forgotten = history.len().saturating_sub(MAX_REMEMBERED);
    let history = serde_json::to_string(&history[forgotten..]).unwrap_or_default();
    let (status, due_at, delivered_at) = if attempt.error.is_none() {
        ("delivered", None, Some(now.as_millisecond()))
    } else {
        match after_failure(row.attempts, row.id) {
            Next::Again(pause) => ("pending", Some((now + pause).as_millisecond()), None),
            Next::GiveUp => ("failed", None, None),
        }
    };
    DeliveryRecord { id: row.id, fence: row.fence, status, due_at, history, delivered_at }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(attempts: i64) -> ClaimedRow {
        ClaimedRow {
            id: 5,
            event_id: 4,
            endpoint_id: 3,
            attempts,
            fence: 9,
            history: "[]".to_owned(),
            body: "{}".to_owned(),
            url: "https://example.org".to_owned(),
            nonce: "1".to_owned(),
            previous_nonce: None,
            previous_until: None,
        }
    }

    #[test]
    fn only_a_2xx_counts_as_taken() {
        let now = Timestamp::UNIX_EPOCH;
        for (answer, status, health) in [
            (Ok(200), "delivered", Health::Works),
            (Ok(204), "delivered", Health::Works),
            (Ok(302), "pending", Health::Fails),
            (Ok(410), "pending", Health::Gone),
            (Ok(500), "pending", Health::Fails),
            (Ok(100), "pending", Health::Fails),
            (Err("no connection".to_owned()), "pending", Health::Fails),
        ] {
            let attempt = Attempt::new(now, answer.clone());
            assert_eq!(attempt.health(), health, "{answer:?}");
            let record = record(&row(1), &attempt, now);
            assert_eq!(record.status, status, "{answer:?}");
            assert_eq!(record.due_at.is_some(), status == "pending");
            assert_eq!(record.delivered_at.is_some(), status == "delivered");
        }
    }

    #[test]
    fn the_tenth_failure_is_the_last_and_the_history_is_bounded() {
        let now = Timestamp::UNIX_EPOCH;
        let attempt = Attempt::new(now, Err("x".repeat(1000)));
        assert_eq!(record(&row(9), &attempt, now).status, "pending");
        assert_eq!(record(&row(10), &attempt, now).status, "failed");
        let mut row = row(1);
        for _ in 0..30 {
            row.history = record(&row, &attempt, now).history;
        }
        let history: Vec<Attempt> = serde_json::from_str(&row.history).unwrap();
        assert_eq!(history.len(), MAX_REMEMBERED);
        assert_eq!(history[0].error.as_ref().unwrap().len(), MAX_ERROR);
    }
}
