//! Senders: when each may send next, and why it may not send now. Messages whose end is not known.

use super::engine::on;
use super::{Store, Tx, json, sql};
use serde::Serialize;
use uuid::Uuid;

/// The slot of a sender.
#[derive(Clone, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct SlotRow {
    /// Our number, messaging service or WhatsApp number.
    pub sender: String,
    /// When the next segment may leave, in microseconds since 1970.
    pub next_at: i64,
    /// Nothing is sent before then, in milliseconds since 1970.
    pub paused_until: i64,
    /// Why.
    pub reason: Option<String>,
    /// Pauses in a row.
    pub pauses: i64,
    /// Messages in a row that were refused for what may be the sender's fault.
    pub failures: i64,
}

impl SlotRow {
    /// Why nothing is sent until a message has gone through again, if that is so.
    #[must_use]
    pub fn trouble(&self) -> Option<&str> {
        (self.pauses > 0).then(|| self.reason.as_deref().unwrap_or_default())
    }

    /// The channel it is counted and logged under; its name is a number.
    #[must_use]
    pub fn channel(&self) -> &'static str {
        if self.sender.starts_with("whatsapp:") { "whatsapp" } else { "sms" }
    }
}

/// A message that Twilio has, and of which nothing final was reported.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns' names say it; the migration explains them")]
pub struct UnfinishedRow {
    pub id: i64,
    pub sid: Uuid,
    pub mms: bool,
    pub status: String,
    pub rank: i64,
    pub sent_at: Option<i64>,
}

/// When to look up a message again.
#[derive(Clone, Debug, Serialize)]
pub struct LookAgain {
    /// The message.
    pub id: i64,
    /// In milliseconds since 1970; `None` for never.
    pub due_at: Option<i64>,
    /// What is said about it from now on; `None` leaves what is said.
    pub reason: Option<String>,
}

impl Tx {
    /// Loads and locks the slot of `sender`; adds it if there is none.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn lock_slot(&mut self, sender: &str) -> sqlx::Result<SlotRow> {
        let found: Option<SlotRow> = on!(self, sql::LOCK_SLOT, |c, text| {
            sqlx::query_as(text).bind(sender).fetch_optional(&mut **c).await
        })?;
        if let Some(slot) = found {
            return Ok(slot);
        }
        on!(self, sql::ADD_SLOT, |c, text| {
            sqlx::query(text).bind(sender).execute(&mut **c).await.map(drop)
        })?;
        on!(self, sql::LOCK_SLOT, |c, text| sqlx::query_as(text).bind(sender).fetch_one(&mut **c).await)
    }

    /// Notes when the next segment of `sender` may leave, in microseconds since 1970.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn move_slot(&mut self, sender: &str, next_at: i64) -> sqlx::Result<()> {
        on!(self, sql::MOVE_SLOT, |c, text| {
            sqlx::query(text).bind(sender).bind(next_at).execute(&mut **c).await.map(drop)
        })
    }

    /// Up to `limit` messages whose final status is overdue, locked.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn unfinished(&mut self, now: i64, limit: i64) -> sqlx::Result<Vec<UnfinishedRow>> {
        on!(self, sql::UNFINISHED, |c, text| {
            sqlx::query_as(text).bind(now).bind(limit).fetch_all(&mut **c).await
        })
    }

    /// Notes when to look up messages again, unless an end was reported meanwhile.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn look_again(&mut self, looks: &[LookAgain]) -> sqlx::Result<()> {
        let looks = json(looks)?;
        on!(self, sql::LOOK_AGAIN, |c, text| {
            sqlx::query(text).bind(&looks).execute(&mut **c).await.map(drop)
        })
    }
}

impl Store {
    /// The slots of all senders.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn slots(&self) -> sqlx::Result<Vec<SlotRow>> {
        on!(&self.read, sql::SLOTS, |c, text| sqlx::query_as(text).fetch_all(c).await)
    }

    /// Pauses `sender`; returns the number of pauses in a row, or `None` if it pauses already. Times are
    /// milliseconds since 1970.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn pause_sender(
        &self,
        sender: &str,
        until: i64,
        reason: &str,
        now: i64,
    ) -> sqlx::Result<Option<i64>> {
        on!(&mut self.writer().await?, sql::PAUSE_SENDER, |c, text| {
            sqlx::query_scalar(text)
                .bind(sender)
                .bind(until)
                .bind(reason)
                .bind(now)
                .fetch_optional(&mut **c)
                .await
        })
    }

    /// Counts a message that was refused for what may be the sender's fault; returns how many in a row.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn count_failure(&self, sender: &str) -> sqlx::Result<i64> {
        let count: Option<i64> = on!(&mut self.writer().await?, sql::COUNT_FAILURE, |c, text| {
            sqlx::query_scalar(text).bind(sender).fetch_optional(&mut **c).await
        })?;
        Ok(count.unwrap_or(0))
    }

    /// Ends the pauses of `sender` and forgets its failures; false if there were none.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn resume_sender(&self, sender: &str) -> sqlx::Result<bool> {
        let resumed: Option<i64> = on!(&mut self.writer().await?, sql::RESUME_SENDER, |c, text| {
            sqlx::query_scalar(text).bind(sender).fetch_optional(&mut **c).await
        })?;
        Ok(resumed.is_some())
    }
}
