//! `tidings restore FILE`: a backup becomes the database, where there is none.

use super::Outcome;
use super::place::{Common, Draft, no_pipe, sqlite_file, with_suffix};
use super::record::{record_before, without_numbers};
use crate::app::open_inbox;
use crate::config::{Config, Database, Values};
use crate::store;
use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The arguments of `tidings restore`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A file that `tidings backup` made
    file: PathBuf,
    /// The rest.
    #[command(flatten)]
    pub common: Common,
}

/// What restores PostgreSQL.
const PG_RESTORE: &str = "make an empty database and restore it with `pg_restore --dbname=\"$DATABASE_URL\" --no-owner FILE`, while no node runs";

/// Checks a backup, brings a copy of it to this version, and puts that where the database belongs.
///
/// # Errors
/// It is PostgreSQL's, there is a database or a server has one, the secret is missing or another, or the backup is
/// not sound.
pub async fn run(args: Args, values: Values, output: &mut dyn Write) -> Result<Outcome, Box<dyn Error>> {
    let place = sqlite_file(&values, PG_RESTORE)?;
    no_pipe(&args.file)?;
    let config = Config::from_values(&values)?;
    check_place(&place)?;
    check_backup(&args.file).await?;
    if let Some(secret) = &config.new_secret {
        let problem =
            format!("there is none at {}: put the one there that was kept with the backup", secret.display());
        return Err(format!("TIDINGS_SECRET: {problem}").into());
    }
    let draft = Draft::beside(&place)?;
    fs::copy(&args.file, draft.path()).map_err(|error| format!("{}: {error}", args.file.display()))?;
    let copy = Config { database: Database::Sqlite(draft.path().to_owned()), ..config.clone() };
    let inbox = open_inbox(&copy).await?;
    let name = args.file.file_name().map(|name| without_numbers(&name.to_string_lossy())).unwrap_or_default();
    record_before(&inbox, &copy, "tidings restore", name).await?;
    inbox.store.close().await;
    let bytes = draft.keep()?;
    if args.common.json {
        let answer = serde_json::json!({ "database": place, "bytes": bytes, "checked": true });
        writeln!(output, "{answer}")?;
    } else {
        writeln!(
            output,
            "Restored {} from {}: {bytes} bytes, checked.",
            config.database,
            args.file.display()
        )?;
        writeln!(
            output,
            "What happened since the backup is not in it: see \"Backup\" in docs/OPERATING.md."
        )?;
    }
    Ok(Outcome::Done)
}

/// Nothing may be there, and no server may have it: SQLite's log goes when the last who uses a file is done.
fn check_place(place: &Path) -> Result<(), String> {
    let there = |suffix: &str| with_suffix(place, suffix).symlink_metadata().is_ok();
    let in_use = there("-wal") || there("-shm");
    let problem = match (there(""), in_use) {
        (false, false) => return Ok(()),
        (true, false) => "is there already, and nothing is written over: move it away first",
        (_, true) => {
            "a server has it, or ended without closing it: stop that server, then move the file away, together with \
             those beside it that end in -wal and -shm"
        }
    };
    Err(format!("{}: {problem}", place.display()))
}

async fn check_backup(file: &Path) -> Result<(), Box<dyn Error>> {
    let wrong = |problem: String| format!("{}: {problem}", file.display());
    if file.is_dir() {
        return Err(wrong("is a folder and no backup: name the file in it".to_owned()).into());
    }
    if !file.is_file() {
        return Err(wrong("there is no such file".to_owned()).into());
    }
    if with_suffix(file, "-wal").exists() {
        return Err(
            wrong("is a database in use, and no backup: make one with `tidings backup`".to_owned()).into()
        );
    }
    match store::check_file(file).await {
        Ok(None) => Ok(()),
        Ok(Some(fault)) => Err(wrong(format!("is no sound backup: {fault}")).into()),
        Err(error) => Err(wrong(format!("is no backup: {}", store::explain(&error))).into()),
    }
}
