//! Two databases, one body: a closed enum instead of a trait, because the choice is closed.

use super::kept::PgWriters;
use super::writer::{Lent, Writer};
use sqlx::pool::PoolConnection;
use sqlx::{PgPool, Postgres, SqlitePool, Transaction};

/// The same thing on either engine.
#[derive(Clone, Debug)]
pub enum Engine<S, P> {
    /// SQLite's.
    Sqlite(S),
    /// PostgreSQL's.
    Postgres(P),
}

/// What reads: a pool of connections.
pub type Readers = Engine<SqlitePool, PgPool>;
/// What writes: SQLite has one connection for it.
pub type Writers = Engine<Writer, PgWriters>;
/// A connection that may write, for one statement.
pub type Writing = Engine<Lent, PoolConnection<Postgres>>;
/// A transaction. Dropped without [`Tx::commit`], it is rolled back.
pub type Tx = Engine<Lent, Transaction<'static, Postgres>>;

impl Readers {
    /// Closes the pool's connections.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

impl Writers {
    /// A connection that may write.
    ///
    /// # Errors
    /// None to be had in time.
    pub async fn acquire(&self) -> sqlx::Result<Writing> {
        Ok(match self {
            Self::Sqlite(writer) => Writing::Sqlite(writer.lend().await?),
            Self::Postgres(writers) => Writing::Postgres(writers.pool.acquire().await?),
        })
    }

    /// Begins a transaction; on SQLite one that may write from its first statement.
    ///
    /// # Errors
    /// No connection to be had in time.
    pub async fn begin(&self) -> sqlx::Result<Tx> {
        Ok(match self {
            Self::Sqlite(writer) => {
                let mut tx = writer.lend().await?;
                tx.begin().await?;
                Tx::Sqlite(tx)
            }
            Self::Postgres(writers) => Tx::Postgres(writers.pool.begin().await?),
        })
    }

    /// Closes the connections.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(writer) => writer.close().await,
            Self::Postgres(writers) => {
                writers.pool.close().await;
                writers.slices.close().await;
            }
        }
    }
}

impl Tx {
    /// Makes what was done durable.
    ///
    /// # Errors
    /// The database could not; then nothing was done.
    pub async fn commit(self) -> sqlx::Result<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx) => tx.commit().await,
        }
    }
}

/// One statement: a single text where the engines agree, a pair where they differ.
#[derive(Clone, Copy, Debug)]
pub struct Sql {
    /// For SQLite.
    pub sqlite: &'static str,
    /// For PostgreSQL.
    pub postgres: &'static str,
}

/// Compiles one body for both engines: `$c` is the pool or transaction, `$text` the statement.
macro_rules! on {
    ($target:expr, $sql:expr, |$c:ident, $text:ident| $body:expr) => {
        match $target {
            $crate::store::engine::Engine::Sqlite($c) => {
                let $text = $sql.sqlite;
                $body
            }
            $crate::store::engine::Engine::Postgres($c) => {
                let $text = $sql.postgres;
                $body
            }
        }
    };
}
pub(crate) use on;
