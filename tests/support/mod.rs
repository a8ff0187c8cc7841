//! What several tests need: both engines, an inbox with a clock that can be moved, a running app.

#![allow(dead_code, unreachable_pub, reason = "each test binary uses its own part of this")]

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;
use tidings::clock::Clock;
use tidings::config::{Database, Secret};
use tidings::conversation::{InboundText, Inbox, Settings, SuppressionKey};
use tidings::dialog::CodeKey;
use tidings::ids::Ids;
use tidings::phone::Address;
use tidings::sid::Sid;
use tidings::store::Store;
use tidings::texts::{Program, Texts};

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
    let ids = Arc::new(Ids::new(store.next_node().await.unwrap()));
    let inbox = Inbox {
        store,
        clock: clock.clone(),
        ids,
        texts: Arc::new(Texts::load(&Program::sample()).unwrap()),
        code_key: CodeKey::new(b"a key for tests"),
        suppression_key: SuppressionKey::new(b"a key for tests"),
        settings: Settings {
            twilio_answers,
            default_locale: "en".to_owned(),
            default_time_zone: "America/New_York".to_owned(),
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
    }
}

/// A file beside the tests.
pub fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}
