//! The control API.

use crate::stage::{ADA, BOB, OURS, Stage, answer, stage};
use serde_json::{Value, json};

async fn call(stage: &Stage, method: &str, path: &str, body: Value) -> (u16, Value) {
    let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
    answer(stage.client.request(method, format!("{}{path}", stage.base)).json(&body).send().await.unwrap())
        .await
}

#[tokio::test]
async fn a_harness_can_do_everything_over_http() {
    let stage = stage().await;
    stage.app.twiml("<Response><Message>hello</Message></Response>");
    let (status, delivery) = call(&stage, "POST", "/carrier/texts", json!({"from": ADA, "body": "hi"})).await;
    assert_eq!((status, &delivery["replies"]), (200, &json!(["hello"])));
    stage.carrier.idle().await;
    let (_, conversation) = call(&stage, "GET", &format!("/carrier/phones/{ADA}"), Value::Null).await;
    assert_eq!((&conversation[0]["body"], &conversation[1]["body"]), (&json!("hi"), &json!("hello")));
    assert_eq!(conversation[1]["direction"], "outbound-reply");
    let (_, ledger) = call(&stage, "GET", "/carrier/ledger", Value::Null).await;
    assert_eq!(ledger["webhooks"][0]["http_status"], 200);
    let place = ledger["sequence"].as_u64().unwrap();
    let (_, rest) = call(&stage, "GET", &format!("/carrier/ledger?after={place}"), Value::Null).await;
    assert_eq!(rest["inbound"], json!([]));

    let (_, faults) =
        call(&stage, "PUT", "/carrier/faults", json!({"seed": 3, "answer_lost": {"next": 2}})).await;
    assert_eq!((&faults["seed"], &faults["answer_lost"]["next"]), (&json!(3), &json!(2)));
    assert_eq!(call(&stage, "GET", "/carrier/faults", Value::Null).await.1, faults);

    let ending = json!({"ending": "failed", "error_code": 30007});
    assert_eq!(call(&stage, "PUT", &format!("/carrier/phones/{BOB}"), ending.clone()).await, (200, ending));
    let (_, number) = call(
        &stage,
        "PUT",
        &format!("/carrier/numbers/{OURS}"),
        json!({"sms_fallback_url": "http://x.test/"}),
    )
    .await;
    assert_eq!(number["sms_fallback_url"], "http://x.test/");
    assert!(number["sms_url"].as_str().unwrap().ends_with("/sms"));
}

#[tokio::test]
async fn bad_input_is_refused_with_the_name_of_the_field() {
    let stage = stage().await;
    for (method, path, body, field) in [
        ("POST", "/carrier/texts", json!({"body": "x"}), "from"),
        ("POST", "/carrier/texts", json!({"from": "12", "body": "x"}), "from"),
        ("POST", "/carrier/texts", json!({"from": ADA}), "body"),
        ("POST", "/carrier/texts", json!({"from": ADA, "body": 7}), "body"),
        ("POST", "/carrier/texts", json!({"from": ADA, "to": BOB, "body": "x"}), "to"),
        ("POST", "/carrier/texts", json!({"from": ADA, "body": "x", "speed": 1}), "speed"),
        ("POST", "/carrier/texts", json!([]), "body"),
        ("PUT", "/carrier/faults", json!({"answer_lost": {"probability": 2}}), "answer_lost"),
        ("PUT", "/carrier/faults", json!({"nonsense": 1}), "nonsense"),
        ("PUT", "/carrier/phones/+15550100001", json!({"ending": "gone"}), "ending"),
        ("PUT", "/carrier/numbers/+15550100000", json!({"sms_url": "x"}), "sms_url"),
        ("GET", "/carrier/phones/12", Value::Null, "number"),
        ("GET", "/carrier/ledger?after=x", Value::Null, "after"),
    ] {
        let (status, error) = call(&stage, method, path, body.clone()).await;
        assert_eq!((status, &error["field"]), (400, &json!(field)), "{path} {body}");
    }
    let form = stage.client.post(format!("{}/carrier/texts", stage.base)).form(&[("from", ADA)]);
    assert_eq!(answer(form.send().await.unwrap()).await.1["field"], "Content-Type");
}
