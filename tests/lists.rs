//! What staff look for, send by hand and change, through the API on both engines.

mod harness;

use futures_util::future::join_all;
use harness::staff::{Desk, number, people};
use harness::{PATIENCE, Scratch, Stage, eventually};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::HashSet;
use tidings::clock::Clock;
use tidings::dialog::Consent;

#[tokio::test]
async fn drafts_messages_and_lists_say_what_is_wrong_with_them() {
    for scratch in Scratch::each().await {
        let desk = Desk::open(scratch, |_| {}).await;
        people(&desk.stage.app.store, 30, |_| Consent::Given).await;
        let message = |more: Value| {
            let mut all = json!({"to": number(1), "body": "Hi", "purpose": "reminder"});
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            all
        };
        let late = "2030-01-01T00:00:00Z";
        for (path, body, field) in [
            ("/campaigns", json!({"name": "", "body": "Hi"}), "name"),
            ("/campaigns", json!({"name": "x"}), "body"),
            ("/campaigns", json!({"name": "x", "body": "Hi {{surname}}"}), "body"),
            ("/campaigns", json!({"name": "x", "template": "code"}), "template"),
            (
                "/campaigns",
                json!({"name": "x", "template": "web_code", "variables": {"host": "bank.example"}}),
                "template",
            ),
            ("/campaigns", json!({"name": "x", "template": "form"}), "variables.link"),
            ("/messages", message(json!({"template": "web_code", "body": null})), "template"),
            ("/messages", message(json!({"template": "alert", "body": null})), "variables.text"),
            (
                "/campaigns",
                json!({"name": "x", "template": "registered", "variables": {"name": "y"}}),
                "variables",
            ),
            (
                "/campaigns",
                json!({"name": "x", "body": "Hi", "audience": {"country": ["XX"]}}),
                "audience.country[0]",
            ),
            ("/campaigns", json!({"name": "x", "body": "Hi", "audience": {"sate": []}}), "audience.sate"),
            (
                "/campaigns",
                json!({"name": "x", "body": "Hi", "audience": {"locale": ["es-MX", "xx"]}}),
                "audience.locale[1]",
            ),
            (
                "/campaigns",
                json!({"name": "x", "body": "Hi", "window": {"from": "9", "to": "17:00"}}),
                "window.from",
            ),
            ("/campaigns", json!({"name": "x", "body": "Hi", "auto_stop": {"after": 0}}), "auto_stop.after"),
            ("/campaigns", json!({"name": "x", "body": "Hi", "send_at": "soon"}), "send_at"),
            ("/messages", message(json!({"purpose": "code"})), "purpose"),
            ("/messages", message(json!({"to": "12"})), "to"),
            ("/messages", message(json!({"body": "{{x}}"})), "body"),
            ("/messages", message(json!({"send_at": late})), "send_at"),
            ("/messages", message(json!({"expires_at": late})), "expires_at"),
        ] {
            let (status, problem) = desk.call(Method::POST, path, Some(body)).await;
            assert_eq!((status, &problem["errors"][0]["field"]), (400, &json!(field)), "{problem}");
        }
        for (path, field) in [
            ("/messages?status=lost", "status"),
            ("/messages?direction=up", "direction"),
            ("/messages?created_after=noon", "created_after"),
            ("/messages?phone_number=12", "phone_number"),
            ("/contacts?state=gone", "state"),
            ("/contacts?tag=a+b", "tag"),
        ] {
            let (status, problem) = desk.call(Method::GET, path, None).await;
            assert_eq!((status, &problem["errors"][0]["field"]), (400, &json!(field)), "{problem}");
        }
        let patch = format!("/contacts/{}", number(1));
        for (body, field) in [
            (json!({"locale": "xx"}), "locale"),
            (json!({"time_zone": "Mars/Olympus"}), "time_zone"),
            (json!({"tags": ["two words"]}), "tags[0]"),
            (json!({"name": "123"}), "name"),
        ] {
            let (status, problem) = desk.call(Method::PATCH, &patch, Some(body)).await;
            assert_eq!((status, &problem["errors"][0]["field"]), (400, &json!(field)), "{problem}");
        }
        // `null` changes as little as nothing.
        let (_, before) = desk.call(Method::GET, &patch, None).await;
        for field in ["locale", "name", "tags"] {
            let (status, same) = desk.call(Method::PATCH, &patch, Some(json!({field: null}))).await;
            assert_eq!((status, &same[field]), (200, &before[field]), "{same}");
        }
        assert_eq!(desk.call(Method::GET, "/campaigns/1", None).await.0, 404);
        assert_eq!(desk.call(Method::POST, "/campaigns/1/start", None).await.0, 404);
        assert_eq!(desk.call(Method::POST, "/messages/1/cancel", None).await.0, 404);
        desk.stage.end().await;
    }
}

