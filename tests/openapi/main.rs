//! The document of the API, and what the API really does.

#[path = "../harness/mod.rs"]
mod harness;

mod examples;
mod nulls;
mod objects;
mod operation;
mod page;

use harness::{Scratch, Stage};
use operation::{every_operation, every_scope, operations, token};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use tidings::api::document;

#[test]
fn every_operation_says_all_there_is_to_say() {
    let all = operations();
    assert!(all.len() > 70, "{} operations", all.len());
    for operation in &all {
        let (name, about) = (operation.name(), &operation.about);
        for word in ["operationId", "summary", "description"] {
            assert!(about[word].as_str().is_some_and(|text| !text.is_empty()), "{name}: {word}");
        }
        for parameter in about["parameters"].as_array().unwrap() {
            assert!(parameter["description"].is_string(), "{name}: say what {} is", parameter["name"]);
            assert!(!parameter["example"].is_null(), "{name}: an example of {}", parameter["name"]);
        }
        for content in about["requestBody"]["content"].as_object().into_iter().flat_map(|all| all.values()) {
            assert!(!content["example"].is_null(), "{name}: an example of the body");
        }
        let answers = about["responses"].as_object().unwrap();
        let good: Vec<&String> = answers.keys().filter(|status| status.starts_with('2')).collect();
        assert!(!good.is_empty(), "{name}: no success");
        let good = operation.answer(good[0].parse().unwrap()).unwrap();
        for content in good["content"].as_object().into_iter().flat_map(|all| all.values()) {
            assert!(!content["example"].is_null(), "{name}: an example of the answer");
        }
        for status in ["400", "503"] {
            assert!(answers.contains_key(status), "{name}: {status}");
        }
        let guarded = !about["security"].as_array().unwrap().is_empty();
        assert_eq!(guarded, answers.contains_key("403") && answers.contains_key("401") && guarded, "{name}");
    }
}

#[test]
fn every_list_comes_in_parts() {
    let mut lists = 0;
    for operation in operations() {
        let Some(good) = operation.answer(200) else { continue };
        let schema = &good["content"]["application/json"]["schema"];
        let path = schema["$ref"].as_str().unwrap_or_default().trim_start_matches('#');
        let is_list =
            document().pointer(path).is_some_and(|of| of["properties"].get("next_cursor").is_some());
        if !path.is_empty() && is_list {
            lists += 1;
            for name in ["limit", "cursor"] {
                let parameters = operation.about["parameters"].as_array().unwrap();
                assert!(parameters.iter().any(|one| one["name"] == name), "{}: {name}", operation.name());
            }
        }
    }
    assert!(lists > 20, "{lists}");
}

#[test]
fn every_field_says_what_it_means() {
    fn look(schema: &Value, at: &str, silent: &mut Vec<String>) {
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            let at = format!("{at}.{name}");
            if !field["description"].is_string() && field.get("$ref").is_none() {
                silent.push(at.clone());
            }
            look(field, &at, silent);
        }
        look_into(&schema["items"], at, silent);
        for part in ["allOf", "anyOf", "oneOf"] {
            for schema in schema[part].as_array().into_iter().flatten() {
                look_into(schema, at, silent);
            }
        }
    }
    fn look_into(schema: &Value, at: &str, silent: &mut Vec<String>) {
        if schema.is_object() {
            look(schema, at, silent);
        }
    }
    let mut silent = Vec::new();
    for (name, schema) in document()["components"]["schemas"].as_object().unwrap() {
        look(schema, name, &mut silent);
    }
    for operation in operations() {
        for content in
            operation.about["requestBody"]["content"].as_object().into_iter().flat_map(|all| all.values())
        {
            look(&content["schema"], &operation.name(), &mut silent);
        }
    }
    assert!(silent.is_empty(), "say what they mean where they are, or in words.rs:\n{}", silent.join("\n"));
}

#[test]
fn routes_are_added_in_one_way() {
    fn look(folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                look(&path);
            } else if !path.ends_with("openapi/routes.rs") {
                let text = fs::read_to_string(&path).unwrap();
                assert!(!text.contains(".route("), "{}: use openapi::Routes", path.display());
            }
        }
    }
    look(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api"));
}

