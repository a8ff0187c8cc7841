//! The `tidings` program: parses the command line and runs what it asks for.

use clap::{Parser, Subcommand};
use std::io::{BufRead, IsTerminal as _, Write};
use std::process::ExitCode;
use tidings::app;
use tidings::cli::{self, Outcome};
use tidings::clock::Clock;
use tidings::config::{Config, Flags, Values, default_file};
use tokio_util::sync::CancellationToken;

/// SMS conversations on your own Twilio number. Without a subcommand, it serves.
#[derive(Parser)]
#[command(name = "tidings", version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server; without Twilio credentials, as a demo
    Serve(Settings),
    /// Text with the demo from this terminal
    Phone(cli::phone::Args),
    /// Run the simulated Twilio alone
    Carrier(cli::carrier::Args),
    /// Bring the database to this version
    Migrate(cli::migrate::Args),
    /// Copy the SQLite database into a new file while it is in use, and check the copy
    Backup(cli::backup::Args),
    /// Make a backup the SQLite database, where there is none
    Restore(cli::restore::Args),
    /// Check credentials, webhook URL, signature, database and clock, and say what to do
    Doctor(cli::doctor::Args),
    /// Admins
    Admin(cli::admin::Args),
    /// API tokens
    Token(cli::token::Args),
    /// Check the audit log
    Audit(cli::audit::Args),
    /// People from a CSV file
    Contacts(cli::contacts::Args),
    /// Opt-outs, in and out as CSV
    OptOuts(cli::opt_outs::Args),
    /// Print what the REST API takes and gives, as an OpenAPI document
    Openapi,
    /// What we say, and your own wordings of it
    Templates(cli::templates::Args),
    /// Send a test message to a number
    SendTest(cli::send_test::Args),
    /// Webhook signatures
    Signature(SignatureArgs),
    /// Count a text's SMS segments and name what makes it expensive
    Segments(cli::segments::Args),
    /// Say what a text asks for, and why we think so
    Explain(cli::explain::Args),
}

#[derive(clap::Args)]
struct Settings {
    #[command(flatten)]
    flags: Flags,
}

#[derive(clap::Args)]
struct SignatureArgs {
    #[command(subcommand)]
    command: SignatureCommand,
}

#[derive(Subcommand)]
enum SignatureCommand {
    /// Check a signature, or print the one expected
    Check(cli::signature::Args),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let command = cli.command.unwrap_or(Command::Serve(Settings { flags: cli.flags }));
    let flags = command.flags().cloned().unwrap_or_default();
    match run(command) {
        Ok(outcome) => outcome.into(),
        Err(error) => {
            // One line, as the operator needs it; a closed pipe is nobody's error.
            let told = error.to_string();
            let shown = flags.name_as_given(&told);
            let closed = |error: &std::io::Error| error.kind() == std::io::ErrorKind::BrokenPipe;
            let by_csv = error
                .downcast_ref::<csv::Error>()
                .is_some_and(|error| matches!(error.kind(), csv::ErrorKind::Io(error) if closed(error)));
            if !by_csv && !error.downcast_ref::<std::io::Error>().is_some_and(closed) {
                eprintln!("tidings: {shown}");
            }
            cli::outcome_of(error.as_ref(), shown != told).into()
        }
    }
}

type Failure = Box<dyn std::error::Error>;

impl Command {
    /// The settings given as flags, where the command takes any.
    fn flags(&self) -> Option<&Flags> {
        Some(match self {
            Self::Serve(Settings { flags }) => flags,
            Self::Migrate(args) => &args.common.flags,
            Self::Backup(args) => &args.common.flags,
            Self::Restore(args) => &args.common.flags,
            Self::Doctor(args) => &args.flags,
            Self::Admin(args) => args.flags(),
            Self::Token(args) => args.flags(),
            Self::Audit(args) => args.flags(),
            Self::Contacts(args) => args.flags(),
            Self::OptOuts(args) => args.flags(),
            Self::Templates(args) => args.flags(),
            Self::SendTest(args) => args.flags(),
            _ => return None,
        })
    }
}

