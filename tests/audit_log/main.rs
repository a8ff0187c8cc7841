//! The audit log: each act of staff leaves one entry, nothing else does, and what was changed in it is found.

#[path = "../harness/mod.rs"]
mod harness;

mod chain;

use harness::callers::{Caller, admin, anybody, member};
use harness::{Scratch, Stage};
use reqwest::Method;
use serde_json::{Value, json};
use tidings::clock::Clock;

const PHONE: &str = "+14155550101";

/// All entries there are, newest first.
async fn entries(admin: &Caller<'_>) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let (status, page) = admin.get(&format!("/audit?limit=10{cursor}")).await;
        assert_eq!(status, 200, "{page}");
        all.extend(page["items"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next_cursor"].as_str() else { return all };
        cursor = format!("&cursor={next}");
    }
}

/// Someone who acts, and what the log must say of each act.
struct Acts<'a> {
    admin: Caller<'a>,
    actor: String,
    count: usize,
    done: usize,
}

impl Acts<'_> {
    /// Does something that succeeds; `route` is how the log names it. Returns the answer.
    async fn act(&mut self, route: &str, path: &str, body: Option<Value>) -> Value {
        let method: Method = route.split_once(' ').unwrap().0.parse().unwrap();
        let (status, answer) = self.admin.call(method, path, body).await;
        assert!((200..300).contains(&status), "{route}: {status} {answer}");
        let log = entries(&self.admin).await;
        assert_eq!(log.len(), self.count + 1, "{route}: {log:?}");
        let (action, actor) = (log[0]["action"].as_str(), log[0]["actor"].as_str());
        assert_eq!((action, actor), (Some(route), Some(self.actor.as_str())), "{log:?}");
        assert!(!log[0].to_string().contains("4155550101"), "a number in full: {}", log[0]);
        self.count += 1;
        self.done += 1;
        answer
    }

    /// Does something that fails, or that changes nothing.
    async fn nothing(&self, caller: &Caller<'_>, method: Method, path: &str, expected: u16) {
        let body = (method != Method::GET).then(|| json!({}));
        let (status, answer) = caller.call(method.clone(), path, body).await;
        assert_eq!(status, expected, "{method} {path}: {answer}");
        assert_eq!(entries(&self.admin).await.len(), self.count, "{method} {path} left an entry");
    }
}

async fn acts(stage: &Stage) -> Acts<'_> {
    let admin = admin(stage).await;
    let (_, me) = admin.get("/users/me").await;
    let count = entries(&admin).await.len();
    Acts { actor: format!("account {}", me["id"].as_str().unwrap()), admin, count, done: 0 }
}

fn id(answer: &Value) -> String {
    answer["id"].as_str().unwrap_or_else(|| panic!("no id in {answer}")).to_owned()
}

#[tokio::test]
async fn every_act_of_staff_leaves_one_entry() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let user = member(&stage, "user@example.org", None).await;
        let (_, me) = user.get("/users/me").await;
        let mut acts = acts(&stage).await;
        people(&mut acts, &id(&me)).await;
        sendings(&mut acts).await;
        library(&mut acts).await;
        println!("{} acts, as many entries", acts.done);
        stage.end().await;
    }
}

async fn people(acts: &mut Acts<'_>, account: &str) {
    let body = json!({ "external_id": "care-7" });
    acts.act("PATCH /accounts/{id}", &format!("/accounts/{account}"), Some(body)).await;
    let body = json!({ "phone_number": PHONE, "title": "Check-up", "starts_at": "2030-01-01T12:00:00Z" });
    let booking = id(&acts.act("POST /bookings", "/bookings", Some(body)).await);
    let path = format!("/bookings/{booking}");
    acts.act("PATCH /bookings/{id}", &path, Some(json!({ "title": "Check" }))).await;
    acts.act("POST /bookings/{id}/cancel", &format!("{path}/cancel"), None).await;
    let body = json!({ "tags": ["vip"] });
    acts.act("PATCH /contacts/{phone}", &format!("/contacts/{PHONE}"), Some(body)).await;
    let body = json!({ "name": "Nurses" });
    let group = id(&acts.act("POST /groups", "/groups", Some(body)).await);
    let path = format!("/groups/{group}");
    acts.act("PATCH /groups/{id}", &path, Some(json!({ "name": "All nurses" }))).await;
    let body = json!({ "phone_number": PHONE });
    acts.act("POST /groups/{id}/members", &format!("{path}/members"), Some(body)).await;
    let body = json!({ "group": "All nurses", "body": "Come." });
    acts.act("POST /alerts", "/alerts", Some(body)).await;
    let leave = format!("{path}/members/{PHONE}");
    acts.act("DELETE /groups/{id}/members/{phone}", &leave, None).await;
    acts.act("DELETE /groups/{id}", &path, None).await;
}

