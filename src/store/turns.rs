//! What a slice of turns writes, in as few trips to the database as its size allows.

use super::rows::{MOST, Script, Trip, Values};
use super::{ContactChange, LedgerEntry, Lent, NewContact, NewMessage, Store, Tx, Writers, json, sql};
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
                Ok(match save_ahead(&mut tx, turns, &parts).await? {
                    true => Ahead::Open(Tx::Postgres(tx)),
                    false => Ahead::Stale,
                })
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
        was: Option<super::Was<'a>>,
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

/// Writes the slice on SQLite in as few trips as its size allows.
async fn write_rows(
    lent: &mut Lent,
    turns: &Turns<'_, '_>,
    parts: &Parts<'_, '_>,
    trip: Trip,
) -> sqlx::Result<()> {
    let Parts { inbound, outbound, moved, speakers } = parts;
    // Who is locked can't have changed.
    let checks = trip.first;
    let new: Vec<_> = turns.new.iter().collect();
    let most = inbound.len().max(outbound.len()).max(speakers.len()).max(1);
    for from in (0..most).step_by(MOST) {
        let mut script = Script::for_rows((most - from).min(MOST));
        // First those who may have changed: if any has, nothing was done in vain.
        let checked = script.rows(sql::UPDATE_SPEAKERS, chunk(speakers, from), bind_speaker);
        if checks && checked > 0 {
            script.count(sql::ALL_CHANGED, checked);
        }
        if from == 0 && !moved.is_empty() {
            let moved: Vec<_> = moved.iter().map(|change| Moved { change, was: change.was }).collect();
            script.json(sql::UPDATE_CONTACTS, json(&moved)?);
            if checks {
                script.count(sql::ALL_CHANGED, moved.len());
            }
        }
        script.rows(sql::INSERT_SPEAKERS, chunk(&new, from), bind_new);
        script.rows(sql::INSERT_INBOUND, chunk(inbound, from), bind_inbound);
        script.rows(sql::INSERT_OUTBOUND, chunk(outbound, from), bind_outbound);
        if from == 0 && !turns.consents.is_empty() {
            script.json(sql::INSERT_CONSENT, json(turns.consents)?);
        }
        let trip = Trip { first: trip.first && from == 0, last: trip.last && from + MOST >= most };
        script.run(lent, trip).await?;
    }
    Ok(())
}

/// A change with who they were.
#[derive(Serialize)]
struct Moved<'t, 'a> {
    #[serde(flatten)]
    change: &'t ContactChange<'a>,
    #[serde(flatten)]
    was: Option<super::Was<'a>>,
}

/// Those of `rows` that go with the script that begins at `from`.
fn chunk<T>(rows: &[T], from: usize) -> &[T] {
    &rows[from.min(rows.len())..(from + MOST).min(rows.len())]
}

fn bind_new(row: &mut Values, new: &NewSpeaker<'_>) {
    let contact = &new.contact;
    row.bind(contact.id)
        .bind(contact.address)
        .bind(contact.state)
        .bind(contact.consent)
        .bind(&*contact.person)
        .bind(contact.locale)
        .bind(contact.time_zone)
        .bind(contact.time_zone_source)
        .bind(contact.created_at)
        .bind(new.name)
        .bind(new.promotion_paused)
        .bind(new.last_heard_at);
}

fn bind_inbound(row: &mut Values, message: &NewMessage<'_>) {
    row.bind(message.id)
        .bind(message.contact_id)
        .bind(message.sid)
        .bind(message.mms)
        .bind(&*message.body)
        .bind(message.segments)
        .bind(message.created_at)
        .bind(message.intent.as_deref())
        .bind(message.why.as_deref())
        .bind(message.reply_id)
        .bind(message.extra.as_deref())
        .bind(message.status);
}

fn bind_outbound(row: &mut Values, message: &NewMessage<'_>) {
    row.bind(message.id)
        .bind(message.contact_id)
        .bind(&*message.body)
        .bind(message.segments)
        .bind(message.created_at)
        .bind(message.purpose)
        .bind(message.nonce.as_deref())
        .bind(message.status)
        .bind(message.rank)
        .bind(message.priority)
        .bind(message.due_at)
        .bind(message.expires_at)
        .bind(message.attempts)
        .bind(message.sent_at)
        .bind(message.by_rest)
        .bind(message.what_for.as_deref())
        .bind(message.source_id)
        .bind(message.content_sid)
        .bind(message.content_variables);
}

fn bind_speaker(row: &mut Values, change: &ContactChange<'_>) {
    row.bind(change.id).bind(change.locale).bind(&*change.person).bind(change.last_heard_at);
    row.bind(change.was.map(|was| was.was_person)).bind(change.was.map(|was| was.was_locale));
    row.bind(change.was.and_then(|was| was.was_booked_until));
}
