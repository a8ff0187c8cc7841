//! Small facts that outlive a process: how far something was read that is read again and again, and how
//! far the demo's clock was moved.

use super::engine::on;
use super::{Store, sql};
use crate::clock::Clock;
use jiff::SignedDuration;

/// Under which name the demo's clock is kept, in milliseconds from the machine's.
const DEMO_CLOCK: &str = "demo clock";

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
        on!(&mut self.writer().await?, sql::PUT_BOOKMARK, |c, text| {
            sqlx::query(text).bind(name).bind(at).execute(&mut **c).await.map(drop)
        })
    }

    /// Moves a bookmark also back.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn set_bookmark(&self, name: &str, at: i64) -> sqlx::Result<()> {
        on!(&mut self.writer().await?, sql::SET_BOOKMARK, |c, text| {
            sqlx::query(text).bind(name).bind(at).execute(&mut **c).await.map(drop)
        })
    }

    /// Notes how far the demo's clock is from the machine's, for commands that run beside the server.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn keep_demo_clock(&self, clock: &Clock) -> sqlx::Result<()> {
        let offset = i64::try_from(clock.offset().as_millis()).unwrap_or(0);
        on!(&mut self.writer().await?, sql::SET_BOOKMARK, |c, text| {
            sqlx::query(text).bind(DEMO_CLOCK).bind(offset).execute(&mut **c).await.map(drop)
        })
    }

    /// A clock that shows what the demo's did when it was moved last.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn demo_clock(&self) -> sqlx::Result<Clock> {
        let offset = self.bookmark(DEMO_CLOCK).await?.unwrap_or(0);
        Ok(Clock::shifted_by(SignedDuration::from_millis(offset)))
    }

    /// Writes something, to find out whether that can be done.
    ///
    /// # Errors
    /// It can't.
    pub async fn try_write(&self) -> sqlx::Result<()> {
        on!(&mut self.writer().await?, sql::TRY_WRITE, |c, text| sqlx::query(text)
            .execute(&mut **c)
            .await
            .map(drop))
    }
}
