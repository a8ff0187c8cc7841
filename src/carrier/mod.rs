//! A simulated Twilio, with HTTP at both ends: the REST API that an application sends through, and the
//! signed webhooks and status callbacks that it receives.
//!
//! The demo mode runs one in its own process, tests run one on port 0, and `tidings carrier` is one that
//! stands alone and outlives an application that is killed. People are played through
//! [`Carrier::text`] and [`Carrier::conversation`], or through the control API under `/carrier/`;
//! [`Faults`] makes the network and the carrier misbehave. Shapes, codes and timings follow Twilio's
//! published documentation; where that is silent, the item says what was chosen.

mod callbacks;
mod calls;
mod chance;
mod connection;
mod control;
mod faults;
mod handset;
mod inbound;
mod keywords;
mod ledger;
mod message;
mod outbound;
mod rest;
mod segments;
mod settings;
mod state;
pub(crate) mod twiml;

pub use faults::{Faults, Switch};
pub use handset::{Delivery, Text, TextError};
pub use keywords::Keyword;
pub use ledger::{Call, Ledger, Purpose};
pub use message::{Direction, Message, Status};
pub use settings::{Ending, MessagingService, Number, OptOut, Patience, Settings, Timing};

use crate::clock::Clock;
use crate::listen;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How many status callbacks are under way at once.
const CALLBACK_LINES: usize = 64;
/// How long open requests may take once the carrier is told to stop.
const GRACE: Duration = Duration::from_secs(2);

/// A handle on a simulated carrier. Cloning is cheap; all clones are the same carrier.
#[derive(Clone)]
pub struct Carrier(Arc<Inner>);

struct Inner {
    settings: Settings,
    clock: Clock,
    made_at: jiff::Timestamp,
    state: Mutex<state::State>,
    /// Counts the changes to the ledger.
    changes: watch::Sender<u64>,
    /// Counts messages and callbacks that are still under way.
    under_way: watch::Sender<usize>,
    callback_lines: Semaphore,
    clients: Mutex<HashMap<Duration, reqwest::Client>>,
    lines: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl std::fmt::Debug for Carrier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Carrier(…)")
    }
}

impl Carrier {
    /// A carrier with one account, whose times all come from `clock`.
    #[must_use]
    pub fn new(settings: Settings, clock: Clock) -> Self {
        Self(Arc::new(Inner {
            state: Mutex::new(state::State::new(&settings)),
            settings,
            made_at: clock.now(),
            clock,
            changes: watch::Sender::new(0),
            under_way: watch::Sender::new(0),
            callback_lines: Semaphore::new(CALLBACK_LINES),
            clients: Mutex::default(),
            lines: Mutex::default(),
        }))
    }

    /// The settings it was made with; numbers, endings and faults may have changed since.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Twilio's REST API and, under `/carrier/`, the control API. The latter asks for no credentials:
    /// serve it on the loopback interface only.
    pub fn router(&self) -> axum::Router {
        rest::router(self).merge(control::router(self))
    }

    /// Serves [`Carrier::router`] on a task of its own until `stop` is cancelled.
    pub fn spawn(&self, listener: TcpListener, stop: CancellationToken) -> JoinHandle<()> {
        tokio::spawn(listen::serve(listener, self.router(), stop, GRACE))
    }

    /// Shows a new value whenever the ledger changes, so that a page can follow it.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    /// Returns once no message and no callback is under way.
    ///
    /// Under a clock that stands still, what waits for a time waits until the clock is moved.
    pub async fn idle(&self) {
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = self.0.under_way.subscribe().wait_for(|count| *count == 0).await;
    }

    fn tell(&self) {
        self.0.changes.send_modify(|count| *count += 1);
    }

    /// Runs `work` on a task that [`Carrier::idle`] waits for.
    fn spawn_counted(&self, work: impl Future<Output = ()> + Send + 'static) {
        let counted = UnderWay::new(self.clone());
        tokio::spawn(async move {
            work.await;
            drop(counted);
        });
    }
}

/// Counts one piece of work for as long as it lives.
struct UnderWay(Carrier);

impl UnderWay {
    fn new(carrier: Carrier) -> Self {
        carrier.0.under_way.send_modify(|count| *count += 1);
        Self(carrier)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.0.under_way.send_modify(|count| *count = count.saturating_sub(1));
    }
}

/// Serves a carrier alone on `listen` until `stop` is cancelled.
///
/// # Errors
/// When the address can't be listened on.
pub async fn run(
    listen: SocketAddr,
    settings: Settings,
    clock: Clock,
    stop: CancellationToken,
) -> std::io::Result<()> {
    let listener = TcpListener::bind(listen).await?;
    let carrier = Carrier::new(settings, clock);
    let address = listener.local_addr()?;
    tracing::info!(%address, fault_seed = carrier.faults().seed, "the simulated carrier is listening");
    listen::serve(listener, carrier.router(), stop, GRACE).await;
    Ok(())
}

/// Locks, whether or not another holder has panicked: every change under these locks is one step.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
