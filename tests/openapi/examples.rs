//! Examples are what they should be, and work as they stand.

use super::harness::callers::{Caller, codes};
use super::harness::{Scratch, Stage};
use super::operation::{Operation, every_scope, operations};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::HashMap;
use tidings::api::document;

#[tokio::test]
async fn every_example_of_a_body_is_what_it_should_be() {
    let stage = Stage::new(Scratch::sqlite()).await;
    let token = every_scope(&stage).await;
    // The example of an alert names this one.
    let group = stage.client.post(format!("{}/api/v1/groups", stage.app.public_url)).bearer_auth(&token);
    let group = group.json(&json!({ "name": "Nurses", "members": ["+14155550101"] })).send().await.unwrap();
    assert_eq!(group.status(), 201);
    for operation in operations() {
        let Some(example) = operation.example() else { continue };
        let url = format!("{}{}", stage.app.public_url, operation.address());
        let call = stage.client.request(operation.method.clone(), &url).bearer_auth(&token).json(example);
        let (_, told) = operation.is_documented(call.send().await.unwrap()).await;
        // No template has versions before somebody words it.
        if operation.path.ends_with("/restore") {
            continue;
        }
        assert_ne!(told["code"], "invalid_request", "{}: {example} {told}", operation.name());
        assert_ne!(told["code"], "newer_version", "{}: {example} {told}", operation.name());
    }
}

/// Proves the number of the account in the example, and notes its id.
async fn prove(stage: &Stage, token: &str, made: &mut HashMap<String, String>) {
    let code = codes(stage, "+14155550101", 1).await.remove(0);
    let person = Caller { stage, token: token.to_owned() };
    let body = json!({ "email": "asha@example.org", "code": code });
    assert_eq!(person.post("/auth/verify-sms", body).await.0, 200);
    let (_, numbers) = person.get("/users/me/phone-numbers").await;
    let id = numbers["items"][0]["id"].as_str().unwrap().to_owned();
    made.insert("/api/v1/users/me/phone-numbers".to_owned(), id);
}

/// Sent before all others: others need what these make.
const FIRST: [&str; 4] = [
    "POST /api/v1/auth/register",
    "POST /api/v1/auth/login",
    "POST /api/v1/groups",
    "PUT /api/v1/templates/{name}/{locale}",
];

/// Sent after all others: these take away what others need. A code that is asked for without signing in is sent
/// after the answer, and would be there for a number that is added meanwhile.
const LAST: [&str; 3] =
    ["POST /api/v1/contacts/{phone}/consent", "POST /api/v1/opt-outs", "POST /api/v1/auth/resend-sms"];

/// What only a phone has stands in these: a code from a text, or the id of one.
const FROM_A_PHONE: [&str; 4] = [
    "POST /api/v1/auth/verify-sms",
    "POST /api/v1/auth/login/second-factor",
    "POST /api/v1/users/me/phone-numbers/verify-code",
    "POST /api/v1/contacts/{phone}/messages/{id}/correction",
];

