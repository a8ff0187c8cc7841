//! Requests with an `Idempotency-Key`: fifty equal ones at once, others under the same key, a day
//! later, callers who hang up and servers that were killed.

mod harness;

use futures_util::future::join_all;
use harness::callers::{Caller, PASSWORD, anybody, forget_counts, member};
use harness::{PATIENCE, Scratch, Stage, eventually};
use jiff::SignedDuration;
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};
use std::collections::HashSet;
use tidings::clock::Clock;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

const SCOPES: &str = "messages:send messages:read bookings:write bookings:read tests:send tests:read \
                      campaigns:write campaigns:read tips:write tips:read groups:write groups:read \
                      forms:write forms:read webhooks:write webhooks:read";
const PHONE: &str = "+14155550101";

async fn program(stage: &Stage, id: i64) -> Caller<'_> {
    let token = tidings::api::new_token().unwrap();
    let hash = tidings::api::hash_token(&token);
    stage.app.store.add_token(id, "program", &hash, SCOPES, 0).await.unwrap();
    Caller { stage, token }
}

/// An answer: its status, its text, and whether it was one given before.
type Answer = (u16, String, bool);

impl Caller<'_> {
    async fn keyed(&self, path: &str, key: &str, body: &Value) -> Answer {
        let url = format!("{}/api/v1{path}", self.stage.app.public_url);
        loop {
            let mut request = self.stage.client.post(&url).header("Idempotency-Key", key).json(body);
            if !self.token.is_empty() {
                request = request.bearer_auth(&self.token);
            }
            let response = request.send().await.unwrap();
            let again = response.headers().contains_key("idempotency-replayed");
            let status = response.status().as_u16();
            // What was not to be had from a busy database is asked for once more: that is what keys are for.
            if status != 503 {
                return (status, response.text().await.unwrap(), again);
            }
        }
    }

    async fn count(&self, path: &str) -> usize {
        let (status, list) = self.get(path).await;
        assert_eq!(status, 200, "{path}: {list}");
        list["items"].as_array().unwrap().len()
    }
}

fn campaign(name: &str) -> Value {
    json!({ "name": name, "body": "Hi" })
}

fn account(email: &str) -> Value {
    json!({ "email": email, "password": PASSWORD, "full_name": "Asha Rai" })
}

#[tokio::test]
async fn fifty_equal_requests_at_once_are_carried_out_once() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let program = program(&stage, 1).await;
        for (path, list, body) in [
            ("/messages", "/messages", json!({ "to": PHONE, "body": "Hi", "purpose": "test" })),
            (
                "/bookings",
                "/bookings",
                json!({ "phone_number": PHONE, "title": "Check-up", "starts_at": "2030-01-01T12:00:00Z" }),
            ),
            ("/sms/test", "/messages", json!({ "phone_number": PHONE, "message": "Ho" })),
            ("/campaigns", "/campaigns", campaign("Spring")),
            ("/tips", "/tips", json!({ "locale": "en", "position": 1, "body": "Drink." })),
            ("/groups", "/groups", json!({ "name": "Nurses" })),
            (
                "/forms",
                "/forms",
                json!({ "phone_number": PHONE, "title": "Form", "url": "https://example.org/" }),
            ),
        ] {
            let before = program.count(list).await;
            let answers = join_all((0..50).map(|_| program.keyed(path, "one", &body))).await;
            let said: HashSet<(u16, &str)> =
                answers.iter().map(|(status, text, _)| (*status, text.as_str())).collect();
            assert_eq!(said.len(), 1, "{path}: {said:?}");
            assert!(answers.iter().all(|(status, ..)| matches!(status, 201 | 202)), "{path}: {said:?}");
            assert_eq!(answers.iter().filter(|(.., again)| !again).count(), 1, "{path}");
            assert_eq!(program.count(list).await - before, 1, "{path}");
            println!("{path}: 50 requests, 1 carried out, 1 answer");
        }
        stage.end().await;
    }
}

#[tokio::test]
async fn fifty_equal_sign_ups_at_once_make_one_account() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let nobody = anybody(&stage);
        let body = account("asha@example.org");
        let answers = join_all((0..50).map(|_| nobody.keyed("/auth/register", "one", &body))).await;
        let said: HashSet<(u16, &str)> =
            answers.iter().map(|(status, text, _)| (*status, text.as_str())).collect();
        assert!(said.len() == 1 && answers[0].0 == 201, "{said:?}");
        let (status, text, _) = nobody.keyed("/auth/register", "two", &body).await;
        assert_eq!(status, 409, "{text}");
        // The answer opens no door: only who knows the whole body, with the password, gets it again.
        let mut guess = body.clone();
        guess["password"] = "eight otters by the lake".into();
        assert_eq!(nobody.keyed("/auth/register", "one", &guess).await.0, 422);
        stage.end().await;
    }
}

