//! What is too old to be kept.

use super::engine::on;
use super::{Sql, Store, Tx, json, sql};

impl Store {
    /// Messages that came to an end, by id from behind `after` up to before `until`, oldest first.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn ended_messages(&self, after: i64, until: i64, limit: i64) -> sqlx::Result<Vec<i64>> {
        on!(&self.read, sql::ENDED_MESSAGES, |c, text| {
            sqlx::query_scalar(text).bind(after).bind(until).bind(limit).fetch_all(c).await
        })
    }
}

impl Tx {
    /// Removes the words of messages, and the copies that corrections hold of them. The consent ledger's
    /// copies stay: they are the evidence.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn blank_messages(&mut self, ids: &[i64]) -> sqlx::Result<()> {
        self.retire(ids, &[sql::DELETE_CORRECTIONS, sql::BLANK_MESSAGES]).await
    }

    /// Removes messages with all that is known of them, but for the consent ledger.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn delete_messages(&mut self, ids: &[i64]) -> sqlx::Result<()> {
        self.retire(ids, &[sql::DELETE_CORRECTIONS, sql::DELETE_REPORTS, sql::DELETE_MESSAGES]).await
    }

    async fn retire(&mut self, ids: &[i64], statements: &[Sql]) -> sqlx::Result<()> {
        let ids = json(ids)?;
        for statement in statements {
            on!(&mut *self, *statement, |c, text| {
                sqlx::query(text).bind(&ids).execute(&mut **c).await.map(drop)
            })?;
        }
        Ok(())
    }
}
