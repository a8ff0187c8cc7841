//! Wrong codes and pauses of accounts, by number. Of a number only a keyed hash is kept.

use super::engine::on;
use super::{Tx, json, sql};

/// What an account may still try with a number.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct GuardRow {
    /// A keyed hash of the number.
    pub number: String,
    /// Whose tries they are; 0 for what accounts share.
    pub account_id: i64,
    /// The guard as JSON.
    pub guard: String,
    /// A copy for the query that forgets what is of no use any more.
    pub wrong_in_a_row: i64,
}

impl Tx {
    /// Everything that is counted for these numbers, named by their hashes. Their contacts must be locked.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn code_guards(&mut self, numbers: &[&str]) -> sqlx::Result<Vec<GuardRow>> {
        let numbers = json(numbers)?;
        on!(self, sql::CODE_GUARDS, |c, text| sqlx::query_as(text).bind(&numbers).fetch_all(&mut **c).await)
    }

    /// Saves one of them.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn put_code_guard(&mut self, row: &GuardRow, now: i64) -> sqlx::Result<()> {
        on!(self, sql::PUT_CODE_GUARD, |c, text| {
            let statement = sqlx::query(text).bind(&row.number).bind(row.account_id).bind(&row.guard);
            statement.bind(row.wrong_in_a_row).bind(now).execute(&mut **c).await.map(drop)
        })
    }

    /// Forgets everything that is counted for a number; false if nothing was.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn lift_code_guards(&mut self, number: &str) -> sqlx::Result<bool> {
        on!(self, sql::LIFT_CODE_GUARDS, |c, text| {
            Ok(sqlx::query(text).bind(number).execute(&mut **c).await?.rows_affected() > 0)
        })
    }
}
