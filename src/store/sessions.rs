//! Who is signed in, and who is on the way. Of every token only a hash is kept.

use super::engine::on;
use super::{AccountRow, Store, Tx, sql};

/// A sign-in whose password was right and whose code is awaited.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "see the migration")]
pub struct SecondFactorRow {
    pub account_id: i64,
    pub hash: String,
    pub address: String,
    pub proof: String,
    pub expires_at: i64,
}

impl Store {
    /// The account that is signed in with the token of this hash at `now`, unless it was disabled.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn signed_in(&self, hash: &str, now: i64) -> sqlx::Result<Option<AccountRow>> {
        on!(&self.read, sql::ACCOUNT_BY_SESSION, |c, text| {
            sqlx::query_as(text).bind(hash).bind(now).fetch_optional(c).await
        })
    }

    /// Ends one session.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn end_session(&self, hash: &str) -> sqlx::Result<()> {
        on!(&mut self.writer().await?, sql::DELETE_SESSION, |c, text| {
            sqlx::query(text).bind(hash).execute(&mut **c).await.map(drop)
        })
    }

    /// The sign-in with the challenge id of this hash.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn second_factor_by_hash(&self, hash: &str) -> sqlx::Result<Option<SecondFactorRow>> {
        on!(&self.read, sql::SECOND_FACTOR_BY_HASH, |c, text| {
            sqlx::query_as(text).bind(hash).fetch_optional(c).await
        })
    }

    /// Removes sessions and sign-ins that are over at `now`, and counts older than `counts_until`.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn sweep_accounts(&self, now: i64, counts_until: i64) -> sqlx::Result<()> {
        let sweeps = [
            (sql::SWEEP_SESSIONS, now),
            (sql::SWEEP_SECOND_FACTORS, now),
            (sql::SWEEP_BUDGETS, counts_until),
            (sql::SWEEP_CODE_GUARDS, counts_until),
        ];
        for (statement, until) in sweeps {
            on!(&mut self.writer().await?, statement, |c, text| {
                sqlx::query(text).bind(until).execute(&mut **c).await.map(drop)
            })?;
        }
        Ok(())
    }
}

impl Tx {
    /// Adds a session.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn add_session(
        &mut self,
        hash: &str,
        account_id: i64,
        now: i64,
        expires_at: i64,
    ) -> sqlx::Result<()> {
        on!(self, sql::INSERT_SESSION, |c, text| {
            let statement = sqlx::query(text).bind(hash).bind(account_id).bind(now).bind(expires_at);
            statement.execute(&mut **c).await.map(drop)
        })
    }

    /// Ends every session of an account.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn end_sessions(&mut self, account_id: i64) -> sqlx::Result<()> {
        for statement in [sql::DELETE_SESSIONS, sql::DELETE_SECOND_FACTOR] {
            on!(&mut *self, statement, |c, text| {
                sqlx::query(text).bind(account_id).execute(&mut **c).await.map(drop)
            })?;
        }
        Ok(())
    }

    /// The sign-in of an account that awaits its code.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn second_factor(&mut self, account_id: i64) -> sqlx::Result<Option<SecondFactorRow>> {
        on!(self, sql::SECOND_FACTOR, |c, text| {
            sqlx::query_as(text).bind(account_id).fetch_optional(&mut **c).await
        })
    }

    /// Adds or replaces the sign-in of an account that awaits its code.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn put_second_factor(&mut self, row: &SecondFactorRow) -> sqlx::Result<()> {
        on!(self, sql::PUT_SECOND_FACTOR, |c, text| {
            let statement = sqlx::query(text).bind(row.account_id).bind(&row.hash).bind(&row.address);
            statement.bind(&row.proof).bind(row.expires_at).execute(&mut **c).await.map(drop)
        })
    }

    /// Ends the sign-in of an account that awaits its code.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn end_second_factor(&mut self, account_id: i64) -> sqlx::Result<()> {
        on!(self, sql::DELETE_SECOND_FACTOR, |c, text| {
            sqlx::query(text).bind(account_id).execute(&mut **c).await.map(drop)
        })
    }
}
