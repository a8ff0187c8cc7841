//! `kill -9` in the middle of a campaign: what was claimed and not yet called leaves after the start, what was
//! being called is never doubled.

mod harness;
#[path = "queue/mod.rs"]
mod queue;

use harness::server::beside_a_carrier;
use harness::{PATIENCE, Scratch, eventually, messages};
use std::collections::HashSet;
use tidings::carrier::Faults;

const PEOPLE: usize = 800;
const KILLS: usize = 3;
/// Bulk calls that a node has under way at most: nobody knows whether Twilio heard of these.
const CALLS: usize = 40;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_mid_campaign_only_calls_under_way_can_be_lost() {
    for scratch in Scratch::each().await {
        run(scratch).await;
    }
}

async fn run(scratch: Scratch) {
    let slow = Faults { answer_delay_ms: 400, ..Faults::default() };
    let (mut server, carrier, over) = beside_a_carrier(&scratch, slow, &[]).await;
    queue::fill(&scratch, i64::try_from(PEOPLE).unwrap()).await;
    for kill in 1..=KILLS {
        let enough = kill * PEOPLE / (KILLS + 1);
        eventually("a part of them", PATIENCE, async || carrier.ledger(0).outbound.len() > enough).await;
        server.kill();
        server.start();
        server.ready().await;
    }
    carrier.set_faults(Faults::default());
    let store = scratch.open().await;
    let is_open = |status: &str| ["queued", "sending", "uncertain"].contains(&status);
    eventually("an end of all", PATIENCE * 4, async || {
        messages(&store).await.iter().all(|row| !is_open(&row.status))
    })
    .await;
    let (status, _) = server.terminate().await;
    assert!(status.success());

    let rows = messages(&store).await;
    let failed = rows.iter().filter(|row| row.status == "failed").count();
    let taken = carrier.ledger(0).outbound;
    let people: HashSet<&str> = taken.iter().map(|message| message.to.as_str()).collect();
    println!("{}: {} taken, {failed} lost in {KILLS} kills", scratch.engine(), taken.len());
    assert_eq!((rows.len(), people.len()), (PEOPLE, taken.len()), "nobody gets it twice");
    assert_eq!(failed + taken.len(), PEOPLE);
    assert!(failed < CALLS, "most calls under way had been heard: {failed} lost");
    store.close().await;
    over.cancel();
    scratch.close().await;
}
