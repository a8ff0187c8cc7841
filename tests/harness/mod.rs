//! What the tests that break things stand on: databases of their own, a simulated carrier in the
//! place of Twilio, the server in this process, and waiting for what must come about.
#![allow(dead_code, reason = "each test program uses its own part")]

pub(crate) mod audit;
pub(crate) mod callers;
pub(crate) mod people;
mod scratch;
pub(crate) mod server;
pub(crate) mod staff;
mod stage;

pub(crate) use scratch::Scratch;
pub(crate) use stage::Stage;

use std::collections::HashMap;
use std::process::{Command, Output};
use std::time::Duration;
use tidings::carrier::{Carrier, Settings};
use tidings::clock::{Clock, stopwatch};
use tidings::store::{MessageRow, Store};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Our number.
pub(crate) const OURS: &str = "+14155550000";
pub(crate) const ADA: &str = "+14155550101";
pub(crate) const BOB: &str = "+14155550102";
/// How long anything may take to come about before a test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A number that nobody else has drawn.
pub(crate) fn random() -> u128 {
    u128::from(getrandom::u64().unwrap()) << 64 | u128::from(getrandom::u64().unwrap())
}

/// All messages, oldest first.
pub(crate) async fn messages(store: &Store) -> Vec<MessageRow> {
    let mut all = Vec::new();
    let mut before = i64::MAX;
    loop {
        let page = store.messages(before, 5000).await.unwrap();
        let Some(last) = page.last() else { break };
        before = last.id;
        all.extend(page);
    }
    all.reverse();
    all
}

/// What a program said, once it has ended. The server in this process goes on meanwhile, for it may be in the
/// middle of a transaction that the program would wait for.
pub(crate) async fn output(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

/// How many outgoing messages are still on their way.
pub(crate) async fn open_count(store: &Store) -> i64 {
    store.open_messages().await.unwrap().iter().map(|(_, count)| count).sum()
}

/// Returns once `holds` says yes; fails after `limit`.
pub(crate) async fn eventually(what: &str, limit: Duration, mut holds: impl AsyncFnMut() -> bool) {
    let watch = stopwatch();
    while !holds().await {
        assert!(watch.elapsed() < limit, "{what} did not come about within {limit:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Settings of a server whose Twilio is the carrier at `api_base`.
pub(crate) fn live_settings(carrier: &Settings, api_base: &str, database_url: &str) -> Vec<(String, String)> {
    let pairs = [
        ("DATABASE_URL", database_url),
        ("TWILIO_ACCOUNT_SID", &carrier.account_sid),
        ("TWILIO_AUTH_TOKEN", &carrier.auth_token),
        ("TWILIO_PHONE_NUMBER", OURS),
        ("TWILIO_API_BASE", api_base),
        ("TIDINGS_SECRET", "a secret of the tests, 32 bytes or more"),
        ("TIDINGS_SETTLE_SECONDS", "1"),
        ("TIDINGS_SEGMENTS_PER_SECOND", "0"),
    ];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// A carrier served on a port of its own.
pub(crate) async fn start_carrier(
    settings: Settings,
    clock: Clock,
    stop: &CancellationToken,
) -> (Carrier, String) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let carrier = Carrier::new(settings, clock);
    carrier.spawn(listener, stop.clone());
    (carrier, base)
}

/// A SID that nobody else has drawn.
pub(crate) fn fresh_sid() -> String {
    format!("SM{}", Uuid::from_u128(random()).simple())
}

/// The message id that a callback address names.
pub(crate) fn message_id(callback: &str) -> Option<i64> {
    let url = url::Url::parse(callback).ok()?;
    let query: HashMap<_, _> = url.query_pairs().collect();
    query.get("m")?.parse().ok()
}

/// The uuid in a SID.
pub(crate) fn uuid(sid: &str) -> Uuid {
    sid.parse::<tidings::sid::Sid>().unwrap().id
}

/// The body of the one message in a TwiML document, still escaped.
pub(crate) fn twiml_body(document: &str) -> Option<&str> {
    let (_, rest) = document.split_once("<Message")?;
    let (_, rest) = rest.split_once('>')?;
    Some(rest.split_once("</Message>")?.0)
}
