//! `tidings phone`: a handset in the terminal, for the demo that runs on this machine. On a pipe it sends
//! each line as a text and prints the replies.

mod line;
mod paint;
mod remote;
mod script;
mod terminal;

use super::{Misuse, Outcome};
use crate::config::{self, ConfigError, Values};
use remote::{Remote, Trouble};
use std::error::Error;
use std::io::{BufRead, IsTerminal as _, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Where the demo runs if nobody says otherwise.
pub(super) const DEFAULT_URL: &str = "http://127.0.0.1:8080";

/// Text with the demo from this terminal. Ctrl-D leaves.
///
/// When its input is not a terminal, each line is sent as a text and the replies are printed; `{code}` in a
/// line becomes the code that the phone was sent last.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// The number to text from, with `whatsapp:` before it to text on WhatsApp.
    #[arg(long, value_name = "NUMBER", default_value = crate::web::demo::FIRST_HANDSET)]
    pub from: String,
    /// Where the demo runs [default: where `TIDINGS_LISTEN` says].
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
}

/// How this machine reaches a server that listens on `address`.
pub(super) fn url_at(mut address: SocketAddr) -> String {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    format!("http://{address}")
}

/// Runs the command until its input ends. `values` are asked only where no `--url` was given.
///
/// # Errors
/// No demo answers, or a text was not taken.
pub async fn run(
    args: Args,
    values: impl FnOnce() -> Result<Values, ConfigError>,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
) -> Result<Outcome, Box<dyn Error>> {
    let url = match args.url {
        Some(url) => url,
        None => url_at(config::listen(&values()?)?),
    };
    let remote = Remote::new(&url, &args.from).map_err(|trouble| match trouble {
        Trouble::Address(_) => Box::<dyn Error>::from(Misuse(trouble.to_string())),
        other => other.into(),
    })?;
    let state = remote.state().await.map_err(|trouble| match trouble {
        Trouble::Wrong(problem) => Box::<dyn Error>::from(Misuse::of("--from", problem)),
        other => other.into(),
    })?;
    if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
        terminal::run(&remote, &state, output).await?;
    } else {
        script::run(&remote, input, output).await?;
    }
    Ok(Outcome::Done)
}
