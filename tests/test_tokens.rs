//! What a test token sends is kept, and reaches no phone.

mod harness;

use harness::callers::Caller;
use harness::{PATIENCE, Scratch, Stage, eventually};
use serde_json::{Value, json};

const SCOPES: &str =
    "messages:send tests:send forms:write groups:write alerts:send bookings:write campaigns:write";
const PHONE: &str = "+14155550101";

async fn program(stage: &Stage, id: i64, test: bool) -> Caller<'_> {
    let token = tidings::api::new_token().unwrap();
    let hash = tidings::api::hash_token(&token);
    stage.app.store.add_token(id, "program", &hash, SCOPES, 0).await.unwrap();
    if test {
        stage.app.store.make_test_token(&hash).await.unwrap();
    }
    Caller { stage, token }
}

fn is_skipped(message: &Value) {
    assert_eq!(message["status"], "skipped", "{message}");
    assert!(message["status_reason"].as_str().unwrap().contains("test token"), "{message}");
}

#[tokio::test]
async fn nothing_by_a_test_token_reaches_a_phone() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let (test, live) = (program(&stage, 1, true).await, program(&stage, 2, false).await);
        let tests = |words: &str| json!({ "phone_number": PHONE, "message": words });

        let message = json!({ "to": PHONE, "body": "Nobody reads this.", "purpose": "test" });
        let (status, sent) = test.post("/messages", message).await;
        assert_eq!(status, 202, "{sent}");
        is_skipped(&sent);
        let (status, sent) = test.post("/sms/test", tests("Nor this.")).await;
        assert_eq!(status, 201, "{sent}");
        is_skipped(&sent);
        assert_eq!(sent["sent_at"], Value::Null);

        let group = json!({ "name": "Nurses", "members": [PHONE] });
        let (status, group) = test.post("/groups", group).await;
        assert_eq!(status, 201, "{group}");
        let alert = json!({ "group": "Nurses", "body": "Nor this either." });
        let (status, alert) = test.post("/alerts", alert).await;
        assert_eq!(status, 202, "{alert}");
        is_skipped(&alert["messages"][0]);

        let form = json!({ "phone_number": PHONE, "title": "Form", "url": "https://example.org/" });
        let (status, form) = test.post("/forms", form).await;
        assert_eq!((status, &form["next_reminder_at"]), (201, &Value::Null), "{form}");
        let id = form["id"].as_str().unwrap().parse().unwrap();
        let asked = stage.app.store.messages_of_source(id, 9).await.unwrap();
        assert_eq!((asked.len(), asked[0].status.as_str()), (1, "skipped"));

        let booking =
            json!({ "phone_number": PHONE, "title": "Check-up", "starts_at": "2030-01-01T12:00:00Z" });
        let (status, refused) = test.post("/bookings", booking).await;
        assert_eq!((status, refused["code"].as_str()), (403, Some("test_token")), "{refused}");
        let (status, refused) = test.post("/campaigns/1/start", json!({})).await;
        assert_eq!((status, refused["code"].as_str()), (403, Some("test_token")), "{refused}");

        // What comes later passes by what was skipped.
        assert_eq!(live.post("/sms/test", tests("This arrives.")).await.0, 201);
        eventually("the live one", PATIENCE, async || !stage.taken().is_empty()).await;
        let bodies: Vec<String> = stage.taken().into_iter().map(|message| message.body).collect();
        assert_eq!(bodies, ["This arrives."]);
    }
}
