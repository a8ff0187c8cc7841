//! Contacts: one row per number.

use super::engine::on;
use super::writer::BEGIN;
use super::{Engine, Store, Tx, Writers, json, sql};
use serde::{Deserialize, Serialize};
use sqlx::query::QueryScalar;
use sqlx::sqlite::SqliteArguments;
use sqlx::{AssertSqlSafe, Sqlite, SqliteConnection};

/// A contact as stored. Times are milliseconds since 1970.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns' names say it; the migration explains them")]
pub struct ContactRow {
    pub id: i64,
    pub address: String,
    pub state: String,
    pub consent: String,
    pub name: Option<String>,
    pub person: String,
    pub locale: String,
    pub time_zone: String,
    pub time_zone_source: String,
    pub registered_at: Option<i64>,
    pub created_at: i64,
    pub erased_at: Option<i64>,
    /// When the number became somebody else's; what is older is the earlier holder's.
    pub changed_hands_at: Option<i64>,
}

/// What a turn needs to know of a contact: no more, because every column of every row costs.
#[derive(Clone, Debug, sqlx::FromRow, Deserialize)]
#[expect(missing_docs, reason = "see ContactRow")]
pub struct SpeakerRow {
    pub id: i64,
    pub address: String,
    pub person: String,
    pub locale: String,
    pub erased_at: Option<i64>,
    /// Until when a text may be about a booking.
    pub booked_until: Option<i64>,
}

/// Who a slice is about, before anybody is locked.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// Whom to look for.
    pub addresses: &'a [&'a str],
    /// The keyed hashes of their numbers, by which erased ones are known.
    pub hashes: &'a [String],
}

/// A contact to add.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "see ContactRow")]
pub struct NewContact<'a> {
    pub id: i64,
    pub address: &'a str,
    pub state: &'a str,
    pub consent: &'a str,
    pub person: String,
    pub locale: &'a str,
    pub time_zone: &'a str,
    pub time_zone_source: &'a str,
    pub created_at: i64,
    /// Set when the number was erased before: it stays hidden until it opts in again.
    pub erased_at: Option<i64>,
}

impl From<&NewContact<'_>> for SpeakerRow {
    fn from(new: &NewContact<'_>) -> Self {
        Self {
            id: new.id,
            address: new.address.to_owned(),
            person: new.person.clone(),
            locale: new.locale.to_owned(),
            erased_at: new.erased_at,
            booked_until: None,
        }
    }
}

/// What a turn changes of a contact.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "see ContactRow")]
pub struct ContactChange<'a> {
    pub id: i64,
    pub locale: &'a str,
    pub person: String,
    /// When they wrote, if that is what changed them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_heard_at: Option<i64>,
    /// The rest, if any of it is to change: few turns do that, and indexes know most of it.
    #[serde(flatten)]
    pub standing: Option<Standing<'a>>,
    /// Who they were when they were looked at without being locked.
    #[serde(skip)]
    pub was: Option<Was<'a>>,
}

/// What of a contact a turn follows from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "see ContactRow")]
pub struct Was<'a> {
    pub was_person: &'a str,
    pub was_locale: &'a str,
    pub was_booked: Option<i64>,
}

/// Where a contact stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "see ContactRow")]
pub struct Standing<'a> {
    pub state: &'a str,
    pub consent: &'a str,
    pub name: Option<&'a str>,
    pub promotion_paused: bool,
    pub registered_at: Option<i64>,
    pub erased_at: Option<i64>,
}