#[tokio::test]
async fn a_secret_is_told_once_and_never_written_down() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let program = program(&stage, 1).await;
        let body = json!({ "url": "https://example.org/hook" });
        let answers = join_all((0..50).map(|_| program.keyed("/webhook-endpoints", "one", &body))).await;
        let (made, others): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(status, ..)| *status == 201);
        assert_eq!(made.len(), 1);
        for (status, text, again) in &others {
            assert!(*status == 409 && *again && text.contains("answer_not_kept"), "{status} {text}");
        }
        assert_eq!(program.count("/webhook-endpoints").await, 1);
        let secret: Value = serde_json::from_str(&made[0].1).unwrap();
        let secret = secret["secret"].as_str().unwrap().to_owned();
        let kept = format!("DELETE FROM idempotency WHERE body LIKE '%{secret}%'");
        assert_eq!(stage.scratch.execute(&kept).await, 0, "the secret is in the database");
        assert_eq!(stage.scratch.execute("DELETE FROM idempotency WHERE body LIKE '%answer_not%'").await, 1);
        stage.end().await;
    }
}

#[tokio::test]
async fn a_key_belongs_to_one_caller_one_address_and_one_body() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let (one, two) = (program(&stage, 1).await, program(&stage, 2).await);
        let first = one.keyed("/campaigns", "key", &campaign("Spring")).await;
        assert_eq!(first.0, 201, "{}", first.1);
        let (status, text, _) = one.keyed("/campaigns", "key", &campaign("Summer")).await;
        assert!(status == 422 && text.contains("idempotency_key_reused"), "{status} {text}");
        let other = two.keyed("/campaigns", "key", &campaign("Spring")).await;
        assert!(other.0 == 201 && !other.2 && other.1 != first.1, "{other:?}");
        let elsewhere = one.keyed("/groups", "key", &json!({ "name": "Nurses" })).await;
        assert!(elsewhere.0 == 201 && !elsewhere.2, "{elsewhere:?}");
        let again = one.keyed("/campaigns", "key", &campaign("Spring")).await;
        assert_eq!((again.0, &again.1, again.2), (201, &first.1, true));
        assert_eq!(one.count("/campaigns").await, 2);
        for key in ["", &"k".repeat(256)] {
            let (status, text, _) = one.keyed("/campaigns", key, &campaign("Spring")).await;
            assert!(status == 400 && text.contains("Idempotency-Key"), "{status} {text}");
        }
        // A mistake is an answer like others; somebody who is turned away may come back.
        let wrong = json!({ "name": "" });
        assert_eq!(one.keyed("/campaigns", "wrong", &wrong).await.0, 400);
        assert!(one.keyed("/campaigns", "wrong", &wrong).await.2);
        let stranger = anybody(&stage).keyed("/campaigns", "key", &campaign("Spring")).await;
        assert!(stranger.0 == 401 && !stranger.2, "{stranger:?}");
        stage.end().await;
    }
}

#[tokio::test]
async fn whoever_signed_out_gets_no_answer_from_before() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let asha = member(&stage, "asha@example.org", None).await;
        let body = json!({ "phone_number": PHONE });
        let path = "/users/me/phone-numbers";
        assert_eq!(asha.keyed(path, "key", &body).await.0, 201);
        assert!(asha.keyed(path, "key", &body).await.2);
        assert_eq!(asha.post("/auth/logout", json!({})).await.0, 204);
        let (status, text, again) = asha.keyed(path, "key", &body).await;
        assert!(status == 401 && !again, "{status} {text}");
        stage.end().await;
    }
}

#[tokio::test]
async fn answers_are_kept_for_a_day_and_not_longer() {
    for scratch in Scratch::each().await {
        let clock = Clock::starting_at("2026-11-21T12:00:00Z".parse().unwrap());
        let stage = Stage::at(scratch, clock.clone()).await;
        let program = program(&stage, 1).await;
        let first = program.keyed("/campaigns", "key", &campaign("Spring")).await;
        assert!(clock.advance(SignedDuration::from_mins(23 * 60 + 59)));
        let again = program.keyed("/campaigns", "key", &campaign("Spring")).await;
        assert_eq!((again.0, &again.1, again.2), (201, &first.1, true));
        assert!(clock.advance(SignedDuration::from_mins(1)));
        // Another body is no mistake any more, either.
        let anew = program.keyed("/campaigns", "key", &campaign("Summer")).await;
        assert!(anew.0 == 201 && !anew.2, "{anew:?}");
        assert_eq!(program.count("/campaigns").await, 2);
        stage.end().await;
    }
}

