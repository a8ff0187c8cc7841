//! Test messages, as their sender follows them.

use super::engine::on;
use super::{Store, sql};
use uuid::Uuid;

/// A test message. Times are milliseconds since 1970.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "see MessageRow")]
pub struct TestRow {
    pub id: i64,
    pub address: String,
    pub body: String,
    pub status: String,
    pub status_reason: Option<String>,
    pub error_code: Option<i64>,
    pub sid: Option<Uuid>,
    pub mms: bool,
    pub segments: i64,
    pub created_at: i64,
    pub sent_at: Option<i64>,
    pub delivered_at: Option<i64>,
    pub updated_at: Option<i64>,
}

impl Store {
    /// One test message.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn test_message(&self, id: i64) -> sqlx::Result<Option<TestRow>> {
        on!(&self.read, sql::TEST_MESSAGE, |c, text| {
            sqlx::query_as(text).bind(id).fetch_optional(c).await
        })
    }

    /// Test messages, newest first, older than `before`.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn test_messages(&self, before: i64, limit: i64) -> sqlx::Result<Vec<TestRow>> {
        on!(&self.read, sql::TEST_MESSAGES, |c, text| {
            sqlx::query_as(text).bind(before).bind(limit).fetch_all(c).await
        })
    }
}
