//! `tidings token add`: makes an API token and prints it once.

use super::record::record;
use super::{Misuse, Outcome};
use crate::api::{SCOPES, check_token_name, hash_token, new_token};
use crate::app::{clock, open_store};
use crate::config::{Config, Flags};
use crate::store::TokenEntry;
use std::error::Error;
use std::io::Write;

/// The arguments of `tidings token`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Make a token; it is printed once and only its hash is kept
    Add(Add),
}

#[derive(Debug, clap::Args)]
struct Add {
    /// What the token is for, so that you know which one to revoke
    name: String,
    /// What it may do; repeat it, or separate with commas
    #[arg(long = "scope", required = true, value_delimiter = ',', value_parser = clap::builder::PossibleValuesParser::new(SCOPES.iter().map(|(name, _)| *name)))]
    scopes: Vec<String>,
    /// Make a test token: what it sends never reaches a phone
    #[arg(long)]
    test: bool,
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
        let Command::Add(add) = &self.command;
        &add.flags
    }
}

/// Makes the token.
///
/// # Errors
/// The database can't be opened or written.
pub async fn run(args: Args, config: Config, output: &mut dyn Write) -> Result<Outcome, Box<dyn Error>> {
    let Command::Add(add) = args.command;
    let name = check_token_name(&add.name).map_err(|error| Misuse(format!("the token's name {error}")))?;
    let store = open_store(&config).await?;
    let now = clock(&config, &store).await?.now();
    let id = store.new_ids().await?.next(now);
    let token = new_token()?;
    let entry = TokenEntry {
        id,
        name: name.clone(),
        scopes: add.scopes.join(" "),
        kind: if add.test { "test" } else { "live" }.to_owned(),
        created_by: None,
        created_at: now.as_millisecond(),
        revoked_at: None,
    };
    let mut tx = store.begin().await?;
    tx.put_token(&entry, &hash_token(&token)).await?;
    record(&mut tx, &config, (id, now), "tidings token add", format!("id {id}")).await?;
    tx.commit().await?;
    store.close().await;
    if add.json {
        let answer =
            serde_json::json!({ "name": name, "scopes": add.scopes, "test": add.test, "token": token });
        writeln!(output, "{answer}")?;
    } else {
        writeln!(output, "{token}")?;
        eprintln!("Keep it: it is not shown again. Use it as \"Authorization: Bearer {}…\".", &token[..8]);
    }
    Ok(Outcome::Done)
}
