//! Outgoing messages: claims, outcomes, and what is still open.

use super::engine::on;
use super::{Store, Tx, json, sql};
use crate::delivery::Status;
use serde::Serialize;
use uuid::Uuid;

/// An outgoing message as the sender and the settler need it. Times are milliseconds since 1970.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns' names say it; the migration explains them")]
pub struct OutgoingRow {
    pub id: i64,
    pub contact_id: i64,
    pub address: String,
    pub consent: String,
    pub time_zone: String,
    pub time_zone_source: String,
    pub body: String,
    pub nonce: Option<String>,
    pub purpose: Option<String>,
    pub status: String,
    pub due_at: Option<i64>,
    pub expires_at: Option<i64>,
    pub attempts: i64,
    pub fence: i64,
    pub sent_at: Option<i64>,
    pub created_at: i64,
    pub by_rest: bool,
    pub source_id: Option<i64>,
    pub segments: i64,
    pub content_sid: Option<String>,
    pub content_variables: Option<String>,
    /// How often it was to be looked up since it was handed over.
    pub looks: i64,
    /// When the person last wrote.
    pub last_heard_at: Option<i64>,
}

/// Which messages to claim. Times are milliseconds since 1970.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// What is due by then.
    pub now: i64,
    /// How long the claim holds.
    pub lease_until: i64,
    /// Tells it from every other claim.
    pub fence: i64,
    /// Those on WhatsApp, or all others.
    pub whatsapp: bool,
    /// Those of this priority.
    pub priority: i64,
    /// How many at most.
    pub limit: i64,
}

/// What came of a claimed message. Written only while the fence is still the claim's.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "see OutgoingRow and the migration")]
pub struct Outcome {
    pub id: i64,
    pub fence: i64,
    pub status: &'static str,
    pub rank: i64,
    /// 32 hex digits, when Twilio has it.
    pub sid: Option<String>,
    pub mms: Option<bool>,
    pub error_code: Option<i64>,
    pub reason: Option<String>,
    /// When to look at it again, or to send it.
    pub due_at: Option<i64>,
    pub by_rest: bool,
    pub expires_at: Option<i64>,
    /// Attempts made, where a claim did not become one.
    pub attempts: Option<i64>,
    pub now: i64,
}

impl Outcome {
    /// What came of the claim `fence` of a message, with nothing said beside the status. It left by REST, or
    /// is to leave so.
    #[must_use]
    pub fn new(id: i64, fence: i64, status: Status, now: i64) -> Self {
        Self {
            id,
            fence,
            status: status.as_str(),
            rank: status.rank(),
            sid: None,
            mms: None,
            error_code: None,
            reason: None,
            due_at: None,
            by_rest: true,
            expires_at: None,
            attempts: None,
            now,
        }
    }
}

/// Whose recent messages are to be counted, and since when.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "see the statement STANDINGS")]
pub struct StandingQuery {
    pub id: i64,
    pub contact_id: i64,
    pub from_id: i64,
    pub midnight: i64,
    pub day_ago: i64,
}

/// What a message's person got recently.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct StandingRow {
    /// The message that wants to leave.
    pub id: i64,
    /// Messages that count towards the cap and were sent since midnight.
    pub sent_today: i64,
    /// Whether the same words went to them in the last day.
    pub had_the_same: bool,
}

