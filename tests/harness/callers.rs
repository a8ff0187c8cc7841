//! People and programs that call the API about accounts.

use super::{PATIENCE, Stage, eventually};
use reqwest::Method;
use serde_json::{Value, json};

/// What everybody here signs in with.
pub(crate) const PASSWORD: &str = "seven otters by the lake";

/// Somebody with a browser, or a program of theirs.
pub(crate) struct Caller<'a> {
    pub(crate) stage: &'a Stage,
    pub(crate) token: String,
}

pub(crate) fn anybody(stage: &Stage) -> Caller<'_> {
    Caller { stage, token: String::new() }
}

impl Caller<'_> {
    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let url = format!("{}/api/v1{path}", self.stage.app.public_url);
        let mut request = self.stage.client.request(method, url);
        if !self.token.is_empty() {
            request = request.bearer_auth(&self.token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or_default())
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        self.call(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.call(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> (u16, Value) {
        self.call(Method::PATCH, path, Some(body)).await
    }
}

/// An account, signed in.
pub(crate) async fn member<'a>(stage: &'a Stage, email: &str, phone: Option<&str>) -> Caller<'a> {
    let mut body = json!({ "email": email, "password": PASSWORD, "full_name": "Asha Rai" });
    if let Some(phone) = phone {
        body["phone_number"] = phone.into();
    }
    let (status, user) = anybody(stage).post("/auth/register", body).await;
    assert_eq!(status, 201, "{user}");
    sign_in(stage, email, PASSWORD).await
}

pub(crate) async fn sign_in<'a>(stage: &'a Stage, email: &str, password: &str) -> Caller<'a> {
    let body = json!({ "email": email, "password": password });
    let (status, session) = anybody(stage).post("/auth/login", body).await;
    assert_eq!(status, 200, "{session}");
    Caller { stage, token: session["access_token"].as_str().unwrap().to_owned() }
}

/// The codes that a handset got, oldest first, once there are `count`.
pub(crate) async fn codes(stage: &Stage, phone: &str, count: usize) -> Vec<String> {
    let mut codes = Vec::new();
    eventually("a code", PATIENCE, async || {
        let taken = stage.taken().into_iter().filter(|message| message.to == phone);
        codes = taken.filter_map(|message| code_in(&message.body)).collect();
        codes.len() >= count
    })
    .await;
    assert_eq!(codes.len(), count);
    codes
}

/// The status of an answer, and the first field that it finds wrong.
pub(crate) fn field(told: &(u16, Value)) -> (u16, &str) {
    (told.0, told.1["errors"][0]["field"].as_str().unwrap_or_default())
}

/// The same, with what is wrong.
pub(crate) fn wrong(told: &(u16, Value)) -> (u16, &str, &str) {
    let (status, field) = field(told);
    (status, field, told.1["errors"][0]["message"].as_str().unwrap_or_default())
}

pub(crate) fn code_in(body: &str) -> Option<String> {
    let code = body.get(..6)?;
    code.bytes().all(|byte| byte.is_ascii_digit()).then(|| code.to_owned())
}

/// As if the time that limits remember had passed.
pub(crate) async fn forget_counts(stage: &Stage) {
    stage.app.store.sweep_accounts(0, i64::MAX).await.unwrap();
}

/// What an owner sends who wants codes beside the password.
pub(crate) fn second_factor_on() -> Value {
    json!({ "second_factor": "sms", "current_password": PASSWORD })
}

/// Six digits that are not `code`.
pub(crate) fn other_than(code: &str, step: u32) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + step) % 1_000_000)
}

/// An account that was given the role of an admin by a token that may.
pub(crate) async fn admin(stage: &Stage) -> Caller<'_> {
    let admin = member(stage, "root@example.org", None).await;
    let (_, me) = admin.get("/users/me").await;
    let token = tidings::api::new_token().unwrap();
    let hash = tidings::api::hash_token(&token);
    stage.app.store.add_token(1, "test", &hash, "accounts:read accounts:write", 0).await.unwrap();
    let program = Caller { stage, token };
    let path = format!("/accounts/{}", me["id"].as_str().unwrap());
    let (status, _) = program.patch(&path, json!({ "role": "admin" })).await;
    assert_eq!(status, 200);
    assert_eq!(program.get("/users/me").await.0, 403, "a token has no account");
    assert_eq!(admin.get("/users/me").await.0, 401, "another role ends the sessions");
    sign_in(stage, "root@example.org", PASSWORD).await
}
