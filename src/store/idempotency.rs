//! Requests that may come again, and the answers they got.

use super::engine::on;
use super::{Store, sql};

/// A request that came before under the same key.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct EarlierRow {
    /// A hash of its body.
    pub request: String,
    /// When it began, in milliseconds since 1970.
    pub started_at: i64,
    /// The answer's status; `None` while it is still being worked on.
    pub status: Option<i64>,
    /// The answer's content type and location, as JSON.
    pub headers: Option<String>,
    /// The answer's body.
    pub body: Option<String>,
}

/// From when on an earlier request does not count, in milliseconds since 1970.
#[derive(Clone, Copy, Debug)]
pub struct Stale {
    /// One that began before and has no answer was cut short.
    pub abandoned: i64,
    /// One that began then or before is forgotten.
    pub forgotten: i64,
}

impl EarlierRow {
    /// Whether its key may be claimed by another.
    #[must_use]
    pub fn is_stale(&self, stale: Stale) -> bool {
        self.started_at <= stale.forgotten || self.status.is_none() && self.started_at < stale.abandoned
    }
}

impl Store {
    /// Claims `key` for a request that begins at `now`; false when it is taken by one that is not stale.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn claim_key(&self, key: &str, request: &str, now: i64, stale: Stale) -> sqlx::Result<bool> {
        let claimed: Option<i64> = on!(&mut self.writer().await?, sql::CLAIM_KEY, |c, text| {
            sqlx::query_scalar(text)
                .bind(key)
                .bind(request)
                .bind(now)
                .bind(stale.abandoned)
                .bind(stale.forgotten)
                .fetch_optional(&mut **c)
                .await?
        });
        Ok(claimed.is_some())
    }

    /// The request that has `key`.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn earlier(&self, key: &str) -> sqlx::Result<Option<EarlierRow>> {
        on!(&self.read, sql::EARLIER, |c, text| sqlx::query_as(text).bind(key).fetch_optional(c).await)
    }

    /// Keeps the answer to the request that began at `started_at`.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn keep_answer(
        &self,
        key: &str,
        started_at: i64,
        answer: (i64, &str, &str),
    ) -> sqlx::Result<()> {
        let (status, headers, body) = answer;
        on!(&mut self.writer().await?, sql::KEEP_ANSWER, |c, text| {
            let statement = sqlx::query(text).bind(key).bind(started_at).bind(status);
            statement.bind(headers).bind(body).execute(&mut **c).await.map(drop)
        })
    }

    /// Frees the key of a request that failed and may be tried again.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn free_key(&self, key: &str, started_at: i64) -> sqlx::Result<()> {
        on!(&mut self.writer().await?, sql::FREE_KEY, |c, text| {
            sqlx::query(text).bind(key).bind(started_at).execute(&mut **c).await.map(drop)
        })
    }

    /// Forgets requests that began before `before`.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn forget_answers(&self, before: i64) -> sqlx::Result<()> {
        on!(&mut self.writer().await?, sql::FORGET_ANSWERS, |c, text| {
            sqlx::query(text).bind(before).execute(&mut **c).await.map(drop)
        })
    }
}
