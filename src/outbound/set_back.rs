//! A clock that was ahead and has been set back: what was soon to be looked up or sent by it must not wait until the
//! clock shows that time again.

use super::raise::RAISE_AFTER;
use super::settle::Settler;
use crate::ids::Ids;
use jiff::SignedDuration;

/// What nodes' clocks may differ by, and a lease or a look may lie ahead beside the longest wait.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(1);
/// Most that are recalled in a transaction.
const SLICE: i64 = 1000;

impl Settler {
    /// Makes due what waits for a time that it was given by a clock since set back; returns how many messages that
    /// were. What is planned for its time stays.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn recall(&self) -> sqlx::Result<u64> {
        let mut all = 0;
        loop {
            let now = self.inbox.clock.now();
            let farthest = now + self.inbox.settings.settle_after.max(RAISE_AFTER) + TOLERANCE;
            let after = Ids::floor(now + TOLERANCE);
            let mut tx = self.inbox.store.begin().await?;
            let looks = tx.recall_looks(now.as_millisecond(), farthest.as_millisecond(), SLICE).await?;
            let queued = tx.recall_queued(now.as_millisecond(), after, SLICE).await?;
            tx.commit().await?;
            all += looks + queued;
            if looks.max(queued) < SLICE.unsigned_abs() {
                break;
            }
        }
        if all > 0 {
            tracing::warn!(
                messages = all,
                "the clock was set back; messages that waited for its old time are due"
            );
            self.wake.notify_one();
        }
        Ok(all)
    }
}
