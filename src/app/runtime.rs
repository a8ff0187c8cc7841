//! What tasks run on.

use std::io;
use tokio::runtime::{Builder, Runtime};

/// Ticks after which a thread of the runtime looks for tasks that another thread has woken. A slice is carried out
/// in steps, after each of which the database's thread wakes it; tokio's choice lets it wait each time behind the
/// connections that are ready, and everybody waits for the slice. See `docs/PERFORMANCE.md`.
const GLOBAL_QUEUE_INTERVAL: u32 = 1;

/// A runtime with a thread for each core, for the server and whatever works with its store.
///
/// # Errors
/// The system gives no threads.
pub fn runtime() -> io::Result<Runtime> {
    Builder::new_multi_thread().global_queue_interval(GLOBAL_QUEUE_INTERVAL).enable_all().build()
}
