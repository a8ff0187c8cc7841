//! Whether the database can be written: reading goes on when a disk is full, and then nothing is taken.

use crate::batch::Apply;
use crate::clock::stopwatch;
use crate::store::{self, Store};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How long a write may take; somebody else who writes for longer is no fault of the database.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long an answer holds, so that whoever asks all the time costs nothing.
const YES_HOLDS: Duration = Duration::from_secs(5);
const NO_HOLDS: Duration = Duration::from_secs(1);

/// Tries to write now and then, and as soon as it is asked after a write has failed.
#[derive(Debug, Default)]
pub struct Writable {
    last: Mutex<Option<(Instant, bool)>>,
    doubted: AtomicBool,
}

impl Writable {
    /// Whether it could be written when that was tried last, which is not long ago.
    pub(super) async fn check(&self, store: &Store) -> bool {
        let mut last = self.last.lock().await;
        // Before the try: what fails while it lasts is tried again.
        let doubted = self.doubted.swap(false, Ordering::Relaxed);
        if let Some((tried, answer)) = *last
            && !(answer && doubted)
            && tried.elapsed() < if answer { YES_HOLDS } else { NO_HOLDS }
        {
            return answer;
        }
        let answer = match tokio::time::timeout(PATIENCE, store.try_write()).await {
            Ok(Ok(())) | Err(_) => true,
            Ok(Err(error)) => {
                tracing::warn!(error = %store::explain(&error), "the database can't be written");
                false
            }
        };
        *last = Some((stopwatch(), answer));
        answer
    }

    /// Lets `worker` do its work; a slice that fails casts doubt on what was found before.
    pub fn watch<W: Apply>(self: &Arc<Self>, worker: W) -> Watched<W> {
        Watched { worker, writable: self.clone() }
    }
}

/// A worker whose failures are noticed.
#[derive(Debug)]
pub struct Watched<W> {
    worker: W,
    writable: Arc<Writable>,
}

impl<W: Apply> Apply for Watched<W> {
    type Job = W::Job;
    type Answer = W::Answer;
    type Ahead = W::Ahead;
    type Ready = W::Ready;
    const LOOKS_AHEAD: bool = W::LOOKS_AHEAD;

    fn look_ahead(
        &self,
        seen: Option<W::Ahead>,
        jobs: &[W::Job],
    ) -> impl Future<Output = Option<W::Ahead>> + Send {
        self.worker.look_ahead(seen, jobs)
    }

    fn make_ready(&self, ahead: W::Ahead) -> Option<W::Ready> {
        self.worker.make_ready(ahead)
    }

    fn still_holds(&self, ready: &W::Ready, before: &[W::Job]) -> bool {
        self.worker.still_holds(ready, before)
    }

    async fn carry_out(&self, jobs: &[W::Job], ready: Option<W::Ready>) -> sqlx::Result<Vec<W::Answer>> {
        let applied = self.worker.carry_out(jobs, ready).await;
        if applied.is_err() {
            self.writable.doubted.store(true, Ordering::Relaxed);
        }
        applied
    }
}
