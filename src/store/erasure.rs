//! Erasing a person: everything goes but a keyed hash of the number.

use super::engine::on;
use super::{Store, Tx, json, sql};
use uuid::Uuid;

/// A contact that was erased and waits for its last rows to go.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ErasedRow {
    /// The contact.
    pub id: i64,
    /// Its address.
    pub address: String,
}

impl Store {
    /// Up to 100 contacts that were erased at `until` (milliseconds since 1970) or before.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn erased_contacts(&self, until: i64) -> sqlx::Result<Vec<ErasedRow>> {
        on!(&self.read, sql::ERASED_CONTACTS, |c, text| {
            sqlx::query_as(text).bind(until).fetch_all(c).await
        })
    }

    /// Whether an erased number is remembered by one of these keyed hashes.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn any_suppressed(&self, hashes: &[String]) -> sqlx::Result<bool> {
        let hashes = json(hashes)?;
        let found: Vec<(String, String)> = on!(&self.read, sql::SUPPRESSIONS, |c, text| {
            sqlx::query_as(text).bind(&hashes).fetch_all(c).await
        })?;
        Ok(!found.is_empty())
    }
}

impl Store {
    /// When the numbers with these keyed hashes were erased last, in milliseconds since 1970; only of those
    /// that were, lately.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn erasures(&self, hashes: &[String]) -> sqlx::Result<Vec<(String, i64)>> {
        let hashes = json(hashes)?;
        on!(&self.read, sql::ERASURES, |c, text| sqlx::query_as(text).bind(&hashes).fetch_all(c).await)
    }

    /// Forgets when numbers were erased before `until` (milliseconds since 1970).
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn forget_erasures(&self, until: i64) -> sqlx::Result<()> {
        on!(&mut self.writer().await?, sql::DELETE_ERASURES, |c, text| {
            sqlx::query(text).bind(until).execute(&mut **c).await.map(drop)
        })
    }
}

impl Tx {
    /// See [`Store::erasures`].
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn erasures(&mut self, hashes: &[&String]) -> sqlx::Result<Vec<(String, i64)>> {
        let hashes = json(hashes)?;
        on!(self, sql::ERASURES, |c, text| sqlx::query_as(text).bind(&hashes).fetch_all(&mut **c).await)
    }

    /// The SIDs of a contact's last texts since then, as their hex digits and whether they are of MMS.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn texts_since(
        &mut self,
        contact_id: i64,
        since: i64,
        limit: i64,
    ) -> sqlx::Result<Vec<(Uuid, bool)>> {
        on!(self, sql::TEXTS_SINCE, |c, text| {
            sqlx::query_as(text).bind(contact_id).bind(since).bind(limit).fetch_all(&mut **c).await
        })
    }

    /// Removes all that is stored of a contact but its own row.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn erase(&mut self, contact_id: i64) -> sqlx::Result<()> {
        // Forms come first: a reminder that is just being queued holds its form, so it is seen below.
        for statement in [
            sql::ERASE_FORMS,
            sql::ERASE_MEMBERSHIPS,
            sql::ERASE_TAGS,
            sql::ERASE_SUBSCRIPTION,
            sql::ERASE_BOOKINGS,
            sql::ERASE_REPORTS,
            sql::ERASE_CONSENT,
            sql::ERASE_CORRECTIONS,
            sql::ERASE_MESSAGES,
            sql::ERASE_DELIVERIES,
            sql::ERASE_EVENTS,
        ] {
            on!(&mut *self, statement, |c, text| {
                sqlx::query(text).bind(contact_id).execute(&mut **c).await.map(drop)
            })?;
        }
        Ok(())
    }

    /// Removes a contact that was erased at `until` or before for good, and returns its person, as
    /// JSON; none if it has come back meanwhile.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn purge(&mut self, contact_id: i64, until: i64) -> sqlx::Result<Option<String>> {
        let person: Option<String> = on!(self, sql::PURGE_CONTACT, |c, text| {
            sqlx::query_scalar(text).bind(contact_id).bind(until).fetch_optional(&mut **c).await
        })?;
        if person.is_some() {
            self.erase(contact_id).await?;
        }
        Ok(person)
    }

    /// What is remembered of erased numbers, by keyed hash: the limits on their codes, as JSON.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn suppressions(&mut self, hashes: &[String]) -> sqlx::Result<Vec<(String, String)>> {
        let hashes = json(hashes)?;
        on!(self, sql::SUPPRESSIONS, |c, text| {
            sqlx::query_as(text).bind(&hashes).fetch_all(&mut **c).await
        })
    }

    /// Notes when the number with this keyed hash was erased.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn note_erasure(&mut self, hash: &str, now: i64) -> sqlx::Result<()> {
        on!(self, sql::PUT_ERASURE, |c, text| {
            sqlx::query(text).bind(hash).bind(now).execute(&mut **c).await.map(drop)
        })
    }

    /// Remembers an erased number.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn suppress(&mut self, hash: &str, guard: &str, now: i64) -> sqlx::Result<()> {
        on!(self, sql::PUT_SUPPRESSION, |c, text| {
            sqlx::query(text).bind(hash).bind(guard).bind(now).execute(&mut **c).await.map(drop)
        })
    }

    /// Forgets that a number was erased: it has come back.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn unsuppress(&mut self, hash: &str) -> sqlx::Result<()> {
        on!(self, sql::DELETE_SUPPRESSION, |c, text| {
            sqlx::query(text).bind(hash).execute(&mut **c).await.map(drop)
        })
    }
}