impl Tx {
    /// Counts what the people of these messages got recently.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn standings(&mut self, queries: &[StandingQuery]) -> sqlx::Result<Vec<StandingRow>> {
        let queries = json(queries)?;
        on!(self, sql::STANDINGS, |c, text| sqlx::query_as(text).bind(&queries).fetch_all(&mut **c).await)
    }

    /// Claims messages that are due: they are `sending` from now on.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn claim_queued(&mut self, claim: &Claim) -> sqlx::Result<Vec<i64>> {
        on!(self, sql::CLAIM_QUEUED, |c, text| {
            sqlx::query_scalar(text)
                .bind(claim.now)
                .bind(claim.lease_until)
                .bind(claim.fence)
                .bind(claim.limit)
                .bind(claim.whatsapp)
                .bind(claim.priority)
                .fetch_all(&mut **c)
                .await
        })
    }

    /// Gives up to `limit` messages that left by `sent_by` and should have been looked up by `now` to an operator;
    /// returns their ids.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn raise_overdue(
        &mut self,
        now: i64,
        sent_by: i64,
        reason: &str,
        limit: i64,
    ) -> sqlx::Result<Vec<i64>> {
        on!(self, sql::RAISE_OVERDUE, |c, text| {
            let statement = sqlx::query_scalar(text).bind(now).bind(sent_by).bind(reason).bind(limit);
            statement.fetch_all(&mut **c).await
        })
    }

    /// Claims up to `limit` messages whose callback or answer is overdue.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn claim_unsettled(
        &mut self,
        now: i64,
        lease_until: i64,
        fence: i64,
        limit: i64,
    ) -> sqlx::Result<Vec<i64>> {
        on!(self, sql::CLAIM_UNSETTLED, |c, text| {
            sqlx::query_scalar(text)
                .bind(now)
                .bind(lease_until)
                .bind(fence)
                .bind(limit)
                .fetch_all(&mut **c)
                .await
        })
    }

    /// Locks up to `limit` messages that were claimed, and not called while the claim held.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn lock_uncalled(&mut self, now: i64, limit: i64) -> sqlx::Result<Vec<i64>> {
        on!(self, sql::LOCK_UNCALLED, |c, text| {
            sqlx::query_scalar(text).bind(now).bind(limit).fetch_all(&mut **c).await
        })
    }

    /// Locks those of these messages, with the claims' fences, that are still claimed; returns their ids.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn lock_claimed(&mut self, claims: &[(i64, i64)]) -> sqlx::Result<Vec<i64>> {
        let claims = json(claims)?;
        on!(self, sql::LOCK_CLAIMED, |c, text| {
            sqlx::query_scalar(text).bind(&claims).fetch_all(&mut **c).await
        })
    }

    /// The messages with these ids, by priority.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn outgoing(&mut self, ids: &[i64]) -> sqlx::Result<Vec<OutgoingRow>> {
        let ids = json(ids)?;
        on!(self, sql::OUTGOING, |c, text| sqlx::query_as(text).bind(&ids).fetch_all(&mut **c).await)
    }

    /// Writes outcomes; those of stale owners change nothing. Returns how many changed their message.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn record(&mut self, outcomes: &[Outcome]) -> sqlx::Result<u64> {
        let outcomes = json(outcomes)?;
        on!(self, sql::RECORD_OUTCOMES, |c, text| {
            sqlx::query(text).bind(&outcomes).execute(&mut **c).await.map(|done| done.rows_affected())
        })
    }
}

impl Store {
    /// The priorities of which something is due, on WhatsApp or on all other channels; the most urgent first.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn due_priorities(&self, whatsapp: bool, now: i64) -> sqlx::Result<Vec<i64>> {
        on!(&self.read, sql::DUE_PRIORITIES, |c, text| {
            sqlx::query_scalar(text).bind(whatsapp).bind(now).fetch_all(c).await
        })
    }

    /// A contact's messages that are still open, oldest first.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn unsettled_of(&self, contact_id: i64) -> sqlx::Result<Vec<OutgoingRow>> {
        on!(&self.read, sql::UNSETTLED_OF_CONTACT, |c, text| {
            sqlx::query_as(text).bind(contact_id).fetch_all(c).await
        })
    }

    /// Which of these SIDs (32 hex digits each) belong to a message that we sent.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn owned_sids(&self, sids: &[String]) -> sqlx::Result<Vec<Uuid>> {
        let sids = json(sids)?;
        on!(&self.read, sql::OWNED_SIDS, |c, text| {
            sqlx::query_scalar(text).bind(&sids).fetch_all(c).await
        })
    }
}
