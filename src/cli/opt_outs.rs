//! `tidings opt-outs import|export`: who must not be written to, as CSV.

use super::Outcome;
use super::record::record_before;
use crate::app;
use crate::config::{Config, Flags};
use crate::conversation::{Note, OptOutList, write_opt_outs};
use crate::store::OptedOutRow;
use jiff::Timestamp;
use serde_json::json;
use std::error::Error;
use std::io::{self, BufRead, Write};
use std::path::PathBuf;

/// The arguments of `tidings opt-outs`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Opt out every number of a CSV file; its column `phone_number` counts, others are ignored
    Import(Import),
    /// Write everybody who is opted out, as CSV if not told otherwise
    Export(Export),
}

#[derive(Debug, clap::Args)]
struct Import {
    /// The file; - for standard input
    file: PathBuf,
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
struct Export {
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
            Command::Export(export) => &export.flags,
        }
    }
}

/// Imports or exports.
///
/// # Errors
/// The file or the database can't be read or written.
pub async fn run(
    args: Args,
    config: Config,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
) -> Result<Outcome, Box<dyn Error>> {
    match args.command {
        Command::Import(import) => run_import(&import, &config, input, output).await,
        Command::Export(export) => run_export(&export, &config, output).await,
    }
}

async fn run_import(
    import: &Import,
    config: &Config,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
) -> Result<Outcome, Box<dyn Error>> {
    let OptOutList { phones, refused } = read_list(import, config, input)?;
    let inbox = app::open_inbox(config).await?;
    let note = Note { actor: "operator", reason: None, evidence: None };
    if !import.dry_run {
        let subject = format!("{} numbers", phones.len());
        record_before(&inbox, config, "tidings opt-outs import", subject).await?;
    }
    let opted_out = inbox.import_opt_outs(&phones, note, import.dry_run).await?;
    inbox.store.close().await;
    for (line, problem) in &refused {
        eprintln!("line {line}: {problem}");
    }
    let already = phones.len() - opted_out;
    if import.json {
        let refused: Vec<_> =
            refused.iter().map(|(line, problem)| json!({"line": line, "reason": problem})).collect();
        let answer = json!({"opted_out": opted_out, "already": already, "refused": refused, "dry_run": import.dry_run});
        writeln!(output, "{answer}")?;
    } else {
        let would = if import.dry_run { "would be opted out" } else { "opted out" };
        writeln!(output, "{opted_out} {would}, {already} were already, {} lines refused", refused.len())?;
    }
    Ok(if refused.is_empty() { Outcome::Done } else { Outcome::Failed })
}

fn read_list(
    import: &Import,
    config: &Config,
    input: &mut dyn BufRead,
) -> Result<OptOutList, Box<dyn Error>> {
    if import.file.as_os_str() == "-" {
        return Ok(OptOutList::read(input, config.default_region)?);
    }
    let file = std::fs::File::open(&import.file);
    let file = file.map_err(|error| format!("{}: {error}", import.file.display()))?;
    Ok(OptOutList::read(file, config.default_region)?)
}

async fn run_export(
    export: &Export,
    config: &Config,
    output: &mut dyn Write,
) -> Result<Outcome, Box<dyn Error>> {
    const SLICE: i64 = 1000;
    let store = app::open_store(config).await?;
    let mut after = 0;
    let mut first = true;
    loop {
        let rows = store.opted_out(after, SLICE).await?;
        if export.json {
            write_items(&mut *output, &rows, first)?;
        } else {
            write_opt_outs(&mut *output, &rows, first)?;
        }
        first = false;
        let Some(last) = rows.last() else { break };
        after = last.id;
    }
    store.close().await;
    Ok(Outcome::Done)
}

/// Writes a slice of the one object that all slices make; the empty one is the last.
fn write_items(output: &mut dyn Write, rows: &[OptedOutRow], first: bool) -> io::Result<()> {
    if first {
        write!(output, "{{\"items\":[")?;
    }
    for (at, row) in rows.iter().enumerate() {
        let comma = if first && at == 0 { "" } else { "," };
        let opted_out_at = row.created_at.and_then(|at| Timestamp::from_millisecond(at).ok());
        let opted_out_at = opted_out_at.map(|at| format!("{at:.0}"));
        let item = json!({"phone_number": row.address, "how": row.how, "opted_out_at": opted_out_at});
        write!(output, "{comma}{item}")?;
    }
    if rows.is_empty() {
        writeln!(output, "]}}")?;
    }
    Ok(())
}