#[tokio::test]
async fn every_example_of_a_body_works_as_it_stands() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        stage.hear("SM00000000000000000000000000000001", "+14155550101", "REGISTER").await;
        let program = every_scope(&stage).await;
        let (mut person, mut made) = (String::new(), HashMap::new());
        let mut all: Vec<_> = operations().into_iter().filter(|one| one.example().is_some()).collect();
        all.retain(|one| !FROM_A_PHONE.contains(&one.name().as_str()));
        all.sort_by_key(|one| {
            let name = one.name();
            let first = FIRST.iter().position(|known| *known == name).unwrap_or(FIRST.len());
            (first, LAST.contains(&name.as_str()))
        });
        let reads = operations().into_iter().filter(|one| one.method == Method::GET);
        let mut all: Vec<_> = all.into_iter().chain(reads).collect();
        // Nobody is left to read anything once this one is sent.
        all.sort_by_key(|one| one.name() == "DELETE /api/v1/users/me");
        for operation in all {
            let name = operation.name();
            let collection =
                operation.path.split("/{id}").next().unwrap().split("/{test_id}").next().unwrap();
            let id: &str = made.get(collection).map_or("", String::as_str);
            let path = operation.path.replace("{id}", id).replace("{test_id}", id);
            let url =
                format!("{}{}", stage.app.public_url, Operation { path, ..operation.clone() }.address());
            let is_own = operation.about["security"][0]["bearer"].as_array().is_some_and(Vec::is_empty);
            let request = stage.client.request(operation.method.clone(), url);
            let request = request.bearer_auth(if is_own { &person } else { &program });
            let request = match operation.example() {
                Some(example) => request.json(example),
                None => request,
            };
            let (status, told) = operation.is_documented(request.send().await.unwrap()).await;
            assert!((200..300).contains(&status), "{name}: {:?} {told}", operation.example());
            if let Some(token) = told["access_token"].as_str() {
                token.clone_into(&mut person);
                prove(&stage, token, &mut made).await;
            }
            if let Some(id) = told["id"].as_str().or(told["test_id"].as_str()) {
                let of = if name == FIRST[0] { "/api/v1/accounts" } else { collection };
                made.entry(of.to_owned()).or_insert_with(|| id.to_owned());
            }
        }
        stage.end().await;
    }
}

/// The example of an operation's answer.
fn shown(method: &str, path: &str, status: &str) -> &'static Value {
    &document()["paths"][format!("/api/v1{path}")][method]["responses"][status]["content"]["application/json"]
        ["example"]
}

#[test]
fn examples_agree_with_what_they_are_about() {
    fn look(value: &Value, at: &str) {
        if let Some(method) = value.get("verification_method").and_then(Value::as_str) {
            assert!(["sms", "sms_reply"].contains(&method), "{at}: {method}");
        }
        if value["status"] == "delivered" {
            assert_eq!(value["error_code"], Value::Null, "{at}: {value}");
            let [sent, delivered] = [&value["sent_at"], &value["delivered_at"]].map(Value::as_str);
            assert!(sent <= delivered || value.get("delivered_at").is_none(), "{at}: {value}");
        }
        if let (Some(made), Some(ends)) = (value["created_at"].as_str(), value["expires_at"].as_str()) {
            assert!(made < ends, "{at}: {value}");
        }
        match value {
            Value::Object(parts) => parts.values().for_each(|part| look(part, at)),
            Value::Array(parts) => parts.iter().for_each(|part| look(part, at)),
            _ => {}
        }
    }
    for operation in operations() {
        for answer in operation.about["responses"].as_object().unwrap().values() {
            for content in answer["content"].as_object().into_iter().flatten() {
                look(&content.1["example"], &operation.name());
            }
        }
    }
    let registered = shown("post", "/auth/register", "201");
    assert_eq!(registered["verification"]["status"], "sent", "{registered}");
    assert_eq!(registered["is_phone_verified"], false, "{registered}");
    assert_eq!(registered["external_id"], Value::Null, "nobody has given it one yet");
    let [made, ends] =
        [&registered["created_at"], &registered["verification"]["expires_at"]].map(Value::as_str);
    assert!(made.is_some() && made < ends, "{registered}");
    let added = shown("post", "/users/me/phone-numbers", "201");
    assert_eq!((&added["is_primary"], &added["is_verified"]), (&json!(false), &json!(false)), "{added}");
    for (method, path, status) in [("post", "/bookings", "201"), ("get", "/bookings/{id}", "200")] {
        let booking = shown(method, path, status);
        assert_eq!((&booking["status"], &booking["answer"]), (&json!("pending"), &Value::Null), "{booking}");
    }
    assert_eq!(shown("post", "/bookings/{id}/cancel", "200")["status"], "cancelled");
    assert_eq!(shown("post", "/messages", "202")["status"], "queued");
    for path in ["/templates", "/sms/test/templates"] {
        assert_eq!(shown("get", path, "200")["items"][0]["name"], "code", "{path}");
    }
    let own = shown("get", "/openapi.json", "200");
    assert_eq!(own["info"]["version"], document()["info"]["version"]);
    assert_ne!(own["paths"], json!({}));
}
