//! Slices on SQLite, as the bound values of many rows: that is less work than taking them out of a JSON text.

use super::Sql;
use sqlx::sqlite::SqliteArguments;
use sqlx::{AssertSqlSafe, Sqlite, SqliteConnection};

/// A statement to which the values of a row are bound.
pub(super) type Row<'q> = sqlx::query::Query<'q, Sqlite, SqliteArguments>;

/// The most rows in one statement.
const MOST: usize = 128;

/// Carries out `statement`, which has the values of one row after `VALUES`, for all of `rows`; returns
/// how many it touched.
pub(super) async fn write_rows<'q, T>(
    connection: &mut SqliteConnection,
    statement: Sql,
    rows: &'q [&'q T],
    bind: fn(Row<'q>, &'q T) -> Row<'q>,
) -> sqlx::Result<u64> {
    let mut touched = 0;
    for rows in rows.chunks(MOST) {
        let text = AssertSqlSafe(for_rows(statement.sqlite, rows.len()));
        let query = rows.iter().fold(sqlx::query(text), |query, row| bind(query, row));
        touched += query.execute(&mut *connection).await?.rows_affected();
    }
    Ok(touched)
}

/// The statement with its row of values as often as `rows` says, and a few times more, so that there are
/// few statements to prepare: values that nothing was bound to are NULL, and rows without an id are none.
fn for_rows(statement: &str, rows: usize) -> String {
    let begin = statement.find("VALUES (").map_or(0, |at| at + "VALUES ".len());
    let end = statement[begin..].find(')').map_or(statement.len(), |at| begin + at + 1);
    let row = &statement[begin..end];
    let more = rows.next_power_of_two() - 1;
    let mut text = String::with_capacity(statement.len() + more * (row.len() + 1));
    text.push_str(&statement[..end]);
    for _ in 0..more {
        text.push(',');
        text.push_str(row);
    }
    text.push_str(&statement[end..]);
    text
}

#[test]
fn a_statement_has_room_for_all_rows() {
    let statement = "INSERT INTO t SELECT column1 FROM (VALUES (?, ?)) WHERE TRUE";
    assert_eq!(for_rows(statement, 1), statement);
    for rows in [3, 4] {
        let expected = "INSERT INTO t SELECT column1 FROM (VALUES (?, ?),(?, ?),(?, ?),(?, ?)) WHERE TRUE";
        assert_eq!(for_rows(statement, rows), expected);
    }
}
