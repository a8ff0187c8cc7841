//! `tidings contacts import`.

use super::Import;
use super::results::{Answer, Results, beside};
use super::rows::{Row, Rows};
use crate::app::open_inbox;
use crate::cli;
use crate::cli::progress::bar;
use crate::cli::record::{record_before, without_numbers};
use crate::config::Config;
use crate::conversation::{Imported, Inbox, Outcome};
use crate::roster::{Entry, House};
use crate::table::TableError;
use std::error::Error;
use std::io::Write;
use std::path::Path;

/// Lines in a transaction.
const SLICE: usize = 1000;

pub(super) async fn run(
    args: &Import,
    config: &Config,
    output: &mut dyn Write,
) -> Result<cli::Outcome, Box<dyn Error>> {
    let mut rows = Rows::open(&args.file)?;
    let path = args.results.clone().unwrap_or_else(|| beside(&args.file));
    let mut results = Results::create(&path, &args.file)?;
    let inbox = open_inbox(config).await?;
    let source = args.file.file_name().unwrap_or_default().to_string_lossy();
    if !args.dry_run {
        let subject = format!("file {}", without_numbers(&source));
        record_before(&inbox, config, "tidings contacts import", subject).await?;
    }
    let house = House { default_region: config.default_region, languages: inbox.texts.locales() };
    let progress = bar(rows.bytes, "of the file");
    loop {
        let slice = read_slice(&mut rows, house)?;
        if slice.is_empty() {
            break;
        }
        for answer in apply(&inbox, slice, &source, args.dry_run).await? {
            results.add(&answer)?;
        }
        results.flush()?;
        progress.set_position(rows.position());
    }
    progress.finish_and_clear();
    results.flush()?;
    inbox.store.close().await;
    summary(args, rows.columns.ignored(), &results, &path, output)?;
    let refused = results.count(Outcome::Refused) > 0;
    Ok(if refused { cli::Outcome::Failed } else { cli::Outcome::Done })
}

fn read_slice(rows: &mut Rows, house: House) -> Result<Vec<Row>, TableError> {
    let mut slice = Vec::with_capacity(SLICE);
    while slice.len() < SLICE {
        let Some(row) = rows.next(house)? else { break };
        slice.push(row);
    }
    Ok(slice)
}

/// Applies a slice in one transaction and says of each line, in order, what came of it.
async fn apply(inbox: &Inbox, slice: Vec<Row>, source: &str, dry_run: bool) -> sqlx::Result<Vec<Answer>> {
    let entries: Vec<Entry> = slice.iter().filter_map(|row| row.entry.as_ref().ok().cloned()).collect();
    let imported =
        if entries.is_empty() { Vec::new() } else { inbox.import_roster(&entries, source, dry_run).await? };
    let mut imported = imported.into_iter();
    let lines = slice.into_iter().map(|row| {
        let (number, came) = match row.entry {
            Err(fault) => (row.cell, Imported { outcome: Outcome::Refused, reason: Some(fault) }),
            Ok(entry) => (
                entry.phone.to_string(),
                // There is one answer for each entry.
                imported.next().unwrap_or(Imported { outcome: Outcome::Refused, reason: None }),
            ),
        };
        Answer { line: row.line, number, outcome: came.outcome, reason: came.reason }
    });
    Ok(lines.collect())
}

fn summary(
    args: &Import,
    ignored: &[String],
    results: &Results,
    path: &Path,
    output: &mut dyn Write,
) -> std::io::Result<()> {
    let all = [Outcome::Created, Outcome::Updated, Outcome::Unchanged, Outcome::Refused];
    let [created, updated, unchanged, refused] = all.map(|outcome| results.count(outcome));
    if args.json {
        let answer = serde_json::json!({
            "created": created, "updated": updated, "unchanged": unchanged, "refused": refused,
            "ignored_columns": ignored, "results": path, "dry_run": args.dry_run,
        });
        return writeln!(output, "{answer}");
    }
    if !ignored.is_empty() {
        writeln!(output, "These columns were not read: {}", ignored.join(", "))?;
    }
    let would = if args.dry_run { "Dry run, nothing was changed: " } else { "" };
    writeln!(
        output,
        "{would}{created} created, {updated} updated, {unchanged} unchanged, {refused} refused"
    )?;
    writeln!(output, "What came of each line: {}", path.display())
}
