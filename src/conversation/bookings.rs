//! Bookings as staff and programs make, change and call them off. Whatever voids a reminder that is
//! already queued ends it in the same transaction.

use super::Inbox;
use crate::booking::{Language, Plan, Status, When};
use crate::store::{BookingRow, SpeakerRow, Tx};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// How long after its start a text may still be about a booking, if only to be told that it is over.
pub(super) const REMEMBERED: SignedDuration = SignedDuration::from_hours(24 * 7);
/// Most bookings that one person may have ahead.
const MAX_AHEAD: i64 = 100;

/// Why a booking was not made or changed.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum BookingError {
    #[error("there is no such booking")]
    NotFound,
    #[error("this booking was cancelled; make a new one")]
    Cancelled,
    #[error("this booking has begun; give a new starts_at to move it")]
    Past,
    #[error("this person asked to be erased; they come back by texting START")]
    Erased,
    #[error("this person has 100 bookings ahead, which is the most there may be")]
    TooMany,
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

/// A booking to make.
#[derive(Clone, Debug)]
pub struct NewBooking {
    /// What it is.
    pub title: String,
    /// Where.
    pub location: Option<String>,
    /// When it begins.
    pub starts_at: Timestamp,
    /// The zone whose clocks count, where that is not the person's.
    pub time_zone: Option<String>,
    /// Minutes before the start at which to remind.
    pub remind_before_minutes: Vec<i64>,
}

/// What to change of a booking; `None` and [`Field::Keep`] leave it as it is.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "see NewBooking")]
pub struct BookingPatch {
    pub title: Option<String>,
    pub location: Field,
    pub starts_at: Option<Timestamp>,
    pub time_zone: Field,
    pub remind_before_minutes: Option<Vec<i64>>,
}

/// A change of a field that may be empty.
#[derive(Clone, Debug, Default)]
pub enum Field {
    /// As it is.
    #[default]
    Keep,
    /// Empty.
    Clear,
    /// This.
    Set(String),
}

impl Field {
    /// The same with what is set checked.
    ///
    /// # Errors
    /// Those of `check`.
    pub fn checked<E>(self, check: impl FnOnce(&str) -> Result<String, E>) -> Result<Self, E> {
        match self {
            Self::Set(text) => check(&text).map(Self::Set),
            field => Ok(field),
        }
    }

    fn apply(self, to: &mut Option<String>) {
        match self {
            Self::Keep => {}
            Self::Clear => *to = None,
            Self::Set(text) => *to = Some(text),
        }
    }
}

impl Inbox {
    /// Makes a booking for the person at `address`, who becomes a contact if they are none.
    ///
    /// # Errors
    /// See [`BookingError`].
    pub async fn book(&self, address: &str, new: NewBooking) -> Result<BookingRow, BookingError> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let contact = self.contact_to_book(&mut tx, address).await?;
        if tx.bookings_ahead(contact.id, now.as_millisecond()).await? >= MAX_AHEAD {
            return Err(BookingError::TooMany);
        }
        let plan = Plan { starts_at: new.starts_at, before_minutes: &new.remind_before_minutes };
        let row = BookingRow {
            id: self.ids.next(now),
            contact_id: contact.id,
            address: contact.address,
            locale: contact.locale,
            home_zone: String::new(),
            title: new.title,
            location: new.location,
            starts_at: new.starts_at.as_millisecond(),
            time_zone: new.time_zone,
            status: Status::Pending.as_str().to_owned(),
            remind_before_minutes: encode(&new.remind_before_minutes)?,
            next_reminder_at: plan.first(now).map(Timestamp::as_millisecond),
            revision: 0,
            asked_at: None,
            asked_starts_at: None,
            answered_at: None,
            created_at: now.as_millisecond(),
            updated_at: now.as_millisecond(),
            status_reason: None,
        };
        tx.add_booking(&row).await?;
        finish(tx, row.contact_id, new.starts_at, row.id).await
    }

    /// Changes a booking. One that is moved waits for an answer again, and its reminders are made anew.
    ///
    /// # Errors
    /// See [`BookingError`].
    pub async fn change_booking(&self, id: i64, patch: BookingPatch) -> Result<BookingRow, BookingError> {
        let now = self.clock.now();
        let (mut tx, mut row) = self.booking_to_change(id).await?;
        match status_of(&row, now) {
            Status::Cancelled => return Err(BookingError::Cancelled),
            // It was for whoever had the number before.
            _ if row.status_reason.is_some() => return Err(BookingError::Cancelled),
            Status::Past if patch.starts_at.is_none() => return Err(BookingError::Past),
            _ => {}
        }
        let before = row.clone();
        apply(&mut row, patch, now)?;
        let moved = before.starts_at != row.starts_at || before.status != row.status;
        if moved || before.remind_before_minutes != row.remind_before_minutes {
            row.revision += 1;
            row.next_reminder_at = next_reminder(&row, moved, now).map(Timestamp::as_millisecond);
        }
        tx.save_booking(&row).await?;
        if row.revision != before.revision {
            self.void_reminders(&mut tx, &[id], "the booking was changed", now).await?;
        }
        finish(tx, row.contact_id, time(row.starts_at), id).await
    }

    /// Calls a booking off; once more changes nothing.
    ///
    /// # Errors
    /// See [`BookingError`].
    pub async fn cancel_booking(&self, id: i64) -> Result<BookingRow, BookingError> {
        let now = self.clock.now();
        let (mut tx, mut row) = self.booking_to_change(id).await?;
        match status_of(&row, now) {
            Status::Cancelled => return Ok(row),
            Status::Past => return Err(BookingError::Past),
            _ => {}
        }
        Status::Cancelled.as_str().clone_into(&mut row.status);
        row.next_reminder_at = None;
        row.revision += 1;
        row.updated_at = now.as_millisecond();
        tx.save_booking(&row).await?;
        self.void_reminders(&mut tx, &[id], "the booking was cancelled", now).await?;
        finish(tx, row.contact_id, time(row.starts_at), id).await
    }

    /// Ends the reminders of these bookings that wait, and tells the organisation's own systems of each.
    pub(super) async fn void_reminders(
        &self,
        tx: &mut Tx,
        bookings: &[i64],
        reason: &str,
        now: Timestamp,
    ) -> sqlx::Result<()> {
        let void = tx.void_reminders(bookings, reason, now.as_millisecond()).await?;
        self.announce_fates(tx, void).await
    }

    async fn contact_to_book(&self, tx: &mut Tx, address: &str) -> Result<SpeakerRow, BookingError> {
        let contact = self.contacts(tx, vec![address.to_owned()]).await?.pop();
        let contact = contact.ok_or(BookingError::NotFound)?;
        if contact.erased_at.is_some() { Err(BookingError::Erased) } else { Ok(contact) }
    }

    /// Locks the person and then the booking, the order in which texts do.
    async fn booking_to_change(&self, id: i64) -> Result<(Tx, BookingRow), BookingError> {
        let known = self.store.booking(id).await?.ok_or(BookingError::NotFound)?;
        let mut tx = self.store.begin().await?;
        tx.contacts(&[known.address.as_str()]).await?;
        let row = tx.booking(id).await?.ok_or(BookingError::NotFound)?;
        Ok((tx, row))
    }
}