impl Store {
    /// The contact with this address, unless it was erased.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn contact(&self, address: &str) -> sqlx::Result<Option<ContactRow>> {
        on!(&self.read, sql::CONTACT_BY_ADDRESS, |c, text| {
            sqlx::query_as(text).bind(address).fetch_optional(c).await
        })
    }

    /// The contacts at `look.addresses` as they are now, also erased ones; none is locked. `None` if one of
    /// the numbers was erased.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn look(&self, look: &Look<'_>) -> sqlx::Result<Option<Vec<SpeakerRow>>> {
        let (rows, erased): (String, bool) = match &self.look {
            Engine::Sqlite(pool) => {
                let query = sqlx::query_as(sql::LOOK.sqlite).bind(json(look.addresses)?);
                query.bind(json(look.hashes)?).fetch_one(pool).await?
            }
            Engine::Postgres(kept) => {
                let mut connection = kept.take().await?;
                let query = sqlx::query_as(sql::LOOK.postgres).bind(look.addresses).bind(look.hashes);
                let found = query.fetch_one(&mut *connection).await?;
                kept.keep(connection);
                found
            }
        };
        let rows: Option<_> = (!erased).then(|| serde_json::from_str(&rows));
        rows.transpose().map_err(|error| sqlx::Error::Decode(error.into()))
    }

    /// The addresses of these contacts, by id; erased ones are left out.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn addresses(&self, contact_ids: &[i64]) -> sqlx::Result<Vec<(i64, String)>> {
        let ids = json(contact_ids)?;
        on!(&self.read, sql::ADDRESSES, |c, text| sqlx::query_as(text).bind(&ids).fetch_all(c).await)
    }
}

impl Store {
    /// Begins a transaction with [`Tx::contacts`]: on SQLite in one trip to the database's thread.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn begin_with_contacts(&self, addresses: &[&str]) -> sqlx::Result<(Tx, Vec<SpeakerRow>)> {
        if let Writers::Sqlite(writer) = &self.write {
            let mut lent = writer.lend().await?;
            let text = AssertSqlSafe([BEGIN, sql::CONTACTS_FOR_UPDATE.sqlite].join(";"));
            let query = sqlx::query_scalar(text).bind(json(addresses)?);
            lent.begins();
            let rows = one_row(query, &mut lent).await?;
            return Ok((Tx::Sqlite(lent), rows));
        }
        let mut tx = self.begin().await?;
        let rows = tx.contacts(addresses).await?;
        Ok((tx, rows))
    }
}

/// The contacts that SQLite returns as one row.
async fn one_row(
    query: QueryScalar<'_, Sqlite, String, SqliteArguments>,
    connection: &mut SqliteConnection,
) -> sqlx::Result<Vec<SpeakerRow>> {
    let rows = query.fetch_one(connection).await?;
    serde_json::from_str(&rows).map_err(|error| sqlx::Error::Decode(error.into()))
}

impl Tx {
    /// Loads and locks the contacts with these addresses, also erased ones.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn contacts(&mut self, addresses: &[&str]) -> sqlx::Result<Vec<SpeakerRow>> {
        let (addresses, text) = (json(addresses)?, sql::CONTACTS_FOR_UPDATE);
        match self {
            Self::Postgres(c) => sqlx::query_as(text.postgres).bind(addresses).fetch_all(&mut **c).await,
            Self::Sqlite(c) => one_row(sqlx::query_scalar(text.sqlite).bind(addresses), c).await,
        }
    }

    /// Adds contacts and returns them, locked. Those whose address another node has just added are left as
    /// that has made them.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn add_contacts(&mut self, contacts: &[NewContact<'_>]) -> sqlx::Result<Vec<SpeakerRow>> {
        let rows = json(contacts)?;
        let added = on!(self, sql::INSERT_CONTACTS, |c, text| {
            sqlx::query(text).bind(&rows).execute(&mut **c).await?.rows_affected()
        });
        if usize::try_from(added).is_ok_and(|added| added == contacts.len()) {
            return Ok(contacts.iter().map(SpeakerRow::from).collect());
        }
        let addresses: Vec<&str> = contacts.iter().map(|contact| contact.address).collect();
        self.contacts(&addresses).await
    }

    /// Saves what turns changed.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn save_contacts(&mut self, changes: &[ContactChange<'_>]) -> sqlx::Result<()> {
        let changes = json(changes)?;
        on!(self, sql::UPDATE_CONTACTS, |c, text| {
            sqlx::query(text).bind(&changes).execute(&mut **c).await.map(drop)
        })
    }
}
