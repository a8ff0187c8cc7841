//! Bookings, decided purely: what state one is in, when to remind of it, and how to say when it is.

mod plan;
mod when;

pub use plan::{DEFAULT_REMINDERS, MAX_REMINDERS, Plan, REMINDER_MINUTES};
pub use when::{Language, When, clock};

use jiff::Timestamp;
use serde::Serialize;

/// Where a booking is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Waits for the person's answer.
    Pending,
    /// The person will come.
    Confirmed,
    /// The person asked for another time; staff are to offer one.
    ChangeRequested,
    /// The person can't come.
    Declined,
    /// Called off by staff.
    Cancelled,
    /// It has begun. Never stored: it follows from the start.
    Past,
}

const ALL: [Status; 6] = [
    Status::Pending,
    Status::Confirmed,
    Status::ChangeRequested,
    Status::Declined,
    Status::Cancelled,
    Status::Past,
];

impl Status {
    /// The name in the API and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Confirmed => "confirmed",
            Self::ChangeRequested => "change_requested",
            Self::Declined => "declined",
            Self::Cancelled => "cancelled",
            Self::Past => "past",
        }
    }

    /// The name of each.
    #[must_use]
    pub fn names() -> [&'static str; 6] {
        ALL.map(Self::as_str)
    }

    /// Reads what [`Self::as_str`] wrote.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        ALL.into_iter().find(|status| status.as_str() == name)
    }

    /// The status at `now` of a booking stored with this one. What was declined or called off stays
    /// so; everything else is past once it has begun.
    #[must_use]
    pub fn at(self, starts_at: Timestamp, now: Timestamp) -> Self {
        match self {
            Self::Declined | Self::Cancelled => self,
            _ if starts_at <= now => Self::Past,
            _ => self,
        }
    }

    /// Whether the person is to be reminded. Whoever asked for another time, or declined, hears from
    /// staff and not from a reminder of a time that does not suit.
    #[must_use]
    pub fn is_reminded_of(self) -> bool {
        matches!(self, Self::Pending | Self::Confirmed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip_and_time_moves_on() {
        let start: Timestamp = "2026-11-24T19:00:00Z".parse().unwrap();
        for status in ALL {
            assert_eq!(Status::from_name(status.as_str()), Some(status));
            if status != Status::Past {
                assert_eq!(status.at(start, start - jiff::SignedDuration::from_secs(1)), status);
            }
        }
        assert_eq!(Status::Confirmed.at(start, start), Status::Past);
        assert_eq!(Status::Cancelled.at(start, start), Status::Cancelled);
    }
}
