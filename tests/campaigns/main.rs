//! Campaigns against the carrier, on both engines: whatever is pressed, the sums agree.

mod drafts;
#[path = "../harness/mod.rs"]
mod harness;
mod zones;

use harness::staff::{Desk, number, people};
use harness::{OURS, PATIENCE, Scratch, eventually};
use reqwest::Method;
use serde_json::{Value, json};
use tidings::carrier::Ending;
use tidings::dialog::Consent;

#[tokio::test]
async fn paused_and_resumed_it_reaches_everybody_once() {
    for scratch in Scratch::each().await {
        let desk = Desk::open(scratch, |_| {}).await;
        people(
            &desk.stage.app.store,
            500,
            |index| {
                if index % 10 == 0 { Consent::Withdrawn } else { Consent::Given }
            },
        )
        .await;
        desk.stage.faults(|faults| faults.answer_delay_ms = 300);
        let id =
            desk.launch(json!({"name": "Spring", "body": "Hi {{first_name|there}}, we are open."})).await;
        eventually("the first hundred", PATIENCE, async || desk.taken().len() >= 100).await;
        let pause = format!("/campaigns/{id}/pause");
        for (path, body, field) in [
            (&pause, json!({"raeson": "x"}), "raeson"),
            (&pause, json!({"reason": ""}), "reason"),
            (&pause.replace("pause", "resume"), json!({"reason": "x"}), "reason"),
            (&pause.replace("pause", "stop"), json!({"nonsense": true}), "nonsense"),
        ] {
            let (status, refused) = desk.call(Method::POST, path, Some(body)).await;
            assert_eq!((status, &refused["errors"][0]["field"]), (400, &json!(field)), "{refused}");
        }
        let paused = desk.post(&pause, json!({"reason": "The clinic is closed"})).await;
        assert_eq!(paused["status"], "paused");
        assert_eq!(paused["status_reason"], "paused by token test: The clinic is closed");
        // What was under way arrives; then nothing does.
        desk.stage.settled().await;
        let before = desk.taken().len();
        assert!(before < 450, "{before} were sent before the pause was felt");
        let held = desk.get("/messages?status=held&limit=200").await["items"].as_array().unwrap().len();
        assert!(held > 0);
        let (status, again) = desk.call(Method::POST, &format!("/campaigns/{id}/pause"), None).await;
        assert_eq!((status, &again["code"]), (409, &json!("wrong_state")));
        desk.stage.settled().await;
        assert_eq!(desk.taken().len(), before);

        desk.post(&format!("/campaigns/{id}/resume"), json!({"reason": null})).await;
        let done = desk.becomes(&id, "done").await;
        desk.stage.settled().await;
        let taken = desk.taken();
        assert_eq!(taken.len(), 450);
        assert!(taken.values().all(|times| *times == 1));
        assert_eq!(done["counts"]["audience"], 500);
        assert_eq!(done["counts"]["sent"], 450);
        assert_eq!(done["counts"]["refused"], json!({"the person has opted out": 50}));
        assert!(done["ended_at"].is_string());
        assert!(desk.stage.taken().iter().all(|message| message.body == "Hi there, we are open."));
        desk.stage.end().await;
    }
}

#[tokio::test]
async fn stopped_it_says_so_of_everybody_it_did_not_reach() {
    for scratch in Scratch::each().await {
        let private = [("TIDINGS_WEBHOOK_ALLOW_PRIVATE", "true")];
        let desk = Desk::with(scratch, |_| {}, &private).await;
        people(&desk.stage.app.store, 300, |_| Consent::Given).await;
        let nobody = json!({"url": "http://127.0.0.1:9/", "events": ["campaign.done"]});
        let endpoint = desk.post("/webhook-endpoints", nobody).await["id"].as_str().unwrap().to_owned();
        desk.stage.faults(|faults| faults.answer_delay_ms = 400);
        let id = desk.launch(json!({"name": "Recall", "body": "Please call us."})).await;
        eventually("the first", PATIENCE, async || desk.taken().len() >= 20).await;
        desk.post(&format!("/campaigns/{id}/stop"), json!({})).await;
        desk.stage.settled().await;
        let stopped = desk.campaign(&id).await;
        let counts = &stopped["counts"];
        assert_eq!(stopped["status"], "stopped");
        assert_eq!(stopped["status_reason"], "stopped by token test");
        let told = desk.get(&format!("/webhook-endpoints/{endpoint}/deliveries")).await;
        assert_eq!(told["items"].as_array().unwrap().len(), 1, "{told}");
        assert_eq!(counts["sent"], desk.taken().len());
        assert_eq!(counts["refused"]["the campaign was stopped"], 300 - desk.taken().len());
        let (status, _) = desk.call(Method::POST, &format!("/campaigns/{id}/resume"), None).await;
        assert_eq!(status, 409);

        // What people do about it is counted.
        let reader = desk.taken().into_keys().next().unwrap();
        let other = desk.taken().into_keys().find(|number| *number != reader).unwrap();
        desk.stage.carrier.text(&reader, OURS, "when are you open?").await.unwrap();
        desk.stage.carrier.text(&other, OURS, "STOP").await.unwrap();
        let counts = desk.campaign(&id).await["counts"].clone();
        assert_eq!((&counts["replies"], &counts["opt_outs"]), (&json!(1), &json!(1)));
        desk.stage.end().await;
    }
}

