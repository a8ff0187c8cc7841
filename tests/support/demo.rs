//! A demo that runs in the test's own process, on a port of its own.

#![allow(dead_code, unreachable_pub, reason = "each test binary uses its own part of this")]

use std::path::Path;
use tempfile::TempDir;
use tidings::app::App;
use tidings::clock::Clock;
use tidings::config::{Config, Twilio, Values};

/// A running demo, and the folder that its database is in.
pub struct Demo {
    pub app: App,
    pub clock: Clock,
    pub url: String,
    pub folder: TempDir,
}

/// Starts a demo with an empty database.
pub async fn start() -> Demo {
    start_in(TempDir::new().unwrap()).await
}

/// Starts a demo on the database in `folder`.
pub async fn start_in(folder: TempDir) -> Demo {
    let clock = Clock::starting_at("2026-11-21T15:00:00Z".parse().unwrap());
    let app = App::start(config(folder.path(), None), clock.clone()).await.unwrap();
    let url = app.public_url.clone();
    Demo { app, clock, url, folder }
}

/// Settings for a server on port 0 with its database in `folder`.
pub fn config(folder: &Path, twilio: Option<Twilio>) -> Config {
    let database = format!("sqlite://{}", folder.join("demo.db").display());
    let values = Values::from_pairs([
        ("TIDINGS_LISTEN", "127.0.0.1:0"),
        ("DATABASE_URL", &database),
        ("TIDINGS_SECRET", "a secret of at least thirty-two bytes"),
        ("TIDINGS_ORGANISATION", "Lakeside Clinic"),
    ]);
    Config { twilio, ..Config::from_values(&values.unwrap()).unwrap() }
}
