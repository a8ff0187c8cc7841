//! API tokens, of which only a hash is kept.

use super::engine::on;
use super::{Store, Tx, sql};

/// A token that may be used.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct TokenRow {
    /// What it was called when it was made.
    pub name: String,
    /// What it may do, separated by spaces.
    pub scopes: String,
    /// `live`, or `test`: what that sends never reaches a phone.
    pub kind: String,
    /// Who made it; see [`TokenEntry::created_by`].
    pub created_by: Option<String>,
}

/// A token as it is listed; the token itself is kept nowhere. Times are milliseconds since 1970.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "see TokenRow and the migrations")]
pub struct TokenEntry {
    pub id: i64,
    pub name: String,
    pub scopes: String,
    pub kind: String,
    /// Who made it, as the audit log names them; none if it was made on the command line.
    pub created_by: Option<String>,
    pub created_at: i64,
    pub revoked_at: Option<i64>,
}

impl Store {
    /// Tokens, also revoked ones, newest first, older than `before`.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn tokens(&self, before: i64, limit: i64) -> sqlx::Result<Vec<TokenEntry>> {
        on!(&self.read, sql::TOKENS, |c, text| {
            sqlx::query_as(text).bind(before).bind(limit).fetch_all(c).await
        })
    }

    /// Revokes a token; false if there is none.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn revoke_token(&self, id: i64, now: i64) -> sqlx::Result<bool> {
        on!(&mut self.writer().await?, sql::REVOKE_TOKEN, |c, text| {
            let done = sqlx::query(text).bind(id).bind(now).execute(&mut **c).await?;
            Ok(done.rows_affected() > 0)
        })
    }

    /// Marks the token with this hash as one whose messages never reach a phone.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn make_test_token(&self, hash: &str) -> sqlx::Result<()> {
        on!(&mut self.writer().await?, sql::MAKE_TEST_TOKEN, |c, text| {
            sqlx::query(text).bind(hash).execute(&mut **c).await.map(drop)
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
        on!(&mut self.writer().await?, sql::INSERT_TOKEN, |c, text| {
            sqlx::query(text)
                .bind(id)
                .bind(name)
                .bind(hash)
                .bind(scopes)
                .bind(now)
                .execute(&mut **c)
                .await
                .map(drop)
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

impl Tx {
    /// The tokens that this one has made and that may be used: their ids and scopes.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn tokens_of(&mut self, maker: &str) -> sqlx::Result<Vec<(i64, String)>> {
        on!(self, sql::TOKENS_OF, |c, text| sqlx::query_as(text).bind(maker).fetch_all(&mut **c).await)
    }

    /// Revokes a token.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn revoke_token(&mut self, id: i64, now: i64) -> sqlx::Result<()> {
        on!(self, sql::REVOKE_TOKEN, |c, text| {
            sqlx::query(text).bind(id).bind(now).execute(&mut **c).await.map(drop)
        })
    }

    /// Adds a token with this hash.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn put_token(&mut self, token: &TokenEntry, hash: &str) -> sqlx::Result<()> {
        on!(self, sql::INSERT_TOKEN_BY, |c, text| {
            let statement = sqlx::query(text).bind(token.id).bind(&token.name).bind(hash);
            let statement = statement.bind(&token.scopes).bind(&token.kind).bind(&token.created_by);
            statement.bind(token.created_at).execute(&mut **c).await.map(drop)
        })
    }
}