fn run(command: Command) -> Result<Outcome, Failure> {
    let (mut input, mut output) = (std::io::stdin().lock(), std::io::stdout().lock());
    let (input, output): (&mut dyn BufRead, &mut dyn Write) = (&mut input, &mut output);
    match command {
        Command::Segments(args) => Ok(cli::segments::run(&args, input, output)?),
        Command::Signature(SignatureArgs { command: SignatureCommand::Check(args) }) => {
            Ok(cli::signature::run(&args, input, output)?)
        }
        Command::Openapi => Ok(cli::openapi::run(output)?),
        Command::Explain(args) => Ok(cli::explain::run(&args, input, output)?),
        Command::Serve(Settings { flags }) => serve(&flags, output),
        Command::Phone(args) => {
            let values = || Values::collect(&Flags::default(), default_file());
            block_on(cli::phone::run(args, values, input, output))
        }
        Command::Carrier(args) => carrier(args),
        Command::Migrate(args) => {
            let config = Config::from_values(&values(&args.common.flags)?)?;
            block_on(cli::migrate::run(args, config, output))
        }
        Command::Backup(args) => {
            let values = values(&args.common.flags)?;
            block_on(cli::backup::run(args, values, output))
        }
        Command::Restore(args) => {
            let values = values(&args.common.flags)?;
            block_on(cli::restore::run(args, values, output))
        }
        Command::Doctor(args) => {
            let values = values(&args.flags)?;
            block_on(cli::doctor::run(args, values, output))
        }
        Command::Admin(args) => {
            let piped = !std::io::stdin().is_terminal();
            existing(args.flags())
                .and_then(|config| block_on(cli::admin::run(args, config, input, piped, output)))
        }
        Command::Token(args) => {
            existing(args.flags()).and_then(|config| block_on(cli::token::run(args, config, output)))
        }
        Command::Audit(args) => {
            existing(args.flags()).and_then(|config| block_on(cli::audit::run(args, config, output)))
        }
        Command::Contacts(args) => {
            existing(args.flags()).and_then(|config| block_on(cli::contacts::run(args, config, output)))
        }
        Command::OptOuts(args) => existing(args.flags())
            .and_then(|config| block_on(cli::opt_outs::run(args, config, input, output))),
        Command::Templates(args) => existing(args.flags())
            .and_then(|config| block_on(cli::templates::run(args, config, input, output))),
        Command::SendTest(args) => {
            existing(args.flags()).and_then(|config| block_on(cli::send_test::run(args, config, output)))
        }
    }
}

fn serve(flags: &Flags, output: &mut dyn Write) -> Result<Outcome, Failure> {
    let values = values(flags)?;
    let config = Config::from_values(&values)?;
    cli::logging::start(&values)?;
    block_on(cli::serve::run(config, output))
}

fn carrier(args: cli::carrier::Args) -> Result<Outcome, Failure> {
    cli::logging::start(&values(&Flags::default())?)?;
    block_on(async {
        let stop = CancellationToken::new();
        cli::serve::cancel_on_signal(stop.clone())?;
        cli::carrier::run(args, Clock::system(), stop).await?;
        Ok(Outcome::Done)
    })
}

fn values(flags: &Flags) -> Result<Values, Failure> {
    Ok(Values::collect(flags, default_file())?)
}

/// The settings of a command that works on a database that is there.
fn existing(flags: &Flags) -> Result<Config, Failure> {
    Ok(Config::of_existing(&values(flags)?)?)
}

fn block_on(work: impl Future<Output = Result<Outcome, Failure>>) -> Result<Outcome, Failure> {
    app::runtime()?.block_on(work)
}

#[test]
fn the_command_line_makes_sense() {
    use clap::CommandFactory as _;
    Cli::command().debug_assert();
}
