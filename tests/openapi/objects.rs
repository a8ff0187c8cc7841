//! An array is no object, wherever in a body the document has one.

use super::harness::callers::member;
use super::harness::{Scratch, Stage};
use super::operation::{every_scope, operations};
use serde_json::{Value, json};
use tidings::api::document;

/// The objects within `schema`, each as a path of names; `[]` is a place in a list.
fn objects(schema: &Value, path: &[String], found: &mut Vec<Vec<String>>) {
    if let Some(named) = schema["$ref"].as_str() {
        objects(document().pointer(named.trim_start_matches('#')).unwrap(), path, found);
    }
    let is = |kind: &str| {
        schema["type"] == kind || schema["type"].as_array().is_some_and(|all| all.contains(&json!(kind)))
    };
    if is("object") {
        found.push(path.to_vec());
    }
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        objects(field, &[path, std::slice::from_ref(name)].concat(), found);
    }
    if is("array") {
        objects(&schema["items"], &[path, &["[]".to_owned()]].concat(), found);
    }
    for part in ["allOf", "anyOf", "oneOf"] {
        for choice in schema[part].as_array().into_iter().flatten() {
            objects(choice, path, found);
        }
    }
}

/// A body that has an empty array at `path`, and how that place is named.
fn with_array(path: &[String]) -> (Value, String) {
    let (mut body, mut field) = (json!([]), String::new());
    for name in path.iter().rev() {
        body = if name == "[]" { json!([body]) } else { json!({ name.as_str(): body }) };
    }
    for name in path {
        match name.as_str() {
            "[]" => field.push_str("[0]"),
            _ if field.is_empty() => field.push_str(name),
            _ => field = format!("{field}.{name}"),
        }
    }
    (body, if field.is_empty() { "body".to_owned() } else { field })
}

#[tokio::test]
async fn an_array_is_no_object() {
    let stage = Stage::new(Scratch::sqlite()).await;
    let program = every_scope(&stage).await;
    let person = member(&stage, "asha@example.org", None).await.token;
    let mut tried = Vec::new();
    for operation in operations() {
        // Its rows are told one by one.
        if operation.example().is_none() || operation.path == "/api/v1/tips/import" {
            continue;
        }
        let mut places = Vec::new();
        let body = &operation.about["requestBody"]["content"]["application/json"];
        objects(&body["schema"], &[], &mut places);
        let is_own = operation.about["security"][0]["bearer"].as_array().is_some_and(Vec::is_empty);
        for path in places {
            let (body, field) = with_array(&path);
            let url = format!("{}{}", stage.app.public_url, operation.address());
            let call = stage.client.request(operation.method.clone(), url);
            let call = call.bearer_auth(if is_own { &person } else { &program }).json(&body);
            let (status, told) = operation.is_documented(call.send().await.unwrap()).await;
            let error = &told["errors"][0];
            let expected = (400, &json!(field), &json!("must be a JSON object"));
            assert_eq!(
                (status, &error["field"], &error["message"]),
                expected,
                "{} {body}: {told}",
                operation.name()
            );
            tried.push(field);
        }
    }
    for field in ["body", "audience", "audience.received", "window", "auto_stop", "variables"] {
        assert!(tried.iter().any(|tried| tried == field), "{field} is not among {tried:?}");
    }
    stage.end().await;
}
