//! How much of each limit was used, shared by all nodes.

use super::engine::on;
use super::{Store, Tx, json, sql};
use serde::Serialize;

/// A count to add. Keys must differ: one statement can't touch a row twice.
#[derive(Clone, Debug, Serialize)]
pub struct Spend {
    /// What is limited.
    pub key: String,
    /// Begin of the slice of time it falls in, milliseconds since 1970.
    pub since: i64,
    /// How much.
    pub count: i64,
}

/// Asks for the counts of `key` in slices that began after `after`.
#[derive(Clone, Debug, Serialize)]
pub struct Since {
    /// What is limited.
    pub key: String,
    /// Milliseconds since 1970.
    pub after: i64,
}

/// What was used of a limit in one slice of time.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SpentRow {
    /// What is limited.
    pub key: String,
    /// Begin of the slice, milliseconds since 1970.
    pub since: i64,
    /// How much was used in it.
    pub count: i64,
}

/// Codes sent to numbers that begin alike, and how many of them were used.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns' names say it; the migration explains them")]
pub struct PrefixRow {
    pub prefix: String,
    pub sent: i64,
    pub used: i64,
    pub paused_at: Option<i64>,
    pub reason: Option<String>,
}

/// What numbers that are next to each other share: the first seven digits.
#[must_use]
pub fn prefix_of(address: &str) -> &str {
    let digits = address.rsplit_once('+').map_or(address, |(_, digits)| digits);
    digits.get(..7).unwrap_or(digits)
}

impl Tx {
    /// Counts, then returns all that was counted for `since`; rolled back, nothing was counted.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn spend(&mut self, spends: &[Spend], since: &[Since]) -> sqlx::Result<Vec<SpentRow>> {
        let (spends, since) = (json(spends)?, json(since)?);
        on!(&mut *self, sql::SPEND, |c, text| {
            sqlx::query(text).bind(&spends).execute(&mut **c).await.map(drop)
        })?;
        on!(self, sql::SPENT, |c, text| sqlx::query_as(text).bind(&since).fetch_all(&mut **c).await)
    }

    /// Counts, then returns what was counted in the same slices of time, with this; rolled back, nothing was.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn count_spending(&mut self, spends: &[Spend]) -> sqlx::Result<Vec<SpentRow>> {
        let spends = json(spends)?;
        on!(self, sql::SPEND, |c, text| sqlx::query_as(text).bind(&spends).fetch_all(&mut **c).await)
    }

    /// The counts of a prefix, locked.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn lock_prefix(&mut self, prefix: &str) -> sqlx::Result<PrefixRow> {
        on!(self, sql::LOCK_PREFIX, |c, text| sqlx::query_as(text).bind(prefix).fetch_one(&mut **c).await)
    }

    /// Saves the counts of a prefix.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn save_prefix(&mut self, row: &PrefixRow) -> sqlx::Result<()> {
        on!(self, sql::SAVE_PREFIX, |c, text| {
            let statement = sqlx::query(text).bind(&row.prefix).bind(row.sent).bind(row.used);
            statement.bind(row.paused_at).bind(&row.reason).execute(&mut **c).await.map(drop)
        })
    }

    /// Counts that a code sent to this prefix came back.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn prefix_used(&mut self, prefix: &str) -> sqlx::Result<()> {
        on!(self, sql::PREFIX_USED, |c, text| {
            sqlx::query(text).bind(prefix).execute(&mut **c).await.map(drop)
        })
    }
}

impl Store {
    /// What was counted for `since`.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn spent(&self, since: &[Since]) -> sqlx::Result<Vec<SpentRow>> {
        let since = json(since)?;
        on!(&self.read, sql::SPENT, |c, text| sqlx::query_as(text).bind(&since).fetch_all(c).await)
    }

    /// Prefixes that get no codes, 1,000 at most.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn paused_prefixes(&self) -> sqlx::Result<Vec<PrefixRow>> {
        on!(&self.read, sql::PAUSED_PREFIXES, |c, text| sqlx::query_as(text).fetch_all(c).await)
    }

    /// Lets a prefix have codes again and forgets its counts; false if it was not paused.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn lift_prefix(&self, prefix: &str) -> sqlx::Result<bool> {
        on!(&mut self.writer().await?, sql::LIFT_PREFIX, |c, text| {
            Ok(sqlx::query(text).bind(prefix).execute(&mut **c).await?.rows_affected() > 0)
        })
    }
}
