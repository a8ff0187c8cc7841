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
    if !args.dry_run {
        let subject = format!("{waiting} contacts");
        record_before(&inbox, config, "tidings contacts register-all", subject).await?;
    }
    let progress = bar(waiting, "contacts");
    let (mut after, mut registered, mut premium_rate) = (0, 0, 0);
    while let Some(slice) = inbox.register_slice(after, SLICE, args.dry_run).await? {
        after = slice.last;
        registered += slice.registered;
        premium_rate += slice.premium_rate;
        progress.inc(u64::try_from(slice.seen)?);
    }
    progress.finish_and_clear();
    inbox.store.close().await;
    if args.json {
        let answer = serde_json::json!({
            "registered": registered, "registering_by_text": under_way, "premium_rate": premium_rate,
            "dry_run": args.dry_run,
        });
        writeln!(output, "{answer}")?;
    } else {
        let verb = if args.dry_run {
            "would be registered and welcomed"
        } else {
            "registered, their welcome is queued"
        };
        writeln!(output, "{registered} {verb}; {under_way} are registering by text and were left alone")?;
        if premium_rate > 0 {
            writeln!(output, "{premium_rate} have premium-rate numbers, to which texts are not sent")?;
        }
    }
    Ok(Outcome::Done)
}
