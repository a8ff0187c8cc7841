//! Corrections: texts with what they really ask for.

use super::engine::on;
use super::{Store, sql};

/// A correction as stored. The time is in milliseconds since 1970.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns' names say it; the migration explains them")]
pub struct CorrectionRow {
    pub message_id: i64,
    pub body: String,
    pub intent: String,
    pub language: Option<String>,
    pub note: Option<String>,
    pub context: Option<String>,
    pub created_at: i64,
}

impl Store {
    /// The words of a contact's inbound text, if it is one.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn inbound_body(&self, contact_id: i64, message_id: i64) -> sqlx::Result<Option<String>> {
        on!(&self.read, sql::INBOUND_OF_CONTACT, |c, text| {
            sqlx::query_scalar(text).bind(message_id).bind(contact_id).fetch_optional(c).await
        })
    }

    /// Keeps a correction; a later one of the same text takes its place.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn put_correction(&self, contact_id: i64, row: &CorrectionRow) -> sqlx::Result<()> {
        on!(&mut self.writer().await?, sql::PUT_CORRECTION, |c, text| {
            let query =
                sqlx::query(text).bind(row.message_id).bind(contact_id).bind(&row.body).bind(&row.intent);
            let query = query.bind(&row.language).bind(&row.note).bind(&row.context).bind(row.created_at);
            query.execute(&mut **c).await.map(drop)
        })
    }

    /// Corrections, newest text first, of texts older than `before`.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn corrections(&self, before: i64, limit: i64) -> sqlx::Result<Vec<CorrectionRow>> {
        on!(&self.read, sql::CORRECTIONS, |c, text| {
            sqlx::query_as(text).bind(before).bind(limit).fetch_all(c).await
        })
    }
}
