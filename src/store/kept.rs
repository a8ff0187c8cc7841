//! The connections to PostgreSQL on which slices are looked at and written. They come one after the other, and a pool
//! would give them each of its connections in turn, whose process would have to fetch the tables into its own cache again,
//! and would ask after each slice whether it lives. And a slice's statement is planned once, whatever is in it: planning
//! takes longer than writing a single turn.

use super::open::TRUSTED_FOR;
use crate::clock::stopwatch;
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection, PgPool, Postgres};
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long the server may take to answer before one of the pool's connections is used, which wait longer.
const PATIENCE: Duration = Duration::from_secs(1);

/// For how long none is opened after that failed: each slice would wait for it anew.
const PAUSE: Duration = Duration::from_secs(5);

/// How many there are, beside the pool.
pub(super) const KEPT: u32 = 2;

/// What writes to PostgreSQL. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct PgWriters {
    /// For all but slices.
    pub(super) pool: PgPool,
    pub(super) slices: Kept,
}

/// A connection that is kept from one slice to the next, opened for the first one. Cloning is cheap.
#[derive(Clone)]
pub(super) struct Kept {
    options: Arc<PgConnectOptions>,
    slot: Arc<Mutex<Slot>>,
    pool: PgPool,
}

/// Where it is between two slices.
#[derive(Default)]
struct Slot {
    /// With its last use.
    connection: Option<(PgConnection, Instant)>,
    /// None was to be had then.
    failed_at: Option<Instant>,
    closed: bool,
}

/// A connection, kept or the pool's.
pub(super) enum Taken {
    Kept(PgConnection),
    Pooled(PoolConnection<Postgres>),
}

impl Kept {
    pub(super) fn new(pool: &PgPool, options: &PgConnectOptions) -> Self {
        let options = options.clone().options([
            ("plan_cache_mode", "force_generic_plan"),
            // Planned while there were few people, it would else read all of them when there are many.
            ("enable_seqscan", "off"),
            ("enable_hashjoin", "off"),
            ("enable_mergejoin", "off"),
        ]);
        Self { options: Arc::new(options), slot: Arc::default(), pool: pool.clone() }
    }

    /// Takes the connection; if it does not answer and none can be opened, one of the pool's. Whoever is interrupted with
    /// it closes it.
    pub(super) async fn take(&self) -> sqlx::Result<Taken> {
        let (kept, opens) = {
            let mut slot = self.lock();
            let failed_lately = slot.failed_at.is_some_and(|at| at.elapsed() < PAUSE);
            (slot.connection.take(), !slot.closed && !failed_lately)
        };
        match kept {
            Some((connection, used)) if used.elapsed() < TRUSTED_FOR => return Ok(Taken::Kept(connection)),
            Some((mut connection, _)) => {
                if let Ok(Ok(())) = tokio::time::timeout(PATIENCE, connection.ping()).await {
                    return Ok(Taken::Kept(connection));
                }
            }
            None => {}
        }
        if opens {
            let opened = tokio::time::timeout(PATIENCE, PgConnection::connect_with(&self.options)).await;
            if let Ok(Ok(connection)) = opened {
                return Ok(Taken::Kept(connection));
            }
            self.lock().failed_at = Some(stopwatch());
        }
        self.pool.acquire().await.map(Taken::Pooled)
    }

    /// Keeps the connection for the next slice, unless it is the pool's.
    pub(super) fn keep(&self, connection: Taken) {
        let mut slot = self.lock();
        if let Taken::Kept(connection) = connection
            && !slot.closed
        {
            *slot = Slot { connection: Some((connection, stopwatch())), ..Slot::default() };
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

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kept({})", self.lock().connection.is_some())
    }
}

impl Deref for Taken {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        match self {
            Self::Kept(connection) => connection,
            Self::Pooled(connection) => connection,
        }
    }
}

impl DerefMut for Taken {
    fn deref_mut(&mut self) -> &mut PgConnection {
        match self {
            Self::Kept(connection) => connection,
            Self::Pooled(connection) => connection,
        }
    }
}