/// Changes the row; what is moved, or offered again after a person's no, waits for their answer.
fn apply(row: &mut BookingRow, patch: BookingPatch, now: Timestamp) -> Result<(), BookingError> {
    if let Some(starts_at) = patch.starts_at.map(Timestamp::as_millisecond) {
        let status = Status::from_name(&row.status).unwrap_or(Status::Pending);
        if starts_at != row.starts_at || !status.is_reminded_of() {
            Status::Pending.as_str().clone_into(&mut row.status);
            row.answered_at = None;
        }
        row.starts_at = starts_at;
    }
    if let Some(title) = patch.title {
        row.title = title;
    }
    patch.location.apply(&mut row.location);
    patch.time_zone.apply(&mut row.time_zone);
    if let Some(minutes) = patch.remind_before_minutes {
        row.remind_before_minutes = encode(&minutes)?;
    }
    row.updated_at = now.as_millisecond();
    Ok(())
}

/// When a changed booking is to be reminded of. A reminder whose time is over is made up for only
/// where the person has not been told of this start yet, or has to be asked again.
fn next_reminder(row: &BookingRow, moved: bool, now: Timestamp) -> Option<Timestamp> {
    if !status_of(row, now).is_reminded_of() {
        return None;
    }
    let minutes = reminders_of(row);
    let plan = Plan { starts_at: time(row.starts_at), before_minutes: &minutes };
    let told = !moved && row.asked_starts_at == Some(row.starts_at);
    if told { plan.next_after(now) } else { plan.first(now) }
}

/// Commits, and reads the booking back with all that belongs to it.
async fn finish(
    mut tx: Tx,
    contact_id: i64,
    starts_at: Timestamp,
    id: i64,
) -> Result<BookingRow, BookingError> {
    let until = starts_at.saturating_add(REMEMBERED).unwrap_or(Timestamp::MAX);
    tx.mark_booked(contact_id, until.as_millisecond()).await?;
    let row = tx.booking(id).await?.ok_or(BookingError::NotFound)?;
    tx.commit().await?;
    Ok(row)
}

/// The status of a stored booking at `now`.
#[must_use]
pub fn status_of(row: &BookingRow, now: Timestamp) -> Status {
    Status::from_name(&row.status).unwrap_or(Status::Cancelled).at(time(row.starts_at), now)
}

/// Minutes before the start at which a stored booking is reminded of.
#[must_use]
pub fn reminders_of(row: &BookingRow) -> Vec<i64> {
    serde_json::from_str(&row.remind_before_minutes).unwrap_or_default()
}

/// When a stored booking is, in the words of its person's language.
#[must_use]
pub fn when(row: &BookingRow, now: Timestamp) -> String {
    let home = TimeZone::get(&row.home_zone).unwrap_or(TimeZone::UTC);
    let zone = row.time_zone.as_deref().and_then(|name| TimeZone::get(name).ok());
    let zone = zone.as_ref().unwrap_or(&home);
    When { at: time(row.starts_at), zone, home: &home, language: Language::of(&row.locale) }.words(now)
}

/// What the clock shows where it takes place.
pub(super) fn at(row: &BookingRow) -> DateTime {
    let zone = TimeZone::get(row.time_zone.as_deref().unwrap_or(&row.home_zone)).unwrap_or(TimeZone::UTC);
    zone.to_datetime(time(row.starts_at))
}

fn encode(minutes: &[i64]) -> sqlx::Result<String> {
    serde_json::to_string(minutes).map_err(|error| sqlx::Error::Encode(error.into()))
}

fn time(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}
