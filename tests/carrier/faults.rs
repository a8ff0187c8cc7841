//! Faults on demand.

use crate::stage::{ADA, OURS, Stage, stage};
use jiff::SignedDuration;
use tidings::carrier::{Faults, Switch};

fn switch(stage: &Stage, change: impl FnOnce(&mut Faults)) {
    let mut faults = stage.carrier.faults();
    change(&mut faults);
    stage.carrier.set_faults(faults);
}

async fn send(stage: &Stage) -> (u16, serde_json::Value) {
    let url = stage.status_url();
    stage.send(&[("To", ADA), ("From", OURS), ("Body", "x"), ("StatusCallback", &url)]).await
}

#[tokio::test]
async fn a_lost_answer_closes_the_connection_and_the_message_goes_out() {
    let stage = stage().await;
    // The connection is open already, so a client that repeats by itself would show here.
    assert_eq!(send(&stage).await.0, 201);
    switch(&stage, |faults| faults.answer_lost = Switch::next(1));
    let params = [("To", ADA), ("From", OURS), ("Body", "x")];
    let error = stage.try_post(&stage.account("/Messages.json"), &params).await.unwrap_err();
    assert!(error.is_request() && !error.is_connect(), "{error:?}");
    stage.carrier.idle().await;
    assert_eq!(stage.on_handset(ADA), ["x", "x"]);
    assert_eq!(stage.carrier.faults().answer_lost.next, 0);
    assert_eq!(send(&stage).await.0, 201);
}

#[tokio::test]
async fn errors_come_before_or_after_acceptance() {
    let stage = stage().await;
    switch(&stage, |faults| faults.too_many_requests = Switch::next(1));
    let (status, error) = send(&stage).await;
    assert_eq!((status, error["code"].as_u64()), (429, Some(20429)));
    switch(&stage, |faults| faults.error_before_accept = Switch::next(1));
    assert_eq!(send(&stage).await.1["code"], 20500);
    assert!(stage.carrier.ledger(0).outbound.is_empty());
    switch(&stage, |faults| faults.error_after_accept = Switch::next(1));
    assert_eq!(send(&stage).await.0, 500);
    stage.carrier.idle().await;
    assert_eq!(stage.on_handset(ADA), ["x"]);
}

#[tokio::test]
async fn lists_lag_behind_but_a_sid_is_found() {
    let stage = stage().await;
    switch(&stage, |faults| faults.listing_late_ms = 60_000);
    let (_, message) = send(&stage).await;
    let list = stage.account("/Messages.json");
    let one = stage.account(&format!("/Messages/{}.json", message["sid"].as_str().unwrap()));
    assert_eq!(stage.get(&list).await.1["messages"].as_array().unwrap().len(), 0);
    assert_eq!(stage.get(&one).await.0, 200);
    assert!(stage.clock.advance(SignedDuration::from_secs(60)));
    assert_eq!(stage.get(&list).await.1["messages"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn callbacks_are_doubled_reordered_lost_and_late() {
    let stage = stage().await;
    switch(&stage, |faults| faults.callback_doubled = Switch::next(1));
    send(&stage).await;
    stage.carrier.idle().await;
    assert_eq!(stage.statuses(), ["sent", "sent", "delivered"]);

    switch(&stage, |faults| faults.callback_reordered = Switch::with_probability(1.0));
    send(&stage).await;
    stage.carrier.idle().await;
    assert_eq!(stage.statuses()[3..], ["delivered", "sent"]);

    switch(&stage, |faults| {
        faults.callback_reordered = Switch::default();
        faults.callback_lost = Switch::next(1);
    });
    send(&stage).await;
    stage.carrier.idle().await;
    assert_eq!(stage.statuses()[5..], ["delivered"]);

    switch(&stage, |faults| faults.callback_late = Switch::next(1));
    let mut changes = stage.carrier.watch();
    send(&stage).await;
    changes.wait_for(|_| stage.statuses().len() == 7).await.unwrap();
    assert!(stage.clock.advance(SignedDuration::from_secs(5)));
    stage.carrier.idle().await;
    assert_eq!(stage.statuses()[6..], ["delivered", "sent"]);
}

#[tokio::test]
async fn draws_repeat_for_a_seed() {
    let stage = stage().await;
    let mut runs = Vec::new();
    for _ in 0..2 {
        switch(&stage, |faults| {
            faults.seed = 42;
            faults.too_many_requests = Switch::with_probability(0.5);
        });
        let mut run = Vec::new();
        for _ in 0..20 {
            run.push(send(&stage).await.0);
        }
        // Callbacks draw nothing while their switches are off.
        runs.push(run);
    }
    assert_eq!(runs[0], runs[1]);
    assert!(runs[0].contains(&429) && runs[0].contains(&201));
}

#[tokio::test]
async fn a_slow_answer_lets_the_callback_overtake_it() {
    let stage = stage().await;
    switch(&stage, |faults| faults.answer_delay_ms = 3_000);
    let mut changes = stage.carrier.watch();
    let (answer, ()) = tokio::join!(send(&stage), async {
        changes.wait_for(|_| stage.statuses() == ["sent", "delivered"]).await.unwrap();
        assert!(stage.clock.advance(SignedDuration::from_secs(3)));
    });
    assert_eq!(answer.0, 201);
}
