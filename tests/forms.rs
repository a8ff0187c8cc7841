//! Form requests: the link, the click, the end, and the reminders until then.

mod harness;
mod support;

use harness::{PATIENCE, Scratch, Stage, eventually};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::sync::Arc;
use tidings::batch::Apply as _;
use tidings::conversation::Reach;
use tidings::outbound::ticks::{Schedule as _, Ticked};
use tidings::outbound::{Ask, Asked, FollowUps, Forms, Wake};
use tidings::schedule::QuietHours;

/// Two in New York.
const ADA: &str = "+12125550101";
const BOB: &str = "+12125550102";
const HUMAN: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15";

/// Calls the API; returns status and body.
async fn call(stage: &Stage, token: &str, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
    let url = format!("{}/api/v1{path}", stage.app.public_url);
    let mut request = stage.client.request(method.parse().unwrap(), url).bearer_auth(token);
    if let Some(body) = body {
        request = request.header("Content-Type", "application/json").body(body.to_string());
    }
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

async fn token(stage: &Stage, scopes: &str) -> String {
    let token = tidings::api::new_token().unwrap();
    let id = i64::try_from(harness::random() >> 80).unwrap();
    stage.app.store.add_token(id, "test", &tidings::api::hash_token(&token), scopes, 0).await.unwrap();
    token
}

/// A client that does not follow redirects.
fn browser() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

#[tokio::test]
async fn a_request_is_sent_clicked_and_completed() {
    for scratch in Scratch::each().await {
        let stage = Stage::with_ours(scratch, &[("TIDINGS_QUIET_HOURS", "00:00-00:00")]).await;
        let token = token(&stage, "forms:read forms:write").await;
        let new =
            json!({"phone_number": ADA, "title": "Health questionnaire", "url": "https://example.org/q?x=1"});
        let (status, form) = call(&stage, &token, "POST", "/forms", Some(new)).await;
        assert_eq!(status, 201, "{form}");
        assert_eq!(
            (&form["status"], &form["clicks"], &form["max_reminders"]),
            (&"open".into(), &0.into(), &2.into())
        );
        let link = form["link"].as_str().unwrap().to_owned();
        let secret = link.strip_prefix(&format!("{}/f/", stage.app.public_url)).unwrap();
        assert!(secret.len() == 22 && !link.contains("2125550101"), "{link}");
        eventually("the request", PATIENCE, async || stage.taken().len() == 1).await;
        let message = stage.taken().remove(0);
        assert_eq!(
            (message.to.as_str(), message.body),
            (ADA, format!("Complete your form: Health questionnaire {link}"))
        );

        let browser = browser();
        let visit = async |method: &str, agent: &str| {
            let request = browser.request(method.parse().unwrap(), &link).header("User-Agent", agent);
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), 302);
            assert_eq!(answer.headers()["location"], "https://example.org/q?x=1");
            assert_eq!(answer.headers()["referrer-policy"], "no-referrer");
            assert_eq!(answer.headers()["cache-control"], "no-store");
        };
        for (method, agent) in [
            ("HEAD", HUMAN),
            ("GET", "WhatsApp/2.23.20.0"),
            ("GET", "facebookexternalhit/1.1"),
            ("GET", HUMAN),
            ("GET", HUMAN),
        ] {
            visit(method, agent).await;
        }
        let id = form["id"].as_str().unwrap();
        let (_, form) = call(&stage, &token, "GET", &format!("/forms/{id}"), None).await;
        assert_eq!(form["clicks"], 2);
        assert!(form["first_clicked_at"].is_string() && form["completed_at"].is_null());
        for wrong in ["AAAAAAAAAAAAAAAAAAAAAA", "x", "%ff", "..%2f"] {
            let answer = browser.get(format!("{}/f/{wrong}", stage.app.public_url)).send().await.unwrap();
            assert_eq!(answer.status(), 404, "{wrong}");
            assert_eq!(answer.headers()["referrer-policy"], "no-referrer");
            assert_eq!(answer.headers()["x-robots-tag"], "noindex, nofollow");
            assert!(
                answer.headers()["content-security-policy"].to_str().unwrap().contains("style-src 'self'")
            );
            assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
            let page = answer.text().await.unwrap();
            assert!(page.contains("<h1>This link is not known</h1>"), "{page}");
            assert!(page.contains("ask whoever sent it") && page.contains("/assets/nowhere.css"), "{page}");
        }

        for _ in 0..2 {
            let (status, form) = call(&stage, &token, "POST", &format!("/forms/{id}/complete"), None).await;
            assert_eq!(
                (status, &form["status"], form["completed_at"].is_string()),
                (200, &"completed".into(), true)
            );
            assert!(form["next_reminder_at"].is_null());
        }
        assert_eq!(call(&stage, &token, "POST", &format!("/forms/{id}/cancel"), None).await.0, 409);
        for (filter, count) in [
            ("", 1),
            ("?status=completed", 1),
            ("?status=open", 0),
            ("?phone_number=%2B12125550101&status=completed&limit=5", 1),
            ("?phone_number=%2B12125550102", 0),
        ] {
            let (status, page) = call(&stage, &token, "GET", &format!("/forms{filter}"), None).await;
            assert_eq!((status, page["items"].as_array().unwrap().len()), (200, count), "{filter}");
        }
        assert_eq!(call(&stage, &token, "GET", "/forms?status=gone", None).await.0, 400);
        stage.end().await;
    }
}

