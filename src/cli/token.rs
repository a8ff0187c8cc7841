//! `tidings token add`: makes an API token and prints it once.

use super::Outcome;
use crate::api::{SCOPES, hash_token, new_token};
use crate::app::open_store;
use crate::clock::Clock;
use crate::config::{Config, Flags};
use crate::visible::is_visible;
use std::error::Error;
use std::io::Write;

/// The longest name, as in the API.
const LONGEST_NAME: usize = 100;

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
    #[arg(value_parser = read_name)]
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
    let store = open_store(&config).await?;
    let now = Clock::system().now();
    let id = store.new_ids().await?.next(now);
    let token = new_token()?;
    store.add_token(id, &add.name, &hash_token(&token), &add.scopes.join(" "), now.as_millisecond()).await?;
    if add.test {
        store.make_test_token(&hash_token(&token)).await?;
    }
    store.close().await;
    if add.json {
        let answer =
            serde_json::json!({ "name": add.name, "scopes": add.scopes, "test": add.test, "token": token });
        writeln!(output, "{answer}")?;
    } else {
        writeln!(output, "{token}")?;
        eprintln!("Keep it: it is not shown again. Use it as \"Authorization: Bearer {}…\".", &token[..8]);
    }
    Ok(Outcome::Done)
}

/// Reads the name of a token; nobody could tell one without a name from another.
fn read_name(text: &str) -> Result<String, String> {
    let name = text.trim();
    let fits = is_visible(name) && name.chars().count() <= LONGEST_NAME && !name.contains(char::is_control);
    if fits {
        Ok(name.to_owned())
    } else {
        Err(format!("must have 1 to {LONGEST_NAME} printable characters"))
    }
}

#[test]
fn a_token_has_a_name_that_can_be_read() {
    assert_eq!(read_name(" front desk ").as_deref(), Ok("front desk"));
    for name in ["", "  ", "\u{200b}", "a\nb", &"a".repeat(LONGEST_NAME + 1)] {
        assert!(read_name(name).is_err(), "{name:?}");
    }
}
