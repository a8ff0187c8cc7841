//! API tokens, of which only a hash is kept.

use super::engine::on;
use super::{Store, sql};

/// A token that may be used.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct TokenRow {
    /// What it was called when it was made.
    pub name: String,
    /// What it may do, separated by spaces.
    pub scopes: String,
    /// `live`, or `test`: what that sends never reaches a phone.
    pub kind: String,
}

impl Store {
    /// Marks the token with this hash as one whose messages never reach a phone.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn make_test_token(&self, hash: &str) -> sqlx::Result<()> {
        on!(&self.write, sql::MAKE_TEST_TOKEN, |c, text| {
            sqlx::query(text).bind(hash).execute(c).await.map(drop)
        })
    }

    /// Adds a token.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn add_token(
        &self,
        id: i64,
        name: &str,
        hash: &str,
        scopes: &str,
        now: i64,
    ) -> sqlx::Result<()> {
        on!(&self.write, sql::INSERT_TOKEN, |c, text| {
            sqlx::query(text).bind(id).bind(name).bind(hash).bind(scopes).bind(now).execute(c).await.map(drop)
        })
    }

    /// The token with this hash, unless it was revoked.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn token(&self, hash: &str) -> sqlx::Result<Option<TokenRow>> {
        on!(&self.read, sql::TOKEN_BY_HASH, |c, text| {
            sqlx::query_as(text).bind(hash).fetch_optional(c).await
        })
    }
}
