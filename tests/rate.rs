//! The rate of a sender, who goes first, and that a long queue costs nothing.

mod harness;
mod queue;

use harness::{BOB, PATIENCE, Scratch, Stage, eventually};
use jiff::Timestamp;
use queue::{Want, fill, queue};
use std::time::Duration;
use tidings::app::App;
use tidings::clock::{Clock, stopwatch};
use tidings::config::{Config, Values};
use tidings::purpose::Purpose;

fn rate(per_second: &'static str) -> [(&'static str, &'static str); 1] {
    [("TIDINGS_SEGMENTS_PER_SECOND", per_second)]
}

/// What the carrier took, with when, from the first on.
fn taken(stage: &Stage) -> Vec<(Timestamp, String)> {
    stage.taken().into_iter().map(|message| (message.created_at, message.body)).collect()
}

async fn all_taken(stage: &Stage, count: usize) {
    eventually("sending", PATIENCE, async || stage.taken().len() >= count).await;
}

#[tokio::test]
async fn segments_leave_at_the_rate_and_no_faster() {
    for scratch in Scratch::each().await {
        let stage = Stage::with_ours(scratch, &rate("20")).await;
        // One message of three segments among nine of one: twelve segments at 20 a second.
        let long = "x".repeat(400);
        let wants: Vec<Want> =
            (0..10).map(|n| Want::to(n, Purpose::Alert, if n == 3 { &long } else { "short" })).collect();
        queue(&stage.app.store, &wants).await;
        all_taken(&stage, 10).await;
        let times = taken(&stage);
        let took = times[9].0.duration_since(times[0].0).as_millis();
        // The last one leaves eleven or, if it is the long one, nine segments after the first.
        assert!((400..3000).contains(&took), "{took} ms on {}", stage.scratch.engine());
        stage.end().await;
    }
}

#[tokio::test]
async fn a_code_overtakes_a_campaign_at_the_next_turn() {
    for scratch in Scratch::each().await {
        let stage = Stage::with_ours(scratch, &rate("4")).await;
        let campaign: Vec<Want> = (0..60).map(|n| Want::to(n, Purpose::Campaign, "offer")).collect();
        queue(&stage.app.store, &campaign).await;
        all_taken(&stage, 2).await;
        let before = stage.taken().len();
        queue(&stage.app.store, &[Want::to(90, Purpose::Code, "code")]).await;
        let queued_at = stage.taken().last().unwrap().created_at;
        eventually("the code", PATIENCE, async || taken(&stage).iter().any(|(_, body)| body == "code")).await;
        let all = taken(&stage);
        let place = all.iter().position(|(_, body)| body == "code").unwrap();
        // One was claimed already, one may have been between; nobody woke the sender, so a poll may pass.
        assert!(place <= before + 6, "the code came as number {place} after {before}");
        let waited = all[place].0.duration_since(queued_at).as_millis();
        assert!(waited < 2000, "{waited} ms");
        stage.end().await;
    }
}

#[tokio::test]
async fn whatsapp_does_not_wait_for_sms() {
    let stage = Stage::with_ours(Scratch::sqlite(), &rate("1")).await;
    let address = format!("whatsapp:{BOB}");
    stage.carrier.text(&address, &format!("whatsapp:{}", harness::OURS), "STATUS").await.unwrap();
    stage.carrier.idle().await;
    let slow: Vec<Want> = (0..20).map(|n| Want::to(n, Purpose::Alert, "slow")).collect();
    queue(&stage.app.store, &slow).await;
    all_taken(&stage, 2).await;
    let contact = stage.app.store.contact(&address).await.unwrap().unwrap();
    queue(&stage.app.store, &[Want::of(contact.id, Purpose::Alert, "on WhatsApp")]).await;
    eventually("the message on WhatsApp", Duration::from_secs(5), async || {
        stage.taken().iter().any(|message| message.body == "on WhatsApp" && message.to == address)
    })
    .await;
    assert!(stage.taken().len() < 15);
    stage.end().await;
}

