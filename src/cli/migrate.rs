//! `tidings migrate`: brings the database to this version and ends.

use super::Outcome;
use crate::config::Config;
use crate::store::{self, Store};
use std::error::Error;
use std::io::Write;

/// Migrates the configured database.
///
/// # Errors
/// The database can't be opened or changed.
pub async fn run(config: Config, output: &mut dyn Write) -> Result<Outcome, Box<dyn Error>> {
    let store = open(&config).await?;
    store.close().await;
    writeln!(output, "The database is up to date.")?;
    Ok(Outcome::Done)
}

/// Opens the configured database at this version.
///
/// # Errors
/// The database can't be opened or changed.
pub(super) async fn open(config: &Config) -> Result<Store, Box<dyn Error>> {
    let store = Store::open(&config.database, config.max_connections).await;
    let store = store
        .map_err(|error| format!("DATABASE_URL: the database can't be opened: {}", store::explain(&error)))?;
    store.migrate().await?;
    Ok(store)
}
