//! The day's budget for what promotes, shared by two nodes; what is owed to somebody never waits for it.

mod harness;
mod queue;

use harness::{PATIENCE, Scratch, Stage, eventually};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use queue::{Want, queue};
use tidings::clock::Clock;
use tidings::gate::Budget;
use tidings::purpose::Purpose;
use tidings::store::{Since, Spend, Tx};

const SPENT: &str = "the day's budget is spent";

/// How many messages wait for the next day's budget.
async fn held(stage: &Stage) -> usize {
    let because = |reason: &Option<String>| reason.as_deref().is_some_and(|words| words.starts_with(SPENT));
    let rows = stage.outgoing().await.into_iter();
    rows.filter(|row| row.status == "queued" && because(&row.status_reason)).count()
}

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

    eventually("the end of the budget", PATIENCE, async || {
        held(&stage).await == 30 && stage.taken().len() == most + 4
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

const MESSAGES: &str = "promotion:messages";

/// When the day of `at` began at the default region's place.
fn midnight(at: Timestamp) -> i64 {
    let zone = TimeZone::get("America/New_York").unwrap();
    Budget { messages: Some(1), micro_dollars: None, zone }.day(at).0.as_millisecond()
}

async fn counted(tx: &mut Tx, since: i64) -> i64 {
    let asked = [Since { key: MESSAGES.to_owned(), after: since - 1 }];
    tx.spend(&[], &asked).await.unwrap().iter().map(|row| row.count).sum()
}

/// Calls so slow that what was claimed behind them goes back to the queue: it counts when it leaves, once.
async fn counted_once(scratch: Scratch, cut_off: bool) {
    const WANTED: usize = 100;
    let stage = Stage::with_ours(scratch, &[("TIDINGS_DAILY_BUDGET_MESSAGES", "100")]).await;
    if cut_off {
        refuse_to_put_back(&stage.scratch).await;
    }
    stage.faults(|faults| faults.answer_delay_ms = 12_000);
    let wants: Vec<Want> = (0..).take(WANTED).map(|n| Want::to(n, Purpose::Campaign, "offer")).collect();
    queue(&stage.app.store, &wants).await;
    // The first calls end after 12 s; what waited for them had gone back after 10, or goes after 30.
    eventually("calls after the first", PATIENCE * 2, async || stage.taken().len() > 50).await;
    stage.faults(|faults| faults.answer_delay_ms = 0);
    eventually("all to be sent", PATIENCE * 2, async || stage.taken().len() == WANTED).await;
    let since = midnight(Clock::system().now());
    let store = stage.scratch.open().await;
    let mut tx = store.begin().await.unwrap();
    assert_eq!(counted(&mut tx, since).await, 100);
    drop(tx);
    store.close().await;
    stage.end().await;
}

/// As if the server were cut off as it puts back what had no call in time: the write does not come about. What is
/// found when a claim has ended is put back all the same.
async fn refuse_to_put_back(scratch: &Scratch) {
    let early = "OLD.status = 'sending' AND NEW.status = 'queued' AND NEW.status_reason IS NULL \
                 AND OLD.due_at > NEW.updated_at";
    let statements = if scratch.engine() == "SQLite" {
        vec![format!(
            "CREATE TRIGGER cut_off BEFORE UPDATE ON message WHEN {early} BEGIN SELECT RAISE(ABORT, 'cut off'); END"
        )]
    } else {
        let refuse = "CREATE FUNCTION cut_off() RETURNS trigger LANGUAGE plpgsql AS \
                      'BEGIN RAISE EXCEPTION ''cut off''; END'";
        let trigger = format!(
            "CREATE TRIGGER cut_off BEFORE UPDATE ON message FOR EACH ROW WHEN ({early}) EXECUTE FUNCTION cut_off()"
        );
        vec![refuse.to_owned(), trigger]
    };
    for statement in statements {
        scratch.execute(&statement).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_goes_back_to_its_queue_is_counted_once() {
    let calm = Scratch::each().await.into_iter().map(|scratch| counted_once(scratch, false));
    let cut_off = Scratch::each().await.into_iter().map(|scratch| counted_once(scratch, true));
    futures_util::future::join(futures_util::future::join_all(calm), futures_util::future::join_all(cut_off))
        .await;
}

/// What a node claimed and counted before it was killed is counted again when it leaves: once in all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_node_had_claimed_is_counted_once() {
    const CLAIMED: i64 = 10;
    for scratch in Scratch::each().await {
        let store = scratch.open().await;
        store.migrate().await.unwrap();
        let wants: Vec<Want> = (0..30).map(|n| Want::to(n, Purpose::Campaign, "offer")).collect();
        queue(&store, &wants).await;
        // As it is a moment after a claim of 30 seconds has ended.
        let ended = Clock::system().now() - SignedDuration::from_secs(1);
        let since = midnight(ended - SignedDuration::from_secs(30));
        let claim = format!(
            "UPDATE message SET status = 'sending', rank = 1, attempts = 1, fence = 7, due_at = {} \
             WHERE contact_id < {}",
            ended.as_millisecond(),
            1000 + CLAIMED
        );
        assert_eq!(scratch.execute(&claim).await, CLAIMED.unsigned_abs());
        let mut tx = store.begin().await.unwrap();
        let spend = Spend { key: MESSAGES.to_owned(), since, count: CLAIMED };
        tx.count_spending(&[spend]).await.unwrap();
        tx.commit().await.unwrap();

        let stage = Stage::with_ours(scratch, &[("TIDINGS_DAILY_BUDGET_MESSAGES", "25")]).await;
        eventually("the end of the budget", PATIENCE, async || stage.taken().len() == 25).await;
        eventually("the others to wait", PATIENCE, async || held(&stage).await == 5).await;
        assert_eq!(stage.taken().len(), 25);
        let mut tx = store.begin().await.unwrap();
        assert_eq!(counted(&mut tx, since).await, 25);
        drop(tx);
        store.close().await;
        stage.end().await;
    }
}
