//! What the tests that break things stand on: databases of their own, a simulated carrier in the
//! place of Twilio, the server in this process, and waiting for what must come about.
#![allow(dead_code, reason = "each test program uses its own part")]

pub(crate) mod audit;
pub(crate) mod callers;
pub(crate) mod people;
pub(crate) mod server;
pub(crate) mod staff;

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use std::collections::HashMap;
use std::time::Duration;
use tempfile::TempDir;
use tidings::app::App;
use tidings::carrier::{Carrier, Faults, Message, Number, Settings};
use tidings::clock::{Clock, stopwatch};
use tidings::config::{Config, Database, Secret, Values};
use tidings::signature;
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

/// A database of a test's own, gone when it is dropped or closed.
pub(crate) struct Scratch {
    /// As `DATABASE_URL` wants it.
    pub(crate) url: String,
    /// Where the SQLite file and logs are.
    pub(crate) folder: TempDir,
    /// PostgreSQL's maintenance database and the name of ours.
    postgres: Option<(String, String)>,
}

impl Scratch {
    /// A SQLite file in a folder of its own.
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("tidings.db").display());
        Self { url, folder, postgres: None }
    }

    /// A new database on the server that `TIDINGS_TEST_POSTGRES` names; none if it names none.
    pub(crate) async fn postgres() -> Option<Self> {
        let Ok(server) = std::env::var("TIDINGS_TEST_POSTGRES") else {
            println!("PostgreSQL was left out: TIDINGS_TEST_POSTGRES is not set (./test sets it)");
            return None;
        };
        let name = format!("tidings_{}", Uuid::from_u128(random()).simple());
        let mut connection = PgConnection::connect(&server).await.unwrap();
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::raw_sql(create).execute(&mut connection).await.unwrap();
        let mut url = url::Url::parse(&server).unwrap();
        url.set_path(&name);
        let folder = tempfile::tempdir().unwrap();
        Some(Self { url: url.into(), folder, postgres: Some((server, name)) })
    }

    /// A database on each engine there is.
    pub(crate) async fn each() -> Vec<Self> {
        std::iter::once(Self::sqlite()).chain(Self::postgres().await).collect()
    }

    pub(crate) fn engine(&self) -> &'static str {
        if self.postgres.is_some() { "PostgreSQL" } else { "SQLite" }
    }

    pub(crate) fn database(&self) -> Database {
        match self.url.strip_prefix("sqlite://") {
            Some(path) => Database::Sqlite(path.into()),
            None => Database::Postgres(Secret::new(self.url.clone())),
        }
    }

    /// A look from outside at the database.
    pub(crate) async fn open(&self) -> Store {
        Store::open(&self.database(), 3).await.unwrap()
    }

    /// Inbound SIDs and the ids of their replies.
    pub(crate) async fn replies(&self) -> Vec<(Uuid, Option<i64>)> {
        let question = "SELECT sid, reply_id FROM message WHERE NOT outbound AND sid IS NOT NULL";
        if self.postgres.is_some() {
            let mut connection = PgConnection::connect(&self.url).await.unwrap();
            sqlx::query_as(question).fetch_all(&mut connection).await.unwrap()
        } else {
            let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
            sqlx::query_as(question).fetch_all(&mut connection).await.unwrap()
        }
    }

    /// What SQLite says about its file; PostgreSQL has no such question.
    pub(crate) async fn integrity(&self) -> Option<String> {
        if self.postgres.is_some() {
            return None;
        }
        let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
        Some(sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut connection).await.unwrap())
    }

    /// Does something to the rows from outside; returns how many it was done to.
    pub(crate) async fn execute(&self, statement: &str) -> u64 {
        let statement = AssertSqlSafe(statement.to_owned());
        if self.postgres.is_some() {
            let mut connection = PgConnection::connect(&self.url).await.unwrap();
            sqlx::query(statement).execute(&mut connection).await.unwrap().rows_affected()
        } else {
            let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
            sqlx::query(statement).execute(&mut connection).await.unwrap().rows_affected()
        }
    }

    /// Removes the database from its server.
    pub(crate) async fn close(self) {
        if let Some((server, name)) = &self.postgres {
            let mut connection = PgConnection::connect(server).await.unwrap();
            let drop = AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"));
            sqlx::raw_sql(drop).execute(&mut connection).await.unwrap();
        }
    }
}

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

/// A server in this process, its database, and the carrier it takes for Twilio.
pub(crate) struct Stage {
    pub(crate) app: App,
    pub(crate) carrier: Carrier,
    pub(crate) scratch: Scratch,
    pub(crate) client: reqwest::Client,
    pub(crate) api_base: String,
    stop: CancellationToken,
}

impl Stage {
    pub(crate) async fn new(scratch: Scratch) -> Self {
        Self::with(scratch, |_| {}).await
    }

