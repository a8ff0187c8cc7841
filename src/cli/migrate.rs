//! `tidings migrate`: brings the database to this version and ends.

use super::Outcome;
use crate::app::make_store;
use crate::config::Config;
use std::error::Error;
use std::io::Write;

/// Migrates the configured database.
///
/// # Errors
/// The database can't be opened or changed.
pub async fn run(config: Config, output: &mut dyn Write) -> Result<Outcome, Box<dyn Error>> {
    let store = make_store(&config).await?;
    store.close().await;
    writeln!(output, "The database is up to date.")?;
    Ok(Outcome::Done)
}
