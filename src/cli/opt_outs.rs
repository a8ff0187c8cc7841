//! `tidings opt-outs import|export`: who must not be written to, as CSV.

use super::Outcome;
use crate::app::open_store;
use crate::clock::Clock;
use crate::config::{Config, Flags};
use crate::conversation::{OptOutImport, SuppressionKey};
use crate::phone::Phone;
use jiff::Timestamp;
use std::error::Error;
use std::io::{BufRead, Read, Write};
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
    /// Write everybody who is opted out as CSV
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
        Command::Export(_) => run_export(&config, output).await,
    }
}

async fn run_import(
    import: &Import,
    config: &Config,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
) -> Result<Outcome, Box<dyn Error>> {
    let (phones, refused) = read_numbers(import, config, input)?;
    let store = open_store(config).await?;
    let clock = Clock::system();
    let job = OptOutImport {
        ids: store.new_ids().await?,
        suppression_key: SuppressionKey::new(config.secret.expose().as_bytes()),
        locale: config.default_locale.clone(),
        time_zone: config.default_time_zone.clone(),
    };
    let mut opted_out = 0;
    for slice in phones.chunks(256) {
        opted_out += job.apply(&store, slice, clock.now(), import.dry_run).await?;
    }
    store.close().await;
    for (line, problem) in &refused {
        eprintln!("line {line}: {problem}");
    }
    let already = phones.len() - opted_out;
    if import.json {
        let refused: Vec<_> = refused
            .iter()
            .map(|(line, problem)| serde_json::json!({"line": line, "reason": problem}))
            .collect();
        let answer = serde_json::json!({"opted_out": opted_out, "already": already, "refused": refused, "dry_run": import.dry_run});
        writeln!(output, "{answer}")?;
    } else {
        let would = if import.dry_run { "would be opted out" } else { "opted out" };
        writeln!(output, "{opted_out} {would}, {already} were already, {} lines refused", refused.len())?;
    }
    Ok(if refused.is_empty() { Outcome::Done } else { Outcome::Failed })
}

type Refused = Vec<(u64, String)>;

fn read_numbers(
    import: &Import,
    config: &Config,
    input: &mut dyn BufRead,
) -> Result<(Vec<Phone>, Refused), Box<dyn Error>> {
    let mut file;
    let source: &mut dyn Read = if import.file.as_os_str() == "-" {
        input
    } else {
        let open = std::fs::File::open(&import.file);
        file = open.map_err(|error| format!("{}: {error}", import.file.display()))?;
        &mut file
    };
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(source);
    let column =
        reader.headers()?.iter().position(|name| name.trim_start_matches('\u{feff}') == "phone_number");
    let column = column.ok_or("the file needs a first line with the column phone_number")?;
    let (mut phones, mut refused) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let record = record?;
        let line = record.position().map_or(0, csv::Position::line);
        // Exports guard a leading + with an apostrophe, so that spreadsheets take it for text.
        let text = record.get(column).unwrap_or_default().trim_start_matches('\'');
        match Phone::parse(text, config.default_region) {
            Ok(phone) => phones.push(phone),
            Err(error) => refused.push((line, error.to_string())),
        }
    }
    phones.sort_unstable();
    phones.dedup();
    Ok((phones, refused))
}

async fn run_export(config: &Config, output: &mut dyn Write) -> Result<Outcome, Box<dyn Error>> {
    const SLICE: i64 = 1000;
    let store = open_store(config).await?;
    let mut writer = csv::Writer::from_writer(output);
    writer.write_record(["phone_number", "how", "opted_out_at"])?;
    let mut after = 0;
    loop {
        let rows = store.opted_out(after, SLICE).await?;
        let Some(last) = rows.last() else { break };
        after = last.id;
        for row in &rows {
            let at = row.created_at.and_then(|at| Timestamp::from_millisecond(at).ok());
            let at = at.map(|at| at.to_string()).unwrap_or_default();
            writer.write_record([
                format!("'{}", row.address).as_str(),
                row.how.as_deref().unwrap_or_default(),
                &at,
            ])?;
        }
    }
    writer.flush()?;
    store.close().await;
    Ok(Outcome::Done)
}
