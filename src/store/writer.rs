//! SQLite's one writer: a connection that is lent to one transaction, or one statement, after the other.
//!
//! A pool of one connection would do the same. But a pool asks each connection that comes back whether it
//! lives, and the driver's own transactions wait for an acknowledgement at both ends: three more trips to
//! the database's thread and back, each as long as a small statement, in which nobody else can write.

use super::open::ACQUIRE_TIMEOUT;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection as _, Error};
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use tokio::sync::{Mutex, OwnedMutexGuard};

/// The writer. Cloning is cheap; all clones lend the same connection, to who came first.
#[derive(Clone)]
pub struct Writer {
    options: Arc<SqliteConnectOptions>,
    slot: Arc<Mutex<Slot>>,
}

/// Where the connection is while it is not lent.
#[derive(Default)]
struct Slot {
    /// None where it is to be opened anew, or was closed.
    connection: Option<SqliteConnection>,
    /// A transaction was dropped before its end.
    left_open: bool,
    closed: bool,
}

impl Writer {
    pub(super) async fn open(options: SqliteConnectOptions) -> sqlx::Result<Self> {
        let connection = Some(SqliteConnection::connect_with(&options).await?);
        let slot = Arc::new(Mutex::new(Slot { connection, ..Slot::default() }));
        Ok(Self { options: Arc::new(options), slot })
    }

    /// The connection, as soon as all who asked before have given it back.
    pub(super) async fn lend(&self) -> sqlx::Result<Lent> {
        let lock = Arc::clone(&self.slot).lock_owned();
        let mut slot = tokio::time::timeout(ACQUIRE_TIMEOUT, lock).await.map_err(|_| Error::PoolTimedOut)?;
        if slot.closed {
            return Err(Error::PoolClosed);
        }
        if slot.left_open && !slot.roll_back().await {
            // On a full disk, for instance, SQLite itself has ended the transaction: nobody knows how it stands.
            slot.connection = None;
        }
        slot.left_open = false;
        if slot.connection.is_none() {
            slot.connection = Some(SqliteConnection::connect_with(&self.options).await?);
        }
        Ok(Lent { writer: self.clone(), slot, in_transaction: false })
    }

    /// Waits for who has the connection, and closes it.
    pub(super) async fn close(&self) {
        let mut slot = self.slot.lock().await;
        slot.closed = true;
        if let Some(connection) = slot.connection.take()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(error = %super::explain(&error), "the database was not closed in order");
        }
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Writer({})", self.options.get_filename().display())
    }
}

impl Slot {
    /// Whether nothing of the transaction is left.
    async fn roll_back(&mut self) -> bool {
        match &mut self.connection {
            Some(connection) => sqlx::query("ROLLBACK").execute(connection).await.is_ok(),
            None => true,
        }
    }
}

/// The writer's connection, until it is dropped. A transaction that was not committed until then is rolled back.
pub struct Lent {
    writer: Writer,
    slot: OwnedMutexGuard<Slot>,
    in_transaction: bool,
}

impl Lent {
    /// Begins a transaction that may write from its first statement.
    pub(super) async fn begin(&mut self) -> sqlx::Result<()> {
        self.begins();
        sqlx::query(BEGIN).execute(&mut **self).await.map(drop)
    }

    /// Notes that the statement about to be carried out begins a transaction with [`BEGIN`].
    pub(super) fn begins(&mut self) {
        self.in_transaction = true;
    }

    /// Makes what was done durable, unless the last statements did so.
    pub(super) async fn commit(mut self) -> sqlx::Result<()> {
        if self.in_transaction {
            sqlx::query(COMMIT).execute(&mut *self).await?;
            self.committed();
        }
        Ok(())
    }

    /// Notes that the statements just carried out ended with [`COMMIT`].
    pub(super) fn committed(&mut self) {
        self.in_transaction = false;
    }
}

/// Begins a transaction that may write from its first statement.
pub(super) const BEGIN: &str = "BEGIN IMMEDIATE";
/// Makes a transaction durable.
pub(super) const COMMIT: &str = "COMMIT";

impl Deref for Lent {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        self.slot.connection.as_ref().expect("it is there while it is lent")
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        self.slot.connection.as_mut().expect("it is there while it is lent")
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if !self.in_transaction {
            return;
        }
        self.slot.left_open = true;
        // At once, not when the next one comes: other programs may want to write to the file.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let writer = self.writer.clone();
            runtime.spawn(async move { drop(writer.lend().await) });
        }
    }
}

impl fmt::Debug for Lent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lent({:?})", self.writer)
    }
}
