//! Servers that are cut off, stand still and go on.

use crate::harness::OURS;
use crate::node::Node;
use crate::world::{STEPS_A_DAY, World};
use std::time::Duration;
use tidings::clock::Clock;

/// The other side has hung up, and ours has not noticed or not finished yet; as Linux writes it.
const CLOSE_WAIT: &str = "08";

/// A server, and where it is found while it runs.
pub(crate) struct Server {
    pub(crate) url: String,
    settings: Vec<(String, String)>,
    node: Option<Node>,
}

impl Server {
    /// One at a port that is free now; not started yet.
    pub(crate) fn new(mut settings: Vec<(String, String)>) -> Self {
        let listen = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let url = format!("http://{listen}");
        let more = [("TIDINGS_LISTEN", listen.to_string()), ("TIDINGS_PUBLIC_URL", url.clone())];
        settings.extend(more.map(|(name, value)| (name.to_owned(), value)));
        Self { url, settings, node: None }
    }

    pub(crate) fn start(&mut self, clock: &Clock) {
        self.node = Some(Node::start(&self.settings, clock));
    }

    pub(crate) fn take(&mut self) -> Option<Node> {
        self.node.take()
    }

    fn stands_still(&self) -> bool {
        self.node.as_ref().is_some_and(Node::stands_still)
    }
}

impl World {
    /// Now and then a server is cut off in the middle of what it does; one of two may stand still instead,
    /// and go on hours later.
    pub(crate) fn mishap(&mut self) {
        let die = usize::try_from(self.dice.below(20)).unwrap();
        if self.servers.iter().any(Server::stands_still) {
            if die < 4 {
                self.go_on();
            }
            return;
        }
        let Some(server) = Some(die).filter(|die| *die < self.servers.len()) else {
            if let Some(server) = die.checked_sub(18).filter(|_| self.servers.len() > 1) {
                std::thread::sleep(self.dice.milliseconds(0, 10));
                self.pause(server);
            }
            return;
        };
        std::thread::sleep(self.dice.milliseconds(0, 10));
        self.crash(server);
        self.servers[server].start(&self.clock);
    }

    fn pause(&mut self, server: usize) {
        self.servers[server].node.as_mut().unwrap().pause();
        self.pauses += 1;
        self.aim();
        self.arrive();
        self.end_idle_transactions();
        self.cut_off = self.claims().into_iter().collect();
    }

    /// What PostgreSQL does to a server that stands still in a transaction, for we asked it to; here time
    /// runs faster.
    fn end_idle_transactions(&self) {
        std::thread::sleep(Duration::from_millis(300));
        let ended = "SELECT CAST(pid AS BIGINT), CAST(pg_terminate_backend(pid) AS TEXT) FROM pg_stat_activity \
            WHERE datname = current_database() AND state LIKE 'idle in transaction%' \
            AND clock_timestamp() - state_change > INTERVAL '250 milliseconds'";
        self.ask(ended);
    }

    /// Has texts brought to servers that don't stand still, as a balancer does.
    pub(crate) fn aim(&self) {
        let servers = self.servers.iter().filter(|server| !server.stands_still());
        let mut urls = servers.map(|server| format!("{}/webhooks/twilio/sms#rc=1", server.url));
        self.carrier.set_number(OURS, |number| {
            number.sms_url = urls.next();
            number.sms_fallback_url = urls.next();
        });
    }

    fn crash(&mut self, server: usize) {
        if let Some(node) = self.servers[server].node.take() {
            node.crash();
            self.crashes += 1;
            self.arrive();
            self.cut_off = self.claims().into_iter().collect();
        }
    }

    /// Where a server answers, if one does.
    pub(crate) fn url(&self) -> Option<&str> {
        let running = |server: &&Server| server.node.is_some() && !server.stands_still();
        self.servers.iter().find(running).map(|server| server.url.as_str())
    }

    /// Cuts all servers off for `days`, while life goes on.
    pub(crate) fn outage(&mut self, days: u32) {
        let from = self.clock.now();
        self.go_on();
        for server in 0..self.servers.len() {
            self.crash(server);
        }
        for _ in 0..days * STEPS_A_DAY {
            self.step(2);
        }
        self.outages.push((from, self.clock.now()));
        for server in &mut self.servers {
            server.start(&self.clock);
        }
        self.settle();
    }

    /// Lets whoever stands still go on.
    pub(crate) fn go_on(&mut self) {
        for node in self.servers.iter_mut().filter_map(|server| server.node.as_mut()) {
            node.resume();
        }
        self.aim();
    }

    /// Waits until the carrier has read what was on the wire, and is done with whoever has hung up.
    fn arrive(&self) {
        let port = format!(":{:04X}", self.carrier_url.rsplit(':').next().unwrap().parse::<u16>().unwrap());
        let open = |line: &str| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let ours = fields.get(1).is_some_and(|local| local.ends_with(&port));
            ours && (fields[3] == CLOSE_WAIT || !fields[4].ends_with(":00000000"))
        };
        while std::fs::read_to_string("/proc/net/tcp").unwrap().lines().any(open) {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}
