//! Clocks that are set while messages are under way, and one that is always wrong.

use super::bench::{Bench, rows};
use crate::harness::ADA;
use crate::support;
use jiff::SignedDuration;
use tidings::batch::Apply as _;
use tidings::carrier::Faults;
use tidings::clock::Clock;
use tidings::metrics::Metrics;
use tidings::outbound::Settler;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Both clocks go on by a minute, and what is due is looked up.
async fn a_minute_later(bench: &Bench, settler: &Settler) -> String {
    for clock in [&bench.clock, &bench.twilio_clock] {
        assert!(clock.advance(SignedDuration::from_mins(1)));
    }
    settler.settle_due().await.unwrap();
    let row = rows(&bench.store).await.remove(0);
    row.sid.map_or(row.status, |sid| sid.simple().to_string())
}

async fn benches() -> Vec<Bench> {
    Bench::each_with(|ours| Clock::standing_at(ours.now())).await
}

/// With clocks that run, so that a step of ours shows beside them.
async fn benches_that_run() -> Vec<Bench> {
    Bench::each_on(Clock::starting_at, |ours| Clock::starting_at(ours.now())).await
}

/// A settler that has seen the clock as it was.
async fn settler(bench: &Bench) -> Settler {
    let settler = bench.settler(Metrics::new().unwrap());
    settler.settle_due().await.unwrap();
    settler
}

#[tokio::test]
async fn a_clock_set_forward_makes_no_list_complete() {
    for bench in benches_that_run().await {
        bench.carrier.set_faults(Faults { listing_late_ms: 90_000, ..Faults::default() });
        let settler = settler(&bench).await;
        let sid = bench.called().await;
        assert!(bench.clock.advance(HOUR));
        settler.settle_due().await.unwrap();
        assert_eq!(rows(&bench.store).await[0].status, "uncertain", "no list could show it yet");
        assert_eq!(a_minute_later(&bench, &settler).await, "uncertain");
        assert_eq!(a_minute_later(&bench, &settler).await, sid[2..], "{sid}");
        assert_eq!(bench.carrier.ledger(0).outbound.len(), 1);
        bench.end().await;
    }
}

#[tokio::test]
async fn a_clock_set_back_keeps_nothing_uncertain() {
    for back in [45, 5 * 60, 3600].map(SignedDuration::from_secs) {
        for bench in benches().await {
            assert!(bench.clock.advance(back));
            let settler = settler(&bench).await;
            let sid = bench.called().await;
            assert!(bench.clock.advance(-back));
            settler.settle_due().await.unwrap();
            let mut minutes = 0;
            while a_minute_later(&bench, &settler).await != sid[2..] {
                minutes += 1;
                assert!(minutes < 15 && rows(&bench.store).await[0].status != "queued", "{back}");
            }
            assert!(back != HOUR || minutes == 0, "it was recalled");
            bench.end().await;
        }
    }
}

/// Nobody saw the clock before; its answer never reached Twilio, so it goes by REST, and nothing of that waits for the
/// old time.
#[tokio::test]
async fn a_clock_set_back_before_the_start_holds_no_answer_up() {
    for bench in benches().await {
        assert!(bench.clock.advance(HOUR));
        bench.inbox.apply(&[support::text(ADA, "STATUS")]).await.unwrap();
        assert!(bench.clock.advance(-HOUR));
        let settler = settler(&bench).await;
        let mut looks = vec![rows(&bench.store).await[0].status.clone()];
        for _ in 1..=2 {
            looks.push(a_minute_later(&bench, &settler).await);
        }
        assert_eq!(looks, ["handed", "handed", "queued"]);
        bench.end().await;
    }
}

#[tokio::test]
async fn what_was_to_leave_at_once_leaves_and_what_is_planned_stays() {
    for bench in benches().await {
        let now = bench.clock.now().as_millisecond();
        assert!(bench.clock.advance(HOUR));
        bench.queue("STATUS").await;
        let planned = bench.queue("STATUS").await;
        bench.plan(planned, bench.clock.now() + HOUR).await;
        let tried = bench.queue("STATUS").await;
        bench.plan(tried, bench.clock.now() + SignedDuration::from_secs(4)).await;
        assert!(bench.clock.advance(-HOUR));
        let due = async || bench.store.begin().await.unwrap().outgoing(&ids(&bench).await).await.unwrap();
        let is_due = async || due().await.iter().filter(|row| row.due_at <= Some(now)).count();
        assert_eq!(is_due().await, 0);
        settler(&bench).await;
        assert_eq!(is_due().await, 2);
        bench.end().await;
    }
}

async fn ids(bench: &Bench) -> Vec<i64> {
    rows(&bench.store).await.into_iter().map(|row| row.id).collect()
}

/// Its messages are listed under a time at which they were not made yet, or long before.
#[tokio::test]
async fn a_clock_that_is_always_wrong_finds_its_messages() {
    for apart in [-24 * HOUR, -HOUR, HOUR, 24 * HOUR] {
        for bench in Bench::each_with(|ours| Clock::standing_at(ours.now() + apart)).await {
            let sid = bench.called().await;
            let settler = bench.settler(Metrics::new().unwrap());
            assert_eq!(a_minute_later(&bench, &settler).await, sid[2..], "{apart} apart");
            bench.end().await;
        }
    }
}
