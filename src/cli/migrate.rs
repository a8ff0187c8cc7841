//! `tidings migrate`: brings the database to this version and ends.

use super::Outcome;
use super::place::Common;
use crate::app::make_store;
use crate::config::Config;
use crate::store::Migrated;
use std::error::Error;
use std::io::Write;

/// The arguments of `tidings migrate`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// All there are.
    #[command(flatten)]
    pub common: Common,
}

/// Migrates the configured database, and says which that is.
///
/// # Errors
/// The database can't be opened or changed.
pub async fn run(args: Args, config: Config, output: &mut dyn Write) -> Result<Outcome, Box<dyn Error>> {
    let config = config.keep_secret()?;
    let (store, migrated) = make_store(&config).await?;
    store.close().await;
    let place = &config.database;
    if args.common.json {
        let Migrated { is_new, count } = migrated;
        let answer =
            serde_json::json!({ "database": place.to_string(), "made": is_new, "migrations": count });
        writeln!(output, "{answer}")?;
        return Ok(Outcome::Done);
    }
    let migrations = |count| format!("{count} migration{}", if count == 1 { "" } else { "s" });
    match migrated {
        Migrated { is_new: true, count } => writeln!(output, "Made {place}: {}.", migrations(count))?,
        Migrated { count: 0, .. } => writeln!(output, "Nothing to do: {place} is up to date.")?,
        Migrated { count, .. } => writeln!(output, "Brought {place} up to date: {}.", migrations(count))?,
    }
    Ok(Outcome::Done)
}
