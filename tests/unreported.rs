//! What Twilio never reports, and what nobody can tell.

mod harness;
mod support;

use harness::{ADA, OURS, live_settings, start_carrier};
use jiff::SignedDuration;
use std::sync::Arc;
use tidings::batch::{Apply as _, Batch, MAX_SLICE};
use tidings::carrier::{Carrier, Number, Settings, Switch};
use tidings::clock::Clock;
use tidings::config::{Config, Values};
use tidings::conversation::{Inbox, Reported, Reports};
use tidings::delivery::Status;
use tidings::gate::Budget;
use tidings::metrics::Metrics;
use tidings::outbound::ticks::{Schedule as _, Ticked};
use tidings::outbound::{Finisher, Settler, Twilio, Wake};
use tidings::store::{MessageRow, Store};
use tokio_util::sync::CancellationToken;

async fn rows(store: &Store) -> Vec<MessageRow> {
    harness::messages(store).await.into_iter().filter(|row| row.outbound).collect()
}

/// A client of the carrier, as the server would have it.
fn twilio(carrier: &Carrier, base: &str) -> Twilio {
    let pairs = live_settings(carrier.settings(), base, "sqlite://unused.db");
    let values =
        Values::from_pairs(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))).unwrap();
    Twilio::new(&Config::from_values(&values).unwrap().twilio.unwrap()).unwrap()
}

/// A store, an inbox whose clock stands, and a carrier whose clock runs along.
struct Bench {
    store: Store,
    inbox: Arc<Inbox>,
    clock: Clock,
    carrier: Carrier,
    base: String,
    over: CancellationToken,
    _fresh: support::Fresh,
}

impl Bench {
    async fn each() -> Vec<Self> {
        let mut all = Vec::new();
        for fresh in support::engines().await {
            let store = support::open(&fresh).await;
            let (inbox, clock) = support::inbox(store.clone(), true).await;
            let over = CancellationToken::new();
            let mut settings = Settings::random();
            settings.numbers.push(Number::new(OURS, None));
            let (carrier, base) = start_carrier(settings, clock.clone(), &over).await;
            all.push(Self { store, inbox, clock, carrier, base, over, _fresh: fresh });
        }
        all
    }

    /// Ada's answer, as the carrier took it and as we know it; `id` is its row.
    async fn sent(&self) -> (i64, String) {
        self.inbox.apply(&[support::text(ADA, "STATUS")]).await.unwrap();
        let row = rows(&self.store).await.remove(0);
        let url = format!(
            "{}/2010-04-01/Accounts/{}/Messages.json",
            self.base,
            self.carrier.settings().account_sid
        );
        let settings = self.carrier.settings();
        let form = [("To", ADA), ("From", OURS), ("Body", row.body.as_str())];
        let request = reqwest::Client::new().post(url).form(&form);
        let answer =
            request.basic_auth(&settings.account_sid, Some(&settings.auth_token)).send().await.unwrap();
        let message: serde_json::Value = answer.json().await.unwrap();
        self.carrier.idle().await;
        (row.id, message["sid"].as_str().unwrap().to_owned())
    }

    fn report(id: i64, sid: &str, status: Status, error_code: Option<u32>) -> Reported {
        let twilio_status = status.as_str().to_owned();
        Reported {
            message_id: id,
            sid: sid.parse().unwrap(),
            status,
            twilio_status,
            error_code,
            reason: None,
        }
    }

    fn finisher(&self) -> Finisher {
        let (reports, _) = Batch::start(Reports(self.inbox.clone()), MAX_SLICE);
        let metrics = Metrics::new().unwrap();
        Finisher { inbox: self.inbox.clone(), twilio: twilio(&self.carrier, &self.base), reports, metrics }
    }

    fn settler(&self, metrics: Metrics) -> Settler {
        Settler {
            inbox: self.inbox.clone(),
            twilio: twilio(&self.carrier, &self.base),
            budget: Budget::unlimited(),
            metrics,
            wake: Wake::default(),
        }
    }

    async fn tick(&self, finisher: &Finisher, minutes: i64) -> MessageRow {
        let at = support::start() + SignedDuration::from_mins(minutes);
        assert!(self.clock.advance(at.duration_since(self.clock.now())));
        assert_eq!(finisher.tick(at).await.unwrap(), Ticked::Idle(None));
        rows(&self.store).await.remove(0)
    }

    async fn end(self) {
        self.over.cancel();
        self.store.close().await;
    }
}

#[tokio::test]
async fn a_final_status_that_was_never_reported_is_looked_up() {
    for bench in Bench::each().await {
        let (id, sid) = bench.sent().await;
        let reports = Reports(bench.inbox.clone());
        reports.apply(&[Bench::report(id, &sid, Status::Sent, None)]).await.unwrap();
        let finisher = bench.finisher();
        assert_eq!(bench.tick(&finisher, 1).await.status, "sent", "it is too early");
        assert_eq!(bench.tick(&finisher, 3).await.status, "delivered");
        bench.end().await;
    }
}

#[tokio::test]
async fn what_never_ends_is_left_after_a_day_with_a_reason() {
    for bench in Bench::each().await {
        bench.carrier.set_ending(ADA, tidings::carrier::Ending::Silent);
        let (id, sid) = bench.sent().await;
        let reports = Reports(bench.inbox.clone());
        reports.apply(&[Bench::report(id, &sid, Status::Sent, None)]).await.unwrap();
        let finisher = bench.finisher();
        for minutes in [3, 11, 61, 361] {
            let row = bench.tick(&finisher, minutes).await;
            assert_eq!((row.status.as_str(), row.status_reason), ("sent", None), "{minutes}");
        }
        let row = bench.tick(&finisher, 24 * 60 + 1).await;
        assert_eq!(row.status, "sent");
        assert!(row.status_reason.unwrap().contains("no end within 24 hours"));
        // Nobody looks any more; a late report still counts.
        let mut tx = bench.store.begin().await.unwrap();
        assert!(tx.unfinished(i64::MAX, 10).await.unwrap().is_empty());
        drop(tx);
        reports.apply(&[Bench::report(id, &sid, Status::Delivered, None)]).await.unwrap();
        assert_eq!(rows(&bench.store).await[0].status, "delivered");
        bench.end().await;
    }
}

