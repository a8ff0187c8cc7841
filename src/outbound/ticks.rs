//! Schedules: what comes due is found in slices, on any node, and costs nothing while nothing is due.

use super::Wake;
use crate::clock::Clock;
use crate::store;
use futures_util::FutureExt as _;
use jiff::Timestamp;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long a schedule may sleep: another node, or the API there, may have added to it.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

/// What one tick did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ticked {
    /// A full slice: there may be more.
    More,
    /// Nothing is due before then, as far as is known.
    Idle(Option<Timestamp>),
}

/// A schedule: reminders, tips, campaigns.
pub trait Schedule: Send + Sync + 'static {
    /// Its name in the log.
    const NAME: &'static str;

    /// Takes one slice of what is due at `now`, in one transaction.
    fn tick(&self, now: Timestamp) -> impl Future<Output = sqlx::Result<Ticked>> + Send;
}

/// Runs `schedule` until `stop`. `changed` wakes it when something was added to it, `sender` is woken
/// when it may have queued something.
pub async fn run<S: Schedule>(
    schedule: S,
    clock: Clock,
    changed: Wake,
    sender: Wake,
    stop: CancellationToken,
) {
    while !stop.is_cancelled() {
        // A mistake in the program is tried again later; until it is gone, what else is due waits with it.
        let next = match AssertUnwindSafe(schedule.tick(clock.now())).catch_unwind().await {
            Ok(Ok(Ticked::More)) => {
                sender.notify_one();
                continue;
            }
            Ok(Ok(Ticked::Idle(next))) => {
                sender.notify_one();
                next
            }
            Err(_) => {
                tracing::error!(
                    schedule = S::NAME,
                    "a schedule stands still, because of a mistake in the program"
                );
                None
            }
            Ok(Err(error)) => {
                tracing::warn!(schedule = S::NAME, error = %store::explain(&error), "a schedule stands still");
                None
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = changed.notified() => {}
            () = clock.sleep_until(next.unwrap_or(Timestamp::MAX)) => {}
            () = clock.sleep(LONGEST_SLEEP) => {}
        }
    }
}
