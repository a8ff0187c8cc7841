//! What a slice of turns writes, in as few trips to the database as its size allows.

mod bound;

use super::rows::Trip;
use super::{ContactChange, LedgerEntry, NewContact, NewMessage, Store, Tx, Was, Writers, json, sql};
use bound::write_rows;
use serde::Serialize;
use sqlx::{Error, PgConnection};

/// What nearly every slice writes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Turns<'t, 'a> {
    /// People who write for the first time; only of a slice that was looked at ahead.
    pub new: &'t [NewSpeaker<'a>],
    /// Messages of both directions.
    pub messages: &'t [NewMessage<'a>],
    /// What became of those who spoke.
    pub changes: &'t [ContactChange<'a>],
    /// Who opted in or out.
    pub consents: &'t [LedgerEntry<'a>],
}

/// Somebody who writes for the first time, as their texts leave them.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "see ContactRow")]
pub struct NewSpeaker<'a> {
    #[serde(flatten)]
    pub contact: NewContact<'a>,
    pub name: Option<&'a str>,
    pub promotion_paused: bool,
    pub last_heard_at: i64,
}

/// What became of a slice that was looked at before its turn came.
#[derive(Debug)]
pub enum Ahead {
    /// It is durable.
    Done,
    /// It is written, and the transaction goes on.
    Open(Tx),
    /// Nothing was written: somebody is no longer who they were, or a text had come before.
    Stale,
}

/// Rows by where they go.
struct Parts<'t, 'a> {
    inbound: Vec<&'t NewMessage<'a>>,
    outbound: Vec<&'t NewMessage<'a>>,
    /// With a new standing.
    moved: Vec<&'t ContactChange<'a>>,
    speakers: Vec<&'t ContactChange<'a>>,
}

impl<'t, 'a> Parts<'t, 'a> {
    fn of(turns: &Turns<'t, 'a>) -> Self {
        let (outbound, inbound) = turns.messages.iter().partition(|message| message.outbound);
        let (moved, speakers) = turns.changes.iter().partition(|change| change.standing.is_some());
        Self { inbound, outbound, moved, speakers }
    }
}

impl Store {
    /// Writes turns in a transaction of their own that did not lock whom they are about: nothing is written if any
    /// of them is no longer who they were (`was`). What is `last` is durable at once.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn write_ahead(&self, turns: &Turns<'_, '_>, last: bool) -> sqlx::Result<Ahead> {
        let parts = Parts::of(turns);
        match &self.write {
            Writers::Sqlite(writer) => {
                let mut lent = writer.lend().await?;
                let trip = Trip { first: true, last };
                match write_rows(&mut lent, turns, &parts, trip).await {
                    Ok(()) if last => Ok(Ahead::Done),
                    Ok(()) => Ok(Ahead::Open(Tx::Sqlite(lent))),
                    Err(error) if is_repeat(&error) || is_stale(&error) => Ok(Ahead::Stale),
                    Err(error) => Err(error),
                }
            }
            // A statement alone is a transaction.
            Writers::Postgres(pool) if last => {
                let mut connection = pool.acquire().await?;
                Ok(if save_ahead(&mut connection, turns, &parts).await? { Ahead::Done } else { Ahead::Stale })
            }
            Writers::Postgres(pool) => {
                let mut tx = pool.begin().await?;
                let saved = save_ahead(&mut tx, turns, &parts).await?;
                Ok(if saved { Ahead::Open(Tx::Postgres(tx)) } else { Ahead::Stale })
            }
        }
    }
}

impl Tx {
    /// Adds messages that go out and saves what turns changed. Those whose purpose was served before, by
    /// `what_for`, are left out.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn save_slice(
        &mut self,
        messages: &[NewMessage<'_>],
        changes: &[ContactChange<'_>],
    ) -> sqlx::Result<()> {
        self.save_turns(&Turns { messages, changes, ..Turns::default() }, false).await.map(drop)
    }

    /// Writes turns of people who are locked; false if one of the inbound messages had come before: then the
    /// transaction must not be committed. Nothing but [`Tx::commit`] may follow what is `last`; on SQLite it is
    /// done in the same trip.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn save_turns(&mut self, turns: &Turns<'_, '_>, last: bool) -> sqlx::Result<bool> {
        let parts = Parts::of(turns);
        match self {
            Self::Postgres(c) => {
                let statement = sqlx::query_scalar(sql::SAVE_SLICE.postgres);
                let statement = statement.bind(json(&parts.inbound)?).bind(json(&parts.outbound)?);
                let statement = statement.bind(json(&parts.moved)?).bind(json(&parts.speakers)?);
                let added: i64 = statement.fetch_one(&mut **c).await?;
                if !turns.consents.is_empty() {
                    self.add_consent(turns.consents).await?;
                }
                Ok(usize::try_from(added).is_ok_and(|added| added == parts.inbound.len()))
            }
            Self::Sqlite(lent) => match write_rows(lent, turns, &parts, Trip { first: false, last }).await {
                Err(error) if is_repeat(&error) => Ok(false),
                saved => saved.map(|()| true),
            },
        }
    }
}

/// False if anything is not as it was. Then nothing is written.
async fn save_ahead(
    connection: &mut PgConnection,
    turns: &Turns<'_, '_>,
    parts: &Parts<'_, '_>,
) -> sqlx::Result<bool> {
    #[derive(Serialize)]
    struct Were<'a> {
        id: i64,
        #[serde(flatten)]
        was: Option<Was<'a>>,
    }
    let were: Vec<Were<'_>> =
        turns.changes.iter().map(|change| Were { id: change.id, was: change.was }).collect();
    let count = |rows: usize| i64::try_from(rows).unwrap_or(i64::MAX);
    let statement = sqlx::query(sql::SAVE_AHEAD.postgres);
    let statement = statement.bind(json(&parts.inbound)?).bind(json(&parts.outbound)?);
    let statement = statement.bind(json(&parts.moved)?).bind(json(&parts.speakers)?);
    let statement = statement.bind(json(&were)?).bind(json(turns.new)?);
    let statement = statement.bind(count(were.len())).bind(count(parts.inbound.len()));
    let statement = statement.bind(count(turns.new.len())).bind(json(turns.consents)?);
    match statement.execute(connection).await {
        Ok(_) => Ok(true),
        Err(error) if is_stale(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether a SID was there already.
fn is_repeat(error: &Error) -> bool {
    error
        .as_database_error()
        .is_some_and(|error| error.is_unique_violation() && error.message().ends_with("message.sid"))
}

/// Whether somebody is no longer who they were: SQLite's `ALL_CHANGED` fails then, PostgreSQL's `SAVE_AHEAD`
/// divides by zero, or somebody new is no longer new.
fn is_stale(error: &Error) -> bool {
    const DIVISION_BY_ZERO: &str = "22012";
    error.as_database_error().is_some_and(|error| {
        error.message().ends_with("malformed JSON")
            || error.code().is_some_and(|code| code == DIVISION_BY_ZERO)
            || error.is_unique_violation() && error.message().ends_with("contact.address")
    })
}
