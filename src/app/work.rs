//! Work beside the server, until it is told to stop.

use crate::clock::Clock;
use crate::outbound::Wake;
use crate::outbound::ticks::{self, Schedule};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

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

    /// Runs what ends by itself once it is told to stop.
    pub(super) fn run<W>(&self, work: impl FnOnce(CancellationToken) -> W)
    where
        W: Future<Output = ()> + Send + 'static,
    {
        self.tasks.spawn(work(self.stop.clone()));
    }

    /// Runs a schedule; `changed` wakes it.
    pub(super) fn tick(&self, schedule: impl Schedule, changed: Wake) {
        let (clock, wake) = (self.clock.clone(), self.wake.clone());
        self.run(|stop| ticks::run(schedule, clock, changed, wake, stop));
    }
}
