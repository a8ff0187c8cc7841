//! Bookings.

use super::engine::on;
use super::{Store, Tx, json, sql};
use serde::Serialize;

/// A booking, with what must be known of its person. Times are milliseconds since 1970.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns' names say it; the migration explains them")]
pub struct BookingRow {
    pub id: i64,
    pub contact_id: i64,
    pub address: String,
    pub locale: String,
    /// The person's zone.
    pub home_zone: String,
    pub title: String,
    pub location: Option<String>,
    pub starts_at: i64,
    pub time_zone: Option<String>,
    pub status: String,
    pub remind_before_minutes: String,
    pub next_reminder_at: Option<i64>,
    pub revision: i64,
    pub asked_at: Option<i64>,
    pub asked_starts_at: Option<i64>,
    pub answered_at: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
    /// Why it is so, where nobody said so at the API.
    pub status_reason: Option<String>,
}

impl BookingRow {
    /// What the reminder `minutes` before the start is sent for, so that nothing sends it twice.
    #[must_use]
    pub fn what_for(&self, minutes: i64) -> String {
        format!("booking:{}:{}:{minutes}:{}", self.id, self.starts_at, self.revision)
    }

    /// Whether a message that was queued for `what_for` is about this booking as it is now.
    #[must_use]
    pub fn is_what_for(&self, what_for: &str) -> bool {
        let before = format!("booking:{}:{}:", self.id, self.starts_at);
        let minutes = what_for.strip_prefix(&before).and_then(|rest| rest.split_once(':'));
        minutes.is_some_and(|(_, revision)| revision == self.revision.to_string())
    }
}

/// A reminder in the outbox, and the booking behind it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ReminderRow {
    /// The message.
    pub message_id: i64,
    /// What it was queued for.
    pub what_for: Option<String>,
    /// The booking as it is now.
    #[sqlx(flatten)]
    pub booking: BookingRow,
}

/// What a text did to a booking.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct AnswerRow {
    /// The booking.
    pub id: i64,
    /// Its new status, if it has one.
    pub status: Option<&'static str>,
    /// Whether the person was asked about it.
    pub asked: bool,
    /// When, in milliseconds since 1970.
    pub at: i64,
}

/// When a booking's next reminder is due, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, Serialize)]
#[expect(missing_docs, reason = "see BookingRow")]
pub struct NextReminder {
    pub id: i64,
    pub next_reminder_at: Option<i64>,
}

/// A message's words, made anew.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "see MessageRow")]
pub struct Rewording {
    pub id: i64,
    pub body: String,
    pub segments: i64,
}

impl Store {
    /// A booking, unless its person was erased.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn booking(&self, id: i64) -> sqlx::Result<Option<BookingRow>> {
        on!(&self.read, sql::BOOKING, |c, text| sqlx::query_as(text).bind(id).fetch_optional(c).await)
    }

    /// When the next reminder is due, in milliseconds since 1970.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn next_reminder(&self) -> sqlx::Result<Option<i64>> {
        on!(&self.read, sql::NEXT_REMINDER, |c, text| sqlx::query_scalar(text).fetch_one(c).await)
    }

    /// Notes that the person is asked now about the booking behind a message; false if that has
    /// changed since the message was queued, so that it must not be sent.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn ask(&self, message_id: i64, now: i64) -> sqlx::Result<bool> {
        let asked: Option<i64> = on!(&mut self.writer().await?, sql::ASK, |c, text| {
            sqlx::query_scalar(text).bind(message_id).bind(now).fetch_optional(&mut **c).await
        })?;
        Ok(asked.is_some())
    }
}