#[tokio::test]
async fn a_server_that_was_killed_in_between_blocks_a_key_for_a_minute_only() {
    for scratch in Scratch::each().await {
        let clock = Clock::starting_at("2026-11-21T12:00:00Z".parse().unwrap());
        let stage = Stage::at(scratch, clock.clone()).await;
        let program = program(&stage, 1).await;
        assert_eq!(program.keyed("/campaigns", "key", &campaign("Spring")).await.0, 201);
        // As if nobody had lived to write the answer down.
        let cut = "UPDATE idempotency SET status = NULL, headers = NULL, body = NULL";
        assert_eq!(stage.scratch.execute(cut).await, 1);
        let (waiting, moved) = (campaign("Spring"), clock.clone());
        let waits = program.keyed("/campaigns", "key", &waiting);
        let (answer, ()) = tokio::join!(waits, async move {
            // However early the clock moves, the request has waited long enough in the end.
            for _ in 0..4 {
                tokio::time::sleep(std::time::Duration::from_millis(300)).await;
                assert!(moved.advance(SignedDuration::from_secs(6)));
            }
        });
        assert!(answer.0 == 409 && answer.1.contains("idempotency_key_in_use"), "{answer:?}");
        assert!(clock.advance(SignedDuration::from_secs(60)));
        let anew = program.keyed("/campaigns", "key", &campaign("Spring")).await;
        assert!(anew.0 == 201 && !anew.2, "{anew:?}");
        assert!(program.keyed("/campaigns", "key", &campaign("Spring")).await.2);
        stage.end().await;
    }
}

/// Sends all of the request, and awaits nothing.
async fn begin_sign_up(stage: &Stage, key: &str, body: &Value) -> TcpStream {
    let text = body.to_string();
    let address = stage.app.public_url.strip_prefix("http://").unwrap();
    let request = format!(
        "POST /api/v1/auth/register HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Idempotency-Key: {key}\r\nContent-Length: {}\r\n\r\n{text}",
        text.len()
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// A key that is there without anybody who carries its request out would be in use for a minute.
#[tokio::test]
async fn a_caller_may_hang_up_while_the_key_is_claimed() {
    let Some(scratch) = Scratch::postgres().await else { return };
    let stage = Stage::new(scratch).await;
    let body = account("asha@example.org");
    let mut other = PgConnection::connect(&stage.scratch.url).await.unwrap();
    sqlx::raw_sql("BEGIN; LOCK TABLE idempotency IN EXCLUSIVE MODE").execute(&mut other).await.unwrap();
    // Within a transaction PostgreSQL tells of others as they were when it was asked first.
    let mut watching = PgConnection::connect(&stage.scratch.url).await.unwrap();
    let stream = begin_sign_up(&stage, "key", &body).await;
    let waiting = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() \
                   AND wait_event_type = 'Lock' AND query LIKE 'INSERT INTO idempotency%'";
    eventually("the claim", PATIENCE, async || {
        sqlx::query_scalar::<_, i64>(waiting).fetch_one(&mut watching).await.unwrap() == 1
    })
    .await;
    drop(stream);
    // All of this runs on one thread: when this is answered, the end of the other connection was seen.
    assert!(reqwest::get(format!("{}/healthz", stage.app.public_url)).await.unwrap().status().is_success());
    sqlx::raw_sql("COMMIT").execute(&mut other).await.unwrap();
    let (status, text, again) = anybody(&stage).keyed("/auth/register", "key", &body).await;
    assert!(status == 201 && again, "{status} {text}");
    stage.end().await;
}

/// Most requests that come twice come from callers who lost patience.
#[tokio::test]
async fn a_caller_who_hangs_up_finds_the_answer_later() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let nobody = anybody(&stage);
        let mut replayed = 0;
        for round in 0_u64..5 {
            forget_counts(&stage).await;
            let body = account(&format!("asha{round}@example.org"));
            let stream = begin_sign_up(&stage, &format!("key{round}"), &body).await;
            // The password is being hashed when the key is there.
            let rows = "UPDATE idempotency SET request = request";
            eventually("the request", PATIENCE, async || stage.scratch.execute(rows).await > round).await;
            drop(stream);
            let (status, text, again) = nobody.keyed("/auth/register", &format!("key{round}"), &body).await;
            assert_eq!(status, 201, "{text}");
            replayed += u32::from(again);
        }
        assert_eq!(replayed, 5);
        stage.end().await;
    }
}
