//! Counts for staff.

use super::engine::on;
use super::{Store, sql};

/// Messages of one kind and fate.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "see the migration")]
pub struct MessageCount {
    pub outbound: bool,
    pub purpose: Option<String>,
    pub status: String,
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
    /// Messages whose ids are in the range, by direction, purpose and status.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn count_messages(&self, from: i64, to: i64) -> sqlx::Result<Vec<MessageCount>> {
        on!(&self.read, sql::COUNT_MESSAGES, |c, text| {
            sqlx::query_as(text).bind(from).bind(to).fetch_all(c).await
        })
    }

    /// How often each of Twilio's errors befell messages whose ids are in the range, the commonest first.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn count_errors(&self, from: i64, to: i64) -> sqlx::Result<Vec<(i64, i64)>> {
        on!(&self.read, sql::COUNT_ERRORS, |c, text| {
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
