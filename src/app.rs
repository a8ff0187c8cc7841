//! Builds the server, starts its parts in order and stops them in reverse.

mod demo;
mod housekeeping;
mod limits;
mod open;
mod parts;
mod runtime;
mod sending;
mod work;

pub use demo::DEMO_NUMBER;
pub use limits::with_limits;
pub(crate) use open::{check_secret, clock, inbox, make_store, open_inbox, open_store, texts};
use parts::Parts;
pub use runtime::runtime;

use crate::audit::{AuditKey, Entry};
use crate::carrier::Carrier;
use crate::clock::Clock;
use crate::config::{Config, ConfigError};
use crate::conversation::Inbox;
use crate::listen::{self, BindError};
use crate::store::{self, Store};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
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
    #[error("TIDINGS_LISTEN: {0}")]
    Listen(#[from] BindError),
    /// The database.
    #[error("DATABASE_URL: the database can't be opened: {0}")]
    Database(String),
    /// A command is to work on a database that was never made.
    #[error(
        "DATABASE_URL: this database holds nothing of Tidings; name your server's with --database-url \
         (`tidings migrate` fills a new one)"
    )]
    Empty,
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
    stop_carrier: CancellationToken,
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
        let (listener, address) = listen::bind(config.listen).await?;
        // Whoever can't listen, or names a language that we don't have, leaves nothing behind.
        let texts = texts(&config)?;
        let config = Config { listen: address, ..config }.keep_secret()?;
        let public_url = config.url();
        let stop_serving = CancellationToken::new();
        let stop_work = CancellationToken::new();
        let stop_carrier = CancellationToken::new();

        let (store, _) = make_store(&config).await?;
        if config.twilio.is_none() {
            let failed = |error: sqlx::Error| StartError::Database(store::explain(&error));
            store.keep_demo_clock(&clock).await.map_err(failed)?;
        }
        let (twilio, carrier) = match &config.twilio {
            Some(twilio) => (twilio.clone(), None),
            None if !config.demo => (demo::nobody()?, None),
            None => {
                let help = demo::help(&config, &texts)?;
                demo::start_carrier(&public_url, help, clock.clone(), stop_carrier.clone()).await?
            }
        };
        let inbox = Arc::new(inbox(&config, clock, store.clone(), texts).await?);
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
            stop_carrier,
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
    /// calls to Twilio under way end; the demo's carrier answers them and goes last. Takes 16 s at most.
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
        self.stop_carrier.cancel();
        self.store.close().await;
    }
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
