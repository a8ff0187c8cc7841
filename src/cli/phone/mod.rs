//! `tidings phone`: a handset in the terminal, for the demo that runs on this machine. On a pipe it sends
//! each line as a text and prints the replies.

mod line;
mod paint;
mod remote;
mod script;
mod terminal;

use super::Outcome;
use remote::Remote;
use std::error::Error;
use std::io::{BufRead, IsTerminal as _, Write};

/// Text with the demo from this terminal. Ctrl-D leaves.
///
/// When its input is not a terminal, each line is sent as a text and the replies are printed; `{code}` in a
/// line becomes the code that the phone was sent last.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// The number to text from.
    #[arg(long, value_name = "NUMBER", default_value = crate::web::demo::FIRST_HANDSET)]
    pub from: String,
    /// Where the demo runs.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    pub url: String,
}

/// Runs the command until its input ends.
///
/// # Errors
/// No demo answers, or a text was not taken.
pub async fn run(
    args: Args,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
) -> Result<Outcome, Box<dyn Error>> {
    let remote = Remote::new(&args.url, &args.from)?;
    let state = remote.state().await?;
    if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
        terminal::run(&remote, &state, output).await?;
    } else {
        script::run(&remote, input, output).await?;
    }
    Ok(Outcome::Done)
}