#[tokio::test]
async fn what_is_wrong_is_told_by_field() {
    let stage = Stage::new(Scratch::sqlite()).await;
    let token = token(&stage, "forms:read forms:write").await;
    let right = json!({"phone_number": ADA, "title": "Form", "url": "https://example.org/"});
    for (field, value) in [
        ("phone_number", json!("12")),
        ("title", json!("")),
        ("title", json!("x".repeat(61))),
        ("title", json!("two\nlines")),
        ("url", json!("javascript:alert(1)")),
        ("url", json!("https://user:pass@example.org/")),
        ("remind_after_minutes", json!(0)),
        ("max_reminders", json!(11)),
        ("max_reminders", json!("two")),
    ] {
        let mut body = right.clone();
        body[field] = value.clone();
        let (status, problem) = call(&stage, &token, "POST", "/forms", Some(body)).await;
        assert_eq!((status, &problem["errors"][0]["field"]), (400, &json!(field)), "{value}: {problem}");
    }
    let reader = self::token(&stage, "forms:read").await;
    assert_eq!(call(&stage, &reader, "POST", "/forms", Some(right)).await.0, 403);
    assert_eq!(call(&stage, &token, "GET", "/forms/17", None).await.0, 404);
    assert_eq!(call(&stage, &token, "GET", "/forms/x", None).await.0, 404);
    assert_eq!(call(&stage, &token, "POST", "/forms/17/complete", None).await.0, 404);
    assert!(stage.outgoing().await.is_empty());
    stage.end().await;
}

#[tokio::test]
async fn who_opted_out_gets_no_request_and_who_was_erased_has_none() {
    for scratch in Scratch::each().await {
        let stage = Stage::with_ours(scratch, &[("TIDINGS_QUIET_HOURS", "00:00-00:00")]).await;
        let token = token(&stage, "forms:read forms:write").await;
        for (number, body) in [(ADA, "STOP"), (BOB, "REGISTER")] {
            stage.carrier.text(number, harness::OURS, body).await.unwrap();
        }
        let ask =
            |number: &str| json!({"phone_number": number, "title": "Form", "url": "https://example.org/"});
        assert_eq!(call(&stage, &token, "POST", "/forms", Some(ask(ADA))).await.0, 201);
        eventually("the gate's answer", PATIENCE, async || {
            stage.outgoing().await.iter().any(|row| row.status == "refused")
        })
        .await;
        let (_, form) = call(&stage, &token, "POST", "/forms", Some(ask(BOB))).await;
        let link = form["link"].as_str().unwrap().to_owned();
        stage.settled().await;
        stage.carrier.text(BOB, harness::OURS, "FORGET ME").await.unwrap();
        assert_eq!(browser().get(&link).send().await.unwrap().status(), 404);
        let (status, problem) = call(&stage, &token, "POST", "/forms", Some(ask(BOB))).await;
        assert_eq!((status, &problem["code"]), (409, &"erased".into()));
        assert!(!stage.taken().iter().any(|message| message.to == ADA && message.body.contains("form")));
        stage.end().await;
    }
}

/// Follow-ups over a clock that stands, whose nights are from 21 to 8 o'clock.
async fn follow_ups(scratch: &Scratch) -> (FollowUps, tidings::clock::Clock) {
    let store = scratch.open().await;
    store.migrate().await.unwrap();
    let (inbox, clock) = support::inbox(store, true).await;
    let forms = Forms { inbox, public_url: "https://sms.example.org".to_owned(), changed: Wake::default() };
    let quiet_hours = QuietHours { from: jiff::civil::time(21, 0, 0, 0), to: jiff::civil::time(8, 0, 0, 0) };
    (FollowUps { forms, quiet_hours }, clock)
}