#[tokio::test]
async fn people_and_messages_are_found_and_changed() {
    for scratch in Scratch::each().await {
        let desk = Desk::open(scratch, |_| {}).await;
        people(&desk.stage.app.store, 30, |_| Consent::Given).await;
        let path = format!("/contacts/{}", number(7));
        let called = json!({"name": "Im Yoona", "locale": "es_MX"});
        let (_, contact) = desk.call(Method::PATCH, &path, Some(called)).await;
        assert_eq!((&contact["name"], &contact["locale"]), (&json!("Im Yoona"), &json!("es")), "{contact}");
        let guessed = [&contact["time_zone"], &contact["time_zone_source"]].map(Value::clone);
        let change = json!({"name": "Maya Gurung", "time_zone": "Asia/Kathmandu", "tags": ["VIP"]});
        let (_, contact) = desk.call(Method::PATCH, &path, Some(change.clone())).await;
        assert_eq!(contact["time_zone"], "Asia/Kathmandu");
        let (_, contact) = desk.call(Method::PATCH, &path, Some(json!({"time_zone": null}))).await;
        assert_eq!([&contact["time_zone"], &contact["time_zone_source"]], [&guessed[0], &guessed[1]]);
        assert_eq!(contact["name"], "Maya Gurung", "what is left out stays");
        let (_, contact) = desk.call(Method::PATCH, &path, Some(change)).await;
        assert_eq!((&contact["time_zone_source"], &contact["tags"]), (&json!("staff"), &json!(["vip"])));
        for (query, count) in [
            ("", 30),
            ("search=%2B1415556000", 10),
            ("search=415%20556-001", 10),
            ("search=%2B14155560007", 1),
            ("search=maya", 1),
            ("search=gurung", 0),
            ("tag=vip&state=stranger", 1),
            ("tag=vip&state=member", 0),
            ("search=may&tag=vip", 1),
        ] {
            let found = desk.get(&format!("/contacts?{query}")).await;
            assert_eq!(found["items"].as_array().unwrap().len(), count, "{query}");
        }
        let (mut seen, mut cursor) = (HashSet::new(), String::new());
        loop {
            let page = desk.get(&format!("/contacts?search=415556&limit=7{cursor}")).await;
            seen.extend(
                page["items"].as_array().unwrap().iter().map(|item| item["phone_number"].to_string()),
            );
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(seen.len(), 30);

        let send_at =
            (tidings::clock::Clock::system().now() + jiff::SignedDuration::from_hours(48)).to_string();
        let waiting = json!({"to": number(7), "body": "Hi {{name}}", "purpose": "form", "send_at": send_at});
        let waiting = desk.post("/messages", waiting).await;
        assert_eq!((&waiting["body"], &waiting["status"]), (&json!("Hi Maya Gurung"), &json!("queued")));
        let alert = json!({"to": number(8), "template": "registered", "purpose": "alert"});
        let alert = desk.post("/messages", alert).await["id"].as_str().unwrap().to_owned();
        eventually("delivery", PATIENCE, async || {
            desk.get(&format!("/messages/{alert}")).await["status"] == "delivered"
        })
        .await;
        let phone = number(7).replace('+', "%2B");
        for (query, count) in [
            ("purpose=form", 1),
            ("status=queued", 1),
            ("status=queued&purpose=alert", 0),
            ("status=delivered&direction=outbound", 1),
            ("direction=inbound", 0),
            ("created_after=2020-01-01T00:00:00Z", 2),
            ("created_before=2020-01-01T00:00:00Z", 0),
            (&format!("phone_number={phone}"), 1),
            (&format!("contact={phone}&status=failed"), 0),
            ("phone_number=%2B14155550999", 0),
        ] {
            let found = desk.get(&format!("/messages?{query}")).await;
            assert_eq!(found["items"].as_array().unwrap().len(), count, "{query}");
        }
        let cancel = format!("/messages/{}/cancel", waiting["id"].as_str().unwrap());
        let cancelled = desk.post(&cancel, json!({})).await;
        assert_eq!(
            (&cancelled["status"], &cancelled["status_reason"]),
            (&json!("refused"), &json!("it was cancelled by staff"))
        );
        assert_eq!(desk.call(Method::POST, &cancel, None).await.0, 409);
        assert_eq!(desk.call(Method::POST, &format!("/messages/{alert}/cancel"), None).await.0, 409);
        assert_eq!(desk.taken().len(), 1);
        desk.stage.end().await;
    }
}

/// Short lists are whole, or come in parts as the long ones do.
#[tokio::test]
async fn short_lists_come_in_parts_as_well() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let token = tidings::api::new_token().unwrap();
        let scopes = "templates:read tests:read webhooks:read webhooks:write accounts:read";
        stage.app.store.add_token(1, "test", &tidings::api::hash_token(&token), scopes, 0).await.unwrap();
        let call = async |method: Method, path: &str, body: Option<Value>| {
            let url = format!("{}/api/v1{path}", stage.app.public_url);
            let request = stage.client.request(method, url).bearer_auth(&token);
            let request = match body {
                Some(body) => request.json(&body),
                None => request,
            };
            let answer = request.send().await.unwrap();
            (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
        };
        for at in 0..5 {
            let endpoint = json!({ "url": format!("https://example.org/{at}") });
            assert_eq!(call(Method::POST, "/webhook-endpoints", Some(endpoint)).await.0, 201);
            let row = format!(
                "INSERT INTO code_prefix (prefix, sent, used, paused_at) VALUES ('{}', 50, 1, 1)",
                7 * 9_i32.pow(at)
            );
            stage.scratch.execute(&row).await;
        }
        for (path, least, limit) in [
            ("/templates", 150, 40),
            ("/sms/test/templates", 10, 4),
            ("/webhook-endpoints", 5, 2),
            ("/verification/paused-prefixes", 5, 2),
        ] {
            let (_, whole) = call(Method::GET, path, None).await;
            let items = whole["items"].as_array().unwrap();
            assert!(items.len() >= least && whole["next_cursor"].is_null(), "{path}: {whole}");
            let (mut seen, mut cursor) = (Vec::new(), String::new());
            loop {
                let (_, page) = call(Method::GET, &format!("{path}?limit={limit}{cursor}"), None).await;
                let part = page["items"].as_array().unwrap();
                assert!((1..=limit).contains(&part.len()), "{path}: {page}");
                seen.extend(part.clone());
                let Some(next) = page["next_cursor"].as_str() else { break };
                cursor = format!("&cursor={next}");
            }
            assert_eq!(&seen, items, "{path}");
            for (wrong, field) in
                [("limit=0", "limit"), ("limit=201", "limit"), ("cursor=a", "cursor"), ("cursor=", "cursor")]
            {
                let (status, problem) = call(Method::GET, &format!("{path}?{wrong}"), None).await;
                assert_eq!((status, &problem["errors"][0]["field"]), (400, &json!(field)), "{path}?{wrong}");
            }
        }
        stage.end().await;
    }
}

