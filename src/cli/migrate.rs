//! `tidings migrate`: brings the database to this version and ends.

use super::Outcome;
use crate::app::make_store;
use crate::config::Config;
use crate::store::Migrated;
use std::error::Error;
use std::io::Write;

/// Migrates the configured database, and says which that is.
///
/// # Errors
/// The database can't be opened or changed.
pub async fn run(config: Config, output: &mut dyn Write) -> Result<Outcome, Box<dyn Error>> {
    let config = config.keep_secret()?;
    let (store, migrated) = make_store(&config).await?;
    store.close().await;
    let place = &config.database;
    let migrations = |count| format!("{count} migration{}", if count == 1 { "" } else { "s" });
    match migrated {
        Migrated { is_new: true, count } => writeln!(output, "Made {place}: {}.", migrations(count))?,
        Migrated { count: 0, .. } => writeln!(output, "Nothing to do: {place} is up to date.")?,
        Migrated { count, .. } => writeln!(output, "Brought {place} up to date: {}.", migrations(count))?,
    }
    Ok(Outcome::Done)
}
