//! `tidings contacts import|register-all`: people from a list.

mod import;
mod register;
mod results;
mod rows;

use super::Outcome;
use crate::config::{Config, Flags};
use std::error::Error;
use std::io::Write;
use std::path::PathBuf;

/// The arguments of `tidings contacts`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Add and update contacts from a CSV file
    Import(Import),
    /// Register every contact who agreed to be written to, and send the welcome
    RegisterAll(RegisterAll),
}

#[derive(Debug, clap::Args)]
struct Import {
    /// A CSV file with the column `phone_number`, and name, locale, `time_zone` and consent if it has them
    file: PathBuf,
    /// Where to write what came of each line [default: FILE.results.csv, beside the file]
    #[arg(long, value_name = "PATH")]
    results: Option<PathBuf>,
    /// Only say what would be done
    #[arg(long)]
    dry_run: bool,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Debug, clap::Args)]
struct RegisterAll {
    /// Only say how many there are
    #[arg(long)]
    dry_run: bool,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: Flags,
}

impl Args {
    /// The settings given as flags.
    #[must_use]
    pub fn flags(&self) -> &Flags {
        match &self.command {
            Command::Import(import) => &import.flags,
            Command::RegisterAll(register) => &register.flags,
        }
    }
}

/// Imports or registers.
///
/// # Errors
/// The file or the database can't be read or written.
pub async fn run(args: Args, config: Config, output: &mut dyn Write) -> Result<Outcome, Box<dyn Error>> {
    match args.command {
        Command::Import(args) => import::run(&args, &config, output).await,
        Command::RegisterAll(args) => register::run(&args, &config, output).await,
    }
}
