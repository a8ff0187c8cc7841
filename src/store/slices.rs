//! The connection to PostgreSQL on which slices are written. They come one after the other, and a pool would give them
//! each of its connections in turn, whose process would have to fetch the tables into its own cache again, and would ask
//! after each slice whether it lives. And a slice's statement is planned once, whatever is in it: planning takes longer
//! than writing a single turn.

use super::open::TRUSTED_FOR;
use crate::clock::stopwatch;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection, PgPool};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long the server may take to answer before a slice is written on one of the pool's connections, which wait longer.
const PATIENCE: Duration = Duration::from_secs(1);

/// What writes to PostgreSQL. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct PgWriters {
    /// For all but slices.
    pub(super) pool: PgPool,
    pub(super) slices: Slices,
}

/// The connection, opened for the first slice. Cloning is cheap.
#[derive(Clone)]
pub(super) struct Slices {
    options: Arc<PgConnectOptions>,
    slot: Arc<Mutex<Slot>>,
}

/// Where it is between two slices.
#[derive(Default)]
struct Slot {
    /// With its last use.
    connection: Option<(PgConnection, Instant)>,
    closed: bool,
}

impl Slices {
    pub(super) fn new(options: PgConnectOptions) -> Self {
        let options = options.options([
            ("plan_cache_mode", "force_generic_plan"),
            // Planned while there were few people, it would else read all of them when there are many.
            ("enable_seqscan", "off"),
            ("enable_hashjoin", "off"),
            ("enable_mergejoin", "off"),
        ]);
        Self { options: Arc::new(options), slot: Arc::default() }
    }

    /// Takes the connection; `None` if there is none to be had at once. Whoever is interrupted with it closes it.
    pub(super) async fn take(&self) -> Option<PgConnection> {
        let (kept, closed) = {
            let mut slot = self.lock();
            (slot.connection.take(), slot.closed)
        };
        match kept {
            Some((connection, used)) if used.elapsed() < TRUSTED_FOR => return Some(connection),
            Some((mut connection, _)) => {
                if let Ok(Ok(())) = tokio::time::timeout(PATIENCE, connection.ping()).await {
                    return Some(connection);
                }
            }
            None if closed => return None,
            None => {}
        }
        tokio::time::timeout(PATIENCE, PgConnection::connect_with(&self.options)).await.ok()?.ok()
    }

    /// Keeps the connection for the next slice.
    pub(super) fn keep(&self, connection: PgConnection) {
        let mut slot = self.lock();
        if !slot.closed {
            slot.connection = Some((connection, stopwatch()));
        }
    }

    /// Closes the connection, and opens none any more.
    pub(super) async fn close(&self) {
        let kept = {
            let mut slot = self.lock();
            slot.closed = true;
            slot.connection.take()
        };
        if let Some((connection, _)) = kept
            && let Err(error) = connection.close().await
        {
            tracing::warn!(error = %super::explain(&error), "a connection was not closed in order");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Slices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Slices({})", self.lock().connection.is_some())
    }
}
