//! The server in a runtime of its own, so that it can be cut off at any await.

use std::time::Duration;
use tidings::app::App;
use tidings::clock::{Clock, stopwatch};
use tidings::config::{Config, Values};
use tokio::runtime::Runtime;

pub(crate) struct Node {
    runtime: Runtime,
    app: App,
}

impl Node {
    /// Starts a server with these settings. Its port may take a moment to be free again.
    pub(crate) fn start(settings: &[(String, String)], clock: &Clock) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let values = Values::from_pairs(settings.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let config = Config::from_values(&values.unwrap()).unwrap();
        let watch = stopwatch();
        loop {
            match runtime.block_on(App::start(config.clone(), clock.clone())) {
                Ok(app) => return Self { runtime, app },
                Err(error) => assert!(watch.elapsed() < Duration::from_secs(20), "no start: {error}"),
            }
            std::thread::yield_now();
        }
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
