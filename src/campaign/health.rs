//! When a campaign has to stop itself: too many of its messages fail, or too many readers opt out.

use crate::left_out;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// How a campaign fares, in messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Those of which the end is known or which are with the carrier.
    pub finished: i64,
    /// Of these, those that failed or were undelivered.
    pub errors: i64,
    /// Readers who opted out within 72 hours.
    pub opt_outs: i64,
}

/// What makes a campaign stop itself.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AutoStop {
    /// Messages that have to be through before rates mean anything.
    #[serde(deserialize_with = "after")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub after: i64,
    /// Most failures, in per cent of the messages that are through.
    #[serde(deserialize_with = "max_error_percent")]
    #[schemars(range(min = 0, max = 100))]
    pub max_error_percent: f64,
    /// Most opt-outs, in per cent of the messages that are through.
    #[serde(deserialize_with = "max_opt_out_percent")]
    #[schemars(range(min = 0, max = 100))]
    pub max_opt_out_percent: f64,
}

/// Why a campaign stopped itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Trouble {
    /// Too many failed.
    Errors(Rate),
    /// Too many opted out.
    OptOuts(Rate),
    /// These are all there were, and each failed.
    All(i64),
}

/// So many of so many, and how many are allowed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    count: i64,
    of: i64,
    max_percent: f64,
}

impl Default for AutoStop {
    fn default() -> Self {
        Self { after: 50, max_error_percent: 10.0, max_opt_out_percent: 2.0 }
    }
}

fn after<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    left_out::or(from, AutoStop::default().after)
}

fn max_error_percent<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    left_out::or(from, AutoStop::default().max_error_percent)
}

fn max_opt_out_percent<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    left_out::or(from, AutoStop::default().max_opt_out_percent)
}

impl AutoStop {
    /// The field that is not what it should be, and what it should be.
    #[must_use]
    pub fn fault(&self) -> Option<(&'static str, &'static str)> {
        let percent = |value: f64| (0.0..=100.0).contains(&value);
        if !(1..=1_000_000).contains(&self.after) {
            return Some(("auto_stop.after", "must be a whole number from 1 to 1000000"));
        }
        if !percent(self.max_error_percent) {
            return Some(("auto_stop.max_error_percent", "must be a number from 0 to 100"));
        }
        (!percent(self.max_opt_out_percent))
            .then_some(("auto_stop.max_opt_out_percent", "must be a number from 0 to 100"))
    }

    /// What is wrong with a campaign that fared like `tally`, and like `before` when staff last let it
    /// go on: what they have seen by then does not stop it again.
    #[must_use]
    pub fn trouble(&self, tally: Tally, before: Tally) -> Option<Trouble> {
        let of = tally.finished - before.finished;
        if of < self.after {
            return None;
        }
        let errors = Rate { count: tally.errors - before.errors, of, max_percent: self.max_error_percent };
        let opt_outs =
            Rate { count: tally.opt_outs - before.opt_outs, of, max_percent: self.max_opt_out_percent };
        if errors.is_exceeded() {
            return Some(Trouble::Errors(errors));
        }
        opt_outs.is_exceeded().then_some(Trouble::OptOuts(opt_outs))
    }

    /// The same of a campaign that is through: as nothing follows, a few messages tell something, too, if they
    /// all failed.
    #[must_use]
    pub fn trouble_in_the_end(&self, tally: Tally, before: Tally) -> Option<Trouble> {
        let (of, errors) = (tally.finished - before.finished, tally.errors - before.errors);
        let all = of > 0 && errors == of && self.max_error_percent < 100.0;
        self.trouble(tally, before).or(all.then_some(Trouble::All(errors)))
    }
}

impl Rate {
    #[expect(clippy::cast_precision_loss, reason = "counts of messages stay far below 2^52")]
    fn is_exceeded(&self) -> bool {
        self.count as f64 * 100.0 > self.max_percent * self.of as f64
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Errors(rate) => write!(f, "{rate} messages failed"),
            Self::OptOuts(rate) => write!(f, "{rate} readers opted out"),
            Self::All(1) => write!(f, "its only message failed"),
            Self::All(count) => write!(f, "all {count} messages failed"),
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "more than {} % ({} of {})", self.max_percent, self.count, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tally(finished: i64, errors: i64, opt_outs: i64) -> Tally {
        Tally { finished, errors, opt_outs }
    }

    #[test]
    fn rates_count_from_fifty_on_and_only_above_the_limit() {
        let rules = AutoStop::default();
        let words = |tally, before| rules.trouble(tally, before).map(|trouble| trouble.to_string());
        let fresh = Tally::default();
        assert_eq!(words(tally(49, 49, 49), fresh), None);
        assert_eq!(words(tally(50, 5, 1), fresh), None);
        let failed = "more than 10 % (6 of 50) messages failed";
        assert_eq!(words(tally(50, 6, 0), fresh).as_deref(), Some(failed));
        let left = "more than 2 % (2 of 60) readers opted out";
        assert_eq!(words(tally(60, 0, 2), fresh).as_deref(), Some(left));
        // Let go on by staff: the same again would have to happen after that.
        assert_eq!(words(tally(90, 6, 2), tally(50, 6, 2)), None);
        assert_eq!(words(tally(100, 11, 2), tally(50, 6, 2)), None);
        assert!(words(tally(100, 12, 2), tally(50, 6, 2)).is_some());
    }

    #[test]
    fn in_the_end_a_few_tell_something_if_all_failed() {
        let rules = AutoStop::default();
        let words =
            |tally| rules.trouble_in_the_end(tally, Tally::default()).map(|trouble| trouble.to_string());
        assert_eq!(words(tally(20, 20, 0)).as_deref(), Some("all 20 messages failed"));
        assert_eq!(words(tally(1, 1, 0)).as_deref(), Some("its only message failed"));
        assert_eq!(words(tally(20, 19, 0)), None);
        assert_eq!(words(tally(0, 0, 0)), None);
        assert_eq!(words(tally(60, 60, 0)).as_deref(), Some("more than 10 % (60 of 60) messages failed"));
        let never = AutoStop { max_error_percent: 100.0, ..rules };
        assert_eq!(never.trouble_in_the_end(tally(60, 60, 0), Tally::default()), None);
    }

    proptest! {
        #[test]
        fn more_errors_never_make_it_healthier(finished in 0_i64..2000, errors in 0_i64..2000, more in 0_i64..50) {
            let rules = AutoStop::default();
            let sick = |errors| rules.trouble(tally(finished, errors, 0), Tally::default()).is_some();
            prop_assert!(!sick(errors) || sick(errors + more));
        }
    }
}
