//! `tidings contacts register-all`.

use super::RegisterAll;
use crate::app::open_inbox;
use crate::cli::Outcome;
use crate::cli::progress::bar;
use crate::cli::record::record_before;
use crate::config::Config;
use std::error::Error;
use std::io::Write;

/// Contacts in a transaction.
const SLICE: i64 = 500;

pub(super) async fn run(
    args: &RegisterAll,
    config: &Config,
    output: &mut dyn Write,
) -> Result<Outcome, Box<dyn Error>> {
    let inbox = open_inbox(config).await?;
    let (waiting, under_way) = inbox.store.count_to_register().await?;
    let waiting = u64::try_from(waiting)?;
    let mut registered = 0;
    if args.dry_run {
        registered = waiting;
    } else {
        let subject = format!("{waiting} contacts");
        record_before(&inbox, config, "tidings contacts register-all", subject).await?;
        let progress = bar(waiting, "contacts");
        let mut after = 0;
        while let Some(slice) = inbox.register_slice(after, SLICE).await? {
            after = slice.last;
            registered += u64::try_from(slice.registered)?;
            progress.inc(u64::try_from(slice.seen)?);
        }
        progress.finish_and_clear();
    }
    inbox.store.close().await;
    if args.json {
        let answer = serde_json::json!({
            "registered": registered, "registering_by_text": under_way, "dry_run": args.dry_run,
        });
        writeln!(output, "{answer}")?;
    } else {
        let verb = if args.dry_run {
            "would be registered and welcomed"
        } else {
            "registered, their welcome is queued"
        };
        writeln!(output, "{registered} {verb}; {under_way} are registering by text and were left alone")?;
    }
    Ok(Outcome::Done)
}
