//! Messages that wait for a time that they were given by a clock since set back.

use super::engine::on;
use super::{Store, Tx, sql};

impl Tx {
    /// Has up to `limit` messages looked at `now` that were to be looked at after `farthest`; returns how many they
    /// were.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn recall_looks(&mut self, now: i64, farthest: i64, limit: i64) -> sqlx::Result<u64> {
        on!(self, sql::RECALL_LOOKS, |c, text| {
            let statement = sqlx::query(text).bind(now).bind(farthest).bind(limit);
            statement.execute(&mut **c).await.map(|done| done.rows_affected())
        })
    }

    /// Has up to `limit` messages leave `now` that were to leave at once when they were made, or soon after they were
    /// tried, where that was later than now. Returns how many they were.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn recall_queued(&mut self, now: i64, limit: i64) -> sqlx::Result<u64> {
        on!(self, sql::RECALL_QUEUED, |c, text| {
            let statement = sqlx::query(text).bind(now).bind(limit);
            statement.execute(&mut **c).await.map(|done| done.rows_affected())
        })
    }
}

impl Store {
    /// Whether any message has a greater id.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn has_message_after(&self, id: i64) -> sqlx::Result<bool> {
        on!(&self.read, sql::HAS_MESSAGE_AFTER, |c, text| {
            sqlx::query_scalar(text).bind(id).fetch_one(c).await
        })
    }
}
