//! Staff at the API of a server, and people whom they may write to.

use super::{PATIENCE, Scratch, Stage, eventually, fresh_sid};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::HashMap;
use tidings::carrier::Settings;
use tidings::dialog::{Consent, Person};
use tidings::store::{NewContact, Store};

/// Nothing here waits for the morning, nor for the rate of one sender.
const SETTINGS: [(&str, &str); 2] =
    [("TIDINGS_QUIET_HOURS", "00:00-00:00"), ("TIDINGS_SEGMENTS_PER_SECOND", "10000")];
const SCOPES: &str = "contacts:read contacts:write messages:read messages:send campaigns:read campaigns:write \
    webhooks:read webhooks:write";

pub(crate) fn number(index: usize) -> String {
    format!("+1415556{index:04}")
}

/// Adds `count` people of whom `consent` says whether they may be written to.
pub(crate) async fn people(store: &Store, count: usize, consent: impl Fn(usize) -> Consent) {
    let numbers: Vec<String> = (0..count).map(number).collect();
    let contacts: Vec<NewContact<'_>> = numbers
        .iter()
        .enumerate()
        .map(|(index, address)| {
            let person = Person { consent: consent(index), ..Person::default() };
            NewContact {
                id: i64::try_from(index).unwrap() + 1,
                address,
                state: person.state.as_str(),
                consent: person.consent.as_str(),
                person: serde_json::to_string(&person).unwrap(),
                locale: "en",
                time_zone: "America/Los_Angeles",
                time_zone_source: "number",
                created_at: 0,
                erased_at: None,
            }
        })
        .collect();
    let mut tx = store.begin().await.unwrap();
    tx.add_contacts(&contacts).await.unwrap();
    tx.commit().await.unwrap();
}

/// A server, its carrier, and somebody who may do everything with campaigns.
pub(crate) struct Desk {
    pub(crate) stage: Stage,
    token: String,
}

impl Desk {
    pub(crate) async fn open(scratch: Scratch, change: impl FnOnce(&mut Settings)) -> Self {
        Self::with(scratch, change, &[]).await
    }

    /// With these settings beside the usual, or instead of them.
    pub(crate) async fn with(
        scratch: Scratch,
        change: impl FnOnce(&mut Settings),
        more: &[(&str, &str)],
    ) -> Self {
        let stage = Stage::with_both(scratch, change, &[&SETTINGS, more].concat()).await;
        let token = tidings::api::new_token().unwrap();
        let hash = tidings::api::hash_token(&token);
        stage.app.store.add_token(1, "test", &hash, SCOPES, 0).await.unwrap();
        Self { stage, token }
    }

    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let url = format!("{}/api/v1{path}", self.stage.app.public_url);
        let mut request = self.stage.client.request(method, url).bearer_auth(&self.token);
        request = request.header("Idempotency-Key", fresh_sid());
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap_or_default())
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, value) = self.call(Method::GET, path, None).await;
        assert_eq!(status, 200, "{path}: {value}");
        value
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        let (status, value) = self.call(Method::POST, path, Some(body)).await;
        assert!(status < 300, "{path}: {status} {value}");
        value
    }

    /// Makes a campaign and starts it.
    pub(crate) async fn launch(&self, draft: Value) -> String {
        let campaign = self.post("/campaigns", draft).await;
        assert_eq!(campaign["status"], "draft");
        let id = campaign["id"].as_str().unwrap().to_owned();
        let started = self.post(&format!("/campaigns/{id}/start"), json!({})).await;
        assert_eq!(started["status"], "running");
        id
    }

    pub(crate) async fn campaign(&self, id: &str) -> Value {
        let campaign = self.get(&format!("/campaigns/{id}")).await;
        let counts = &campaign["counts"];
        let sum: i64 = ["queued", "sent", "failed", "uncertain", "skipped", "erased"]
            .iter()
            .map(|name| counts[name].as_i64().unwrap())
            .sum();
        assert_eq!(sum, counts["audience"].as_i64().unwrap(), "{counts}");
        campaign
    }

    pub(crate) async fn becomes(&self, id: &str, status: &str) -> Value {
        eventually(status, PATIENCE, async || self.campaign(id).await["status"] == status).await;
        self.campaign(id).await
    }

    /// Whom the carrier took a message for, and how often.
    pub(crate) fn taken(&self) -> HashMap<String, usize> {
        let mut taken = HashMap::new();
        for message in self.stage.taken() {
            *taken.entry(message.to).or_default() += 1;
        }
        taken
    }
}
