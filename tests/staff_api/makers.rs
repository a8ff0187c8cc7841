//! The tokens of somebody who may do less than before do not do it in their place.

use crate::harness::callers::{Caller, PASSWORD, member, sign_in};
use crate::harness::{Scratch, Stage};
use crate::program;
use reqwest::Method;
use serde_json::{Value, json};

/// An admin's token with these scopes, and its id.
async fn token<'a>(admin: &Caller<'a>, scopes: &[&str]) -> (Caller<'a>, String) {
    let (status, made) = admin.post("/tokens", json!({ "name": scopes[0], "scopes": scopes })).await;
    assert_eq!(status, 201, "{made}");
    let token = made["token"].as_str().unwrap().to_owned();
    (Caller { stage: admin.stage, token }, made["id"].as_str().unwrap().to_owned())
}

/// An admin, signed in, and where their account is.
async fn boss<'a>(root: &Caller<'a>, email: &str) -> (Caller<'a>, String) {
    let (_, me) = member(root.stage, email, None).await.get("/users/me").await;
    let path = format!("/accounts/{}", me["id"].as_str().unwrap());
    assert_eq!(root.patch(&path, json!({ "role": "admin" })).await.0, 200);
    (sign_in(root.stage, email, PASSWORD).await, path)
}

/// The tokens that the log says were revoked with what became of their maker, newest first.
async fn revoked(root: &Caller<'_>) -> Vec<String> {
    let (_, log) = root.get("/audit?limit=200").await;
    let acts = log["items"].as_array().unwrap().iter();
    let revoked = acts.filter(|act| act["action"] == "revoke token" && act["actor"] == "token program 1");
    revoked.map(|act| act["subject"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_an_account_may_not_do_its_tokens_may_not_either() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let root = program(&stage, 1, "accounts:read accounts:write audit:read").await;
        boss(&root, "stays@example.org").await;
        let (ada, ada_at) = boss(&root, "ada@example.org").await;
        let (ben, _) = boss(&root, "ben@example.org").await;
        let (reads, _) = token(&ada, &["contacts:read"]).await;
        let (logs, logs_id) = token(&ada, &["audit:read", "contacts:read"]).await;
        let (bens, _) = token(&ben, &["audit:read"]).await;
        let (maker, _) = token(&ben, &["tokens:write", "accounts:write"]).await;
        let (made, _) = token(&maker, &["tokens:write", "accounts:write"]).await;
        let (last, _) = token(&made, &["accounts:write"]).await;

        assert_eq!(root.patch(&ada_at, json!({ "external_id": "care-1" })).await.0, 200);
        assert_eq!(logs.get("/audit").await.0, 200, "nothing was taken away");
        assert_eq!(root.patch(&ada_at, json!({ "role": "operator" })).await.0, 200);
        assert_eq!((reads.get("/contacts").await.0, logs.get("/audit").await.0), (200, 401));
        assert_eq!(revoked(&root).await.len(), 1);
        assert!(revoked(&root).await[0].contains(&logs_id));
        let ada_again = sign_in(&stage, "ada@example.org", PASSWORD).await;
        assert_eq!(
            ada_again.post("/tokens", json!({ "name": "x", "scopes": ["contacts:read"] })).await.0,
            403
        );

        assert_eq!(root.patch(&ada_at, json!({ "disabled": true })).await.0, 200);
        assert_eq!(reads.get("/contacts").await.0, 401, "who may not sign in reads nothing");
        assert_eq!(root.patch(&ada_at, json!({ "disabled": false, "role": "admin" })).await.0, 200);
        assert_eq!(reads.get("/contacts").await.0, 401, "what is revoked stays so");
        assert_eq!((revoked(&root).await.len(), bens.get("/audit").await.0), (2, 200), "others' tokens stay");

        let left = ben.call(Method::DELETE, "/users/me", Some(json!({ "current_password": PASSWORD }))).await;
        assert_eq!((left.0, left.1), (204, Value::Null));
        assert_eq!(bens.get("/audit").await.0, 401);
        for token in [maker, made, last] {
            let status = token.patch(&ada_at, json!({ "role": "user" })).await.0;
            assert_eq!(status, 401, "also what a token of theirs made");
        }
        stage.end().await;
    }
}