impl Tx {
    /// Adds a booking.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn add_booking(&mut self, row: &BookingRow) -> sqlx::Result<()> {
        self.write_booking(sql::INSERT_BOOKING, row).await
    }

    /// Saves a booking.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn save_booking(&mut self, row: &BookingRow) -> sqlx::Result<()> {
        self.write_booking(sql::UPDATE_BOOKING, row).await
    }

    async fn write_booking(&mut self, statement: super::Sql, row: &BookingRow) -> sqlx::Result<()> {
        on!(self, statement, |c, text| {
            sqlx::query(text)
                .bind(row.id)
                .bind(row.contact_id)
                .bind(&row.title)
                .bind(&row.location)
                .bind(row.starts_at)
                .bind(&row.time_zone)
                .bind(&row.status)
                .bind(&row.remind_before_minutes)
                .bind(row.next_reminder_at)
                .bind(row.revision)
                .bind(row.asked_at)
                .bind(row.asked_starts_at)
                .bind(row.answered_at)
                .bind(row.created_at)
                .bind(row.updated_at)
                .execute(&mut **c)
                .await
                .map(drop)
        })
    }

    /// Notes that a person's texts may be about a booking until then.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn mark_booked(&mut self, contact_id: i64, until: i64) -> sqlx::Result<()> {
        on!(self, sql::MARK_BOOKED, |c, text| {
            sqlx::query(text).bind(contact_id).bind(until).execute(&mut **c).await.map(drop)
        })
    }

    /// Loads and locks a booking; its person is locked before.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn booking(&mut self, id: i64) -> sqlx::Result<Option<BookingRow>> {
        on!(self, sql::BOOKING_FOR_UPDATE, |c, text| {
            sqlx::query_as(text).bind(id).fetch_optional(&mut **c).await
        })
    }

    /// How many bookings a person has after `now` that were not called off.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn bookings_ahead(&mut self, contact_id: i64, now: i64) -> sqlx::Result<i64> {
        on!(self, sql::BOOKINGS_AHEAD, |c, text| {
            sqlx::query_scalar(text).bind(contact_id).bind(now).fetch_one(&mut **c).await
        })
    }

    /// The bookings of these people that begin after `since`, soonest first, at most 20 of each.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn bookings_to_answer(
        &mut self,
        contact_ids: &[i64],
        since: i64,
    ) -> sqlx::Result<Vec<BookingRow>> {
        let ids = json(contact_ids)?;
        on!(self, sql::BOOKINGS_TO_ANSWER, |c, text| {
            sqlx::query_as(text).bind(&ids).bind(since).fetch_all(&mut **c).await
        })
    }

    /// Writes what texts did to bookings.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn apply_answers(&mut self, answers: &[AnswerRow]) -> sqlx::Result<()> {
        self.with_slice(sql::APPLY_ANSWERS, json(answers)?).await
    }

    /// Loads and locks up to `limit` bookings whose reminder is due; another node's are left out.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn due_reminders(&mut self, now: i64, limit: i64) -> sqlx::Result<Vec<BookingRow>> {
        on!(self, sql::DUE_REMINDERS, |c, text| {
            sqlx::query_as(text).bind(now).bind(limit).fetch_all(&mut **c).await
        })
    }

    /// Sets when bookings' next reminders are due.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn schedule_reminders(&mut self, next: &[NextReminder]) -> sqlx::Result<()> {
        self.with_slice(sql::SCHEDULE_REMINDERS, json(next)?).await
    }

    /// Ends the reminders of these bookings that are still queued, for a `reason` in words; returns their ids.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn void_reminders(
        &mut self,
        bookings: &[i64],
        reason: &str,
        now: i64,
    ) -> sqlx::Result<Vec<i64>> {
        let bookings = json(bookings)?;
        on!(self, sql::VOID_REMINDERS, |c, text| {
            sqlx::query_scalar(text).bind(&bookings).bind(reason).bind(now).fetch_all(&mut **c).await
        })
    }

    /// The bookings behind these messages; a message whose booking is gone is left out.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn bookings_of_messages(&mut self, message_ids: &[i64]) -> sqlx::Result<Vec<ReminderRow>> {
        let ids = json(message_ids)?;
        on!(self, sql::BOOKINGS_OF_MESSAGES, |c, text| {
            sqlx::query_as(text).bind(&ids).fetch_all(&mut **c).await
        })
    }

    /// Writes the words of messages anew.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn reword(&mut self, rewordings: &[Rewording]) -> sqlx::Result<()> {
        self.with_slice(sql::REWORD, json(rewordings)?).await
    }

    async fn with_slice(&mut self, statement: super::Sql, slice: String) -> sqlx::Result<()> {
        on!(self, statement, |c, text| sqlx::query(text).bind(&slice).execute(&mut **c).await.map(drop))
    }
}
