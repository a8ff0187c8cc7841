//! What Twilio never reports, and what nobody can tell.

#[path = "../harness/mod.rs"]
mod harness;
#[path = "../support/mod.rs"]
mod support;

mod bench;
mod clocks;
mod equal;

use bench::{Bench, rows, twilio};
use harness::ADA;
use jiff::SignedDuration;
use tidings::batch::{Apply as _, MAX_SLICE};
use tidings::carrier::Switch;
use tidings::conversation::{Reported, Reports};
use tidings::delivery::Status;
use tidings::metrics::Metrics;
use tidings::outbound::Finisher;
use tidings::store::MessageRow;

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
