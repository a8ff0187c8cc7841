//! A town, a carrier that does everything wrong, and a server that is cut off now and then.

use crate::harness::people::Dice;
use crate::harness::{OURS, Scratch, live_settings, start_carrier};
use crate::people::{Person, countries, whim};
use crate::servers::Server;
use crate::staff::Booked;
use jiff::{SignedDuration, Timestamp};
use sqlx::{PgPool, SqlitePool};
use std::collections::HashSet;
use std::time::Duration;
use tidings::carrier::{Carrier, Direction, Faults, Number, OptOut, Settings, Switch};
use tidings::clock::{Clock, stopwatch};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

/// European clocks go back on October 25, American ones on November 1.
const BEGIN: &str = "2026-10-20T00:00:00Z";
pub(crate) const STEP: SignedDuration = SignedDuration::from_mins(30);
pub(crate) const STEPS_A_DAY: u32 = 48;
const PEOPLE: usize = 2000;
/// How long a step may take until everything that is due was dealt with.
const PATIENCE: Duration = Duration::from_mins(2);
/// The clock does not tick while a call to the carrier is under way, but for one that was given up.
const LONGEST_CALL: Duration = Duration::from_secs(15);

/// Looks at the database from outside.
enum Look {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// Everything there is.
pub(crate) struct World {
    pub(crate) clock: Clock,
    pub(crate) carrier: Carrier,
    pub(crate) scratch: Scratch,
    pub(crate) people: Vec<Person>,
    pub(crate) dice: Dice,
    pub(crate) crashes: u32,
    pub(crate) pauses: u32,
    /// Spans in which no server ran.
    pub(crate) outages: Vec<(Timestamp, Timestamp)>,
    pub(crate) bookings: Vec<Booked>,
    pub(crate) campaigns: Vec<i64>,
    pub(crate) client: reqwest::Client,
    pub(crate) token: String,
    pub(crate) carrier_url: String,
    pub(crate) servers: Vec<Server>,
    /// Messages and claims of servers that were cut off.
    pub(crate) cut_off: HashSet<(i64, String)>,
    pub(crate) runtime: Runtime,
    look: Look,
    stop: CancellationToken,
}

impl World {
    /// A town whose carrier knows so many servers.
    pub(crate) fn new(scratch: Scratch, seed: u64, runtime: Runtime, servers: usize) -> Self {
        let clock = Clock::standing_at(BEGIN.parse().unwrap());
        let stop = CancellationToken::new();
        // With an odd seed we answer STOP, with an even one the carrier does.
        let carrier_stops = seed.is_multiple_of(2);
        let opt_out = if carrier_stops { OptOut::Default } else { OptOut::Off };
        let settings = Settings { numbers: vec![Number::new(OURS, None)], opt_out, ..Settings::random() };
        let (carrier, base) = runtime.block_on(start_carrier(settings, clock.clone(), &stop));
        let mut settings = live_settings(carrier.settings(), &base, &scratch.url);
        settings.retain(|(name, _)| name != "TIDINGS_SETTLE_SECONDS");
        let answers = if carrier_stops { "twilio" } else { "tidings" };
        let more = [("TIDINGS_COUNTRIES", countries()), ("TIDINGS_OPT_OUT_REPLIES", answers.to_owned())];
        settings.extend(more.map(|(name, value)| (name.to_owned(), value)));
        let mut servers: Vec<Server> = (0..servers).map(|_| Server::new(settings.clone())).collect();
        for server in &mut servers {
            server.start(&clock);
        }
        let token = runtime.block_on(staff(&scratch));
        let look = if scratch.engine() == "SQLite" {
            Look::Sqlite(runtime.block_on(SqlitePool::connect(&scratch.url)).unwrap())
        } else {
            Look::Postgres(runtime.block_on(PgPool::connect(&scratch.url)).unwrap())
        };
        let world = Self {
            clock,
            carrier,
            scratch,
            people: (0..PEOPLE).map(Person::new).collect(),
            dice: Dice::new(seed),
            crashes: 0,
            pauses: 0,
            outages: Vec::new(),
            bookings: Vec::new(),
            campaigns: Vec::new(),
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
            token,
            carrier_url: base,
            servers,
            cut_off: HashSet::new(),
            runtime,
            look,
            stop,
        };
        world.aim();
        world
    }

    /// Half an hour: people text, the clock moves, what is due is dealt with.
    pub(crate) fn step(&mut self, texts: u64) {
        for _ in 0..texts {
            let index = usize::try_from(self.dice.below(PEOPLE as u64)).unwrap();
            if self.is_stranger(index) {
                self.register(index);
            } else {
                let words = whim(&mut self.dice);
                self.text(index, words);
            }
        }
        // What was booked or asked for since may be on its way; no call takes half an hour.
        if self.url().is_some() {
            self.settle();
        }
        assert!(self.clock.advance(STEP));
        if self.url().is_some() {
            self.mishap();
            self.settle();
        }
    }

    fn is_stranger(&self, index: usize) -> bool {
        self.carrier.history(&self.people[index].phone, 1).is_empty()
    }

    /// Types a text; returns once the server has answered it or failed to.
    pub(crate) fn text(&self, index: usize, body: &str) {
        let phone = &self.people[index].phone;
        self.runtime.block_on(self.carrier.text(phone, OURS, body)).unwrap();
    }

