//! The server in a runtime of its own, so that it can be cut off at any await.

use std::sync::mpsc::{Sender, channel};
use std::time::Duration;
use tidings::app::App;
use tidings::clock::{Clock, stopwatch};
use tidings::config::{Config, Values};
use tokio::runtime::Runtime;

pub(crate) struct Node {
    runtime: Runtime,
    app: App,
    /// Dropped, it lets a node that stands still go on.
    held: Option<Sender<()>>,
}

impl Node {
    /// Starts a server with these settings. Its port may take a moment to be free again.
    pub(crate) fn start(settings: &[(String, String)], clock: &Clock) -> Self {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).enable_all().build().unwrap();
        let values = Values::from_pairs(settings.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let config = Config::from_values(&values.unwrap()).unwrap();
        let watch = stopwatch();
        loop {
            match runtime.block_on(App::start(config.clone(), clock.clone())) {
                Ok(app) => return Self { runtime, app, held: None },
                Err(error) => assert!(watch.elapsed() < Duration::from_secs(20), "no start: {error}"),
            }
            std::thread::yield_now();
        }
    }

    /// Lets it stand still wherever it is, as SIGSTOP would: its one thread is kept busy. Its connections stay
    /// open, and so do its transactions.
    pub(crate) fn pause(&mut self) {
        let (sender, receiver) = channel();
        let (stands, standing) = channel();
        self.runtime.spawn(async move {
            stands.send(()).unwrap();
            // Ends when the sender is dropped.
            let _ = receiver.recv();
        });
        standing.recv().unwrap();
        self.held = Some(sender);
    }

    pub(crate) fn resume(&mut self) {
        self.held = None;
    }

    pub(crate) fn stands_still(&self) -> bool {
        self.held.is_some()
    }

    /// Drops every task where it stands, as a kill would.
    pub(crate) fn crash(self) {
        self.runtime.shutdown_timeout(Duration::from_secs(5));
    }

    /// Stops in order.
    pub(crate) fn stop(self) {
        self.runtime.block_on(self.app.stop());
        self.runtime.shutdown_timeout(Duration::from_secs(5));
    }
}
