//! Builds the server, starts its parts in order and stops them in reverse.

mod demo;
mod housekeeping;
mod limits;
mod parts;
mod sending;
mod work;

pub use demo::DEMO_NUMBER;
pub use limits::with_limits;
use parts::Parts;

use crate::audit::{AuditKey, Entry};
use crate::carrier::Carrier;
use crate::clock::Clock;
use crate::config::{Config, ConfigError};
use crate::conversation::{self, Inbox, SuppressionKey};
use crate::dialog::CodeKey;
use crate::listen;
use crate::listeners::Listeners;
use crate::store::{self, Store};
use crate::texts::{Program, Texts};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long open requests may take once the server is told to stop.
const DRAIN: Duration = Duration::from_secs(8);
/// How long the rest may take; with [`DRAIN`], within the 20 s that a stop may last.
const FINISH: Duration = Duration::from_secs(8);

/// Why the server did not start, in one line.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting.
    #[error("{0}")]
    Config(#[from] ConfigError),
    /// The address.
    #[error("TIDINGS_LISTEN: {address} can't be listened on: {error}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        error: std::io::Error,
    },
    /// The database.
    #[error("DATABASE_URL: the database can't be opened: {0}")]
    Database(String),
    /// The secret is not the one that this database goes with.
    #[error(
        "TIDINGS_SECRET: this database was made with another secret; start with that one \
         (if it is lost, see \"Secrets\" in docs/OPERATING.md)"
    )]
    ForeignSecret,
    /// Something that should not happen on a sound machine.
    #[error("{0}")]
    Other(String),
}

/// A running server.
#[derive(Debug)]
pub struct App {
    /// Where it listens.
    pub address: SocketAddr,
    /// How Twilio and people reach it.
    pub public_url: String,
    /// The simulated carrier, in the demo.
    pub carrier: Option<Carrier>,
    /// Its database.
    pub store: Store,
    stop_serving: CancellationToken,
    stop_work: CancellationToken,
    server: JoinHandle<()>,
    batches: Vec<JoinHandle<()>>,
    work: TaskTracker,
    ended: CancellationToken,
}

impl App {
    /// Starts a server; it is ready when this returns.
    ///
    /// # Errors
    /// What stopped the start, in one line.
    pub async fn start(config: Config, clock: Clock) -> Result<Self, StartError> {
        let address = config.listen;
        let listener =
            TcpListener::bind(address).await.map_err(|error| StartError::Listen { address, error })?;
        let address = listener.local_addr().map_err(|error| StartError::Listen { address, error })?;
        let config = Config { listen: address, ..config };
        let public_url = config.url();
        let stop_serving = CancellationToken::new();
        let stop_work = CancellationToken::new();

        let store = open_store(&config).await?;
        if config.twilio.is_none() {
            let failed = |error: sqlx::Error| StartError::Database(store::explain(&error));
            store.keep_demo_clock(&clock).await.map_err(failed)?;
        }
        let (twilio, carrier) = match &config.twilio {
            Some(twilio) => (twilio.clone(), None),
            None if !config.demo => (demo::nobody()?, None),
            None => demo::start_carrier(&public_url, clock.clone(), stop_work.clone()).await?,
        };
        let inbox = Arc::new(inbox(&config, clock, store.clone()).await?);
        seal_audit(&config, &inbox).await.map_err(|error| StartError::Database(store::explain(&error)))?;
        let demo = demo::router(&config, &inbox, carrier.as_ref(), &public_url, &stop_serving)?;
        let parts = Parts::start(&config, &twilio, &public_url, inbox, &stop_work)?;
        let router = parts.router(&config, &twilio, &public_url, &stop_serving, demo)?;
        let ended = CancellationToken::new();
        let server = tokio::spawn({
            let (serving, ended) = (stop_serving.clone(), ended.clone());
            async move {
                let _ended = ended.drop_guard();
                listen::serve(listener, router, serving, DRAIN).await;
            }
        });
        let Parts { batches, work, .. } = parts;
        Ok(Self {
            address,
            public_url,
            carrier,
            store,
            stop_serving,
            stop_work,
            server,
            batches,
            work,
            ended,
        })
    }

    /// Returns when a part has ended by itself, which none should.
    pub async fn failed(&self) {
        self.ended.cancelled().await;
    }

    /// Stops: no new connections, open requests finish, then what they queued is written, then
    /// calls to Twilio under way end. Takes 16 s at most.
    pub async fn stop(self) {
        self.stop_serving.cancel();
        // Serving has its own deadline; when it ends, its handlers' queues have no senders left.
        if self.server.await.is_err() {
            tracing::error!("the server task panicked");
        }
        self.stop_work.cancel();
        self.work.close();
        let finish = async {
            self.work.wait().await;
            for batch in self.batches {
                if batch.await.is_err() {
                    tracing::error!("a batch worker panicked");
                }
            }
        };
        if tokio::time::timeout(FINISH, finish).await.is_err() {
            tracing::warn!("some work was still under way at the deadline; the next start settles it");
        }
        self.store.close().await;
    }
}

