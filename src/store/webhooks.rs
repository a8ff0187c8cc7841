//! Events for webhook endpoints and their deliveries.

use super::engine::on;
use super::{Sql, Store, Tx, json, sql};
use serde::Serialize;

/// How many rows one statement of the housekeeping takes away.
const SWEEP: i64 = 1000;

/// An event to add.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the columns' names say it; the migration explains them")]
pub struct NewEvent {
    pub id: i64,
    pub kind: &'static str,
    pub contact_id: Option<i64>,
    pub once: Option<String>,
    pub body: String,
    pub created_at: i64,
}

/// An event on its way to one endpoint, to add.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "see NewEvent")]
pub struct NewDelivery {
    pub id: i64,
    pub event_id: i64,
    pub endpoint_id: i64,
    pub now: i64,
}

/// A delivery that was claimed, with all that it takes. Times are milliseconds since 1970.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "see NewEvent")]
pub struct ClaimedRow {
    pub id: i64,
    pub event_id: i64,
    pub endpoint_id: i64,
    pub attempts: i64,
    pub fence: i64,
    pub history: String,
    pub body: String,
    pub url: String,
    pub nonce: String,
    pub previous_nonce: Option<String>,
    pub previous_until: Option<i64>,
}

/// A delivery as the API shows it. Times are milliseconds since 1970.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "see NewEvent")]
pub struct DeliveryRow {
    pub id: i64,
    pub event_id: i64,
    pub kind: String,
    pub status: String,
    pub due_at: Option<i64>,
    pub attempts: i64,
    /// The attempts, as a JSON array.
    pub history: String,
    pub created_at: i64,
    pub delivered_at: Option<i64>,
}

/// What came of a claimed delivery.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "see ClaimedRow")]
pub struct DeliveryRecord {
    pub id: i64,
    pub fence: i64,
    pub status: &'static str,
    pub due_at: Option<i64>,
    pub history: String,
    pub delivered_at: Option<i64>,
}

/// A message whose fate may be told.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "see MessageRow")]
pub struct FateRow {
    pub id: i64,
    pub contact_id: i64,
    pub address: String,
    pub purpose: Option<String>,
    pub status: String,
    pub status_reason: Option<String>,
    pub error_code: Option<i64>,
}

impl Store {
    /// The enabled endpoints that something is due for.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn due_endpoints(&self, now: i64) -> sqlx::Result<Vec<i64>> {
        on!(&self.read, sql::DUE_ENDPOINTS, |c, text| {
            sqlx::query_scalar(text).bind(now).fetch_all(c).await
        })
    }

    /// Claims up to `limit` deliveries that are due for an endpoint, until the lease ends.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn claim_deliveries(
        &self,
        endpoint_id: i64,
        now: i64,
        lease_until: i64,
        fence: i64,
        limit: i64,
    ) -> sqlx::Result<Vec<ClaimedRow>> {
        let mut tx = self.begin().await?;
        let ids: Vec<i64> = on!(&mut tx, sql::CLAIM_DELIVERIES, |c, text| {
            let query = sqlx::query_scalar(text).bind(endpoint_id).bind(now).bind(lease_until);
            query.bind(fence).bind(limit).fetch_all(&mut **c).await?
        });
        let ids = json(&ids)?;
        let rows = on!(&mut tx, sql::CLAIMED_DELIVERIES, |c, text| {
            sqlx::query_as(text).bind(&ids).fetch_all(&mut **c).await?
        });
        tx.commit().await?;
        Ok(rows)
    }

    /// An endpoint's deliveries, newest first, older than `before`.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn deliveries(
        &self,
        endpoint_id: i64,
        before: i64,
        limit: i64,
    ) -> sqlx::Result<Vec<DeliveryRow>> {
        on!(&self.read, sql::DELIVERIES, |c, text| {
            sqlx::query_as(text).bind(endpoint_id).bind(before).bind(limit).fetch_all(c).await
        })
    }

    /// How many deliveries an endpoint has from this id on; counting ends at `most`.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn deliveries_since(&self, endpoint_id: i64, from_id: i64, most: i64) -> sqlx::Result<i64> {
        on!(&self.read, sql::COUNT_DELIVERIES_SINCE, |c, text| {
            sqlx::query_scalar(text).bind(endpoint_id).bind(from_id).bind(most).fetch_one(c).await
        })
    }

    /// How many deliveries wait for an endpoint; counting ends at `most`.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn pending_deliveries(&self, endpoint_id: i64, most: i64) -> sqlx::Result<i64> {
        on!(&self.read, sql::COUNT_PENDING, |c, text| {
            sqlx::query_scalar(text).bind(endpoint_id).bind(most).fetch_one(c).await
        })
    }

    /// Delivers everything from this id to that one once more; returns how many.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn replay(&self, endpoint_id: i64, from_id: i64, to_id: i64, now: i64) -> sqlx::Result<u64> {
        on!(&mut self.writer().await?, sql::REPLAY, |c, text| {
            let query = sqlx::query(text).bind(endpoint_id).bind(from_id).bind(to_id).bind(now);
            Ok(query.execute(&mut **c).await?.rows_affected())
        })
    }

    /// Removes events and deliveries older than the id `before`, and secrets whose time is over.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn sweep_webhooks(&self, before: i64, now: i64) -> sqlx::Result<()> {
        for statement in [sql::DELETE_OLD_DELIVERIES, sql::DELETE_OLD_EVENTS] {
            while self.sweep(statement, before).await? == SWEEP.unsigned_abs() {}
        }
        on!(&mut self.writer().await?, sql::FORGET_OLD_SECRETS, |c, text| {
            sqlx::query(text).bind(now).execute(&mut **c).await.map(drop)
        })
    }

    async fn sweep(&self, statement: Sql, before: i64) -> sqlx::Result<u64> {
        on!(&mut self.writer().await?, statement, |c, text| {
            Ok(sqlx::query(text).bind(before).bind(SWEEP).execute(&mut **c).await?.rows_affected())
        })
    }
}

impl Tx {
    /// Adds events and their deliveries; those that were told before are left out.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn add_events(&mut self, events: &[NewEvent], deliveries: &[NewDelivery]) -> sqlx::Result<()> {
        for (statement, slice) in
            [(sql::INSERT_EVENTS, json(events)?), (sql::INSERT_DELIVERIES, json(deliveries)?)]
        {
            on!(&mut *self, statement, |c, text| {
                sqlx::query(text).bind(&slice).execute(&mut **c).await.map(drop)
            })?;
        }
        Ok(())
    }

    /// How it stands with these messages; those of erased people are left out.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn message_fates(&mut self, ids: &[i64]) -> sqlx::Result<Vec<FateRow>> {
        let ids = json(ids)?;
        on!(self, sql::MESSAGE_FATES, |c, text| sqlx::query_as(text).bind(&ids).fetch_all(&mut **c).await)
    }

    /// Writes what came of a delivery; false if it was a stale owner's.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn record_delivery(&mut self, record: &DeliveryRecord) -> sqlx::Result<bool> {
        let done = on!(self, sql::RECORD_DELIVERY, |c, text| {
            let query = sqlx::query(text).bind(record.id).bind(record.fence).bind(record.status);
            let query = query.bind(record.due_at).bind(&record.history).bind(record.delivered_at);
            query.execute(&mut **c).await?.rows_affected()
        });
        Ok(done > 0)
    }
}