async fn ask(forms: &Forms, address: &str, minutes: i64, max_reminders: i64) -> i64 {
    let ask = Ask {
        address: address.to_owned(),
        title: "Form",
        url: "https://example.org/",
        remind_after_minutes: minutes,
        max_reminders,
        reach: Reach::Person,
    };
    match forms.ask(&ask).await.unwrap() {
        Asked::Request(id) => id,
        Asked::Erased => panic!("nobody was erased"),
    }
}

/// Everything queued about a form, as if it had been sent meanwhile.
async fn sent(forms: &Forms, form: i64) -> usize {
    let inbox = &forms.inbox;
    let rows = inbox.store.messages_of_source(form, 50).await.unwrap();
    let mut tx = inbox.store.begin().await.unwrap();
    tx.expire_queued_of(form, "taken for sent by this test", 0).await.unwrap();
    tx.commit().await.unwrap();
    rows.len()
}

#[tokio::test]
async fn reminders_come_until_it_is_done_or_enough() {
    for scratch in Scratch::each().await {
        let (follow_ups, clock) = follow_ups(&scratch).await;
        let forms = &follow_ups.forms;
        // It is 7:00 in New York: the first reminder would be due in the quiet hours.
        let form = ask(forms, ADA, 30, 2).await;
        let done = ask(forms, BOB, 30, 9).await;
        assert_eq!((sent(forms, form).await, sent(forms, done).await), (1, 1));
        let tick = async || loop {
            if let Ticked::Idle(next) = follow_ups.tick(clock.now()).await.unwrap() {
                break next;
            }
        };
        assert_eq!(tick().await, Some(clock.now() + SignedDuration::from_mins(30)));
        assert!(clock.advance(SignedDuration::from_mins(31)));
        let eight = support::start() + SignedDuration::from_hours(1);
        assert_eq!(tick().await, Some(eight), "it waits for the morning");
        assert_eq!(sent(forms, form).await, 1);
        // Days later, after the server was down: one reminder, not one for each half hour.
        assert!(clock.advance(SignedDuration::from_hours(50)));
        tick().await;
        assert_eq!(
            forms.inbox.store.messages_of_source(form, 9).await.unwrap().len(),
            2,
            "on {}",
            scratch.engine()
        );
        // While that one is not sent, no other joins it.
        assert!(clock.advance(SignedDuration::from_mins(31)));
        tick().await;
        assert_eq!(sent(forms, form).await, 2);
        let ended = forms.end(done, true).await.unwrap().unwrap();
        assert_eq!((ended.status.as_str(), ended.next_at), ("completed", None));
        let of_done = forms.inbox.store.messages_of_source(done, 9).await.unwrap();
        let last = of_done.last().unwrap();
        assert_eq!(
            (last.status.as_str(), last.status_reason.as_deref()),
            ("expired", Some("the form was completed first"))
        );
        for expected in [3, 3, 3] {
            assert!(clock.advance(SignedDuration::from_mins(31)));
            tick().await;
            assert_eq!(sent(forms, form).await, expected);
        }
        assert_eq!(forms.inbox.store.messages_of_source(done, 9).await.unwrap().len(), of_done.len());
        assert_eq!(tick().await, None, "nothing is left to do");
        forms.inbox.store.close().await;
        scratch.close().await;
    }
}

#[tokio::test]
async fn who_opts_out_is_not_reminded_and_two_nodes_remind_once() {
    for scratch in Scratch::each().await {
        let (follow_ups, clock) = follow_ups(&scratch).await;
        assert!(clock.advance(SignedDuration::from_hours(3)));
        let forms = &follow_ups.forms;
        let (out, stays) = (ask(forms, ADA, 30, 3).await, ask(forms, BOB, 30, 3).await);
        assert_eq!((sent(forms, out).await, sent(forms, stays).await), (1, 1));
        forms.inbox.apply(&[support::text(ADA, "STOP")]).await.unwrap();
        assert!(clock.advance(SignedDuration::from_mins(31)));
        let other = FollowUps {
            forms: Forms { inbox: Arc::clone(&forms.inbox), ..forms.clone() },
            ..follow_ups.clone()
        };
        let now = clock.now();
        let (one, two) = tokio::join!(follow_ups.tick(now), other.tick(now));
        assert!(one.is_ok() && two.is_ok(), "{one:?} {two:?} on {}", scratch.engine());
        assert_eq!((sent(forms, out).await, sent(forms, stays).await), (1, 2), "on {}", scratch.engine());
        let row = forms.inbox.store.form(out).await.unwrap().unwrap();
        assert_eq!((row.status.as_str(), row.next_at, row.reminders), ("open", None, 0));
        forms.inbox.store.close().await;
        scratch.close().await;
    }
}
