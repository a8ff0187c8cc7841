//! What several tests need: both engines, an inbox with a clock that can be moved, a running app.

#![allow(dead_code, unreachable_pub, reason = "each test binary uses its own part of this")]

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;
use tidings::clock::Clock;
use tidings::config::{Database, Secret};
use tidings::conversation::{InboundText, Inbox, Regulars, Settings, SuppressionKey};
use tidings::dialog::CodeKey;
use tidings::phone::Address;
use tidings::sid::Sid;
use tidings::store::Store;
use tidings::texts::{Program, Texts};

/// Of every server that is started here.
pub const SECRET: &str = "a secret for tests that is long enough";

/// A fresh database, gone with this value.
pub struct Fresh {
    pub database: Database,
    pub name: &'static str,
    _folder: TempDir,
}

/// The time at which tests begin, on a standing clock.
pub fn start() -> jiff::Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

/// A fresh SQLite file and, where `./test` has started a server, a fresh PostgreSQL database.
pub async fn engines() -> Vec<Fresh> {
    let mut all = vec![sqlite()];
    match std::env::var("TIDINGS_TEST_POSTGRES") {
        Ok(url) => all.push(postgres(&url).await),
        Err(_) => eprintln!("PostgreSQL is left out: run ./test, which starts one"),
    }
    all
}

pub fn sqlite() -> Fresh {
    let folder = TempDir::new().unwrap();
    let database = Database::Sqlite(folder.path().join("test.db"));
    Fresh { database, name: "sqlite", _folder: folder }
}

async fn postgres(url: &str) -> Fresh {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("t{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let admin = sqlx::PgPool::connect(url).await.unwrap();
    // The name is made of numbers, so there is nothing to escape.
    let statement = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
    sqlx::query(statement).execute(&admin).await.unwrap();
    admin.close().await;
    let mut own = url::Url::parse(url).unwrap();
    own.set_path(&name);
    let database = Database::Postgres(Secret::new(own.to_string()));
    Fresh { database, name: "postgres", _folder: TempDir::new().unwrap() }
}

pub async fn open(fresh: &Fresh) -> Store {
    let store = Store::open(&fresh.database, 8).await.unwrap();
    store.migrate().await.unwrap();
    store
}

/// An inbox over `store` whose clock stands at [`start`].
pub async fn inbox(store: Store, twilio_answers: bool) -> (Arc<Inbox>, Clock) {
    let clock = Clock::standing_at(start());
    let ids = Arc::new(store.new_ids().await.unwrap());
    let inbox = Inbox {
        store,
        clock: clock.clone(),
        ids,
        texts: Arc::new(Texts::load(&Program::sample()).unwrap()),
        code_key: CodeKey::new(b"a key for tests"),
        suppression_key: SuppressionKey::new(b"a key for tests"),
        regulars: Regulars::default(),
        taken_anew: std::sync::atomic::AtomicBool::default(),
        listeners: Arc::default(),
        tips_planned: Arc::default(),
        settings: Settings {
            twilio_answers,
            default_locale: "en".to_owned(),
            default_time_zone: "America/New_York".to_owned(),
            tip_time: jiff::civil::time(7, 0, 0, 0),
            settle_after: jiff::SignedDuration::from_mins(1),
        },
    };
    (Arc::new(inbox), clock)
}

/// A SID that no other call returns.
pub fn fresh_sid() -> Sid {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("SM{:024x}{count:08x}", std::process::id()).parse().unwrap()
}

pub fn text(from: &str, body: &str) -> InboundText {
    InboundText {
        sid: fresh_sid(),
        from: Address::parse(from).unwrap(),
        body: body.to_owned(),
        opt_out_type: None,
        segments: 1,
        extra: None,
        taken_at: None,
        answer_by: tidings::conversation::AnswerBy::Webhook,
    }
}

/// A file beside the tests.
pub fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

/// A running server in live mode whose Twilio is `api_base` (nobody, by default).
pub struct Server {
    pub app: tidings::app::App,
    pub token: &'static str,
    pub http: reqwest::Client,
    _fresh: Fresh,
}

/// Signs webhooks in tests.
pub const AUTH_TOKEN: &str = "0123456789abcdef0123456789abcdef";

pub async fn serve(fresh: Fresh, more: &[(&str, &str)]) -> Server {
    let database_url = match &fresh.database {
        Database::Sqlite(path) => format!("sqlite://{}", path.display()),
        Database::Postgres(url) => url.expose().to_owned(),
    };
    let mut pairs = vec![
        ("TIDINGS_LISTEN", "127.0.0.1:0"),
        ("DATABASE_URL", database_url.as_str()),
        ("TIDINGS_SECRET", SECRET),
        ("TWILIO_ACCOUNT_SID", "AC00000000000000000000000000000001"),
        ("TWILIO_AUTH_TOKEN", AUTH_TOKEN),
        ("TWILIO_AUTH_TOKEN_PREVIOUS", "previous"),
        ("TWILIO_PHONE_NUMBER", "+15005550006"),
        ("TWILIO_API_BASE", "http://127.0.0.1:9"),
    ];
    pairs.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
    pairs.extend(more.iter().filter(|(_, value)| !value.is_empty()));
    let values = tidings::config::Values::from_pairs(pairs).unwrap();
    let config = tidings::config::Config::from_values(&values).unwrap();
    let app = tidings::app::App::start(config, Clock::system()).await.unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    Server { app, token: AUTH_TOKEN, http: reqwest::Client::new(), _fresh: fresh }
}

/// The fields of an inbound text, as Twilio sends them.
pub fn fields(from: &str, body: &str) -> Vec<(String, String)> {
    let sid = fresh_sid().to_string();
    [
        ("ToCountry", "US"),
        ("MessageSid", &sid),
        ("SmsMessageSid", &sid),
        ("SmsSid", &sid),
        ("NumMedia", "0"),
        ("NumSegments", "1"),
        ("SmsStatus", "received"),
        ("FromCountry", "US"),
        ("AccountSid", "AC00000000000000000000000000000001"),
        ("ApiVersion", "2010-04-01"),
        ("From", from),
        ("To", "+15005550006"),
        ("Body", body),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

impl Server {
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.app.public_url)
    }

    /// Posts `fields` to `path`, signed with `token`.
    pub async fn post_signed(
        &self,
        token: &str,
        path: &str,
        fields: &[(String, String)],
    ) -> reqwest::Response {
        let url = self.url(path);
        let signature = tidings::signature::sign(token, &url, fields);
        self.http.post(&url).header("X-Twilio-Signature", signature).form(fields).send().await.unwrap()
    }

    pub async fn sms(&self, fields: &[(String, String)]) -> reqwest::Response {
        self.post_signed(self.token, "/webhooks/twilio/sms", fields).await
    }

    /// An API token with `scopes`.
    pub async fn api_token(&self, scopes: &str) -> String {
        let token = tidings::api::new_token().unwrap();
        let hash = tidings::api::hash_token(&token);
        let id = i64::from_str_radix(&fresh_sid().id.simple().to_string()[20..], 16).unwrap();
        self.app.store.add_token(id, "test", &hash, scopes, 0).await.unwrap();
        token
    }

    pub async fn get(&self, token: &str, path: &str) -> (u16, serde_json::Value) {
        let response = self.http.get(self.url(path)).bearer_auth(token).send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or_default())
    }
}
