//! Lists of people: what an import changes, and who is yet to be registered.

use super::engine::on;
use super::{Store, Tx, json, sql};
use serde::Serialize;

/// What a list may change of a contact beside the person.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "see ContactRow")]
pub struct RosterRow {
    pub id: i64,
    pub time_zone: String,
    pub time_zone_source: String,
}

/// What a list changes of a contact.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "see ContactRow")]
pub struct RosterChange<'a> {
    pub id: i64,
    pub consent: &'a str,
    pub name: Option<&'a str>,
    pub person: String,
    pub locale: &'a str,
    pub time_zone: &'a str,
    pub time_zone_source: &'a str,
}

impl Store {
    /// Ids and addresses of contacts who agreed to be written to and are not registered, by id, after
    /// `after`.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn to_register(&self, after: i64, limit: i64) -> sqlx::Result<Vec<(i64, String)>> {
        on!(&self.read, sql::TO_REGISTER, |c, text| {
            sqlx::query_as(text).bind(after).bind(limit).fetch_all(c).await
        })
    }

    /// How many those are, and how many are just registering by text.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn count_to_register(&self) -> sqlx::Result<(i64, i64)> {
        on!(&self.read, sql::COUNT_TO_REGISTER, |c, text| sqlx::query_as(text).fetch_one(c).await)
    }
}

impl Tx {
    /// Zones of contacts and where we have them from.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn roster_details(&mut self, ids: &[i64]) -> sqlx::Result<Vec<RosterRow>> {
        let ids = json(ids)?;
        on!(self, sql::ROSTER_DETAILS, |c, text| {
            sqlx::query_as(text).bind(&ids).fetch_all(&mut **c).await
        })
    }

    /// Saves what a list changed.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn save_roster(&mut self, changes: &[RosterChange<'_>]) -> sqlx::Result<()> {
        let changes = json(changes)?;
        on!(self, sql::UPDATE_ROSTER, |c, text| {
            sqlx::query(text).bind(&changes).execute(&mut **c).await.map(drop)
        })
    }
}