/// Opens the configured database at this version, for the server and for commands.
pub(crate) async fn open_store(config: &Config) -> Result<Store, StartError> {
    let failed = |error: &sqlx::Error| StartError::Database(store::explain(error));
    let store =
        Store::open(&config.database, config.max_connections).await.map_err(|error| failed(&error))?;
    store.migrate().await.map_err(|error| StartError::Database(error.to_string()))?;
    let mark = secret_mark(config);
    if store.secret_mark(&mark).await.map_err(|error| failed(&error))? != mark {
        return Err(StartError::ForeignSecret);
    }
    Ok(store)
}

/// Seals an audit log from before seals, and says so in it.
async fn seal_audit(config: &Config, inbox: &Inbox) -> sqlx::Result<()> {
    let key = AuditKey::new(config.secret.expose().as_bytes());
    let Some(entries @ 1..) = inbox.store.seal_audit(&key).await? else { return Ok(()) };
    tracing::warn!(entries, "the audit log's end was not sealed; from now on it is");
    let now = inbox.clock.now();
    let entry = Entry {
        id: inbox.ids.next(now),
        at: now.as_millisecond(),
        actor: "tidings".to_owned(),
        action: "seal the log".to_owned(),
        subject: format!("{entries} entries"),
    };
    inbox.store.add_audit(&key, entry).await
}

/// What a database keeps of the secret that it goes with. No address has this hash, so it gives nothing away.
fn secret_mark(config: &Config) -> String {
    SuppressionKey::new(config.secret.expose().as_bytes()).hash("")
}

/// Whether a server would take `store` with the configured secret. Changes nothing.
pub(crate) async fn check_secret(config: &Config, store: &Store) -> Result<(), StartError> {
    let failed = |error: sqlx::Error| StartError::Database(store::explain(&error));
    match store.kept_secret_mark().await.map_err(failed)? {
        Some(mark) if mark != secret_mark(config) => Err(StartError::ForeignSecret),
        _ => Ok(()),
    }
}

/// What we say, in the organisation's name.
pub(crate) fn texts(config: &Config) -> Result<Texts, StartError> {
    let cap = config.daily_cap_per_person;
    let program = Program {
        organisation: config.organisation.clone(),
        support: config.support_contact.clone().unwrap_or_default(),
        frequency: if cap == 1 { "1 msg/day at most".to_owned() } else { format!("Up to {cap} msgs/day") },
        messages_a_day: cap,
    };
    let texts = Texts::load(&program).map_err(|error| StartError::Other(format!("templates: {error}")))?;
    if !texts.locales().contains(&config.default_locale) {
        let known = texts.locales().join(", ");
        return Err(StartError::Other(format!("TIDINGS_DEFAULT_LOCALE must be one of {known}")));
    }
    Ok(texts)
}

/// The clock of commands: in the demo, the one that its server's visitors have moved.
pub(crate) async fn clock(config: &Config, store: &Store) -> Result<Clock, StartError> {
    if config.twilio.is_some() {
        return Ok(Clock::system());
    }
    store.demo_clock().await.map_err(|error| StartError::Database(store::explain(&error)))
}

/// Everything conversations are held with, for a command.
pub(crate) async fn open_inbox(config: &Config) -> Result<Inbox, StartError> {
    let store = open_store(config).await?;
    let clock = clock(config, &store).await?;
    inbox(config, clock, store).await
}

/// Everything conversations are held with, for the server and for commands.
pub(crate) async fn inbox(config: &Config, clock: Clock, store: Store) -> Result<Inbox, StartError> {
    let ids = store.new_ids().await.map_err(|error| StartError::Database(store::explain(&error)))?;
    let texts = texts(config)?;
    let secret = config.secret.expose().as_bytes();
    let listeners = Listeners::default();
    let failed = |error: sqlx::Error| StartError::Database(store::explain(&error));
    listeners.refresh(&store).await.map_err(failed)?;
    texts.refresh(&store).await.map_err(failed)?;
    Ok(Inbox {
        store,
        clock,
        ids: Arc::new(ids),
        texts: Arc::new(texts),
        code_key: CodeKey::new(&[b"code:", secret].concat()),
        suppression_key: SuppressionKey::new(secret),
        listeners: Arc::new(listeners),
        tips_planned: Arc::default(),
        settings: conversation::Settings {
            twilio_answers: config.twilio_answers,
            default_region: config.default_region,
            default_locale: config.default_locale.clone(),
            default_time_zone: config.default_time_zone.clone(),
            tip_time: config.tip_time,
            settle_after: config.settle_after,
        },
    })
}