/// Adds subscriptions of people with the ids `from` to `last`.
async fn subscribe(stage: &Stage, from: i64, last: i64) {
    let statement = format!(
        "WITH RECURSIVE s(n) AS (SELECT CAST({from} AS BIGINT) UNION ALL SELECT n + 1 FROM s WHERE n < {last}) \
         INSERT INTO tip_subscription (contact_id, tips_on) SELECT n, TRUE FROM s"
    );
    stage.scratch.execute(&statement).await;
}

#[tokio::test]
async fn a_count_over_many_rows_is_given_out_for_ten_seconds_and_one_over_few_never_again() {
    for scratch in Scratch::each().await {
        let clock = Clock::standing_at("2026-11-21T12:00:00Z".parse().unwrap());
        let stage = Stage::at(scratch, clock.clone()).await;
        let token = tidings::api::new_token().unwrap();
        let hash = tidings::api::hash_token(&token);
        stage.app.store.add_token(1, "test", &hash, "tips:read", 0).await.unwrap();
        let url = format!("{}/api/v1/tips/subscriptions/summary", stage.app.public_url);
        let ask = async || -> Value {
            stage.client.get(&url).bearer_auth(&token).send().await.unwrap().json().await.unwrap()
        };
        let subscribed = async || ask().await["subscribed"].as_i64().unwrap();
        subscribe(&stage, 1, 9998).await;
        assert_eq!(subscribed().await, 9998);
        subscribe(&stage, 9999, 9999).await;
        assert_eq!(subscribed().await, 9999, "few are counted each time");
        // However many ask at once, nobody hears of a time before they asked.
        for left in 1..=20 {
            stage.scratch.execute(&format!("DELETE FROM tip_subscription WHERE contact_id = {left}")).await;
            let heard = join_all((0..16).map(|_| subscribed())).await;
            assert_eq!(heard, [9999 - left; 16]);
        }
        subscribe(&stage, 1, 20).await;
        subscribe(&stage, 10_000, 10_000).await;
        assert_eq!(subscribed().await, 10_000);
        subscribe(&stage, 10_001, 10_001).await;
        assert!(clock.advance(SignedDuration::from_secs(4)));
        let kept = ask().await;
        assert_eq!((&kept["subscribed"], &kept["as_of"]), (&json!(10_000), &json!("2026-11-21T12:00:00Z")));
        // Somewhat old: it is still given, and made anew beside that.
        assert!(clock.advance(SignedDuration::from_secs(2)));
        assert_eq!(subscribed().await, 10_000);
        eventually("a new count", PATIENCE, async || subscribed().await == 10_001).await;
        assert_eq!(ask().await["as_of"], "2026-11-21T12:00:06Z");
        subscribe(&stage, 10_002, 10_002).await;
        assert!(clock.advance(SignedDuration::from_secs(10)));
        assert_eq!(subscribed().await, 10_002, "too old to be given");
        stage.end().await;
    }
}
