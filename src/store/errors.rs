//! What a database error means to those above.

/// Whether the database as a whole is out of reach or can't be written, as opposed to having
/// refused one statement.
#[must_use]
pub fn is_unavailable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(database) => database.code().is_some_and(|code| refuses_everything(&code)),
        _ => false,
    }
}

/// SQLite's busy (5), read-only (8), I/O error (10) and full (13), extended codes included;
/// PostgreSQL's connection (08), resources (53) and operator intervention (57) classes and a
/// standby that refuses writes (25006).
fn refuses_everything(code: &str) -> bool {
    match code.parse::<u32>() {
        Ok(number) if code.len() < 5 => matches!(number & 0xff, 5 | 8 | 10 | 13),
        _ => code.starts_with("08") || code.starts_with("53") || code.starts_with("57") || code == "25006",
    }
}

/// The error for a log line. PostgreSQL quotes the offending values in its details, so of a
/// database error only the code and the constraint are told.
#[must_use]
pub fn explain(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(database) => {
            let code = database.code().unwrap_or_default();
            let constraint = database.constraint().unwrap_or("none");
            format!("database error {code}, constraint {constraint}")
        }
        other => other.to_string(),
    }
}
