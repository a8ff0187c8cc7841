//! `tidings audit verify`: goes along the audit log's chain.

use super::Outcome;
use crate::app::open_store;
use crate::audit::{AuditKey, Entry};
use crate::config::{Config, Flags};
use crate::store::Store;
use std::error::Error;
use std::io::Write;

const SLICE: i64 = 1000;

/// The arguments of `tidings audit`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Check that no entry was changed, put in or taken out; exit code 1 if one was
    Verify(Verify),
}

#[derive(Debug, clap::Args)]
struct Verify {
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
        let Command::Verify(verify) = &self.command;
        &verify.flags
    }
}

/// Goes along the chain.
///
/// # Errors
/// The database can't be opened or read.
pub async fn run(args: Args, config: Config, output: &mut dyn Write) -> Result<Outcome, Box<dyn Error>> {
    let Command::Verify(verify) = args.command;
    let store = open_store(&config).await?;
    let key = AuditKey::new(config.secret.expose().as_bytes());
    let (entries, broken) = walk(&store, &key).await?;
    store.close().await;
    if verify.json {
        let reason = broken.as_ref().map(|(_, what)| *what);
        let broken = broken.as_ref().map(|(id, _)| id.to_string());
        let (valid, at) = (broken.is_none(), broken);
        let answer =
            serde_json::json!({ "valid": valid, "entries": entries, "broken_at": at, "reason": reason });
        writeln!(output, "{answer}")?;
    } else {
        match &broken {
            None => writeln!(output, "The audit log holds: {entries} entries, none changed or missing.")?,
            Some((id, what)) => writeln!(
                output,
                "The audit log does NOT hold: {what} at entry {id}, after {entries} good ones."
            )?,
        }
    }
    Ok(if broken.is_none() { Outcome::Done } else { Outcome::Failed })
}

/// How many entries fit, and where the first is that does not.
async fn walk(store: &Store, key: &AuditKey) -> sqlx::Result<(i64, Option<(i64, &'static str)>)> {
    let (mut previous, mut after, mut entries) = (String::new(), 0, 0);
    let head = loop {
        // What a server adds meanwhile comes in a slice after a head that knows nothing of it.
        let head = store.audit_head().await?;
        let rows = store.audit_chain(after, SLICE).await?;
        let Some(last) = rows.last() else { break head };
        after = last.id;
        for row in &rows {
            let entry: Entry = row.entry();
            match key.follow(previous, [(&entry, row.hash.as_str())]) {
                Ok(hash) => previous = hash,
                Err(id) => return Ok((entries, Some((id, "something was changed or taken out")))),
            }
            entries += 1;
        }
    };
    let wrong = match head {
        None => Some("the log's head is missing"),
        Some(head) if head.entries != entries || head.hash != previous || head.last != after => {
            Some("the end is missing or the head was changed")
        }
        Some(head) if head.seal.is_empty() => {
            Some("the end is not sealed yet (the server does it when it starts)")
        }
        Some(head) if !head.is_sealed(key) => Some("the end is missing: the head's seal does not fit"),
        Some(_) => None,
    };
    Ok((entries, wrong.map(|what| (after, what))))
}
