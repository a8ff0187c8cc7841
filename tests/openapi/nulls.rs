//! A field that may be left out may be `null`, and a body in which all may be left out may be as well: in the
//! document, and in what is taken.

use super::harness::callers::member;
use super::harness::{Scratch, Stage};
use super::operation::{every_scope, operations};
use reqwest::Method;
use serde_json::{Value, json};

/// The fields of a body that may be left out, with the fields that they stand in.
fn optional(schema: &Value, within: &[String], found: &mut Vec<Vec<String>>) {
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let path = [within, std::slice::from_ref(name)].concat();
        if !required.contains(&json!(name)) {
            assert!(may_be_null(field), "{path:?}: {field}");
            found.push(path.clone());
        }
        optional(field, &path, found);
        for choice in choices(field) {
            optional(choice, &path, found);
        }
    }
}

fn choices(field: &Value) -> impl Iterator<Item = &Value> {
    ["anyOf", "oneOf"].into_iter().flat_map(|kind| field[kind].as_array().into_iter().flatten())
}

fn may_be_null(field: &Value) -> bool {
    let by_type = field["type"].as_array().is_some_and(|types| types.contains(&json!("null")));
    let by_choice = choices(field).any(|choice| *choice == json!({ "type": "null" }));
    let by_enum = field["enum"].as_array().is_none_or(|all| all.contains(&Value::Null));
    (by_type || by_choice) && by_enum
}

/// `body` with `null` at `path`, through objects that may have to be made.
fn with_null(body: &Value, path: &[String]) -> Value {
    let mut body = body.clone();
    let (last, before) = path.split_last().unwrap();
    let mut at = &mut body;
    for name in before {
        if !at[name].is_object() {
            at[name] = json!({});
        }
        at = &mut at[name];
    }
    at[last] = Value::Null;
    body
}

#[tokio::test]
async fn where_an_empty_object_does_no_body_does_as_well() {
    let stage = Stage::new(Scratch::sqlite()).await;
    let program = every_scope(&stage).await;
    let person = member(&stage, "asha@example.org", None).await.token;
    let mut optional = 0;
    for operation in operations() {
        let body = &operation.about["requestBody"];
        if operation.method != Method::POST || operation.example().is_none() {
            continue;
        }
        let is_own = operation.about["security"][0]["bearer"].as_array().is_some_and(Vec::is_empty);
        let url = format!("{}{}", stage.app.public_url, operation.address());
        let call = || stage.client.post(&url).bearer_auth(if is_own { &person } else { &program });
        let (with_object, _) = operation.is_documented(call().json(&json!({})).send().await.unwrap()).await;
        let name = operation.name();
        if body["required"] == false {
            optional += 1;
            let (status, told) = operation.is_documented(call().send().await.unwrap()).await;
            assert_eq!(status, with_object, "{name}: {told}");
        } else {
            assert!(with_object >= 400, "{name} could do without a body");
        }
    }
    assert!(optional >= 4, "{optional}");
    stage.end().await;
}

#[tokio::test]
async fn a_field_that_may_be_left_out_may_be_null() {
    let stage = Stage::new(Scratch::sqlite()).await;
    let program = every_scope(&stage).await;
    let person = member(&stage, "asha@example.org", None).await.token;
    let mut tried = 0;
    for operation in operations() {
        let Some(example) = operation.example() else { continue };
        let body = &operation.about["requestBody"]["content"]["application/json"];
        let mut fields = Vec::new();
        optional(&body["schema"], &[], &mut fields);
        let is_own = operation.about["security"][0]["bearer"].as_array().is_some_and(Vec::is_empty);
        for path in fields {
            tried += 1;
            let body = with_null(example, &path);
            let url = format!("{}{}", stage.app.public_url, operation.address());
            let call = stage.client.request(operation.method.clone(), url);
            let call = call.bearer_auth(if is_own { &person } else { &program }).json(&body);
            let (_, told) = operation.is_documented(call.send().await.unwrap()).await;
            assert!(!told.to_string().contains("not null"), "{}: {body} {told}", operation.name());
        }
    }
    assert!(tried > 60, "{tried}");
    stage.end().await;
}
