//! Counts for staff.

use super::engine::on;
use super::{Store, sql};

/// Messages of one kind and fate, and with one of Twilio's errors or none.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "see the migration")]
pub struct MessageCount {
    pub outbound: bool,
    pub purpose: Option<String>,
    pub status: String,
    pub error_code: Option<i64>,
    pub messages: i64,
    pub segments: i64,
}

/// People who opted in or out in one way.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "see the migration")]
pub struct ConsentCount {
    pub given: bool,
    pub how: String,
    pub people: i64,
}

impl Store {
    /// Messages whose ids are in the range, by direction, purpose, status and error.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn count_messages(&self, from: i64, to: i64) -> sqlx::Result<Vec<MessageCount>> {
        on!(&self.read, sql::COUNT_MESSAGES, |c, text| {
            sqlx::query_as(text).bind(from).bind(to).fetch_all(c).await
        })
    }

    /// Lines of the consent ledger whose ids are in the range.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn count_consent(&self, from: i64, to: i64) -> sqlx::Result<Vec<ConsentCount>> {
        on!(&self.read, sql::COUNT_CONSENT, |c, text| {
            sqlx::query_as(text).bind(from).bind(to).fetch_all(c).await
        })
    }

    /// People who registered in a span of milliseconds since 1970 and are still there.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn count_registrations(&self, from: i64, to: i64) -> sqlx::Result<i64> {
        on!(&self.read, sql::COUNT_REGISTRATIONS, |c, text| {
            sqlx::query_scalar(text).bind(from).bind(to).fetch_one(c).await
        })
    }
}
