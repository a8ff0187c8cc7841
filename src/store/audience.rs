//! The people of an audience, in pages.

use super::engine::on;
use super::{StandingRow, Store, Tx, json, sql};
use serde::Serialize;

/// Somebody in an audience.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "see ContactRow")]
pub struct AudienceRow {
    pub id: i64,
    pub address: String,
    pub name: Option<String>,
    pub consent: String,
    pub locale: String,
    pub time_zone: String,
    pub time_zone_source: String,
}

/// Whom to look for. Lists are JSON, `[]` asks for nothing; times are milliseconds since 1970.
#[derive(Clone, Debug)]
pub struct AudienceQuery {
    /// Contacts with a smaller id only: those that came later don't belong.
    pub until_id: i64,
    /// Their states.
    pub states: String,
    /// Their locales.
    pub locales: String,
    /// Tags of which they have one.
    pub tags_any: String,
    /// Tags of which they have none.
    pub tags_none: String,
    /// Registered then or later.
    pub registered_after: Option<i64>,
    /// Registered before then.
    pub registered_before: Option<i64>,
    /// What they were sent a message for, …
    pub received: Option<&'static str>,
    /// … whose id is greater than this.
    pub received_from_id: i64,
}

/// Whose recent messages are to be counted, and since when; see `StandingQuery`.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "see the statement AUDIENCE_STANDINGS")]
pub struct ReaderQuery<'a> {
    pub contact_id: i64,
    pub from_id: i64,
    pub midnight: i64,
    pub day_ago: i64,
    pub body: &'a str,
}

macro_rules! page {
    ($query:ident, $text:ident, $after:ident, $limit:ident) => {
        sqlx::query_as($text)
            .bind($after)
            .bind($query.until_id)
            .bind(&$query.states)
            .bind(&$query.locales)
            .bind(&$query.tags_any)
            .bind(&$query.tags_none)
            .bind($query.registered_after)
            .bind($query.registered_before)
            .bind($query.received)
            .bind($query.received_from_id)
            .bind($limit)
    };
}

impl Store {
    /// Up to `limit` people with an id greater than `after`, by id.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn audience(
        &self,
        query: &AudienceQuery,
        after: i64,
        limit: i64,
    ) -> sqlx::Result<Vec<AudienceRow>> {
        on!(&self.read, sql::AUDIENCE, |c, text| page!(query, text, after, limit).fetch_all(c).await)
    }

    /// What these people got recently, by contact.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn audience_standings(&self, readers: &[ReaderQuery<'_>]) -> sqlx::Result<Vec<StandingRow>> {
        let readers = json(readers)?;
        on!(&self.read, sql::AUDIENCE_STANDINGS, |c, text| {
            sqlx::query_as(text).bind(&readers).fetch_all(c).await
        })
    }
}

impl Tx {
    /// See [`Store::audience`].
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn audience(
        &mut self,
        query: &AudienceQuery,
        after: i64,
        limit: i64,
    ) -> sqlx::Result<Vec<AudienceRow>> {
        on!(self, sql::AUDIENCE, |c, text| page!(query, text, after, limit).fetch_all(&mut **c).await)
    }
}
