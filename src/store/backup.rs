//! A SQLite file copied while it is in use, and a copy checked. PostgreSQL has tools of its own.

use super::{Engine, Store};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};
use std::path::Path;

impl Store {
    /// Writes all that is committed now to `file`, which must be empty or not there: a database of its own, without
    /// what was erased. Readers and writers go on meanwhile. False on PostgreSQL, where nothing was done.
    ///
    /// # Errors
    /// The database did not answer, or the file can't be written.
    pub async fn copy_into(&self, file: &Path) -> sqlx::Result<bool> {
        let Engine::Sqlite(pool) = &self.read else { return Ok(false) };
        let file = file.to_string_lossy();
        sqlx::query("VACUUM INTO $1").bind(&*file).execute(pool).await?;
        Ok(true)
    }
}

/// What SQLite finds wrong with `file`, in its words; nothing if it is sound.
///
/// # Errors
/// It is no database, or can't be read.
pub async fn check_file(file: &Path) -> sqlx::Result<Option<String>> {
    let mut connection = connect(file).await?;
    let found: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check").fetch_all(&mut connection).await?;
    let lost = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut connection).await?.len();
    let ours: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sqlite_master WHERE name = 'secret_mark'")
        .fetch_one(&mut connection)
        .await?;
    connection.close().await?;
    if ours == 0 {
        return Ok(Some("there is nothing of Tidings in it".to_owned()));
    }
    Ok(match (&found[..], lost) {
        ([only], 0) if only == "ok" => None,
        ([only], _) if only == "ok" => Some(format!("{lost} rows point nowhere")),
        _ => Some(found.join("; ")),
    })
}

async fn connect(file: &Path) -> sqlx::Result<SqliteConnection> {
    SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(false)
        .read_only(true)
        .immutable(true)
        .connect()
        .await
}
