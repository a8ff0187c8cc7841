//! Which bookings an answer may be about, and for how long.

use super::{Booking, Status};
use crate::dialog::words::says_another_time;
use jiff::{SignedDuration, Timestamp};

/// How long an answer to a booking that was called off, or has begun, is taken for one in the middle of
/// something else.
const LATE_ANSWER: SignedDuration = SignedDuration::from_hours(48);

impl Booking {
    /// Whether it will take place, as far as anybody knows.
    pub(in crate::dialog) fn stands(&self) -> bool {
        matches!(self.status, Status::Pending | Status::Confirmed)
    }

    /// Whether a text names a time or a day that is not its own.
    pub(super) fn is_elsewhere(&self, body: &str, now: Timestamp) -> bool {
        // Where the person is; clocks may be put back before it begins, which moves no day but at midnight.
        let today = self.at.saturating_sub(self.starts_at.duration_since(now)).date();
        says_another_time(body, self.at, today)
    }

    /// Whether it was called off, or has begun.
    pub(super) fn is_gone(&self) -> bool {
        matches!(self.status, Status::Cancelled | Status::Past)
    }

    /// Whether the person was asked about it as it is now.
    pub(super) fn is_asked(&self) -> bool {
        self.asked_at.is_some() && !self.is_moved
    }

    /// Whether a yes or a no may be about it, also one that takes back what was said before.
    pub(in crate::dialog) fn may_be_answered(&self) -> bool {
        self.is_asked() && !self.is_gone()
    }

    /// Whether the person was asked, and has not answered yet: neither before it was moved nor, lately,
    /// before it was called off.
    pub(in crate::dialog) fn awaits_answer(&self, now: Timestamp) -> bool {
        self.asked_at.is_some() && (self.status == Status::Pending || self.is_gone_lately(now))
    }

    /// Whether it was called off, or has begun, soon after the person was asked.
    pub(super) fn is_gone_lately(&self, now: Timestamp) -> bool {
        self.is_gone() && self.asked_at.is_some_and(|at| now.duration_since(at) < LATE_ANSWER)
    }

    /// Whether an answer may come to it although it was called off.
    pub(in crate::dialog) fn may_be_answered_late(&self, now: Timestamp) -> bool {
        self.status == Status::Cancelled && self.is_gone_lately(now)
    }

    /// Whether the person declined or wants another time, and staff are to say how it goes on.
    pub(in crate::dialog) fn is_with_staff(&self) -> bool {
        self.is_asked() && matches!(self.status, Status::Declined | Status::ChangeRequested)
    }

    /// Whether an answer about it is awaited.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.is_asked() && self.status == Status::Pending
    }
}
