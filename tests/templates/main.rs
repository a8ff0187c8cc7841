//! Staff's wordings, on both engines: saved, refused, gone back to, said in conversations on every node.

#[path = "../harness/mod.rs"]
mod harness;
mod said;
mod saved;

use harness::{Scratch, Stage, random};
use reqwest::Method;
use serde_json::{Value, json};

/// Words that keep all that the welcome must keep.
const WELCOME: &str = "Hooray, {{ name }}! {{ organisation }} is glad to have you. {{ frequency }}. \
                       Reply HELP for help, STOP to opt out. Msg & data rates may apply.";

struct Editor {
    stage: Stage,
    token: String,
}

impl Editor {
    async fn open(scratch: Scratch) -> Self {
        let stage = Stage::new(scratch).await;
        let token = token(&stage, "templates:read templates:write audit:read").await;
        Self { stage, token }
    }

    async fn call_with(&self, token: &str, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let url = format!("{}/api/v1{path}", self.stage.app.public_url);
        let mut request = self.stage.client.request(method, url).bearer_auth(token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap_or_default())
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        self.call_with(&self.token, method, path, body).await
    }

    async fn get(&self, path: &str) -> Value {
        let (status, value) = self.call(Method::GET, path, None).await;
        assert_eq!(status, 200, "{path}: {value}");
        value
    }

    async fn put(&self, name: &str, body: &str) -> (u16, Value) {
        self.call(Method::PUT, &format!("/templates/{name}"), Some(json!({ "body": body }))).await
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.call(Method::POST, path, Some(body)).await
    }
}

async fn token(stage: &Stage, scopes: &str) -> String {
    let token = tidings::api::new_token().unwrap();
    let id = i64::try_from(random() >> 65).unwrap();
    stage.app.store.add_token(id, "editor", &tidings::api::hash_token(&token), scopes, 0).await.unwrap();
    token
}