    /// A stage whose carrier's settings `change` may change.
    pub(crate) async fn with(scratch: Scratch, change: impl FnOnce(&mut Settings)) -> Self {
        Self::start(scratch, change, &[], Clock::system()).await
    }

    /// A stage whose server goes by this clock.
    pub(crate) async fn at(scratch: Scratch, clock: Clock) -> Self {
        Self::start(scratch, |_| {}, &[], clock).await
    }

    /// A stage whose server has these settings beside the usual.
    pub(crate) async fn with_ours(scratch: Scratch, more: &[(&str, &str)]) -> Self {
        Self::start(scratch, |_| {}, more, Clock::system()).await
    }

    /// A stage with both.
    pub(crate) async fn with_both(
        scratch: Scratch,
        change: impl FnOnce(&mut Settings),
        more: &[(&str, &str)],
    ) -> Self {
        Self::start(scratch, change, more, Clock::system()).await
    }

    async fn start(
        scratch: Scratch,
        change: impl FnOnce(&mut Settings),
        more: &[(&str, &str)],
        clock: Clock,
    ) -> Self {
        let stop = CancellationToken::new();
        let mut settings = Settings::random();
        settings.numbers.push(Number::new(OURS, None));
        change(&mut settings);
        let (carrier, base) = start_carrier(settings, Clock::system(), &stop).await;
        let mut pairs = live_settings(carrier.settings(), &base, &scratch.url);
        let more = more.iter().chain(&[("TIDINGS_LISTEN", "127.0.0.1:0")]);
        pairs.extend(more.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let values =
            Values::from_pairs(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))).unwrap();
        let app = App::start(Config::from_values(&values).unwrap(), clock).await.unwrap();
        let webhook = format!("{}/webhooks/twilio/sms#rc=5&rp=all", app.public_url);
        carrier.set_number(OURS, |number| number.sms_url = Some(webhook));
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { app, carrier, scratch, client, api_base: base, stop }
    }

    /// Another node on the same database and carrier.
    pub(crate) async fn another(&self, more: &[(&str, &str)]) -> App {
        let mut pairs = live_settings(self.carrier.settings(), &self.api_base, &self.scratch.url);
        let more = more.iter().chain(&[("TIDINGS_LISTEN", "127.0.0.1:0")]);
        pairs.extend(more.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let values =
            Values::from_pairs(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))).unwrap();
        App::start(Config::from_values(&values).unwrap(), Clock::system()).await.unwrap()
    }

    pub(crate) fn faults(&self, change: impl FnOnce(&mut Faults)) {
        let mut faults = self.carrier.faults();
        change(&mut faults);
        self.carrier.set_faults(faults);
    }

    /// Posts a form to the server as Twilio would, and returns the answer's status and text.
    pub(crate) async fn post(&self, path: &str, params: &[(&str, &str)]) -> (u16, String) {
        let url = format!("{}{path}", self.app.public_url);
        let params: Vec<(String, String)> =
            params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let signature = signature::sign(&self.carrier.settings().auth_token, &url, &params);
        let request = self.client.post(&url).header("X-Twilio-Signature", signature).form(&params);
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    /// Posts a text as Twilio would, past the carrier.
    pub(crate) async fn hear(&self, sid: &str, from: &str, body: &str) -> (u16, String) {
        let params = [
            ("MessageSid", sid),
            ("AccountSid", &self.carrier.settings().account_sid),
            ("From", from),
            ("To", OURS),
            ("Body", body),
            ("NumMedia", "0"),
            ("NumSegments", "1"),
        ];
        self.post("/webhooks/twilio/sms", &params).await
    }

    /// Reports a status as Twilio would, past the carrier.
    pub(crate) async fn report(&self, id: i64, sid: &str, status: &str) -> u16 {
        let params = [("MessageSid", sid), ("MessageStatus", status), ("To", ADA), ("From", OURS)];
        self.post(&format!("/webhooks/twilio/status?m={id}&a=1"), &params).await.0
    }

    pub(crate) async fn messages(&self) -> Vec<MessageRow> {
        messages(&self.app.store).await
    }

    /// Our messages to people, oldest first.
    pub(crate) async fn outgoing(&self) -> Vec<MessageRow> {
        self.messages().await.into_iter().filter(|row| row.outbound).collect()
    }

    /// Returns once nothing is on its way any more, here and at the carrier.
    pub(crate) async fn settled(&self) {
        eventually("settling", PATIENCE, async || {
            let done = open_count(&self.app.store).await == 0;
            self.carrier.idle().await;
            done
        })
        .await;
    }

    /// What the carrier took from us, oldest first.
    pub(crate) fn taken(&self) -> Vec<Message> {
        self.carrier.ledger(0).outbound
    }

    pub(crate) async fn end(self) {
        self.app.stop().await;
        self.stop.cancel();
        self.scratch.close().await;
    }
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
