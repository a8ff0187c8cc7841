//! One contact of a slice.

use super::Inbox;
use super::rows::{change, standing};
use crate::dialog::{Booking, Person};
use crate::store::{ContactChange, NewContact, NewSpeaker, SpeakerRow, Was};
use jiff::Timestamp;

/// One contact of the slice.
pub(super) struct Seat {
    pub(super) row: SpeakerRow,
    pub(super) person: Person,
    /// Who they were before the slice's texts, and when they had been erased; none while they said nothing.
    pub(super) before: Option<(Person, Option<i64>)>,
    pub(super) bookings: Vec<Booking>,
    /// They write for the first time, and are to be added.
    pub(super) is_new: bool,
    /// The language they had before the slice's texts, if they have another now.
    pub(super) spoke: Option<String>,
}

impl Seat {
    pub(super) fn of(row: SpeakerRow) -> sqlx::Result<Self> {
        let person = serde_json::from_str(&row.person).map_err(|error| sqlx::Error::Decode(error.into()))?;
        Ok(Self::new(row, person))
    }

    pub(super) fn new(row: SpeakerRow, person: Person) -> Self {
        Self { row, person, before: None, bookings: Vec::new(), is_new: false, spoke: None }
    }

    /// From now on they are answered in this language.
    pub(super) fn speaks(&mut self, locale: &str) {
        if self.row.locale != locale {
            let before = std::mem::replace(&mut self.row.locale, locale.to_owned());
            self.spoke.get_or_insert(before);
        }
    }

    /// Who they were when they were looked at.
    pub(super) fn was(&self) -> Was<'_> {
        Was {
            was_person: &self.row.person,
            was_locale: self.spoke.as_ref().unwrap_or(&self.row.locale),
            was_booked: self.row.booked_until,
        }
    }

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

    /// The row of somebody new.
    pub(super) fn arrival<'a>(&'a self, inbox: &'a Inbox, now: Timestamp) -> sqlx::Result<NewSpeaker<'a>> {
        let (time_zone, time_zone_source) = inbox.zone_of(&self.row.address);
        let standing = standing(&self.person, None);
        let contact = NewContact {
            id: self.row.id,
            address: &self.row.address,
            state: standing.state,
            consent: standing.consent,
            person: serde_json::to_string(&self.person).map_err(|error| sqlx::Error::Encode(error.into()))?,
            locale: &self.row.locale,
            time_zone,
            time_zone_source,
            created_at: now.as_millisecond(),
            erased_at: None,
        };
        Ok(NewSpeaker {
            contact,
            name: standing.name,
            promotion_paused: standing.promotion_paused,
            last_heard_at: now.as_millisecond(),
        })
    }
}
