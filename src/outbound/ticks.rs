//! Schedules: what comes due is found in slices, on any node, and costs nothing while nothing is due.

use super::Wake;
use crate::clock::Clock;
use crate::store;
use jiff::Timestamp;
use std::sync::Arc;
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

impl<S: Schedule> Schedule for Arc<S> {
    const NAME: &'static str = S::NAME;

    fn tick(&self, now: Timestamp) -> impl Future<Output = sqlx::Result<Ticked>> + Send {
        S::tick(self, now)
    }
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
        let next = match schedule.tick(clock.now()).await {
            Ok(Ticked::More) => {
                sender.notify_one();
                continue;
            }
            Ok(Ticked::Idle(next)) => {
                sender.notify_one();
                next
            }
            Err(error) => {
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
