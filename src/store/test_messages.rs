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
    /// One test message; of this account's only, if there is one.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn test_message(&self, id: i64, account_id: Option<i64>) -> sqlx::Result<Option<TestRow>> {
        match account_id {
            None => on!(&self.read, sql::TEST_MESSAGE, |c, text| {
                sqlx::query_as(text).bind(id).fetch_optional(c).await
            }),
            Some(account_id) => on!(&self.read, sql::TEST_MESSAGE_OF, |c, text| {
                sqlx::query_as(text).bind(id).bind(account_id).fetch_optional(c).await
            }),
        }
    }

    /// Test messages, newest first, older than `before`; this account's only, if there is one.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn test_messages(
        &self,
        account_id: Option<i64>,
        before: i64,
        limit: i64,
    ) -> sqlx::Result<Vec<TestRow>> {
        match account_id {
            None => on!(&self.read, sql::TEST_MESSAGES, |c, text| {
                sqlx::query_as(text).bind(before).bind(limit).fetch_all(c).await
            }),
            Some(account_id) => on!(&self.read, sql::TEST_MESSAGES_OF, |c, text| {
                sqlx::query_as(text).bind(before).bind(limit).bind(account_id).fetch_all(c).await
            }),
        }
    }
}
