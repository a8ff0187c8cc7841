//! How the connections to each engine are opened.

use super::engine::{Engine, Readers, Writers};
use super::kept::{KEPT, Kept, PgWriters};
use super::{Store, Writer};
use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use std::path::Path;
use std::str::FromStr as _;
use std::time::Duration;

/// How long to wait for a connection before an operation fails.
pub(super) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long after its last use a connection over the network is taken for alive.
pub(super) const TRUSTED_FOR: Duration = Duration::from_secs(1);
/// Pages the write-ahead log may hold before a commit has to move them: a safety net, because
/// [`Store::checkpoint`] moves them in the background.
const WAL_PAGES: &str = "32000";

/// Statements that a connection keeps prepared: all there are, and room for more. The driver keeps 100 if it is not
/// told, and whoever asks for what is seldom asked for would wait for the engine to read its text again.
const STATEMENTS: usize = 512;

/// Connections that read SQLite's file while one writes.
const READERS: u32 = 4;

/// Rows that SQLite may be ahead of their reader.
const MAX_ROWS: usize = 512;

pub(super) async fn sqlite(path: &Path) -> sqlx::Result<Store> {
    make_private(path)?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // Power loss under NORMAL loses acknowledged turns; group commit pays for FULL.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(10))
        // A slice's rows, so that the database's thread never waits for their reader.
        .row_buffer_size(MAX_ROWS)
        .statement_cache_capacity(STATEMENTS)
        .pragma("wal_autocheckpoint", WAL_PAGES)
        .pragma("cache_size", "-16384")
        .pragma("temp_store", "memory")
        // What is erased must not stay readable in the file's free pages.
        .pragma("secure_delete", "on");
    let write = Writer::open(options.clone()).await?;
    let read = SqlitePoolOptions::new()
        .max_connections(READERS)
        .min_connections(0)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        // There is no network on which a connection could have been lost.
        .test_before_acquire(false)
        .connect_with(options)
        .await?;
    let look = Engine::Sqlite(read.clone());
    Ok(Store { write: Writers::Sqlite(write), look, read: Readers::Sqlite(read) })
}

/// Makes the file, if there is none, for its owner alone: it holds numbers and what people said. SQLite gives
/// the files beside it the same permissions.
#[cfg(unix)]
fn make_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = std::fs::OpenOptions::new();
    match options.write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
fn make_private(_: &Path) -> std::io::Result<()> {
    Ok(())
}

pub(super) async fn postgres(url: &str, max_connections: u32) -> sqlx::Result<Store> {
    let options = PgConnectOptions::from_str(url)?.application_name("tidings");
    let options = options.statement_cache_capacity(STATEMENTS).options([
        // A server that hangs must not hold the writer for longer than its clients wait.
        ("statement_timeout", "30s"),
        ("idle_in_transaction_session_timeout", "15s"),
        // What a turn reads is in memory. Taken for scattered over a slow disk, a slice's rows would be looked
        // for by reading all contacts, as long as these are few thousands.
        ("random_page_cost", "1.1"),
    ]);
    let pool = PgPoolOptions::new()
        .max_connections(max_connections.saturating_sub(KEPT).max(1))
        .acquire_timeout(ACQUIRE_TIMEOUT)
        // A connection that was just in use is not asked whether it lives.
        .test_before_acquire(false)
        .before_acquire(|connection, about| {
            Box::pin(async move { Ok(about.idle_for < TRUSTED_FOR || connection.ping().await.is_ok()) })
        })
        .connect_with(options.clone())
        .await?;
    let write = PgWriters { pool: pool.clone(), slices: Kept::new(&pool, &options) };
    let look = Engine::Postgres(Kept::new(&pool, &options));
    Ok(Store { write: Writers::Postgres(write), look, read: Readers::Postgres(pool) })
}
