//! `tidings backup FILE`: the SQLite database as it is now, while it is in use.

use super::Outcome;
use super::place::{Common, Draft, no_pipe, sqlite_file};
use super::record::{record_before, without_numbers};
use crate::app::open_inbox;
use crate::config::{Config, Values};
use crate::store;
use std::error::Error;
use std::io::Write;
use std::path::PathBuf;

/// The arguments of `tidings backup`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The file to make; one that is there is never written over
    file: PathBuf,
    /// The rest.
    #[command(flatten)]
    pub common: Common,
}

/// What backs PostgreSQL up.
const PG_DUMP: &str = "back it up with `pg_dump --format=custom --file=FILE \"$DATABASE_URL\"`";

/// Copies the database into a new file and checks the copy.
///
/// # Errors
/// It is PostgreSQL's or not there, the file is there or can't be written, or the copy is not sound.
pub async fn run(args: Args, values: Values, output: &mut dyn Write) -> Result<Outcome, Box<dyn Error>> {
    sqlite_file(&values, PG_DUMP)?;
    no_pipe(&args.file)?;
    let config = Config::of_existing(&values)?;
    let draft = Draft::beside(&args.file)?;
    let inbox = open_inbox(&config).await?;
    let name = args.file.file_name().map(|name| without_numbers(&name.to_string_lossy())).unwrap_or_default();
    record_before(&inbox, &config, "tidings backup", name).await?;
    let copied = inbox.store.copy_into(draft.path()).await;
    inbox.store.close().await;
    copied.map_err(|error| store::explain(&error))?;
    if let Some(fault) = store::check_file(draft.path()).await.map_err(|error| store::explain(&error))? {
        return Err(format!("the copy is not sound, so it was not kept: {fault}").into());
    }
    let bytes = draft.keep()?;
    if args.common.json {
        let answer = serde_json::json!({ "file": args.file, "bytes": bytes, "checked": true });
        writeln!(output, "{answer}")?;
    } else {
        writeln!(
            output,
            "Backed up {} to {}: {bytes} bytes, checked.",
            config.database,
            args.file.display()
        )?;
        writeln!(
            output,
            "Keep the secret as well, in another place than this file: without it nothing can be restored."
        )?;
    }
    Ok(Outcome::Done)
}
