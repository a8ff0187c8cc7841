//! Groups of staff and what they are told.

mod harness;

use harness::{ADA, BOB, PATIENCE, Scratch, Stage, eventually};
use serde_json::{Value, json};
use std::collections::HashMap;

const EVE: &str = "+14155550103";

struct Staff<'a> {
    stage: &'a Stage,
    token: String,
}

impl<'a> Staff<'a> {
    async fn of(stage: &'a Stage, scopes: &str) -> Self {
        let token = tidings::api::new_token().unwrap();
        let id = i64::try_from(harness::random() >> 80).unwrap();
        stage.app.store.add_token(id, "test", &tidings::api::hash_token(&token), scopes, 0).await.unwrap();
        Self { stage, token }
    }

    /// Calls the API; returns status and body.
    async fn call(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let url = format!("{}/api/v1{path}", self.stage.app.public_url);
        let mut request = self.stage.client.request(method.parse().unwrap(), url).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.header("Content-Type", "application/json").body(body.to_string());
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    async fn refused(&self, path: &str, body: Value, field: &str) {
        let (status, problem) = self.call("POST", path, Some(body.clone())).await;
        assert_eq!((status, &problem["errors"][0]["field"]), (400, &json!(field)), "{body}: {problem}");
    }
}

const SCOPES: &str = "groups:read groups:write alerts:send";

fn numbers(group: &Value) -> Vec<&str> {
    group["members"].as_array().unwrap().iter().map(|one| one["phone_number"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn groups_are_made_changed_and_removed() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let staff = Staff::of(&stage, SCOPES).await;
        let new = json!({"name": "Stock room", "members": [BOB, "(415) 555-0101", ADA]});
        let (status, group) = staff.call("POST", "/groups", Some(new)).await;
        assert_eq!(status, 201, "{group}");
        assert_eq!((numbers(&group), &group["member_count"]), (vec![ADA, BOB], &json!(2)));
        let path = format!("/groups/{}", group["id"].as_str().unwrap());
        let (status, problem) = staff.call("POST", "/groups", Some(json!({"name": "STOCK room"}))).await;
        assert_eq!((status, &problem["code"]), (409, &json!("name_taken")));
        staff.refused("/groups", json!({"name": " "}), "name").await;
        staff.refused("/groups", json!({"name": "x", "members": [ADA, "12"]}), "members[1]").await;
        staff.refused("/groups", json!({"name": "x", "colour": "red"}), "colour").await;

        let (_, second) = staff.call("POST", "/groups", Some(json!({"name": "Night shift"}))).await;
        let rename = json!({"name": "stock ROOM"});
        let second = format!("/groups/{}", second["id"].as_str().unwrap());
        assert_eq!(staff.call("PATCH", &second, Some(rename.clone())).await.0, 409);
        let (status, group) = staff.call("PATCH", &path, Some(rename)).await;
        assert_eq!((status, &group["name"]), (200, &json!("stock ROOM")));

        let member = json!({"phone_number": EVE});
        let (status, group) = staff.call("POST", &format!("{path}/members"), Some(member.clone())).await;
        assert_eq!((status, numbers(&group)), (201, vec![ADA, BOB, EVE]));
        assert_eq!(staff.call("POST", &format!("{path}/members"), Some(member)).await.1["member_count"], 3);
        assert_eq!(staff.call("DELETE", &format!("{path}/members/{EVE}"), None).await.0, 204);
        assert_eq!(staff.call("DELETE", &format!("{path}/members/{EVE}"), None).await.0, 404);
        let (_, group) = staff.call("PATCH", &path, Some(json!({"members": [EVE]}))).await;
        assert_eq!(numbers(&group), [EVE]);

        let (_, page) = staff.call("GET", "/groups?limit=1", None).await;
        assert_eq!(page["items"][0]["name"], "Night shift");
        let next = format!("/groups?limit=1&cursor={}", page["next_cursor"].as_str().unwrap());
        assert_eq!(staff.call("GET", &next, None).await.1["items"][0]["name"], "stock ROOM");
        assert_eq!(staff.call("DELETE", &path, None).await.0, 204);
        assert_eq!(staff.call("GET", &path, None).await.0, 404);
        let reader = Staff::of(&stage, "groups:read").await;
        assert_eq!(reader.call("POST", "/groups", Some(json!({"name": "x"}))).await.0, 403);
        stage.end().await;
    }
}

#[tokio::test]
async fn an_alert_reaches_everybody_but_who_opted_out() {
    for scratch in Scratch::each().await {
        // It is night for all of them, and staff are told all the same.
        let stage = Stage::with_ours(scratch, &[("TIDINGS_QUIET_HOURS", "00:00-23:59")]).await;
        let staff = Staff::of(&stage, SCOPES).await;
        stage.carrier.text(EVE, harness::OURS, "STOP").await.unwrap();
        let group = json!({"name": "Stock room", "members": [ADA, BOB, EVE]});
        assert_eq!(staff.call("POST", "/groups", Some(group)).await.0, 201);
        let alert =
            json!({"group": "stock room", "template": "alert", "variables": {"text": "Only 12 gloves left"}});
        let (status, alert) = staff.call("POST", "/alerts", Some(alert)).await;
        assert_eq!((status, alert["messages"].as_array().unwrap().len()), (202, 3), "{alert}");
        let path = format!("/alerts/{}", alert["id"].as_str().unwrap());
        let mut seen = Value::Null;
        eventually("every status", PATIENCE, async || {
            seen = staff.call("GET", &path, None).await.1;
            seen["counts"] == json!({"delivered": 2, "refused": 1})
        })
        .await;
        let by_number: HashMap<&str, &Value> = seen["messages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|message| (message["to"].as_str().unwrap(), message))
            .collect();
        assert_eq!(by_number[EVE]["status_reason"], "the person has opted out");
        assert!(by_number[ADA]["sent_at"].is_string());
        let mut told: Vec<(String, String)> =
            stage.taken().into_iter().map(|message| (message.to, message.body)).collect();
        told.sort();
        let words = "Tidings demo: Only 12 gloves left";
        assert_eq!(told, [(ADA.to_owned(), words.to_owned()), (BOB.to_owned(), words.to_owned())]);

        let body = json!({"group": "Stock room", "body": "Fire drill at noon"});
        let (status, second) = staff.call("POST", "/alerts", Some(body)).await;
        assert_eq!(
            (status, &second["body"], &second["template"]),
            (202, &json!("Fire drill at noon"), &Value::Null)
        );
        let (_, page) = staff.call("GET", "/alerts", None).await;
        assert_eq!(page["items"].as_array().unwrap().len(), 2);
        stage.settled().await;
        stage.end().await;
    }
}

#[tokio::test]
async fn a_wrong_alert_tells_nobody_and_says_why() {
    let stage = Stage::new(Scratch::sqlite()).await;
    let staff = Staff::of(&stage, SCOPES).await;
    staff.call("POST", "/groups", Some(json!({"name": "Team", "members": [ADA]}))).await;
    staff.call("POST", "/groups", Some(json!({"name": "Nobody"}))).await;
    for (field, body) in [
        ("group", json!({"group": "Strangers", "body": "x"})),
        ("group", json!({"group": "Nobody", "body": "x"})),
        ("body", json!({"group": "Team"})),
        ("body", json!({"group": "Team", "body": ""})),
        ("body", json!({"group": "Team", "body": "x".repeat(1601)})),
        ("body", json!({"group": "Team", "body": "x", "template": "alert"})),
        ("template", json!({"group": "Team", "template": "welcome"})),
        ("variables.text", json!({"group": "Team", "template": "alert"})),
        ("variables.item", json!({"group": "Team", "template": "alert", "variables": {"item": "x"}})),
        ("variables.item", json!({"group": "Team", "body": "x", "variables": {"item": "x"}})),
    ] {
        staff.refused("/alerts", body, field).await;
    }
    assert_eq!(staff.call("GET", "/alerts/17", None).await.0, 404);
    let reader = Staff::of(&stage, "groups:read groups:write").await;
    assert_eq!(reader.call("POST", "/alerts", Some(json!({"group": "Team", "body": "x"}))).await.0, 403);
    assert!(stage.outgoing().await.is_empty());
    stage.end().await;
}