#[tokio::test]
async fn it_pauses_itself_when_too_many_fail_and_goes_on_when_told() {
    for scratch in Scratch::each().await {
        let desk = Desk::open(scratch, |settings| {
            let failing = (0..600).filter(|index| index % 5 == 0);
            settings.endings =
                failing.map(|at| (number(at), Ending::Undelivered { error_code: 30003 })).collect();
        })
        .await;
        people(&desk.stage.app.store, 600, |_| Consent::Given).await;
        desk.stage.faults(|faults| faults.answer_delay_ms = 500);
        let auto_stop = json!({"after": 40, "max_error_percent": 10});
        let id = desk.launch(json!({"name": "Old list", "body": "Hello", "auto_stop": auto_stop})).await;
        let paused = desk.becomes(&id, "paused").await;
        let reason = paused["status_reason"].as_str().unwrap();
        assert!(reason.starts_with("paused by itself: more than 10 % ("), "{reason}");
        desk.stage.settled().await;
        assert!(desk.taken().len() < 600);
        // Staff have seen it: it goes on, and stops itself again for what fails from then on.
        desk.stage.carrier.set_faults(tidings::carrier::Faults::default());
        let resumed = desk.post(&format!("/campaigns/{id}/resume"), json!({})).await;
        assert_eq!((&resumed["status"], &resumed["status_reason"]), (&json!("running"), &Value::Null));
        eventually("the end", PATIENCE, async || {
            let status = desk.campaign(&id).await["status"].clone();
            if status == "paused" {
                desk.post(&format!("/campaigns/{id}/resume"), json!({})).await;
            }
            status == "done" || status == "stopped"
        })
        .await;
        assert_eq!(desk.taken().len(), 600);
        desk.stage.end().await;
    }
}

/// The sender has no limit here: what keeps the losses small is that somebody looks soon.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_rate_few_fail_before_it_pauses_itself() {
    const PEOPLE: usize = 4000;
    for scratch in Scratch::each().await {
        let desk = Desk::open(scratch, |settings| {
            settings.endings =
                (0..PEOPLE).map(|at| (number(at), Ending::Failed { error_code: 30007 })).collect();
        })
        .await;
        people(&desk.stage.app.store, PEOPLE, |_| Consent::Given).await;
        let id = desk.launch(json!({"name": "Bad list", "body": "Hello"})).await;
        desk.becomes(&id, "paused").await;
        desk.stage.settled().await;
        let sent = desk.taken().len();
        println!("{sent} of {PEOPLE} were sent");
        assert!(sent < 600, "{sent} were sent before it paused");
        desk.stage.end().await;
    }
}

/// There are so many messages that their counts are kept for a while.
#[tokio::test]
async fn counts_are_never_from_before_a_pause() {
    let desk = Desk::open(Scratch::sqlite(), |_| {}).await;
    people(&desk.stage.app.store, 3000, |_| Consent::Given).await;
    desk.stage.faults(|faults| faults.answer_delay_ms = 300);
    let id = desk.launch(json!({"name": "Large", "body": "Hello"})).await;
    let sent = async || desk.campaign(&id).await["counts"]["sent"].as_i64().unwrap();
    eventually("all to be queued", PATIENCE, async || desk.campaign(&id).await["counts"]["audience"] == 3000)
        .await;
    eventually("the first", PATIENCE, async || sent().await > 50).await;
    // These are kept while it runs; what follows comes after.
    eventually("more", PATIENCE, async || desk.taken().len() > 400).await;
    desk.post(&format!("/campaigns/{id}/pause"), json!({})).await;
    let paused = sent().await;
    desk.post(&format!("/campaigns/{id}/resume"), json!({})).await;
    assert!(sent().await >= paused);
    desk.stage.end().await;
}

/// All of it is with the carrier before anybody looks; the reports come a little later.
#[tokio::test]
async fn one_that_fails_as_a_whole_says_so_in_the_end() {
    for scratch in Scratch::each().await {
        let desk = Desk::open(scratch, |settings| {
            settings.endings =
                (0..80).map(|at| (number(at), Ending::Undelivered { error_code: 30007 })).collect();
        })
        .await;
        people(&desk.stage.app.store, 80, |_| Consent::Given).await;
        let tag = async |from: usize, to: usize, tag: &str| {
            for index in from..to {
                let path = format!("/contacts/{}", number(index));
                assert_eq!(desk.call(Method::PATCH, &path, Some(json!({"tags": [tag]}))).await.0, 200);
            }
        };
        tag(0, 60, "many").await;
        tag(60, 80, "few").await;
        for (tag, said) in [
            ("many", "stopped at its end: more than 10 % (60 of 60) messages failed. Most often: "),
            ("few", "stopped at its end: all 20 messages failed. Most often: "),
        ] {
            let audience = json!({"tags_any": [tag]});
            let id = desk.launch(json!({"name": tag, "body": tag, "audience": audience})).await;
            let ended = desk.becomes(&id, "stopped").await;
            let reason = ended["status_reason"].as_str().unwrap();
            assert!(reason.starts_with(said), "{reason}");
            assert!(ended["ended_at"].is_string());
        }
        let audience = json!({"tags_any": ["nobody"]});
        let id = desk.launch(json!({"name": "Nobody", "body": "Hello", "audience": audience})).await;
        assert_eq!(desk.becomes(&id, "done").await["status_reason"], "nobody fitted its audience");
        desk.stage.end().await;
    }
}
