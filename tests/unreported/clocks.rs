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

#[tokio::test]
async fn a_clock_set_forward_makes_no_list_complete() {
    for bench in benches().await {
        bench.carrier.set_faults(Faults { listing_late_ms: 90_000, ..Faults::default() });
        let sid = bench.called().await;
        assert!(bench.clock.advance(HOUR));
        let settler = bench.settler(Metrics::new().unwrap());
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
    for bench in benches().await {
        assert!(bench.clock.advance(HOUR));
        let sid = bench.called().await;
        assert!(bench.clock.advance(-HOUR));
        let settler = bench.settler(Metrics::new().unwrap());
        assert_eq!(settler.recall().await.unwrap(), 1);
        assert_eq!(settler.recall().await.unwrap(), 0, "it is due already");
        assert_eq!(a_minute_later(&bench, &settler).await, sid[2..], "{sid}");
        bench.end().await;
    }
}

/// Its answer never reached Twilio, so it goes by REST, and that does not wait for the old time either.
#[tokio::test]
async fn a_clock_set_back_holds_no_answer_up() {
    for bench in benches().await {
        assert!(bench.clock.advance(HOUR));
        bench.inbox.apply(&[support::text(ADA, "STATUS")]).await.unwrap();
        assert!(bench.clock.advance(-HOUR));
        let settler = bench.settler(Metrics::new().unwrap());
        settler.recall().await.unwrap();
        let mut looks = Vec::new();
        for _ in 1..=3 {
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
        assert!(bench.clock.advance(-HOUR));
        assert_eq!(bench.store.due_priorities(false, now).await.unwrap(), [0_i64; 0]);
        assert_eq!(bench.settler(Metrics::new().unwrap()).recall().await.unwrap(), 1);
        assert_eq!(bench.store.due_priorities(false, now).await.unwrap().len(), 1);
        bench.end().await;
    }
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
