//! `/tokens`: shown once, no more than their maker may, and gone when revoked.

use crate::harness::callers::{Caller, admin, anybody, member};
use crate::harness::{Scratch, Stage, output};
use crate::program;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn a_token_is_shown_once_works_and_is_revoked() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let admin = admin(&stage).await;
        let wanted =
            json!({ "name": " reports ", "scopes": ["messages:read", "contacts:read", "messages:read"] });
        let (status, made) = admin.post("/tokens", wanted).await;
        assert_eq!(status, 201, "{made}");
        assert_eq!((&made["name"], &made["kind"]), (&json!("reports"), &json!("live")));
        assert_eq!(made["scopes"], json!(["contacts:read", "messages:read"]));
        let secret = made["token"].as_str().unwrap().to_owned();

        let (status, list) = admin.get("/tokens").await;
        assert_eq!(status, 200);
        assert!(!list.to_string().contains(&secret) && list["items"][0].get("token").is_none(), "{list}");
        assert_eq!(list["items"][0]["id"], made["id"]);
        assert!(list["items"][0]["created_by"].as_str().unwrap().starts_with("account "), "{list}");

        let reports = Caller { stage: &stage, token: secret };
        assert_eq!(reports.get("/contacts").await.0, 200);
        assert_eq!(reports.get("/bookings").await.0, 403, "only what it was made for");
        let path = format!("/tokens/{}", made["id"].as_str().unwrap());
        assert_eq!(admin.call(Method::DELETE, &path, None).await.0, 204);
        assert_eq!(admin.call(Method::DELETE, &path, None).await.0, 204, "again changes nothing");
        assert_eq!(reports.get("/contacts").await.0, 401);
        let (_, list) = admin.get("/tokens").await;
        assert!(list["items"][0]["revoked_at"].is_string(), "{list}");
        assert_eq!(admin.call(Method::DELETE, "/tokens/7", None).await.0, 404);
        let acts = admin.get("/audit?limit=2").await.1;
        assert_eq!(acts["items"][0]["action"], "DELETE /tokens/{id}", "{acts}");
        stage.end().await;
    }
}

#[tokio::test]
async fn nobody_hands_out_more_than_they_have() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let maker = program(&stage, 1, "tokens:write contacts:read").await;
        let wanted = |scope: &str, kind: &str| json!({ "name": "child", "scopes": [scope], "kind": kind });
        let (status, child) = maker.post("/tokens", wanted("contacts:read", "live")).await;
        assert_eq!(status, 201, "{child}");
        let (status, refused) = maker.post("/tokens", wanted("contacts:write", "live")).await;
        assert_eq!((status, refused["code"].as_str()), (403, Some("missing_scope")), "{refused}");
        assert_eq!(maker.get("/tokens").await.0, 403, "it may make tokens, not list them");

        stage.app.store.make_test_token(&tidings::api::hash_token(&maker.token)).await.unwrap();
        let (status, refused) = maker.post("/tokens", wanted("contacts:read", "live")).await;
        assert_eq!((status, refused["code"].as_str()), (403, Some("test_token")), "{refused}");
        assert_eq!(maker.post("/tokens", wanted("contacts:read", "test")).await.0, 201);

        let user = member(&stage, "asha@example.org", None).await;
        assert_eq!(user.get("/tokens").await.0, 403);
        assert_eq!(anybody(&stage).get("/tokens").await.0, 401);
        let (status, wrong) =
            maker.post("/tokens", json!({ "name": "", "scopes": ["contacts:read", "everything"] })).await;
        let fields: Vec<&str> = wrong["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| error["field"].as_str().unwrap())
            .collect();
        assert_eq!((status, fields), (400, vec!["name", "scopes[1]"]), "{wrong}");
        stage.end().await;
    }
}

#[tokio::test]
async fn a_name_that_nobody_can_read_is_turned_away() {
    let stage = Stage::new(Scratch::sqlite()).await;
    let admin = admin(&stage).await;
    for name in ["", "  ", "\u{200b}", "\u{2060}\u{feff} \u{3164}"] {
        let wanted = json!({ "name": name, "scopes": ["messages:read"] });
        let (status, answer) = admin.post("/tokens", wanted).await;
        assert_eq!((status, &answer["errors"][0]["field"]), (400, &json!("name")), "{answer}");
        let url = &stage.scratch.url;
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_tidings"));
        command.args(["token", "add", name, "--scope", "messages:read", "--database-url", url]);
        command.env("TIDINGS_SECRET", "a secret of the tests, 32 bytes or more");
        let made = output(command).await;
        assert!(!made.status.success(), "{name:?}");
        let said = String::from_utf8_lossy(&made.stderr);
        assert!(said.contains("name") && said.contains("100"), "{said}");
        let body =
            json!({ "email": "x@example.org", "password": "seven otters by the lake", "full_name": name });
        let (status, answer) = anybody(&stage).post("/auth/register", body).await;
        assert_eq!((status, &answer["errors"][0]["field"]), (400, &json!("full_name")), "{answer}");
        let (status, answer) = admin.post("/groups", json!({ "name": name })).await;
        assert_eq!((status, &answer["errors"][0]["field"]), (400, &json!("name")), "{answer}");
        let body =
            json!({ "phone_number": "+14155550101", "title": name, "starts_at": "2030-01-01T12:00:00Z" });
        let (status, answer) = admin.post("/bookings", body).await;
        assert_eq!((status, &answer["errors"][0]["field"]), (400, &json!("title")), "{answer}");
    }
    stage.end().await;
}
