//! The rows of a slice on PostgreSQL, an array for each column: that is less work than taking them out of a JSON
//! text. Their order is that of the statements' parameters.

use super::super::{ContactChange, NewMessage, json};
use super::{Parts, Turns};
use sqlx::postgres::PgArguments;
use sqlx::{Arguments as _, Encode, Postgres, Type};

/// What `SAVE_SLICE` takes.
///
/// # Errors
/// A value is nothing for PostgreSQL.
pub(super) fn of(turns: &Turns<'_, '_>, parts: &Parts<'_, '_>) -> sqlx::Result<PgArguments> {
    let mut columns = Columns::default();
    columns.inbound(&parts.inbound).outbound(&parts.outbound).changes(turns.changes);
    columns.end()
}

/// What `SAVE_AHEAD` takes: the same, who everybody was, what few slices hold, and what must be so in the end.
///
/// # Errors
/// A value is nothing for PostgreSQL.
pub(super) fn checked(turns: &Turns<'_, '_>, parts: &Parts<'_, '_>) -> sqlx::Result<PgArguments> {
    let mut columns = Columns::default();
    columns.inbound(&parts.inbound).outbound(&parts.outbound);
    columns.changes(turns.changes).who_they_were(turns.changes);
    columns.one(json(turns.new)?).one(json(turns.consents)?);
    columns.one(i64::try_from(turns.changes.len()).unwrap_or(i64::MAX));
    columns.one(turns.unasked.addresses).one(turns.unasked.since);
    columns.end()
}

/// A statement's parameters.
#[derive(Default)]
struct Columns {
    arguments: PgArguments,
    error: Option<sqlx::error::BoxDynError>,
}

impl Columns {
    fn one<'v, T: Encode<'v, Postgres> + Type<Postgres>>(&mut self, value: T) -> &mut Self {
        if let Err(error) = self.arguments.add(value) {
            self.error.get_or_insert(error);
        }
        self
    }

    fn column<'t, R, T>(&mut self, rows: &'t [R], value: impl Fn(&'t R) -> T) -> &mut Self
    where
        Vec<T>: Encode<'t, Postgres> + Type<Postgres>,
    {
        self.one(rows.iter().map(value).collect::<Vec<T>>())
    }

    fn inbound(&mut self, rows: &[&NewMessage<'_>]) -> &mut Self {
        self.column(rows, |row| row.id)
            .column(rows, |row| row.contact_id)
            .column(rows, |row| row.sid)
            .column(rows, |row| row.mms)
            .column(rows, |row| &*row.body)
            .column(rows, |row| row.segments)
            .column(rows, |row| row.created_at)
            .column(rows, |row| row.intent.as_deref())
            .column(rows, |row| row.why.as_deref())
            .column(rows, |row| row.reply_id)
            .column(rows, |row| row.extra.as_deref())
            .column(rows, |row| row.status)
    }

    fn outbound(&mut self, rows: &[&NewMessage<'_>]) -> &mut Self {
        self.column(rows, |row| row.id)
            .column(rows, |row| row.contact_id)
            .column(rows, |row| &*row.body)
            .column(rows, |row| row.segments)
            .column(rows, |row| row.created_at)
            .column(rows, |row| row.purpose)
            .column(rows, |row| row.nonce.as_deref())
            .column(rows, |row| row.status)
            .column(rows, |row| row.rank)
            .column(rows, |row| row.priority)
            .column(rows, |row| row.due_at)
            .column(rows, |row| row.expires_at)
            .column(rows, |row| row.attempts)
            .column(rows, |row| row.sent_at)
            .column(rows, |row| row.by_rest)
            .column(rows, |row| row.what_for.as_deref())
            .column(rows, |row| row.source_id)
            .column(rows, |row| row.content_sid)
            .column(rows, |row| row.content_variables)
    }

    fn changes(&mut self, rows: &[ContactChange<'_>]) -> &mut Self {
        self.column(rows, |row| row.id)
            .column(rows, |row| row.locale)
            .column(rows, |row| &*row.person)
            .column(rows, |row| row.last_heard_at)
            .column(rows, |row| row.standing.map(|standing| standing.state))
            .column(rows, |row| row.standing.map(|standing| standing.consent))
            .column(rows, |row| row.standing.map(|standing| standing.promotion_paused))
            .column(rows, |row| row.standing.and_then(|standing| standing.name))
            .column(rows, |row| row.standing.and_then(|standing| standing.registered_at))
            .column(rows, |row| row.standing.and_then(|standing| standing.erased_at))
    }

    fn who_they_were(&mut self, rows: &[ContactChange<'_>]) -> &mut Self {
        self.column(rows, |row| row.was.map(|was| was.was_person))
            .column(rows, |row| row.was.map(|was| was.was_locale))
            .column(rows, |row| row.was.and_then(|was| was.was_booked))
    }

    fn end(self) -> sqlx::Result<PgArguments> {
        match self.error {
            Some(error) => Err(sqlx::Error::Encode(error)),
            None => Ok(self.arguments),
        }
    }
}
