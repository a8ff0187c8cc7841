//! A clock that was ahead and has been set back: what was soon to be looked up or sent by it must not wait until the
//! clock shows that time again.

use super::raise::RAISE_AFTER;
use super::settle::Settler;
use super::steps::Noticed;
use crate::ids::Ids;
use jiff::SignedDuration;

/// What nodes' clocks may differ by, and a lease or a look may lie ahead beside the longest wait.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(1);
/// Most that are recalled in a transaction.
const SLICE: i64 = 1000;

impl Settler {
    /// Looks at the clock, and recalls what waits for its old time if it was set back, or was while nobody looked.
    ///
    /// # Errors
    /// The database did not answer.
    pub(super) async fn mind_the_clock(&self) -> sqlx::Result<()> {
        let clock = &self.inbox.clock;
        let was_ahead = match self.steps.notice(clock) {
            Noticed::Nothing => return Ok(()),
            Noticed::SetBack => true,
            Noticed::First => {
                let to_come = Ids::floor(clock.now() + TOLERANCE);
                self.inbox.store.has_message_after(to_come).await?
            }
        };
        if was_ahead {
            self.recall().await?;
        }
        self.steps.done(clock);
        Ok(())
    }

    /// Makes due what waits for a time that it was given by a clock since set back. What is planned for its time stays.
    async fn recall(&self) -> sqlx::Result<()> {
        let mut all = 0;
        loop {
            let now = self.inbox.clock.now();
            let farthest = now + self.inbox.settings.settle_after.max(RAISE_AFTER) + TOLERANCE;
            let mut tx = self.inbox.store.begin().await?;
            let looks = tx.recall_looks(now.as_millisecond(), farthest.as_millisecond(), SLICE).await?;
            let queued = tx.recall_queued(now.as_millisecond(), SLICE).await?;
            tx.commit().await?;
            all += looks + queued;
            if looks.max(queued) < SLICE.unsigned_abs() {
                break;
            }
        }
        if all > 0 {
            tracing::warn!(
                messages = all,
                "messages that waited for a time by a clock since set back are due"
            );
            self.wake.notify_one();
        }
        Ok(())
    }
}
