//! The operations of the document, and whether an answer is one of theirs.

use super::harness::Stage;
use reqwest::{Method, Response};
use serde_json::Value;
use tidings::api::{SCOPES, document, hash_token, new_token};

/// An operation of the document.
#[derive(Clone)]
pub(crate) struct Operation {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) about: Value,
}

/// All of the API; the document has one more, whose answers are pages for people.
pub(crate) fn operations() -> Vec<Operation> {
    every_operation().into_iter().filter(|operation| operation.path != "/f/{token}").collect()
}

pub(crate) fn every_operation() -> Vec<Operation> {
    let mut all = Vec::new();
    for (path, methods) in document()["paths"].as_object().unwrap() {
        for (method, about) in methods.as_object().unwrap() {
            let method = method.to_uppercase().parse().unwrap();
            all.push(Operation { method, path: path.clone(), about: about.clone() });
        }
    }
    all
}

impl Operation {
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Its address with the examples of its parameters.
    pub(crate) fn address(&self) -> String {
        let mut path = self.path.clone();
        let mut query = Vec::new();
        for parameter in self.about["parameters"].as_array().unwrap() {
            let name = parameter["name"].as_str().unwrap();
            let example = &parameter["example"];
            let example = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
            match parameter["in"].as_str().unwrap() {
                "path" => path = path.replace(&format!("{{{name}}}"), &example.replace('+', "%2B")),
                "query" if parameter["required"] == true => {
                    query.push(format!("{name}={}", example.replace('+', "%2B")));
                }
                _ => {}
            }
        }
        if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
    }

    pub(crate) fn example(&self) -> Option<&Value> {
        self.about["requestBody"]["content"].get("application/json").map(|content| &content["example"])
    }

    /// The document's words about an answer.
    pub(crate) fn answer(&self, status: u16) -> Option<&Value> {
        let answer = self.about["responses"].get(status.to_string())?;
        Some(match answer["$ref"].as_str() {
            Some(path) => document().pointer(path.trim_start_matches('#')).unwrap(),
            None => answer,
        })
    }

    /// Fails unless the document has this answer.
    pub(crate) async fn is_documented(&self, response: Response) -> (u16, Value) {
        let status = response.status().as_u16();
        let kind = response.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
        let text = response.text().await.unwrap();
        let answer = self.answer(status).unwrap_or_else(|| panic!("{}: {status} {text}", self.name()));
        match kind {
            Some(kind) => assert!(answer["content"].get(&kind).is_some(), "{}: {status} {kind}", self.name()),
            None => assert!(answer.get("content").is_none(), "{}: {status} without a body", self.name()),
        }
        let told = serde_json::from_str(&text).unwrap_or_default();
        if self.path != "/api/v1/openapi.json" {
            has_times_in_whole_seconds(&told, &self.name());
        }
        (status, told)
    }
}

/// Fails at a time that is written otherwise.
pub(crate) fn has_times_in_whole_seconds(told: &Value, at: &str) {
    match told {
        Value::String(text) if text.parse::<jiff::Timestamp>().is_ok() => {
            assert!(text.len() == "2026-11-21T12:00:00Z".len() && text.ends_with('Z'), "{at}: {text}");
        }
        Value::Array(all) => all.iter().for_each(|one| has_times_in_whole_seconds(one, at)),
        Value::Object(all) => all.values().for_each(|one| has_times_in_whole_seconds(one, at)),
        _ => {}
    }
}

pub(crate) async fn token(stage: &Stage, id: i64, scopes: &str) -> String {
    let token = new_token().unwrap();
    stage.app.store.add_token(id, "test", &hash_token(&token), scopes, 0).await.unwrap();
    token
}

pub(crate) async fn every_scope(stage: &Stage) -> String {
    let all: Vec<&str> = SCOPES.iter().map(|(name, _)| *name).collect();
    token(stage, 1, &all.join(" ")).await
}
