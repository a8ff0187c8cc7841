//! Turns that nobody locked anybody for: they are written if all whom they are about are still who they were.

use super::super::rows::{Script, Trip};
use super::super::{Engine, Store, Tx, Writers, sql};
use super::{Parts, Turns, bound, columns, is_stale, is_taken};
use sqlx::PgConnection;
use sqlx::postgres::PgArguments;

/// Turns that only the database has to do with any more.
pub struct ReadyTurns {
    rows: Engine<Vec<Script>, PgArguments>,
    last: bool,
}

/// What became of a slice that was looked at before its turn came.
#[derive(Debug)]
pub enum Written {
    /// It is durable.
    Done,
    /// It is written, and the transaction goes on.
    Open(Tx),
    /// Nothing was written: somebody is no longer who they were, or may answer an account's code.
    Stale,
    /// Nothing was written: a text had come before, a purpose was served before, or somebody new is no longer new.
    Taken,
}

impl Store {
    /// Makes ready turns with a transaction of their own. What is `last` is durable when it is written; otherwise
    /// the transaction goes on.
    ///
    /// # Errors
    /// A value is nothing for the database.
    pub fn make_ready(&self, turns: &Turns<'_, '_>, last: bool) -> sqlx::Result<ReadyTurns> {
        let parts = Parts::of(turns);
        let rows = match &self.write {
            Writers::Sqlite(_) => Engine::Sqlite(bound::scripts(turns, &parts, Trip { first: true, last })?),
            Writers::Postgres(_) => Engine::Postgres(columns::checked(turns, &parts)?),
        };
        Ok(ReadyTurns { rows, last })
    }

    /// Writes turns; nothing if anybody whom they are about is no longer who they were (`was`).
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn write_ready(&self, turns: ReadyTurns) -> sqlx::Result<Written> {
        let last = turns.last;
        match (&self.write, turns.rows) {
            (Writers::Sqlite(writer), Engine::Sqlite(scripts)) => {
                let mut lent = writer.lend().await?;
                match bound::run(scripts, &mut lent).await {
                    Ok(()) if last => Ok(Written::Done),
                    Ok(()) => Ok(Written::Open(Tx::Sqlite(lent))),
                    Err(error) => not_written(error),
                }
            }
            // A statement alone is a transaction.
            (Writers::Postgres(writers), Engine::Postgres(rows)) if last => {
                let mut connection = writers.slices.take().await?;
                let written = save_ahead(&mut connection, rows).await?;
                writers.slices.keep(connection);
                Ok(written)
            }
            (Writers::Postgres(writers), Engine::Postgres(rows)) => {
                let mut tx = writers.pool.begin().await?;
                let written = save_ahead(&mut tx, rows).await?;
                Ok(if matches!(written, Written::Done) { Written::Open(Tx::Postgres(tx)) } else { written })
            }
            // Made ready for another store.
            _ => Ok(Written::Stale),
        }
    }
}

/// Carries out the one statement that writes them.
async fn save_ahead(connection: &mut PgConnection, rows: PgArguments) -> sqlx::Result<Written> {
    match sqlx::query_with(sql::SAVE_AHEAD.postgres, rows).execute(connection).await {
        Ok(_) => Ok(Written::Done),
        Err(error) => not_written(error),
    }
}

/// Why nothing was written, if that is no failure.
fn not_written(error: sqlx::Error) -> sqlx::Result<Written> {
    if is_stale(&error) {
        Ok(Written::Stale)
    } else if is_taken(&error) {
        Ok(Written::Taken)
    } else {
        Err(error)
    }
}
