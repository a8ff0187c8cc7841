//! The numbers of accounts.

use super::engine::on;
use super::{AccountRow, Store, Tx, json, sql};

/// An account's number as stored. Times are milliseconds since 1970.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns' names say it; the migration explains them")]
pub struct NumberRow {
    pub id: i64,
    pub account_id: i64,
    pub address: String,
    pub claim: String,
    pub is_primary: bool,
    pub is_verified: bool,
    pub takes_sign_ins: bool,
    pub verification_method: Option<String>,
    pub proof: String,
    pub expires_at: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
}

/// Everything about a number that follows from its proof.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "see NumberRow")]
pub struct ProofChange {
    pub id: i64,
    /// The number the proof is about: meanwhile there may be another in its place.
    pub address: String,
    pub proof: String,
    pub verification_method: Option<&'static str>,
    pub is_verified: bool,
    pub expires_at: Option<i64>,
}

impl Store {
    /// An account's numbers, oldest first.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn numbers(&self, account_id: i64) -> sqlx::Result<Vec<NumberRow>> {
        on!(&self.read, sql::NUMBERS, |c, text| sqlx::query_as(text).bind(account_id).fetch_all(c).await)
    }

    /// Who has proven this claim: an address, or national digits.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn holder(&self, claim: &str) -> sqlx::Result<Option<NumberRow>> {
        on!(&self.read, sql::HOLDER, |c, text| sqlx::query_as(text).bind(claim).fetch_optional(c).await)
    }
}

impl Store {
    /// The primary numbers of these accounts.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn primary_numbers(&self, account_ids: &[i64]) -> sqlx::Result<Vec<NumberRow>> {
        let ids = json(account_ids)?;
        on!(&self.read, sql::PRIMARY_NUMBERS, |c, text| {
            sqlx::query_as(text).bind(&ids).fetch_all(c).await
        })
    }

    /// Who has proven this very number.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn owner(&self, address: &str) -> sqlx::Result<Option<AccountRow>> {
        on!(&self.read, sql::OWNER, |c, text| sqlx::query_as(text).bind(address).fetch_optional(c).await)
    }
}

impl Tx {
    /// An account's numbers, oldest first.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn numbers(&mut self, account_id: i64) -> sqlx::Result<Vec<NumberRow>> {
        on!(self, sql::NUMBERS, |c, text| sqlx::query_as(text).bind(account_id).fetch_all(&mut **c).await)
    }

    /// The number of an account with this address.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn number(&mut self, account_id: i64, address: &str) -> sqlx::Result<Option<NumberRow>> {
        on!(self, sql::NUMBER, |c, text| {
            sqlx::query_as(text).bind(account_id).bind(address).fetch_optional(&mut **c).await
        })
    }

    /// Who has proven this claim: an address, or national digits.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn holder(&mut self, claim: &str) -> sqlx::Result<Option<NumberRow>> {
        on!(self, sql::HOLDER, |c, text| sqlx::query_as(text).bind(claim).fetch_optional(&mut **c).await)
    }

    /// Numbers at these addresses whose challenge ends after `after` (milliseconds since 1970).
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn asked(&mut self, addresses: &[&str], after: i64) -> sqlx::Result<Vec<NumberRow>> {
        let addresses = json(addresses)?;
        on!(self, sql::ASKED, |c, text| {
            sqlx::query_as(text).bind(&addresses).bind(after).fetch_all(&mut **c).await
        })
    }

    /// Adds a number that is not proven yet.
    ///
    /// # Errors
    /// The database did not answer, or the account has this number.
    pub async fn add_number(&mut self, row: &NumberRow) -> sqlx::Result<()> {
        on!(self, sql::INSERT_NUMBER, |c, text| {
            let statement = sqlx::query(text).bind(row.id).bind(row.account_id).bind(&row.address);
            let statement = statement.bind(&row.claim).bind(row.is_primary).bind(&row.proof);
            statement.bind(row.created_at).execute(&mut **c).await.map(drop)
        })
    }

    /// Puts another number in the place of one; it is not proven yet.
    ///
    /// # Errors
    /// The database did not answer, or the account has this number.
    pub async fn renumber(&mut self, row: &NumberRow) -> sqlx::Result<()> {
        on!(self, sql::RENUMBER, |c, text| {
            let statement = sqlx::query(text).bind(row.id).bind(&row.address).bind(&row.claim);
            statement.bind(&row.proof).bind(row.updated_at).execute(&mut **c).await.map(drop)
        })
    }

    /// Saves what became of a proof; false if the number was removed or replaced meanwhile.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn save_proof(&mut self, change: &ProofChange, now: i64) -> sqlx::Result<bool> {
        on!(self, sql::SAVE_PROOF, |c, text| {
            let statement = sqlx::query(text).bind(change.id).bind(&change.proof).bind(change.is_verified);
            let statement = statement.bind(change.verification_method).bind(change.expires_at);
            let statement = statement.bind(now).bind(&change.address);
            Ok(statement.execute(&mut **c).await?.rows_affected() == 1)
        })
    }

    /// Removes a number; the account's next one becomes primary if this was.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn remove_number(&mut self, row: &NumberRow) -> sqlx::Result<()> {
        for (statement, id) in [(sql::DELETE_NUMBER, row.id), (sql::PROMOTE, row.account_id)] {
            on!(&mut *self, statement, |c, text| {
                sqlx::query(text).bind(id).execute(&mut **c).await.map(drop)
            })?;
        }
        Ok(())
    }

    /// Has codes of its account's sign-ins go to a number.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn take_sign_ins(&mut self, row: &NumberRow) -> sqlx::Result<()> {
        on!(self, sql::TAKE_SIGN_INS, |c, text| {
            sqlx::query(text).bind(row.account_id).bind(row.id).execute(&mut **c).await.map(drop)
        })
    }

    /// Makes a number its account's primary one.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn set_primary(&mut self, row: &NumberRow, now: i64) -> sqlx::Result<()> {
        on!(&mut *self, sql::CLEAR_PRIMARY, |c, text| {
            sqlx::query(text).bind(row.account_id).bind(row.id).execute(&mut **c).await.map(drop)
        })?;
        on!(self, sql::SET_PRIMARY, |c, text| {
            sqlx::query(text).bind(row.id).bind(now).execute(&mut **c).await.map(drop)
        })
    }
}
