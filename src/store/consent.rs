//! The consent ledger: rows are only ever added.

use super::engine::on;
use super::{Store, Tx, json, sql};
use serde::Serialize;

/// A line of the ledger. Times are milliseconds since 1970.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns' names say it; the migration explains them")]
pub struct ConsentRow {
    pub id: i64,
    pub given: bool,
    pub how: String,
    pub actor: String,
    pub body: Option<String>,
    pub message_id: Option<i64>,
    /// Where staff say that the person's own agreement is on record.
    pub evidence: Option<String>,
    pub created_at: i64,
}

/// A line to add.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "see ConsentRow")]
pub struct LedgerEntry<'a> {
    pub id: i64,
    pub contact_id: i64,
    pub given: bool,
    pub how: &'a str,
    pub actor: &'a str,
    pub body: Option<String>,
    pub message_id: Option<i64>,
    pub evidence: Option<&'a str>,
    pub created_at: i64,
}

/// Somebody who is opted out, and how that came about.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "see ConsentRow")]
pub struct OptedOutRow {
    pub id: i64,
    pub address: String,
    pub how: Option<String>,
    pub created_at: Option<i64>,
}

/// Somebody who is opted out, with the ledger's line about it, as staff see them.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "see ConsentRow")]
pub struct OptOutRow {
    pub id: i64,
    pub address: String,
    pub name: Option<String>,
    pub how: Option<String>,
    pub actor: Option<String>,
    pub body: Option<String>,
    pub evidence: Option<String>,
    pub created_at: Option<i64>,
}

/// Which opt-outs; what is not given is not asked for.
#[derive(Clone, Debug, Default)]
pub struct OptOutFilter {
    /// That came about so.
    pub how: Option<String>,
    /// Of numbers that begin so.
    pub prefix: Option<String>,
}

impl Store {
    /// Who is opted out, newest contact first, older than `before`.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn find_opted_out(
        &self,
        filter: &OptOutFilter,
        before: i64,
        limit: i64,
    ) -> sqlx::Result<Vec<OptOutRow>> {
        let last = filter.prefix.as_ref().map(|prefix| format!("{prefix}999999999999999"));
        on!(&self.read, sql::FIND_OPTED_OUT, |c, text| {
            let query = sqlx::query_as(text).bind(before).bind(limit).bind(&filter.how);
            query.bind(&filter.prefix).bind(&last).fetch_all(c).await
        })
    }

    /// A contact's ledger, newest first, older than `before`.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn ledger(&self, contact_id: i64, before: i64, limit: i64) -> sqlx::Result<Vec<ConsentRow>> {
        on!(&self.read, sql::LEDGER, |c, text| {
            sqlx::query_as(text).bind(contact_id).bind(before).bind(limit).fetch_all(c).await
        })
    }

    /// Who is opted out, by contact id, after `after`.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn opted_out(&self, after: i64, limit: i64) -> sqlx::Result<Vec<OptedOutRow>> {
        on!(&self.read, sql::OPTED_OUT, |c, text| {
            sqlx::query_as(text).bind(after).bind(limit).fetch_all(c).await
        })
    }

    /// Notes that calls for these claims, each a message and its fence, begin `now`. Returns the consent, as it
    /// is committed then, of the people whom they are for: `unasked`, `given` or `withdrawn`. Those that are not
    /// claimed for sending any more are left out.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn begin_calls(
        &self,
        claims: &[(i64, i64)],
        now: i64,
    ) -> sqlx::Result<Vec<(i64, i64, String)>> {
        let claims = json(claims)?;
        on!(&mut self.writer().await?, sql::BEGIN_CALLS, |c, text| {
            sqlx::query_as(text).bind(&claims).bind(now).fetch_all(&mut **c).await
        })
    }
}

impl Tx {
    /// How the last opt-out in a contact's ledger came about.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn last_withdrawal(&mut self, contact_id: i64) -> sqlx::Result<Option<String>> {
        on!(self, sql::LAST_WITHDRAWAL, |c, text| {
            sqlx::query_scalar(text).bind(contact_id).fetch_optional(&mut **c).await
        })
    }

    /// When a contact opted out last, in milliseconds since 1970.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn withdrawn_at(&mut self, contact_id: i64) -> sqlx::Result<Option<i64>> {
        on!(self, sql::WITHDRAWN_AT, |c, text| {
            sqlx::query_scalar(text).bind(contact_id).fetch_one(&mut **c).await
        })
    }

    /// Adds lines.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn add_consent(&mut self, entries: &[LedgerEntry<'_>]) -> sqlx::Result<()> {
        let entries = json(entries)?;
        on!(self, sql::INSERT_CONSENT, |c, text| {
            sqlx::query(text).bind(&entries).execute(&mut **c).await.map(drop)
        })
    }
}
