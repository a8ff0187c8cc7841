//! What Twilio refuses for now.

mod harness;
mod queue;
mod support;

use harness::{PATIENCE, Scratch, Stage, eventually};
use queue::{Want, queue};
use tidings::carrier::Switch;
use tidings::clock::stopwatch;
use tidings::purpose::Purpose;
use tidings::store::MessageRow;

async fn read(stage: &Stage, path: &str) -> String {
    let url = format!("{}{path}", stage.app.public_url);
    stage.client.get(url).send().await.unwrap().text().await.unwrap()
}

#[tokio::test]
async fn wrong_credentials_fail_no_message_and_say_who_can_put_it_right() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        stage.faults(|faults| faults.refusal_code = 20003);
        let wants: Vec<Want> = (0..30).map(|n| Want::to(n, Purpose::Alert, "alert")).collect();
        queue(&stage.app.store, &wants).await;
        let operator = |row: &MessageRow| {
            row.status_reason.as_deref().is_some_and(|reason| reason.starts_with("the operator: "))
        };
        eventually("a reason", PATIENCE, async || stage.outgoing().await.iter().any(operator)).await;
        let page = read(&stage, "/readyz").await;
        assert!(page.starts_with("ready\nsending by sms stands still: the operator: "), "{page}");
        assert!(page.contains("TWILIO_AUTH_TOKEN") && !page.contains("1415"), "{page}");
        eventually("every call's end", PATIENCE, async || {
            stage.outgoing().await.iter().all(|row| row.status == "queued")
        })
        .await;
        let tried: Vec<i64> = stage.outgoing().await.iter().map(|row| row.attempts).collect();
        stage.faults(|faults| faults.refusal_code = 0);
        stage.settled().await;
        let all = stage.outgoing().await;
        assert!(all.iter().all(|row| row.status == "delivered"), "{all:?}");
        assert!(tried.iter().sum::<i64>() < 100, "each was tried once or so, then the sender paused");
        assert_eq!(read(&stage, "/readyz").await, "ready\n");
        stage.end().await;
    }
}

#[tokio::test]
async fn one_destination_that_is_out_of_reach_pauses_nobody_else() {
    let stage = Stage::new(Scratch::sqlite()).await;
    stage.faults(|faults| faults.refusal_code = 21606);
    queue(&stage.app.store, &[Want::to(1, Purpose::Alert, "alert")]).await;
    eventually("a try", PATIENCE, async || stage.outgoing().await[0].error_code == Some(21606)).await;
    let row = stage.outgoing().await.remove(0);
    assert_eq!(row.status, "queued", "it waits for the operator");
    assert_eq!(read(&stage, "/readyz").await, "ready\n");
    // Message after message, it is the sender.
    let wants: Vec<Want> = (2..12).map(|n| Want::to(n, Purpose::Alert, "alert")).collect();
    queue(&stage.app.store, &wants).await;
    eventually("a pause", PATIENCE, async || read(&stage, "/readyz").await.contains("stands still")).await;
    stage.faults(|faults| faults.refusal_code = 0);
    stage.settled().await;
    assert!(stage.outgoing().await.iter().all(|row| row.status == "delivered"));
    stage.end().await;
}

#[tokio::test]
async fn retry_after_holds_the_whole_sender() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        stage.faults(|faults| {
            faults.too_many_requests = Switch::next(1);
            faults.retry_after_seconds = 3;
        });
        let watch = stopwatch();
        queue(&stage.app.store, &[Want::to(1, Purpose::Alert, "first")]).await;
        eventually("the refusal", PATIENCE, async || stage.carrier.faults().too_many_requests.next == 0)
            .await;
        eventually("the pause", PATIENCE, async || {
            stage.app.store.slots().await.unwrap().iter().any(|slot| slot.pauses > 0)
        })
        .await;
        queue(&stage.app.store, &[Want::to(2, Purpose::Code, "second")]).await;
        eventually("both", PATIENCE, async || stage.taken().len() == 2).await;
        assert!(watch.elapsed().as_millis() >= 3000, "{:?}", watch.elapsed());
        stage.settled().await;
        stage.end().await;
    }
}
