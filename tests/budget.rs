//! The day's budget for what promotes, shared by two nodes; what is owed to somebody never waits for it.

mod harness;
mod queue;

use harness::{PATIENCE, Scratch, Stage, eventually};
use queue::{Want, queue};
use tidings::purpose::Purpose;

const SPENT: &str = "the day's budget is spent";

async fn spend(scratch: Scratch, limit: (&str, &str), most: usize) {
    let limit = [limit];
    let stage = Stage::with_ours(scratch, &limit).await;
    // A SQLite file has one node.
    let other = if stage.scratch.engine() == "SQLite" { None } else { Some(stage.another(&limit).await) };
    let promoting = most + 30;
    for slice in (0..i64::try_from(promoting).unwrap()).collect::<Vec<_>>().chunks(20) {
        let wants: Vec<Want> = slice.iter().map(|n| Want::to(*n, Purpose::Campaign, "offer")).collect();
        queue(&stage.app.store, &wants).await;
    }
    let owed = [Purpose::Code, Purpose::Reply, Purpose::Reminder, Purpose::Alert];
    let wants: Vec<Want> = (900..).zip(owed).map(|(n, purpose)| Want::to(n, purpose, "owed")).collect();
    queue(&stage.app.store, &wants).await;

    let held = async || {
        let rows = stage.outgoing().await.into_iter();
        let because =
            |reason: &Option<String>| reason.as_deref().is_some_and(|words| words.starts_with(SPENT));
        rows.filter(|row| row.status == "queued" && because(&row.status_reason)).count()
    };
    eventually("the end of the budget", PATIENCE, async || {
        held().await == 30 && stage.taken().len() == most + 4
    })
    .await;
    let taken = stage.taken();
    assert_eq!(taken.iter().filter(|message| message.body == "offer").count(), most);
    assert_eq!(taken.iter().filter(|message| message.body == "owed").count(), 4);
    if let Some(other) = other {
        other.stop().await;
    }
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_beyond_the_day_s_number_wait_for_tomorrow() {
    for scratch in Scratch::each().await {
        spend(scratch, ("TIDINGS_DAILY_BUDGET_MESSAGES", "25"), 25).await;
    }
}

/// A dollar, at 12 thousandths of one for a segment.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_beyond_the_day_s_money_wait_for_tomorrow() {
    for scratch in Scratch::each().await {
        spend(scratch, ("TIDINGS_DAILY_BUDGET", "1"), 83).await;
    }
}

/// Calls so slow that what was claimed behind them goes back to the queue: it counts when it leaves, once.
async fn counted_once(scratch: Scratch) {
    const WANTED: usize = 100;
    let stage = Stage::with_ours(scratch, &[("TIDINGS_DAILY_BUDGET_MESSAGES", "100")]).await;
    stage.faults(|faults| faults.answer_delay_ms = 12_000);
    let wants: Vec<Want> = (0..).take(WANTED).map(|n| Want::to(n, Purpose::Campaign, "offer")).collect();
    queue(&stage.app.store, &wants).await;
    // The first calls end after 12 s; what waited for them had gone back after 10.
    eventually("calls after the first", PATIENCE, async || stage.taken().len() > 50).await;
    stage.faults(|faults| faults.answer_delay_ms = 0);
    eventually("all to be sent", PATIENCE, async || stage.taken().len() == WANTED).await;
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_goes_back_to_its_queue_is_counted_once() {
    futures_util::future::join_all(Scratch::each().await.into_iter().map(counted_once)).await;
}