async fn sendings(acts: &mut Acts<'_>) {
    let body = json!({ "to": PHONE, "body": "Hi", "purpose": "reminder", "send_at": later() });
    let message = id(&acts.act("POST /messages", "/messages", Some(body)).await);
    acts.act("POST /messages/{id}/cancel", &format!("/messages/{message}/cancel"), None).await;
    let body = json!({ "phone_number": PHONE, "message": "Hi" });
    acts.act("POST /sms/test", "/sms/test", Some(body)).await;
    let body = json!({ "phone_number": PHONE, "title": "Form", "url": "https://example.org/" });
    let form = id(&acts.act("POST /forms", "/forms", Some(body.clone())).await);
    acts.act("POST /forms/{id}/complete", &format!("/forms/{form}/complete"), None).await;
    let form = id(&acts.act("POST /forms", "/forms", Some(body)).await);
    acts.act("POST /forms/{id}/cancel", &format!("/forms/{form}/cancel"), None).await;
    let body = json!({ "name": "Spring", "body": "Hi" });
    let campaign = id(&acts.act("POST /campaigns", "/campaigns", Some(body)).await);
    for (route, action) in
        [("POST /campaigns/{id}/dry-run", "dry-run"), ("POST /campaigns/{id}/{action}", "start")]
    {
        acts.act(route, &format!("/campaigns/{campaign}/{action}"), Some(json!({}))).await;
    }
}

async fn library(acts: &mut Acts<'_>) {
    let body = json!({ "locale": "en", "position": 1, "body": "Drink." });
    let tip = id(&acts.act("POST /tips", "/tips", Some(body)).await);
    let path = format!("/tips/{tip}");
    acts.act("PATCH /tips/{id}", &path, Some(json!({ "body": "Drink water." }))).await;
    acts.act("DELETE /tips/{id}", &path, None).await;
    acts.act("POST /tips/import", "/tips/import", Some(json!([]))).await;
    let body = json!({ "url": "https://example.org/hook" });
    let hook = id(&acts.act("POST /webhook-endpoints", "/webhook-endpoints", Some(body)).await);
    let path = format!("/webhook-endpoints/{hook}");
    acts.act("PATCH /webhook-endpoints/{id}", &path, Some(json!({ "enabled": false }))).await;
    acts.act("POST /webhook-endpoints/{id}/rotate-secret", &format!("{path}/rotate-secret"), None).await;
    acts.act("DELETE /webhook-endpoints/{id}", &path, None).await;
}

fn later() -> String {
    (Clock::system().now() + jiff::SignedDuration::from_hours(24)).to_string()
}

#[tokio::test]
async fn what_fails_or_only_reads_leaves_no_entry() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let user = member(&stage, "user@example.org", None).await;
        let acts = acts(&stage).await;
        let nobody = anybody(&stage);
        acts.nothing(&nobody, Method::POST, "/bookings", 401).await;
        acts.nothing(&nobody, Method::POST, "/auth/login", 400).await;
        acts.nothing(&user, Method::POST, "/bookings", 403).await;
        acts.nothing(&acts.admin, Method::POST, "/bookings", 400).await;
        acts.nothing(&acts.admin, Method::POST, "/bookings/1/cancel", 404).await;
        acts.nothing(&acts.admin, Method::DELETE, "/groups/1", 404).await;
        acts.nothing(&acts.admin, Method::POST, "/nowhere", 404).await;
        acts.nothing(&acts.admin, Method::GET, "/messages", 200).await;
        acts.nothing(&acts.admin, Method::GET, "/audit", 200).await;
        // The same request again is not the same act again.
        let url = format!("{}/api/v1/groups", stage.app.public_url);
        for _ in 0..5 {
            let request =
                stage.client.post(&url).bearer_auth(&acts.admin.token).json(&json!({ "name": "A" }));
            let response = request.header("Idempotency-Key", "one").send().await.unwrap();
            assert_eq!(response.status().as_u16(), 201);
        }
        assert_eq!(entries(&acts.admin).await.len(), acts.count + 1);
        stage.end().await;
    }
}
