//! Webhook endpoints: where the organisation's own systems hear of what happens.

use super::engine::on;
use super::{Store, Tx, sql};

/// An endpoint. Times are milliseconds since 1970.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns' names say it; the migration explains them")]
pub struct EndpointRow {
    pub id: i64,
    pub url: String,
    pub description: String,
    /// Names separated by spaces, or `*`.
    pub events: String,
    pub enabled: bool,
    pub disabled_reason: Option<String>,
    pub failing_since: Option<i64>,
    pub nonce: String,
    pub previous_nonce: Option<String>,
    pub previous_until: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
}

/// An endpoint to add.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "see EndpointRow")]
pub struct NewEndpoint<'a> {
    pub id: i64,
    pub url: &'a str,
    pub description: &'a str,
    pub events: &'a str,
    pub nonce: &'a str,
    pub now: i64,
}

/// What is to be changed of an endpoint; what is none stays.
#[derive(Clone, Copy, Debug, Default)]
#[expect(missing_docs, reason = "see EndpointRow")]
pub struct EndpointChange<'a> {
    pub url: Option<&'a str>,
    pub description: Option<&'a str>,
    pub events: Option<&'a str>,
    pub enabled: Option<bool>,
}

impl Store {
    /// How often endpoints have been changed.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn webhook_version(&self) -> sqlx::Result<i64> {
        on!(&self.read, sql::WEBHOOK_VERSION, |c, text| sqlx::query_scalar(text).fetch_one(c).await)
    }

    /// Every endpoint, newest first: there are few.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn endpoints(&self) -> sqlx::Result<Vec<EndpointRow>> {
        on!(&self.read, sql::ENDPOINTS, |c, text| sqlx::query_as(text).fetch_all(c).await)
    }

    /// One endpoint.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn endpoint(&self, id: i64) -> sqlx::Result<Option<EndpointRow>> {
        on!(&self.read, sql::ENDPOINT, |c, text| sqlx::query_as(text).bind(id).fetch_optional(c).await)
    }
}

impl Tx {
    /// Says that an endpoint changes, and keeps other such changes waiting. Comes before them.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn raise_webhook_version(&mut self) -> sqlx::Result<()> {
        on!(self, sql::RAISE_WEBHOOK_VERSION, |c, text| {
            sqlx::query(text).execute(&mut **c).await.map(drop)
        })
    }

    /// Adds an endpoint, unless there are `most` already.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn add_endpoint(&mut self, new: &NewEndpoint<'_>, most: i64) -> sqlx::Result<bool> {
        self.raise_webhook_version().await?;
        let count: i64 = on!(&mut *self, sql::COUNT_ENDPOINTS, |c, text| {
            sqlx::query_scalar(text).fetch_one(&mut **c).await?
        });
        if count >= most {
            return Ok(false);
        }
        on!(self, sql::INSERT_ENDPOINT, |c, text| {
            let query = sqlx::query(text).bind(new.id).bind(new.url).bind(new.description).bind(new.events);
            query.bind(new.nonce).bind(new.now).execute(&mut **c).await?;
        });
        Ok(true)
    }

    /// Changes an endpoint and returns it as it is then; none if there is no such endpoint.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn change_endpoint(
        &mut self,
        id: i64,
        change: EndpointChange<'_>,
        now: i64,
    ) -> sqlx::Result<Option<EndpointRow>> {
        self.raise_webhook_version().await?;
        on!(self, sql::UPDATE_ENDPOINT, |c, text| {
            let query = sqlx::query_as(text).bind(id).bind(change.url).bind(change.description);
            query.bind(change.events).bind(change.enabled).bind(now).fetch_optional(&mut **c).await
        })
    }

    /// Gives an endpoint a new secret; the old one signs too until `previous_until`.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn rotate_secret(
        &mut self,
        id: i64,
        nonce: &str,
        previous_until: i64,
        now: i64,
    ) -> sqlx::Result<Option<EndpointRow>> {
        self.raise_webhook_version().await?;
        on!(self, sql::ROTATE_SECRET, |c, text| {
            let query = sqlx::query_as(text).bind(id).bind(nonce).bind(previous_until);
            query.bind(now).fetch_optional(&mut **c).await
        })
    }

    /// Removes an endpoint and all that waits for it; false if there is none.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn delete_endpoint(&mut self, id: i64) -> sqlx::Result<bool> {
        self.raise_webhook_version().await?;
        // Deliveries before their endpoint: whoever records one locks them in this order, too.
        on!(&mut *self, sql::DELETE_DELIVERIES_OF, |c, text| {
            sqlx::query(text).bind(id).execute(&mut **c).await?;
        });
        let gone = on!(self, sql::DELETE_ENDPOINT, |c, text| {
            sqlx::query(text).bind(id).execute(&mut **c).await?.rows_affected()
        });
        Ok(gone > 0)
    }

    /// Notes that an endpoint took a webhook, or since when it has not.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn note_health(&mut self, id: i64, failing_since: Option<i64>) -> sqlx::Result<()> {
        match failing_since {
            None => on!(self, sql::ENDPOINT_WORKS, |c, text| {
                sqlx::query(text).bind(id).execute(&mut **c).await.map(drop)
            }),
            Some(since) => on!(self, sql::ENDPOINT_FAILS, |c, text| {
                sqlx::query(text).bind(id).bind(since).execute(&mut **c).await.map(drop)
            }),
        }
    }

    /// Switches an endpoint off if it has failed since `since` or longer, or `anyway`; says whether
    /// that was done now. If not, there is nothing to commit.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn disable_endpoint(
        &mut self,
        id: i64,
        reason: &str,
        anyway: bool,
        since: i64,
        now: i64,
    ) -> sqlx::Result<bool> {
        self.raise_webhook_version().await?;
        let done = on!(self, sql::DISABLE_ENDPOINT, |c, text| {
            let query = sqlx::query(text).bind(id).bind(reason).bind(now).bind(anyway).bind(since);
            query.execute(&mut **c).await?.rows_affected()
        });
        Ok(done > 0)
    }
}