/// The demo's carrier is new after a restart, and knows nothing of what was sent before.
#[tokio::test]
async fn what_the_demo_forgets_is_not_laid_at_twilio_s_door() {
    for bench in Bench::each().await {
        let (id, _) = bench.sent().await;
        let unknown = support::fresh_sid().to_string();
        let reports = Reports(bench.inbox.clone());
        reports.apply(&[Bench::report(id, &unknown, Status::Sent, None)]).await.unwrap();
        let twilio = twilio(&bench.carrier, &bench.base).simulated(true);
        let row = bench.tick(&Finisher { twilio, ..bench.finisher() }, 3).await;
        let reason = row.status_reason.unwrap();
        assert!(reason.contains("restarted") && !reason.contains("Twilio"), "{reason}");
        bench.end().await;
    }
}

#[tokio::test]
async fn what_stays_uncertain_is_raised_within_a_quarter_of_an_hour() {
    for bench in Bench::each().await {
        bench.inbox.apply(&[support::text(ADA, "STATUS")]).await.unwrap();
        let mut faults = bench.carrier.faults();
        faults.list_error = Switch::with_probability(1.0);
        bench.carrier.set_faults(faults);
        let metrics = Metrics::new().unwrap();
        let settler = bench.settler(metrics.clone());
        let mut raised_after = None;
        for minute in 1..=15 {
            assert!(bench.clock.advance(SignedDuration::from_mins(1)));
            settler.settle_due().await.unwrap();
            let row = rows(&bench.store).await.remove(0);
            assert_ne!(row.status, "failed", "nobody knows whether it was sent");
            if let (None, "uncertain", Some(reason)) = (raised_after, row.status.as_str(), row.status_reason)
            {
                raised_after = Some(minute);
                assert!(reason.starts_with("the operator: "));
            }
        }
        assert!(raised_after.is_some_and(|minute| minute <= 12), "{raised_after:?}");
        assert!(metrics.render(&[]).contains("tidings_settled_total{outcome=\"raised\"}"));
        // The list is back: it tells.
        bench.carrier.set_faults(tidings::carrier::Faults::default());
        assert!(bench.clock.advance(SignedDuration::from_mins(2)));
        settler.settle_due().await.unwrap();
        assert_ne!(rows(&bench.store).await[0].status, "uncertain");
        bench.end().await;
    }
}

/// A list that never comes holds up each look: those behind it are told of, too.
#[tokio::test]
async fn what_no_look_gets_to_is_raised_all_the_same() {
    for bench in Bench::each().await {
        let people: Vec<_> = (0..200).map(|n| support::text(&format!("+1415556{n:04}"), "STATUS")).collect();
        for part in people.chunks(MAX_SLICE) {
            bench.inbox.apply(part).await.unwrap();
        }
        let mut faults = bench.carrier.faults();
        faults.list_error = Switch::with_probability(1.0);
        bench.carrier.set_faults(faults);
        let settler = bench.settler(Metrics::new().unwrap());
        // Three looks in a quarter of an hour, at a slice each, of seven.
        for _ in 1..=3 {
            assert!(bench.clock.advance(SignedDuration::from_mins(5)));
            settler.settle_due().await.unwrap();
            settler.raise_overdue().await.unwrap();
        }
        let raised = |row: &MessageRow| {
            row.status == "uncertain"
                && row.status_reason.as_ref().is_some_and(|why| why.starts_with("the operator: "))
        };
        let rows = rows(&bench.store).await;
        assert_eq!((rows.len(), rows.iter().filter(|row| raised(row)).count()), (200, 200));
        bench.end().await;
    }
}

/// Nodes that hear of opt-outs in opposite orders, while texts of the same people come in.
#[tokio::test]
async fn opt_outs_reported_in_any_order_never_lock_each_other_out() {
    for bench in Bench::each().await {
        let people: Vec<String> = (0..30).map(|n| format!("+1415555{:04}", 2000 + n)).collect();
        for round in 0..6_u128 {
            let texts: Vec<_> = people.iter().map(|phone| support::text(phone, "STATUS")).collect();
            bench.inbox.apply(&texts).await.unwrap();
            let sent = rows(&bench.store).await;
            let newest = &sent[sent.len().saturating_sub(people.len())..];
            let sid = |place: usize| format!("SM{:032x}", round * 1000 + place as u128 + 1);
            let report = |(place, row): (usize, &MessageRow)| {
                Bench::report(row.id, &sid(place), Status::Failed, Some(21610))
            };
            let forward: Vec<Reported> = newest.iter().enumerate().map(report).collect();
            let backward: Vec<Reported> = forward.iter().rev().cloned().collect();
            let (one, other) = (Reports(bench.inbox.clone()), Reports(bench.inbox.clone()));
            let again: Vec<_> = people.iter().rev().map(|phone| support::text(phone, "START")).collect();
            let (first, second, third) =
                tokio::join!(one.apply(&forward), other.apply(&backward), bench.inbox.apply(&again));
            first.unwrap();
            second.unwrap();
            third.unwrap();
        }
        bench.end().await;
    }
}
