//! The day's budget for what promotes, in messages and in money.

use crate::schedule::{at_local, local_date};
use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;

/// The most that may be spent in a day of this zone.
#[derive(Clone, Debug)]
pub struct Budget {
    /// Messages; none is without a limit.
    pub messages: Option<i64>,
    /// Millionths of a dollar; none is without a limit.
    pub micro_dollars: Option<i64>,
    /// Whose days count.
    pub zone: TimeZone,
}

/// What was spent, or is to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spending {
    /// Messages.
    pub messages: i64,
    /// Millionths of a dollar.
    pub micro_dollars: i64,
}

impl Spending {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            messages: self.messages.saturating_add(other.messages),
            micro_dollars: self.micro_dollars.saturating_add(other.micro_dollars),
        }
    }

    /// What is left of this without `other`.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self {
            messages: self.messages.saturating_sub(other.messages),
            micro_dollars: self.micro_dollars.saturating_sub(other.micro_dollars),
        }
    }
}

impl Budget {
    /// One without limits.
    #[must_use]
    pub fn unlimited() -> Self {
        Self { messages: None, micro_dollars: None, zone: TimeZone::UTC }
    }

    /// Whether nothing needs to be counted.
    #[must_use]
    pub fn is_unlimited(&self) -> bool {
        self.messages.is_none() && self.micro_dollars.is_none()
    }

    /// When the day of `now` began, and when the next one does.
    #[must_use]
    pub fn day(&self, now: Timestamp) -> (Timestamp, Timestamp) {
        let today = local_date(now, &self.zone);
        let midnight = |date| at_local(date, Time::midnight(), &self.zone);
        (midnight(today), today.tomorrow().map_or(Timestamp::MAX, midnight))
    }

    /// Says of each cost in turn whether it still fits after what was `spent` today, and counts those that do.
    #[must_use]
    pub fn admit(&self, mut spent: Spending, costs: &[Spending]) -> Vec<bool> {
        let fits = |total: Spending| {
            self.messages.is_none_or(|most| total.messages <= most)
                && self.micro_dollars.is_none_or(|most| total.micro_dollars <= most)
        };
        let admit = |cost: &Spending| {
            let total = spent.and(*cost);
            let admitted = fits(total);
            if admitted {
                spent = total;
            }
            admitted
        };
        costs.iter().map(admit).collect()
    }
}
