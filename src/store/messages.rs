//! Messages of both directions.

use super::engine::on;
use super::{Store, Tx, json, sql};
use serde::Serialize;
use uuid::Uuid;

/// A message as the API shows it. Times are milliseconds since 1970.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns' names say it; the migration explains them")]
pub struct MessageRow {
    pub id: i64,
    pub contact_id: i64,
    pub outbound: bool,
    pub sid: Option<Uuid>,
    pub mms: bool,
    pub body: String,
    pub segments: i64,
    pub created_at: i64,
    pub intent: Option<String>,
    pub why: Option<String>,
    pub purpose: Option<String>,
    pub status: String,
    pub status_reason: Option<String>,
    pub error_code: Option<i64>,
    pub attempts: i64,
    pub sent_at: Option<i64>,
    pub extra: Option<String>,
}

/// A message to add.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "see MessageRow and the migration")]
pub struct NewMessage<'a> {
    pub id: i64,
    pub contact_id: i64,
    pub outbound: bool,
    pub sid: Option<Uuid>,
    pub mms: bool,
    pub body: std::borrow::Cow<'a, str>,
    pub segments: i64,
    pub created_at: i64,
    pub intent: Option<std::borrow::Cow<'a, str>>,
    pub why: Option<String>,
    pub reply_id: Option<i64>,
    pub extra: Option<String>,
    pub purpose: Option<&'a str>,
    pub nonce: Option<String>,
    pub status: &'a str,
    pub rank: i64,
    pub priority: i64,
    pub due_at: Option<i64>,
    pub expires_at: Option<i64>,
    pub by_rest: bool,
    pub attempts: i64,
    pub sent_at: Option<i64>,
    /// What it is sent for; a second message for the same is left out.
    pub what_for: Option<String>,
    /// The booking, form or campaign behind it.
    pub source_id: Option<i64>,
    /// The approved template to send, and its variables as JSON.
    pub content_sid: Option<&'a str>,
    pub content_variables: Option<&'a str>,
}

/// The answer that an inbound text was given before.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "see MessageRow and the migration")]
pub struct RepeatRow {
    pub sid: Uuid,
    pub mms: bool,
    pub id: Option<i64>,
    pub body: Option<String>,
    pub nonce: Option<String>,
    pub attempts: Option<i64>,
}

/// What a text that came in is known by.
#[derive(Clone, Debug, Serialize)]
pub struct TextKey {
    /// Its SID's 32 hex digits.
    pub sid: String,
    /// The address of whoever wrote it.
    pub from: String,
}

impl TextKey {
    /// The key of the text with this SID from this address.
    #[must_use]
    pub fn new(sid: Uuid, from: String) -> Self {
        Self { sid: sid.simple().to_string(), from }
    }
}

impl Store {
    /// The SIDs of those of these texts that we have had.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn known_texts(&self, texts: &[TextKey]) -> sqlx::Result<Vec<Uuid>> {
        let texts = json(texts)?;
        on!(&self.read, sql::KNOWN_TEXTS, |c, text| {
            sqlx::query_scalar(text).bind(&texts).fetch_all(c).await
        })
    }

    /// The same, whoever is said to have written them, of texts that came after `from_id`.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn known_texts_since(&self, from_id: i64, texts: &[TextKey]) -> sqlx::Result<Vec<Uuid>> {
        let texts = json(texts)?;
        on!(&self.read, sql::KNOWN_TEXTS_SINCE, |c, text| {
            sqlx::query_scalar(text).bind(&texts).bind(from_id).fetch_all(c).await
        })
    }

    /// A contact's messages, newest first, older than `before`.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn conversation(
        &self,
        contact_id: i64,
        before: i64,
        limit: i64,
    ) -> sqlx::Result<Vec<MessageRow>> {
        on!(&self.read, sql::CONVERSATION, |c, text| {
            sqlx::query_as(text).bind(contact_id).bind(before).bind(limit).fetch_all(c).await
        })
    }

    /// Everybody's messages, newest first, older than `before`.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn messages(&self, before: i64, limit: i64) -> sqlx::Result<Vec<MessageRow>> {
        on!(&self.read, sql::MESSAGES, |c, text| {
            sqlx::query_as(text).bind(before).bind(limit).fetch_all(c).await
        })
    }

    /// How many outgoing messages are open, by status.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn open_messages(&self) -> sqlx::Result<Vec<(String, i64)>> {
        on!(&self.read, sql::COUNT_BY_STATUS, |c, text| sqlx::query_as(text).fetch_all(c).await)
    }
}

impl Tx {
    /// Which of these texts we have had, with the answers given.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn repeats(&mut self, texts: &[TextKey]) -> sqlx::Result<Vec<RepeatRow>> {
        let texts = json(texts)?;
        on!(self, sql::REPEATS, |c, text| sqlx::query_as(text).bind(&texts).fetch_all(&mut **c).await)
    }

    /// Hands replies over again and starts the wait for their callbacks anew; returns those that may
    /// be, because neither Twilio nor REST has them.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn hand_again(&mut self, ids: &[i64], due_at: i64, now: i64) -> sqlx::Result<Vec<i64>> {
        let ids = json(ids)?;
        on!(self, sql::HAND_AGAIN, |c, text| {
            sqlx::query_scalar(text).bind(&ids).bind(due_at).bind(now).fetch_all(&mut **c).await
        })
    }
}
