//! `tidings templates …`: what we say, and your own wordings of it.

mod files;
mod look;
mod preview;

use super::{Misuse, Outcome};
use crate::app::open_inbox;
use crate::config::{Config, Flags};
use crate::conversation::Inbox;
use crate::texts::Fault;
use std::error::Error;
use std::io::{BufRead, Write};
use std::path::PathBuf;

/// The arguments of `tidings templates`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List every template in every locale
    List(List),
    /// Show a template's words and what it may use
    Show(Show),
    /// Check the files of a folder, or what is in force
    Check(Check),
    /// Say what a template says with sample values, and what that takes
    Preview(Preview),
    /// Write what is in force to files, LOCALE/NAME.txt
    Export(Export),
    /// Put the files of a folder in force
    Import(Import),
}

#[derive(Debug, clap::Args)]
struct Common {
    /// Answer in JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Debug, clap::Args)]
struct List {
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, clap::Args)]
struct Show {
    /// The template
    name: String,
    /// The locale [default: that of new contacts]
    locale: Option<String>,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, clap::Args)]
struct Check {
    /// A folder as `export` writes it; left out, what is in force is checked
    folder: Option<PathBuf>,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, clap::Args)]
struct Preview {
    /// The template
    name: String,
    /// The locale
    locale: String,
    /// Words to try in the place of those in force; - for standard input
    #[arg(long, value_name = "FILE")]
    body: Option<PathBuf>,
    /// A value to try, e.g. name=Maria; repeat it for others
    #[arg(long = "var", value_name = "NAME=VALUE")]
    variables: Vec<String>,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, clap::Args)]
struct Export {
    /// A folder that is new or empty
    folder: PathBuf,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, clap::Args)]
struct Import {
    /// A folder as `export` writes it; templates without a file in it stay as they are
    folder: PathBuf,
    /// Only say what would be done
    #[arg(long)]
    dry_run: bool,
    /// Why, for whoever reads the versions
    #[arg(long, default_value = "")]
    note: String,
    #[command(flatten)]
    common: Common,
}

impl Args {
    /// The settings given as flags.
    #[must_use]
    pub fn flags(&self) -> &Flags {
        let common = match &self.command {
            Command::List(args) => &args.common,
            Command::Show(args) => &args.common,
            Command::Check(args) => &args.common,
            Command::Preview(args) => &args.common,
            Command::Export(args) => &args.common,
            Command::Import(args) => &args.common,
        };
        &common.flags
    }
}

/// Does what is asked for.
///
/// # Errors
/// A file or the database can't be read or written.
pub async fn run(
    args: Args,
    config: Config,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
) -> Result<Outcome, Box<dyn Error>> {
    let inbox = open_inbox(&config).await?;
    let outcome = match args.command {
        Command::List(args) => look::list(&args, &inbox, output).await,
        Command::Show(args) => look::show(&args, &inbox, output).await,
        Command::Check(args) => files::check(&args, &inbox, output).await,
        Command::Preview(args) => preview::run(&args, &inbox, input, output).await,
        Command::Export(args) => files::export(&args, &inbox, output).await,
        Command::Import(args) => files::import(&args, &config, &inbox, output).await,
    };
    inbox.store.close().await;
    outcome
}

/// The template of this name, or what there is.
async fn find(inbox: &Inbox, name: &str, locale: &str) -> Result<crate::templates::Standing, Box<dyn Error>> {
    crate::templates::find(inbox, name, locale).await?.ok_or_else(|| {
        let problem = format!("there is none in {locale}: `tidings templates list` shows them");
        Misuse::of(&format!("template {name}"), problem).into()
    })
}

/// Writes faults, one a line.
fn tell(faults: &[Fault], output: &mut dyn Write) -> std::io::Result<()> {
    faults.iter().try_for_each(|fault| writeln!(output, "  {fault}"))
}
