//! Work beside the server, until it is told to stop.

use crate::clock::{Clock, stopwatch};
use crate::outbound::Wake;
use crate::outbound::ticks::{self, Schedule};
use futures_util::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long work rests after a mistake in the program; twice as long after the next, up to the longest, until it has
/// gone well for twice that: not longer than any lease, so that what comes back with one is no reason to rest longer.
const FIRST_REST: Duration = Duration::from_millis(250);
const LONGEST_REST: Duration = Duration::from_secs(10);

/// What runs beside the server.
pub(super) struct Work {
    pub(super) tasks: TaskTracker,
    pub(super) stop: CancellationToken,
    /// Wakes the sender when something was queued.
    pub(super) wake: Wake,
    clock: Clock,
}

impl Work {
    pub(super) fn new(clock: Clock, stop: CancellationToken) -> Self {
        Self { tasks: TaskTracker::new(), stop, wake: Wake::default(), clock }
    }

    /// Runs what ends by itself once it is told to stop. Whenever it panics, `begin` is asked for it anew, so that what
    /// goes wrong once does not stop it until the next start of the server. What goes wrong each time, such as a row
    /// that always comes first, still keeps what is behind it waiting.
    pub(super) fn run<W>(
        &self,
        name: &'static str,
        begin: impl Fn(CancellationToken) -> W + Send + Sync + 'static,
    ) where
        W: Future<Output = ()> + Send + 'static,
    {
        self.tasks.spawn(go_on(name, begin, self.stop.clone()));
    }

    /// Runs a schedule; `changed` wakes it.
    pub(super) fn tick<S: Schedule>(&self, schedule: S, changed: Wake) {
        let (schedule, clock, wake) = (Arc::new(schedule), self.clock.clone(), self.wake.clone());
        self.run(S::NAME, move |stop| {
            ticks::run(schedule.clone(), clock.clone(), changed.clone(), wake.clone(), stop)
        });
    }
}

/// Begins work, and begins it anew after a rest whenever it panics, until it ends or is told to.
async fn go_on<W: Future<Output = ()>>(
    name: &'static str,
    begin: impl Fn(CancellationToken) -> W,
    stop: CancellationToken,
) {
    let mut rest = FIRST_REST;
    loop {
        let watch = stopwatch();
        let work = async { begin(stop.clone()).await };
        if AssertUnwindSafe(work).catch_unwind().await.is_ok() {
            return;
        }
        if watch.elapsed() > LONGEST_REST * 2 {
            rest = FIRST_REST;
        }
        tracing::error!(
            work = name,
            ?rest,
            "it stands still for a while, because of a mistake in the program"
        );
        if tokio::time::timeout(rest, stop.cancelled()).await.is_ok() {
            return;
        }
        rest = (rest * 2).min(LONGEST_REST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::sync::Notify;

    #[tokio::test]
    async fn work_that_panics_is_begun_anew_and_ends_when_it_is_told_to() {
        let stop = CancellationToken::new();
        let work = Work::new(Clock::system(), stop.clone());
        let (begun, goes_on) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
        work.run("a test", {
            let (begun, goes_on) = (begun.clone(), goes_on.clone());
            move |stop| {
                let time = begun.fetch_add(1, Ordering::Relaxed);
                assert!(time != 0, "before there is anything to wait for");
                let goes_on = goes_on.clone();
                async move {
                    assert!(time != 1, "in the middle of it");
                    goes_on.notify_one();
                    stop.cancelled().await;
                }
            }
        });
        goes_on.notified().await;
        stop.cancel();
        work.tasks.close();
        work.tasks.wait().await;
        assert_eq!(begun.load(Ordering::Relaxed), 3);
    }

    #[tokio::test]
    async fn work_that_rests_after_a_panic_does_not_hold_up_the_end() {
        let (stop, began) = (CancellationToken::new(), Arc::new(Notify::new()));
        let work = Work::new(Clock::system(), stop.clone());
        work.run("a test", {
            let began = began.clone();
            move |_| {
                began.notify_one();
                std::future::poll_fn(|_| panic!("each time"))
            }
        });
        began.notified().await;
        stop.cancel();
        work.tasks.close();
        tokio::time::timeout(FIRST_REST / 2, work.tasks.wait()).await.expect("it ends at once");
    }
}
