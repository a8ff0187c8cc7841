//! `tidings admin add`: makes an account for an admin, or makes an admin of one.

use super::record::record;
use super::{Misuse, Outcome};
use crate::accounts::{Email, Hasher, Role, check_full_name, new_token, password};
use crate::app::{clock, open_store};
use crate::config::{Config, Flags};
use crate::store::NewAccount;
use std::error::Error;
use std::io::{BufRead, Write};

/// The arguments of `tidings admin`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Make an account for an admin; of an account that is there, its role and password change
    Add(Add),
}

#[derive(Debug, clap::Args)]
struct Add {
    /// Their email address
    email: String,
    /// Their name
    #[arg(long, default_value = "Admin")]
    name: String,
    /// Read the password from standard input; without this one is made and printed once
    #[arg(long)]
    password_stdin: bool,
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

/// Makes the account. With a pipe at `input`, its first line is the password, as with
/// `--password-stdin`.
///
/// # Errors
/// The email address or the password will not do, or the database can't be opened or written.
pub async fn run(
    args: Args,
    config: Config,
    input: &mut dyn BufRead,
    piped: bool,
    output: &mut dyn Write,
) -> Result<Outcome, Box<dyn Error>> {
    let Command::Add(add) = args.command;
    let email = Email::parse(&add.email).map_err(|error| Misuse::of("EMAIL", error))?;
    let name = check_full_name(&add.name).map_err(|error| Misuse::of("--name", error))?;
    let given = if add.password_stdin || piped { first_line(input)? } else { None };
    if add.password_stdin && given.is_none() {
        return Err("expected a password on standard input".into());
    }
    let generated = given.is_none();
    let password = match given {
        Some(password) => password,
        None => new_token()?.trim_start_matches("tid_").to_owned(),
    };
    password::check(&password, email.as_str(), false)?;
    let hash = Hasher::new()?.hash(password.clone()).await?;
    let created = put(&config, &email, &name, &hash).await?;
    let shown = generated.then_some(&password);
    if add.json {
        let answer = serde_json::json!({ "email": email.as_str(), "created": created, "password": shown });
        writeln!(output, "{answer}")?;
    } else {
        let done = if created { "is an admin now" } else { "was there and is an admin now" };
        eprintln!("{} {done}.", email.as_str());
        if let Some(password) = shown {
            writeln!(output, "{password}")?;
            eprintln!("This is the password; it is not shown again.");
        }
    }
    Ok(Outcome::Done)
}

fn first_line(input: &mut dyn BufRead) -> Result<Option<String>, Box<dyn Error>> {
    let mut line = String::new();
    input.read_line(&mut line)?;
    let line = line.trim_end_matches(['\r', '\n']);
    Ok((!line.is_empty()).then(|| line.to_owned()))
}

/// Adds the account; false if it was there, and then role and password were changed.
async fn put(config: &Config, email: &Email, name: &str, hash: &str) -> Result<bool, Box<dyn Error>> {
    let store = open_store(config).await?;
    let at = clock(config, &store).await?.now();
    let ids = store.new_ids().await?;
    let (mut id, now) = (ids.next(at), at.as_millisecond());
    let new = NewAccount {
        id,
        email: email.as_str(),
        email_key: &email.key(),
        password_hash: hash,
        full_name: name,
        role: Role::Admin.as_str(),
        locale: None,
        time_zone: None,
        now,
    };
    let mut tx = store.begin().await?;
    let created = tx.add_account(&new).await?;
    if !created {
        id = store.account_by_email(&email.key()).await?.ok_or(sqlx::Error::RowNotFound)?.id;
        let mut row = tx.lock_account(id).await?.ok_or(sqlx::Error::RowNotFound)?;
        hash.clone_into(&mut row.password_hash);
        Role::Admin.as_str().clone_into(&mut row.role);
        (row.disabled_at, row.updated_at) = (None, now);
        tx.save_account(&row).await?;
        tx.end_sessions(row.id).await?;
    }
    record(&mut tx, config, (ids.next(at), at), "tidings admin add", format!("account {id}")).await?;
    tx.commit().await?;
    store.close().await;
    Ok(created)
}
