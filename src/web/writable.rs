//! Whether the database can be written: reading goes on when a disk is full, and then nothing is taken.

use crate::clock::stopwatch;
use crate::store::{self, Store};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How long a write may take; somebody else who writes for longer is no fault of the database.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long an answer holds, so that whoever asks all the time costs nothing.
const YES_HOLDS: Duration = Duration::from_secs(5);
const NO_HOLDS: Duration = Duration::from_secs(1);

/// Tries to write now and then.
#[derive(Debug, Default)]
pub struct Writable(Mutex<Option<(Instant, bool)>>);

impl Writable {
    /// Whether it could be written when that was tried last, which is not long ago.
    pub(super) async fn check(&self, store: &Store) -> bool {
        let mut last = self.0.lock().await;
        if let Some((tried, answer)) = *last
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
}