/// With 100,000 messages waiting a code still goes at once, and a claim reads no more than it takes.
#[tokio::test]
async fn a_hundred_thousand_waiting_hold_nobody_up() {
    for scratch in Scratch::each().await {
        let stage = Stage::with_ours(scratch, &rate("1")).await;
        fill(&stage.scratch, 100_000).await;
        queue(&stage.app.store, &[Want::to(100_001, Purpose::Code, "code")]).await;
        let watch = stopwatch();
        eventually("the code", PATIENCE, async || taken(&stage).iter().any(|(_, body)| body == "code")).await;
        assert!(watch.elapsed() < Duration::from_secs(5), "{:?}", watch.elapsed());
        for plan in queue::plans(&stage.scratch).await {
            assert!(plan.contains("message_queued"), "{plan}");
            assert!(plan.contains("message_active"), "{plan}");
            assert!(!plan.contains("Seq Scan") && !plan.contains("SCAN message"), "{plan}");
            assert!(!plan.contains("TEMP B-TREE") && !plan.contains("Sort"), "{plan}");
        }
        stage.end().await;
    }
}

#[tokio::test]
async fn two_nodes_share_one_rate_and_send_nothing_twice() {
    let Some(scratch) = Scratch::postgres().await else { return };
    let stage = Stage::with_ours(scratch, &rate("20")).await;
    let other = stage.another(&rate("20")).await;
    let wants: Vec<Want> = (0..40).map(|n| Want::to(n, Purpose::Alert, "alert")).collect();
    queue(&stage.app.store, &wants).await;
    all_taken(&stage, 40).await;
    stage.settled().await;
    let times = taken(&stage);
    assert_eq!(times.len(), 40);
    let took = times[39].0.duration_since(times[0].0).as_millis();
    assert!(took >= 1700, "40 segments at 20 a second took {took} ms");
    let to: std::collections::HashSet<String> = stage.taken().into_iter().map(|m| m.to).collect();
    assert_eq!(to.len(), 40);
    other.stop().await;
    stage.end().await;
}

#[tokio::test]
async fn what_may_have_been_sent_holds_back_what_follows_but_no_code() {
    for scratch in Scratch::each().await {
        let stage = Stage::with_ours(scratch, &[("TIDINGS_SETTLE_SECONDS", "2")]).await;
        // The first is taken and nobody hears of it; the list tells two seconds later.
        stage.faults(|faults| {
            faults.answer_lost = tidings::carrier::Switch::next(1);
            faults.callback_lost = tidings::carrier::Switch::with_probability(1.0);
        });
        queue(&stage.app.store, &[Want::to(1, Purpose::Reminder, "first")]).await;
        eventually("uncertainty", PATIENCE, async || {
            stage.outgoing().await.iter().any(|row| row.status == "uncertain")
        })
        .await;
        queue(
            &stage.app.store,
            &[Want::again(1, Purpose::Alert, "second"), Want::again(1, Purpose::Code, "code")],
        )
        .await;
        all_taken(&stage, 3).await;
        let order: Vec<String> = taken(&stage).into_iter().map(|(_, body)| body).collect();
        assert_eq!(order, ["first", "code", "second"], "on {}", stage.scratch.engine());
        let rows = stage.outgoing().await;
        let settled = rows.iter().find(|row| row.body == "first").unwrap();
        assert!(settled.sid.is_some() && settled.attempts == 1, "{settled:?}");
        stage.end().await;
    }
}

/// The demo's carrier is a part of the server: what had its turn when the stop began still finds it.
#[tokio::test]
async fn a_demo_that_is_stopped_while_much_waits_keeps_its_carrier_to_the_end() {
    let scratch = Scratch::sqlite();
    let values = Values::from_pairs([
        ("TIDINGS_LISTEN", "127.0.0.1:0"),
        ("DATABASE_URL", &scratch.url),
        ("TIDINGS_SECRET", "a secret of at least thirty-two bytes"),
        ("TIDINGS_SEGMENTS_PER_SECOND", "200"),
    ]);
    let config = Config::from_values(&values.unwrap()).unwrap();
    let app = App::start(config, Clock::system()).await.unwrap();
    let wants: Vec<Want> = (0..600).map(|n| Want::to(n, Purpose::Alert, "offer")).collect();
    queue(&app.store, &wants).await;
    let carrier = app.carrier.clone().unwrap();
    eventually("the first", PATIENCE, async || carrier.ledger(0).outbound.len() >= 20).await;
    app.stop().await;
    let store = scratch.open().await;
    let slots = store.slots().await.unwrap();
    assert!(!slots.is_empty() && slots.iter().all(|slot| slot.reason.is_none()), "{slots:?}");
    store.close().await;
}
