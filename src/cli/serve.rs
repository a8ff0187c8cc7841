//! `tidings serve`: runs the server until it is told to stop.

use super::Outcome;
use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, Database};
use crate::dialog::words;
use std::error::Error;
use std::io::{self, Write};
use std::net::SocketAddr;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Serves until SIGTERM or SIGINT; a second signal ends the process at once.
///
/// # Errors
/// What stopped the start, in one line.
pub async fn run(config: Config, output: &mut dyn Write) -> Result<Outcome, Box<dyn Error>> {
    let clock = match config.twilio {
        Some(_) => Clock::system(),
        // The demo's clock can be moved, also when it starts at the right time.
        None => Clock::starting_at(config.demo_clock.unwrap_or_else(|| Clock::system().now())),
    };
    let stop = CancellationToken::new();
    cancel_on_signal(stop.clone())?;
    // Beside the start and ended with the process: no text waits for it but one that comes at once.
    std::thread::Builder::new().name("words".to_owned()).spawn(words::prepare)?;
    let app = App::start(config.clone(), clock).await?;
    banner(&app, &config, output)?;
    if config.lacks_name() {
        tracing::warn!("TIDINGS_ORGANISATION is not set: people are written to as {}", config.organisation);
    }
    if config.quiet_hours.leave_night() {
        tracing::warn!(
            "TIDINGS_QUIET_HOURS leaves some of the night (21:00-08:00) open for what nobody asked for"
        );
    }
    tracing::info!(address = %app.address, demo = app.carrier.is_some(), "ready");
    let outcome = tokio::select! {
        () = stop.cancelled() => Outcome::Done,
        () = app.failed() => {
            tracing::error!("a part of the server ended by itself; stopping");
            Outcome::Failed
        }
    };
    tracing::info!("stopping: open requests finish first");
    app.stop().await;
    tracing::info!("stopped");
    Ok(outcome)
}

/// Cancels `stop` at the first SIGTERM or SIGINT; exits at the second.
///
/// # Errors
/// Signals can't be had.
pub fn cancel_on_signal(stop: CancellationToken) -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        for round in 0.. {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if round > 0 {
                std::process::exit(130);
            }
            stop.cancel();
        }
    });
    Ok(())
}

fn banner(app: &App, config: &Config, output: &mut dyn Write) -> io::Result<()> {
    let url = &app.public_url;
    if app.carrier.is_none() {
        writeln!(output, "Tidings serves {url} on {}", app.address)?;
        if config.twilio.is_none() {
            writeln!(
                output,
                "  No credentials     messages are recorded as skipped: none is sent, no text comes in"
            )?;
            return output.flush();
        }
        writeln!(output, "  Twilio's webhook   {url}/webhooks/twilio/sms#rc=5&rp=all")?;
        if config.lacks_name() {
            let name = &config.organisation;
            writeln!(
                output,
                "  No name            people are written to as {name}: set TIDINGS_ORGANISATION"
            )?;
        }
        return output.flush();
    }
    let place = match &config.database {
        place @ Database::Sqlite(_) => place.to_string(),
        Database::Postgres(_) => "PostgreSQL, as DATABASE_URL says".to_owned(),
    };
    writeln!(output, "\n  Tidings runs as a demo: no text leaves this machine.\n")?;
    writeln!(output, "  The phone      {url}/demo   (or: {})", phone(app.address))?;
    writeln!(output, "  The database   {place}")?;
    writeln!(output, "  To go live     set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_PHONE_NUMBER and")?;
    writeln!(output, "                 TIDINGS_PUBLIC_URL, then run: tidings doctor\n")?;
    output.flush()
}

/// How the phone in the terminal finds a server at `address`: by itself only where it looks first.
fn phone(address: SocketAddr) -> String {
    let url = super::phone::url_at(address);
    if url == super::phone::DEFAULT_URL {
        "tidings phone".to_owned()
    } else {
        format!("tidings phone --url {url}")
    }
}
