//! One contact of a slice.

use super::rows::{change, standing};
use crate::dialog::{Booking, Person};
use crate::store::{ContactChange, SpeakerRow};

/// One contact of the slice.
pub(super) struct Seat {
    pub(super) row: SpeakerRow,
    pub(super) person: Person,
    /// Who they were before the slice's texts, and when they had been erased; none while they said nothing.
    pub(super) before: Option<(Person, Option<i64>)>,
    pub(super) bookings: Vec<Booking>,
}

impl Seat {
    /// What is to be written, if they said anything.
    pub(super) fn change(&self, now: i64) -> Option<sqlx::Result<ContactChange<'_>>> {
        let (before, erased_at) = self.before.as_ref()?;
        let change = change(&self.row, &self.person).map(|change| ContactChange {
            last_heard_at: Some(now),
            standing: change.standing.filter(|after| *after != standing(before, *erased_at)),
            ..change
        });
        Some(change)
    }
}
