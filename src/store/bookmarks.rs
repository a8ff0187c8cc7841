//! How far something was read that is read again and again.

use super::engine::on;
use super::{Store, sql};

impl Store {
    /// How far `name` was read, in milliseconds since 1970; `None` before the first time.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn bookmark(&self, name: &str) -> sqlx::Result<Option<i64>> {
        on!(&self.read, sql::BOOKMARK, |c, text| {
            sqlx::query_scalar(text).bind(name).fetch_optional(c).await
        })
    }

    /// Notes that `name` was read up to `at`. A bookmark only moves forward.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn put_bookmark(&self, name: &str, at: i64) -> sqlx::Result<()> {
        on!(&self.write, sql::PUT_BOOKMARK, |c, text| {
            sqlx::query(text).bind(name).bind(at).execute(c).await.map(drop)
        })
    }
}
