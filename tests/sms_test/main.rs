//! `/sms/test`: a test message and what becomes of it.

#[path = "../support/demo.rs"]
mod demo;
#[path = "../harness/mod.rs"]
mod harness;
mod person;

use harness::{ADA, BOB, PATIENCE, Scratch, Stage, eventually, random};
use serde_json::{Value, json};

struct Staff {
    stage: Stage,
    token: String,
}

impl Staff {
    async fn new(scratch: Scratch, scopes: &str) -> Self {
        let stage = Stage::new(scratch).await;
        let token = tidings::api::new_token().unwrap();
        let hash = tidings::api::hash_token(&token);
        let id = i64::try_from(random() >> 65).unwrap();
        stage.app.store.add_token(id, "test", &hash, scopes, 0).await.unwrap();
        Self { stage, token }
    }

    async fn post(&self, body: &Value) -> (u16, Value) {
        let url = format!("{}/api/v1/sms/test", self.stage.app.public_url);
        let response = self.stage.client.post(url).bearer_auth(&self.token).json(body).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        let url = format!("{}/api/v1/sms/test/{path}", self.stage.app.public_url);
        let response = self.stage.client.get(url).bearer_auth(&self.token).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    /// The test once it stands like this.
    async fn once(&self, id: &Value, status: &str) -> Value {
        let id = id.as_str().unwrap();
        eventually(status, PATIENCE, async || self.get(id).await.1["status"] == status).await;
        self.get(id).await.1
    }
}

#[tokio::test]
async fn a_test_arrives_and_its_status_can_be_followed() {
    for scratch in Scratch::each().await {
        let staff = Staff::new(scratch, "tests:send tests:read").await;
        let (status, sent) =
            staff.post(&json!({"phone_number": "(415) 555-0101", "message": "Is this thing on? …"})).await;
        assert_eq!(status, 201, "{sent}");
        assert_eq!((&sent["phone_number"], &sent["encoding"]), (&json!(ADA), &json!("UCS-2")));
        let test = staff.once(&sent["test_id"], "delivered").await;
        assert_eq!(test["message"], "Is this thing on? …");
        assert_eq!(test["segments"], 1);
        assert!(test["twilio_sid"].as_str().unwrap().starts_with("SM"));
        for time in ["created_at", "sent_at", "delivered_at", "updated_at"] {
            let parsed: Result<jiff::Timestamp, _> = test[time].as_str().unwrap().parse();
            assert!(parsed.is_ok(), "{time}: {test}");
        }
        let taken = staff.stage.taken();
        assert_eq!((taken.len(), taken[0].body.as_str()), (1, "Is this thing on? …"));

        // The templates as they are listed, one of them sent.
        let (_, templates) = staff.get("templates").await;
        let templates = templates["items"].as_array().unwrap();
        assert!(templates.len() > 20);
        let welcome = templates.iter().find(|template| template["name"] == "welcome").unwrap();
        assert!(welcome["segments"].as_u64().unwrap() <= 2);
        assert_eq!(welcome["encoding"], "GSM-7");
        let (status, sent) = staff.post(&json!({"phone_number": ADA, "template": "welcome"})).await;
        assert_eq!((status, &sent["message"]), (201, &welcome["sample"]));
        staff.once(&sent["test_id"], "delivered").await;

        // The history, newest first, in pages.
        let (_, page) = staff.get("history?limit=1").await;
        assert_eq!(page["items"][0]["test_id"], sent["test_id"]);
        let next = format!("history?limit=1&cursor={}", page["next_cursor"].as_str().unwrap());
        let (_, page) = staff.get(&next).await;
        assert_eq!(page["items"][0]["test_id"], test["test_id"]);
        assert_eq!(page["next_cursor"], Value::Null);
        staff.stage.end().await;
    }
}

#[tokio::test]
async fn the_gate_refuses_tests_like_everything_else_and_says_why() {
    for scratch in Scratch::each().await {
        let staff = Staff::new(scratch, "tests:send tests:read").await;
        staff.stage.carrier.text(BOB, harness::OURS, "STOP").await.unwrap();
        for (number, why) in
            [(BOB, "the person has opted out"), ("+97714123456", "country is not among TIDINGS_COUNTRIES")]
        {
            let (status, sent) = staff.post(&json!({"phone_number": number, "message": "hello"})).await;
            assert_eq!(status, 201, "{sent}");
            let test = staff.once(&sent["test_id"], "refused").await;
            assert!(test["status_reason"].as_str().unwrap().contains(why), "{test}");
            assert_eq!((&test["sent_at"], &test["delivered_at"]), (&Value::Null, &Value::Null));
        }
        assert!(staff.stage.taken().iter().all(|message| message.body != "hello"));
        // An opt-out that only Twilio knows shows with Twilio's code.
        staff.stage.carrier.set_number(harness::OURS, |number| number.sms_url = None);
        staff.stage.carrier.text(ADA, harness::OURS, "STOP").await.unwrap();
        let (_, sent) = staff.post(&json!({"phone_number": ADA, "message": "hello"})).await;
        let test = staff.once(&sent["test_id"], "failed").await;
        assert_eq!((&test["error_code"], &test["delivered_at"]), (&json!(21610), &Value::Null));
        staff.stage.end().await;
    }
}

#[tokio::test]
async fn what_is_wrong_is_told_by_field_and_scopes_decide() {
    for scratch in Scratch::each().await {
        let staff = Staff::new(scratch, "tests:send").await;
        for (body, field) in [
            (json!({"message": "hello"}), "phone_number"),
            (json!({"phone_number": "12", "message": "hello"}), "phone_number"),
            (json!({"phone_number": ADA}), "message"),
            (json!({"phone_number": ADA, "message": ""}), "message"),
            (json!({"phone_number": ADA, "message": " \n"}), "message"),
            (json!({"phone_number": ADA, "message": "a\u{0}b"}), "message"),
            (json!({"phone_number": ADA, "message": "é".repeat(1601)}), "message"),
            (json!({"phone_number": ADA, "message": "hello", "template": "welcome"}), "message"),
            (json!({"phone_number": ADA, "template": "nonsense"}), "template"),
        ] {
            let (status, problem) = staff.post(&body).await;
            assert_eq!(status, 400, "{problem}");
            let field_of = problem["errors"][0]["field"].as_str().unwrap();
            assert!(field_of == field || field_of == "body", "{field}: {problem}");
        }
        assert_eq!(staff.post(&json!({"phone_number": ADA, "message": "é".repeat(1600)})).await.0, 201);
        assert_eq!(staff.get("history").await.0, 403);
        staff.stage.end().await;
        let Some(scratch) = Scratch::each().await.into_iter().next() else { continue };
        let reader = Staff::new(scratch, "tests:read").await;
        assert_eq!(reader.post(&json!({"phone_number": ADA, "message": "hello"})).await.0, 403);
        assert_eq!(reader.get("1").await.0, 404);
        assert_eq!(reader.get("x").await.0, 404);
        reader.stage.end().await;
    }
}

/// Whoever owns such a number earns by what is sent there.
#[tokio::test]
async fn a_premium_rate_number_gets_no_test() {
    let staff = Staff::new(Scratch::sqlite(), "tests:send tests:read").await;
    let (status, sent) = staff.post(&json!({"phone_number": "+19005550123", "message": "hello"})).await;
    assert_eq!(status, 201, "{sent}");
    let id = sent["test_id"].as_str().unwrap();
    eventually("the refusal", PATIENCE, async || staff.get(id).await.1["status"] == "refused").await;
    assert_eq!(staff.get(id).await.1["status_reason"], "texts are not sent to premium-rate numbers");
    staff.stage.end().await;
}

/// Without Twilio credentials the demo's phone gets it.
#[tokio::test]
async fn in_the_demo_a_test_goes_to_the_demo_phone() {
    let demo = demo::start().await;
    let token = tidings::api::new_token().unwrap();
    let hash = tidings::api::hash_token(&token);
    demo.app.store.add_token(1, "test", &hash, "tests:send tests:read", 0).await.unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/api/v1/sms/test", demo.url);
    let body = json!({"phone_number": ADA, "template": "help"});
    let answer = client.post(&url).bearer_auth(&token).json(&body).send().await.unwrap();
    let sent: Value = answer.json().await.unwrap();
    let carrier = demo.app.carrier.clone().unwrap();
    eventually("the text", PATIENCE, async || {
        carrier.conversation(ADA).iter().any(|message| message.body == sent["message"].as_str().unwrap())
    })
    .await;
    demo.app.stop().await;
}
