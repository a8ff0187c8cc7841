//! Slices on SQLite, as the bound values of many rows: that is less work than taking them out of a JSON text.

use super::Sql;
use super::writer::{BEGIN, COMMIT, Lent};
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments as _, AssertSqlSafe, Encode, Sqlite, Type};
use std::sync::Arc;

/// The most rows of one statement.
pub(super) const MOST: usize = 128;

/// Statements that the database's thread carries out one after the other in one go: to wake it, and to be
/// woken by it, costs as much as some of them do.
pub(super) struct Script {
    text: String,
    values: Values,
    /// The rows that there is room for, in each statement.
    room: usize,
    trip: Trip,
}

/// What a script is of its transaction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trip {
    /// It begins with it.
    pub(super) first: bool,
    /// It is made durable with it.
    pub(super) last: bool,
}

/// The values of a script's statements, in order.
#[derive(Default)]
pub(super) struct Values {
    arguments: SqliteArguments,
    error: Option<sqlx::error::BoxDynError>,
}

impl Values {
    /// Adds a value.
    pub(super) fn bind<'v, T: Encode<'v, Sqlite> + Type<Sqlite>>(&mut self, value: T) -> &mut Self {
        if let Err(error) = self.arguments.add(value) {
            self.error.get_or_insert(error);
        }
        self
    }

    /// Adds a text, or none: in one piece of memory, where the driver would make a string and its owner.
    pub(super) fn text<'v>(&mut self, text: impl Into<Option<&'v str>>) -> &mut Self {
        self.bind(text.into().map(Arc::<str>::from))
    }
}

impl Script {
    /// A script whose statements have at most `rows` rows. They all get room for the same number, and for a few
    /// more than there are, so that there are few scripts to prepare.
    pub(super) fn for_rows(rows: usize, trip: Trip) -> Self {
        let text = if trip.first { [BEGIN, ";"].concat() } else { String::new() };
        Self { text, room: rows.next_power_of_two(), trip, values: Values::default() }
    }

    /// Adds `statement`, which has the values of one row after `VALUES`, for all of `rows`; nothing if there are
    /// none. Rows without an id, which the statement leaves out, take the room that is left. Returns how many
    /// there are.
    pub(super) fn rows<T>(&mut self, statement: Sql, rows: &[&T], bind: fn(&mut Values, &T)) -> usize {
        if rows.is_empty() {
            return 0;
        }
        let width = repeat_row(statement.sqlite, self.room.max(rows.len()), &mut self.text);
        self.values.arguments.reserve(self.room.max(rows.len()) * width, 0);
        for row in rows {
            bind(&mut self.values, row);
        }
        for _ in 0..self.room.saturating_sub(rows.len()) * width {
            self.values.bind(None::<i64>);
        }
        rows.len()
    }

    /// Adds `statement` with a slice as its one JSON parameter; returns where those that follow are bound.
    pub(super) fn json(&mut self, statement: Sql, slice: String) -> &mut Values {
        self.text.push_str(&statement.sqlite.replace("$1", "?"));
        self.text.push(';');
        self.values.bind(slice)
    }

    /// Adds `statement`, whose one parameter is a number of rows.
    pub(super) fn count(&mut self, statement: Sql, rows: usize) {
        self.text.push_str(statement.sqlite);
        self.text.push(';');
        self.values.bind(i64::try_from(rows).unwrap_or(i64::MAX));
    }

    /// Ends the script.
    ///
    /// # Errors
    /// A value can't be given to SQLite.
    pub(super) fn end(mut self) -> sqlx::Result<Self> {
        if self.trip.last {
            self.text.push_str(COMMIT);
        }
        match self.values.error.take() {
            Some(error) => Err(sqlx::Error::Encode(error)),
            None => Ok(self),
        }
    }

    /// Carries out the script, which has been ended.
    pub(super) async fn run(self, lent: &mut Lent) -> sqlx::Result<()> {
        if self.text.is_empty() {
            return Ok(());
        }
        if self.trip.first {
            lent.begins();
        }
        let query = sqlx::query_with(AssertSqlSafe(self.text), self.values.arguments);
        query.execute(&mut **lent).await?;
        if self.trip.last {
            lent.committed();
        }
        Ok(())
    }
}

/// Writes `statement` to `text`, with its row of values `rows` times; returns how many values a row has.
fn repeat_row(statement: &str, rows: usize, text: &mut String) -> usize {
    let begin = statement.find("VALUES (").map_or(0, |at| at + "VALUES ".len());
    let end = statement[begin..].find(')').map_or(statement.len(), |at| begin + at + 1);
    let row = &statement[begin..end];
    text.reserve(statement.len() + rows * (row.len() + 1));
    text.push_str(&statement[..end]);
    for _ in 1..rows {
        text.push(',');
        text.push_str(row);
    }
    text.push_str(&statement[end..]);
    text.push(';');
    row.matches('?').count()
}

#[test]
fn a_statement_has_room_for_all_rows() {
    let statement = "INSERT INTO t SELECT column1 FROM (VALUES (?, ?)) WHERE TRUE";
    let mut text = String::new();
    assert_eq!(repeat_row(statement, 1, &mut text), 2);
    assert_eq!(text, format!("{statement};"));
    text.clear();
    repeat_row(statement, 3, &mut text);
    assert_eq!(text, "INSERT INTO t SELECT column1 FROM (VALUES (?, ?),(?, ?),(?, ?)) WHERE TRUE;");
}