    fn register(&self, index: usize) {
        self.text(index, "REGISTER");
        self.text(index, "Maria");
        // It may be on its way yet: the clock stands.
        let sent = self.carrier.history(&self.people[index].phone, 8);
        let ours = sent.iter().rev().filter(|message| message.direction != Direction::Inbound);
        let codes = ours.filter_map(|message| message.body.get(..6));
        let code = codes.into_iter().find(|head| head.bytes().all(|byte| byte.is_ascii_digit()));
        if let Some(code) = code.map(str::to_owned) {
            self.text(index, &code);
        }
    }

    /// Waits until nothing is due that the server has not dealt with, and no call to the carrier is under
    /// way: the clock jumps by more than any call may take. A clock that stands still would keep a second
    /// try from becoming due, so now and then it ticks.
    pub(crate) fn settle(&self) {
        let watch = stopwatch();
        let mut ticked = watch.elapsed();
        loop {
            // In this order: what was due may be under way a moment later.
            let due = self.due();
            let calling = self.is_calling();
            if due == 0 && !calling {
                break;
            }
            assert!(watch.elapsed() < PATIENCE, "at {}: {}", self.clock.now(), self.what_is_due());
            let pause = if calling { LONGEST_CALL } else { Duration::from_millis(100) };
            if watch.elapsed() > ticked + pause {
                ticked = watch.elapsed();
                // What may have been sent holds a person's next message back for up to a quarter of an hour.
                let seconds = if watch.elapsed() > Duration::from_secs(5) { 10 } else { 1 };
                assert!(self.clock.advance(SignedDuration::from_secs(seconds)));
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// How many things are due that were not dealt with.
    fn due(&self) -> i64 {
        let now = self.clock.now().as_millisecond();
        let question = format!(
            "SELECT COUNT(*), 'messages' FROM message WHERE due_at <= {now} \
             AND status IN ('queued', 'sending', 'handed', 'uncertain') UNION ALL \
             SELECT COUNT(*), 'reminders' FROM booking WHERE next_reminder_at <= {now} UNION ALL \
             SELECT COUNT(*), 'tips' FROM tip_subscription WHERE next_tip_at <= {now}"
        );
        self.ask(&question).iter().map(|(count, _)| count).sum()
    }

    /// Whether the server has claimed a message and not yet heard what became of it. Who was cut off with
    /// it will never hear.
    fn is_calling(&self) -> bool {
        self.claims().iter().any(|claim| !self.cut_off.contains(claim))
    }

    /// Message and claim of all that is being sent.
    pub(crate) fn claims(&self) -> Vec<(i64, String)> {
        self.ask("SELECT id, CAST(fence AS TEXT) FROM message WHERE status = 'sending'")
    }

    /// The messages that stay due, with whatever else is open of their people, in words. Times are in
    /// milliseconds from now.
    fn what_is_due(&self) -> String {
        let now = self.clock.now().as_millisecond();
        let open = "status IN ('queued', 'sending', 'handed', 'uncertain')";
        let question = format!(
            "SELECT id, purpose || ' ' || status || ' ' || COALESCE(status_reason, '') || ', attempts ' || attempts \
             || ', due at ' || (due_at - {now}) || ', sent at ' || COALESCE(CAST(sent_at - {now} AS TEXT), 'no time') \
             || ', fence ' || fence || ', contact ' || contact_id FROM message WHERE {open} AND contact_id IN \
             (SELECT contact_id FROM message WHERE {open} AND due_at <= {now} LIMIT 10) LIMIT 40"
        );
        let claims = (self.claims(), &self.cut_off);
        format!("{} things stay due: {:#?}; claims and cut off: {claims:?}", self.due(), self.ask(&question))
    }

    /// The answer of the database, past the server.
    pub(crate) fn ask(&self, question: &str) -> Vec<(i64, String)> {
        let question = sqlx::AssertSqlSafe(question.to_owned());
        self.runtime.block_on(async {
            match &self.look {
                Look::Sqlite(pool) => sqlx::query_as(question).fetch_all(pool).await.unwrap(),
                Look::Postgres(pool) => sqlx::query_as(question).fetch_all(pool).await.unwrap(),
            }
        })
    }

    /// Lets the carrier do everything wrong, or nothing.
    pub(crate) fn faults(&self, on: bool, seed: u64) {
        let now_and_then = if on { Switch::with_probability(0.1) } else { Switch::default() };
        self.carrier.set_faults(Faults {
            seed,
            too_many_requests: now_and_then,
            error_before_accept: now_and_then,
            error_after_accept: now_and_then,
            answer_lost: now_and_then,
            callback_doubled: now_and_then,
            callback_reordered: now_and_then,
            callback_lost: now_and_then,
            webhook_answer_lost: now_and_then,
            ..Faults::default()
        });
    }

    /// Ends everything but the database.
    pub(crate) fn end(&mut self) {
        for node in self.servers.iter_mut().filter_map(Server::take) {
            node.stop();
        }
        self.stop.cancel();
    }
}

/// An API token that may do what staff do.
async fn staff(scratch: &Scratch) -> String {
    let token = tidings::api::new_token().unwrap();
    let scopes = "bookings:write bookings:read tips:write campaigns:write campaigns:read";
    let store = scratch.open().await;
    store.add_token(1, "staff", &tidings::api::hash_token(&token), scopes, 0).await.unwrap();
    store.close().await;
    token
}