#[tokio::test]
async fn every_operation_is_there_and_guarded_as_the_document_says() {
    let stage = Stage::new(Scratch::sqlite()).await;
    let nothing = token(&stage, 1, "").await;
    for operation in operations() {
        let url = format!("{}{}", stage.app.public_url, operation.address());
        let name = operation.name();
        let call = || {
            let body = operation.example().cloned().unwrap_or_else(|| json!({}));
            stage.client.request(operation.method.clone(), &url).json(&body)
        };
        let (status, told) = operation.is_documented(call().send().await.unwrap()).await;
        assert!(!told["detail"].as_str().unwrap_or_default().starts_with("there is no /"), "{name}: {told}");
        let security = operation.about["security"][0].get("bearer");
        assert_eq!(status == 401 && told["code"] == "unauthorized", security.is_some(), "{name}: {told}");
        let Some(scopes) = security else { continue };
        let (status, told) =
            operation.is_documented(call().bearer_auth(&nothing).send().await.unwrap()).await;
        let expected = if scopes[0].is_string() { "missing_scope" } else { "no_account" };
        assert_eq!((status, told["code"].as_str()), (403, Some(expected)), "{name}");
        if let Some(scope) = scopes[0].as_str() {
            assert!(told["detail"].as_str().unwrap().ends_with(scope), "{name}: {told}");
        }
    }
}

/// Fails unless it is a problem with this status that names no internals.
async fn is_problem(what: &str, status: u16, response: Response) {
    let kind = response.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
    let got = response.status().as_u16();
    let text = response.text().await.unwrap();
    assert_eq!(got, status, "{what}: {text}");
    assert_eq!(kind.as_deref(), Some("application/problem+json"), "{what}: {text}");
    let problem: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(problem["status"], status, "{what}");
    for word in
        ["sqlx", "src/", ".rs", "panicked", "SQLITE", "tokio", "0x", "struct ", "eserialize", " at line "]
    {
        assert!(!text.contains(word), "{what}: {text}");
    }
}

#[tokio::test]
async fn whatever_is_wrong_is_told_as_a_problem() {
    let stage = Stage::new(Scratch::sqlite()).await;
    let token = every_scope(&stage).await;
    let base = &stage.app.public_url;
    let large = format!("\"{}\"", "a".repeat(1024 * 1024));
    for operation in operations() {
        let (name, url) = (operation.name(), format!("{base}{}", operation.address()));
        let call = |method: &Method, url: &str| stage.client.request(method.clone(), url).bearer_auth(&token);
        is_problem(&name, 405, call(&Method::TRACE, &url).send().await.unwrap()).await;
        for (field, word) in [("%FF", "bytes"), ("%00", "NUL")] {
            let url = if url.contains('?') { format!("{url}&x={field}") } else { format!("{url}?x={field}") };
            let what = format!("{name}, {word}");
            is_problem(&what, 400, call(&operation.method, &url).send().await.unwrap()).await;
        }
        let needs_account = operation.about["security"][0]["bearer"].as_array().is_some_and(Vec::is_empty);
        if operation.example().is_none() || needs_account {
            continue;
        }
        let with = |kind: &'static str, body: &str| {
            call(&operation.method, &url).header("content-type", kind).body(body.to_owned()).send()
        };
        is_problem(&name, 415, with("text/plain", "{}").await.unwrap()).await;
        is_problem(&name, 413, with("application/json", &large).await.unwrap()).await;
        for body in ["", "{", "nul", "7", "{\"no_such_field\": 1}", "\u{feff}{}", "{\"\\ud800\": 1}"] {
            if body.is_empty() && operation.about["requestBody"]["required"] == false {
                continue;
            }
            is_problem(&format!("{name} {body}"), 400, with("application/json", body).await.unwrap()).await;
        }
    }
    for path in ["/api/v1", "/api/v1/", "/api/v1/nothing", "/api/v2/messages", "/api"] {
        is_problem(path, 404, stage.client.get(format!("{base}{path}")).send().await.unwrap()).await;
    }
}

#[tokio::test]
async fn the_link_of_a_form_leads_where_the_document_says() {
    let stage = Stage::new(Scratch::sqlite()).await;
    let token = every_scope(&stage).await;
    let link = every_operation().into_iter().find(|operation| operation.path == "/f/{token}").unwrap();
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let follow = async |url: &str| client.get(url).send().await.unwrap();
    let form =
        json!({ "phone_number": "+14155550101", "title": "Intake", "url": "https://example.org/form" });
    let made = stage.client.post(format!("{}/api/v1/forms", stage.app.public_url)).bearer_auth(&token);
    let made: Value = made.json(&form).send().await.unwrap().json().await.unwrap();
    let url = made["link"].as_str().unwrap();
    let example = link.about["parameters"][0]["example"].as_str().unwrap();
    assert_eq!(url.rsplit('/').next().unwrap().len(), example.len());
    let response = follow(url).await;
    assert_eq!(response.headers()["location"], "https://example.org/form");
    assert!(link.answer(302).unwrap()["headers"]["Location"].is_object());
    assert_eq!(link.is_documented(response).await.0, 302);
    let unknown = format!("{}{}", stage.app.public_url, link.address());
    for url in [unknown, format!("{}/f/x", stage.app.public_url)] {
        assert_eq!(link.is_documented(follow(&url).await).await.0, 404);
    }
    stage.app.store.close().await;
    let away = follow(url).await;
    assert_eq!(link.is_documented(away).await.0, 503);
}
