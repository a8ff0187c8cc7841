//! What a slice of turns writes, in as few trips to the database as its size allows.

mod bound;
mod columns;
mod ready;

pub use ready::{ReadyTurns, Written};

use super::rows::Trip;
use super::{ContactChange, LedgerEntry, NewContact, NewMessage, Tx, sql};
use serde::Serialize;
use sqlx::Error;

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
    /// Whose digits answer nothing; only of a slice that was looked at ahead.
    pub unasked: Unasked<'t>,
}

/// People who, it was assumed, are not asked for an account's code.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unasked<'t> {
    /// Their addresses.
    pub addresses: &'t [&'t str],
    /// Codes count that were valid after this, in milliseconds since 1970.
    pub since: i64,
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

/// Messages by their direction: each has columns of its own.
struct Parts<'t, 'a> {
    inbound: Vec<&'t NewMessage<'a>>,
    outbound: Vec<&'t NewMessage<'a>>,
}

impl<'t, 'a> Parts<'t, 'a> {
    fn of(turns: &Turns<'t, 'a>) -> Self {
        let (outbound, inbound) = turns.messages.iter().partition(|message| message.outbound);
        Self { inbound, outbound }
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
                let statement =
                    sqlx::query_scalar_with(sql::SAVE_SLICE.postgres, columns::of(turns, &parts)?);
                let added: i64 = statement.fetch_one(&mut **c).await?;
                if !turns.consents.is_empty() {
                    self.add_consent(turns.consents).await?;
                }
                Ok(usize::try_from(added).is_ok_and(|added| added == parts.inbound.len()))
            }
            Self::Sqlite(lent) => {
                let scripts = bound::scripts(turns, &parts, Trip { first: false, last })?;
                match bound::run(scripts, lent).await {
                    Err(error) if is_repeat(&error) => Ok(false),
                    saved => saved.map(|()| true),
                }
            }
        }
    }
}

/// Whether a SID was there already.
fn is_repeat(error: &Error) -> bool {
    error
        .as_database_error()
        .is_some_and(|error| error.is_unique_violation() && error.message().ends_with("message.sid"))
}

/// Whether somebody is no longer who they were: what checks it fails then, SQLite's as it reads JSON, PostgreSQL's as
/// it divides by zero.
fn is_stale(error: &Error) -> bool {
    const DIVISION_BY_ZERO: &str = "22012";
    error.as_database_error().is_some_and(|error| {
        error.message().ends_with("malformed JSON")
            || error.code().is_some_and(|code| code == DIVISION_BY_ZERO)
    })
}

/// Whether a SID, a new person's address or a purpose was there already.
fn is_taken(error: &Error) -> bool {
    const TAKEN: [&str; 3] = ["contact_address_key", "message_by_sid", "message_by_what_for"];
    is_repeat(error)
        || error.as_database_error().is_some_and(|error| {
            error.is_unique_violation() && error.message().ends_with("contact.address")
                || error.constraint().is_some_and(|name| TAKEN.contains(&name))
        })
}
