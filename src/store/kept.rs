//! The connection to PostgreSQL on which slices are written. They come one after the other, and a pool would give them
//! each of its connections in turn, whose process would have to fetch the tables into its own cache again, and would ask
//! after each slice whether it lives.

use super::open::TRUSTED_FOR;
use crate::clock::stopwatch;
use sqlx::PgPool;
use sqlx::pool::PoolConnection;
use sqlx::postgres::Postgres;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Where it is between two slices. Cloning is cheap.
#[derive(Clone, Default)]
pub(super) struct Kept(Arc<Mutex<Slot>>);

#[derive(Default)]
struct Slot {
    /// With its last use.
    connection: Option<(PoolConnection<Postgres>, Instant)>,
    closed: bool,
}

impl Kept {
    /// Takes the connection, or one of `pool`. Whoever is interrupted with it leaves it to the pool.
    ///
    /// # Errors
    /// The pool has none in time.
    pub(super) async fn take(&self, pool: &PgPool) -> sqlx::Result<PoolConnection<Postgres>> {
        let kept = self.lock().connection.take();
        match kept {
            Some((connection, used)) if used.elapsed() < TRUSTED_FOR => Ok(connection),
            // The pool finds out whether it still lives.
            _ => pool.acquire().await,
        }
    }

    /// Keeps a connection for the next slice.
    pub(super) fn keep(&self, connection: PoolConnection<Postgres>) {
        let mut slot = self.lock();
        if !slot.closed {
            slot.connection = Some((connection, stopwatch()));
        }
    }

    /// Gives the connection back to the pool, and from now on any other, so that the pool can be closed.
    pub(super) fn close(&self) {
        let mut slot = self.lock();
        slot.closed = true;
        slot.connection = None;
    }

    fn lock(&self) -> MutexGuard<'_, Slot> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kept({})", self.lock().connection.is_some())
    }
}
