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

/// Whether a statement failed because its table is not there; SQLite has no code of its own for it.
pub(super) fn lacks_table(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(database) = error else { return false };
    database.code().is_some_and(|code| code == "42P01") || database.message().starts_with("no such table")
}

/// The error for a log line. PostgreSQL quotes the offending values in its details, so of a
/// database error only the code and the constraint are told, and what SQLite's codes mean.
#[must_use]
pub fn explain(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(database) => {
            let code = database.code().unwrap_or_default();
            match (words(&code), database.constraint()) {
                (Some(words), _) => format!("{words} (database error {code})"),
                (None, constraint) => {
                    format!("database error {code}, constraint {}", constraint.unwrap_or("none"))
                }
            }
        }
        sqlx::Error::PoolTimedOut => "no connection to the database was to be had in time".to_owned(),
        other => other.to_string(),
    }
}

/// What SQLite's code, extended ones included, says about the file, and PostgreSQL's about the way in.
fn words(code: &str) -> Option<&'static str> {
    match code {
        "28000" => return Some("the server does not let this user in"),
        "28P01" => return Some("the password is wrong"),
        "3D000" => return Some("the server has no database of this name: make it with createdb"),
        "42501" => return Some("this user may not do that"),
        "53300" => return Some("the server takes no more connections"),
        "57P03" => return Some("the server is starting or stopping"),
        _ => {}
    }
    let number: u32 = code.parse().ok().filter(|_| code.len() < 5)?;
    Some(match number & 0xff {
        5 => "another program holds the file locked",
        8 => "the file or its folder can't be written",
        10 => "the disk can't be read or written",
        11 => "the file is damaged",
        13 => "the disk is full",
        14 => "the file can't be opened",
        26 => "the file is no SQLite database",
        _ => return None,
    })
}
