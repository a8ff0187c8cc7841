//! What became of a campaign's messages, counted.

use super::Tally;
use crate::delivery::Status;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// What became of a campaign's messages. `audience = queued + sent + failed + uncertain + skipped +
/// erased`, at every moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Counts {
    /// People for whom a message was made so far.
    pub audience: i64,
    /// Messages that wait to be sent, or are held back.
    pub queued: i64,
    /// Messages that Twilio took, the delivered ones included.
    pub sent: i64,
    /// Of these, those that were delivered.
    pub delivered: i64,
    /// Messages that failed or were undelivered.
    pub failed: i64,
    /// Messages of which it is not known yet whether Twilio has them.
    pub uncertain: i64,
    /// Messages that the gate or staff refused, or whose time was over.
    pub skipped: i64,
    /// Those, by reason.
    pub refused: BTreeMap<String, i64>,
    /// People who were erased since: their messages went with them.
    pub erased: i64,
    /// Messages that ended as undelivered, failed, delivered or are with the carrier.
    #[serde(skip)]
    finished: i64,
}

impl Counts {
    /// Sums up messages by status and, where they were refused, reason. Beside the statuses there is
    /// `reached`: the people for whom a message was made.
    #[must_use]
    pub fn of(rows: &[(String, Option<String>, i64)]) -> Self {
        let mut counts = Self::default();
        for (status, reason, count) in rows {
            if status == "reached" {
                counts.audience = *count;
            } else {
                counts.add(Status::from_name(status), reason.as_deref(), *count);
            }
        }
        counts.erased = (counts.audience - counts.rows()).max(0);
        counts
    }

    fn add(&mut self, status: Option<Status>, reason: Option<&str>, count: i64) {
        match status {
            Some(Status::Queued | Status::Held | Status::Sending) => self.queued += count,
            Some(Status::Accepted) => self.sent += count,
            Some(Status::Sent) => {
                self.sent += count;
                self.finished += count;
            }
            Some(Status::Delivered | Status::Read) => {
                self.sent += count;
                self.delivered += count;
                self.finished += count;
            }
            Some(Status::Undelivered | Status::Failed) => {
                self.failed += count;
                self.finished += count;
            }
            Some(Status::Refused | Status::Expired | Status::Skipped) => {
                self.skipped += count;
                *self.refused.entry(reason.unwrap_or("no reason was kept").to_owned()).or_default() += count;
            }
            // A state that this version does not know says nothing certain either.
            Some(Status::Uncertain | Status::Handed) | None => self.uncertain += count,
        }
    }

    fn rows(&self) -> i64 {
        self.queued + self.sent + self.failed + self.uncertain + self.skipped
    }

    /// Whether nothing is left to be sent or found out.
    #[must_use]
    pub fn are_final(&self) -> bool {
        self.queued + self.uncertain == 0
    }

    /// Whether there are messages with Twilio of which no end was reported yet.
    #[must_use]
    pub fn are_unreported(&self) -> bool {
        self.sent > self.delivered
    }

    /// What the campaign's health is judged by.
    #[must_use]
    pub fn tally(&self, opt_outs: i64) -> Tally {
        Tally { finished: self.finished, errors: self.failed, opt_outs }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NAMES: [&str; 14] = [
        "queued",
        "held",
        "sending",
        "handed",
        "uncertain",
        "accepted",
        "sent",
        "delivered",
        "undelivered",
        "failed",
        "refused",
        "expired",
        "read",
        "of a later version",
    ];

    proptest! {
        #[test]
        fn the_sums_agree_whatever_the_states(
            rows in proptest::collection::vec((0_usize..14, 0_i64..1000), 0..40), erased in 0_i64..10,
        ) {
            let mut rows: Vec<_> =
                rows.into_iter().map(|(name, count)| (NAMES[name].to_owned(), None, count)).collect();
            let audience = rows.iter().map(|(_, _, count)| count).sum::<i64>() + erased;
            rows.push(("reached".to_owned(), None, audience));
            let counts = Counts::of(&rows);
            prop_assert_eq!(counts.erased, erased);
            let sum = counts.queued + counts.sent + counts.failed + counts.uncertain + counts.skipped;
            prop_assert_eq!(sum + erased, audience);
            prop_assert_eq!(counts.refused.values().sum::<i64>(), counts.skipped);
            prop_assert!(counts.delivered <= counts.sent);
            let tally = counts.tally(0);
            prop_assert!(tally.errors <= tally.finished && tally.finished <= audience);
        }
    }
}
