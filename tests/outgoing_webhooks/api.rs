//! `/webhook-endpoints`, and the page that explains it.

use super::harness::{PATIENCE, eventually};
use super::receiver::{Answer, Receiver};
use super::support::{self, Server};
use reqwest::Method;
use serde_json::{Value, json};
use std::process::Command;
use tidings::events::SigningSecret;

const ALLOW: (&str, &str) = ("TIDINGS_WEBHOOK_ALLOW_PRIVATE", "true");

async fn call(server: &Server, token: &str, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
    let mut request = server.http.request(method, server.url(&format!("/api/v1{path}"))).bearer_auth(token);
    if let Some(body) = body {
        request = request.json(&body);
    }
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap_or_default())
}

#[tokio::test]
async fn an_endpoint_is_made_tried_changed_and_deleted() {
    for fresh in support::engines().await {
        let server = support::serve(fresh, &[ALLOW]).await;
        let receiver = Receiver::start().await;
        let token = server.api_token("webhooks:read webhooks:write").await;
        let post = async |path: &str, body| call(&server, &token, Method::POST, path, body).await;
        let get = async |path: &str| call(&server, &token, Method::GET, path, None).await;

        let (status, made) = post(
            "/webhook-endpoints",
            Some(json!({"url": receiver.url, "events": ["contact.opted_out", "contact.registered"]})),
        )
        .await;
        assert_eq!(status, 201, "{made}");
        let secret = SigningSecret::parse(made["secret"].as_str().unwrap()).unwrap();
        assert_eq!(made["events"], json!(["contact.opted_out", "contact.registered"]));
        let path = format!("/webhook-endpoints/{}", made["id"].as_str().unwrap());
        for shown in [get(&path).await.1, get("/webhook-endpoints").await.1["items"][0].clone()] {
            assert_eq!(shown["id"], made["id"]);
            assert!(shown.get("secret").is_none(), "{shown}");
        }

        // A text, a webhook: this node listens from the moment it has answered.
        server.sms(&support::fields(super::ASHA, "STOP")).await;
        let got = receiver.wait_for(1).await.remove(0);
        assert_eq!(got.kind(), "contact.opted_out");
        assert!(got.is_signed_with(&secret));

        // A new secret signs too, and is shown once.
        let (status, rotated) = post(&format!("{path}/rotate-secret"), None).await;
        assert_eq!(status, 200);
        let new = SigningSecret::parse(rotated["secret"].as_str().unwrap()).unwrap();
        assert_ne!(new, secret);
        let (status, tested) = post(&format!("{path}/test"), None).await;
        assert_eq!(status, 202);
        let got = receiver.wait_for(2).await.remove(1);
        assert!(got.kind() == "test" && got.is_signed_with(&secret) && got.is_signed_with(&new));

        let delivered = async || {
            let (_, page) = get(&format!("{path}/deliveries")).await;
            let items = page["items"].as_array().unwrap().clone();
            items.iter().all(|item| item["status"] == "delivered").then_some(items)
        };
        eventually("the record", PATIENCE, async || delivered().await.is_some()).await;
        let items = delivered().await.unwrap();
        assert_eq!(items[0]["id"], tested["delivery_id"]);
        assert_eq!(items[0]["webhook_id"], got.id);
        assert_eq!(items[0]["attempts"][0]["http_status"], 204);
        assert_eq!(items[0]["next_try_at"], Value::Null);

        // Once more: one of them, then all of today.
        let one = json!({"delivery_id": tested["delivery_id"]});
        assert_eq!(post(&format!("{path}/replay"), Some(one)).await, (202, json!({"queued": 1})));
        assert_eq!(receiver.wait_for(3).await[2].id, got.id);
        eventually("the record", PATIENCE, async || delivered().await.is_some()).await;
        let since = json!({"since": "2020-01-01T00:00:00Z"});
        assert_eq!(post(&format!("{path}/replay"), Some(since.clone())).await, (202, json!({"queued": 2})));
        receiver.wait_for(5).await;

        // Switched off, it is left alone.
        let off = Some(json!({"enabled": false}));
        let (status, changed) = call(&server, &token, Method::PATCH, &path, off).await;
        assert_eq!((status, &changed["disabled_reason"]), (200, &json!("it was switched off")));
        assert_eq!(post(&format!("{path}/test"), None).await.1["code"], "endpoint_disabled");
        assert_eq!(post(&format!("{path}/replay"), Some(since)).await.0, 409);
        let on = Some(json!({"enabled": true, "events": ["*"]}));
        let (_, changed) = call(&server, &token, Method::PATCH, &path, on).await;
        assert_eq!((&changed["events"], &changed["disabled_reason"]), (&json!(["*"]), &Value::Null));

        assert_eq!(call(&server, &token, Method::DELETE, &path, None).await.0, 204);
        for (method, path) in [
            (Method::DELETE, path.clone()),
            (Method::GET, path.clone()),
            (Method::GET, format!("{path}/deliveries")),
            (Method::POST, format!("{path}/test")),
            (Method::GET, "/webhook-endpoints/x".to_owned()),
        ] {
            assert_eq!(call(&server, &token, method, &path, None).await.0, 404, "{path}");
        }
        server.app.stop().await;
    }
}

#[tokio::test]
async fn what_is_wrong_is_told_by_field_and_scopes_decide() {
    for fresh in support::engines().await {
        let server = support::serve(fresh, &[]).await;
        let token = server.api_token("webhooks:read webhooks:write").await;
        for (body, field) in [
            (json!({}), "url"),
            (json!({"url": "example.org"}), "url"),
            (json!({"url": "http://example.org/"}), "url"),
            (json!({"url": "https://127.0.0.1/"}), "url"),
            (json!({"url": "https://[::ffff:169.254.169.254]/"}), "url"),
            (json!({"url": "https://a:b@example.org/"}), "url"),
            (json!({"url": "https://example.org/#hooks"}), "url"),
            (json!({"url": "https://example.org/", "events": []}), "events"),
            (json!({"url": "https://example.org/", "events": ["contact.registered", "x"]}), "events[1]"),
            (json!({"url": "https://example.org/", "description": "x".repeat(201)}), "description"),
            (json!({"url": "https://example.org/", "enabled": false}), "enabled"),
        ] {
            let (status, problem) =
                call(&server, &token, Method::POST, "/webhook-endpoints", Some(body.clone())).await;
            assert_eq!(status, 400, "{body}");
            assert_eq!(problem["errors"][0]["field"], field, "{body}: {problem}");
            let says = |word: &str| problem.to_string().contains(word);
            assert_eq!(says("fragment"), body.to_string().contains('#'), "{body}: {problem}");
        }
        let made = json!({"url": "https://example.org/hooks"});
        for number in 0..21 {
            let (status, _) =
                call(&server, &token, Method::POST, "/webhook-endpoints", Some(made.clone())).await;
            assert_eq!(status, if number < 20 { 201 } else { 409 });
        }
        let (_, list) = call(&server, &token, Method::GET, "/webhook-endpoints", None).await;
        let path = format!("/webhook-endpoints/{}", list["items"][0]["id"].as_str().unwrap());
        for (body, status) in [
            (json!({}), 400),
            (json!({"since": "yesterday"}), 400),
            (json!({"since": "2026-01-01T00:00:00Z", "delivery_id": "1"}), 400),
            (json!({"delivery_id": "1"}), 404),
        ] {
            let replay = format!("{path}/replay");
            let answer = call(&server, &token, Method::POST, &replay, Some(body.clone())).await;
            assert_eq!(answer.0, status, "{body}");
        }
        let reader = server.api_token("webhooks:read").await;
        for (method, path, status) in [
            (Method::GET, "/webhook-endpoints".to_owned(), 200),
            (Method::GET, format!("{path}/deliveries"), 200),
            (Method::DELETE, path.clone(), 403),
            (Method::POST, format!("{path}/rotate-secret"), 403),
            (Method::POST, format!("{path}/test"), 403),
        ] {
            assert_eq!(call(&server, &reader, method, &path, None).await.0, status, "{path}");
        }
        server.app.stop().await;
    }
}

/// The snippet that docs/WEBHOOKS.md gives to receivers, run on a webhook that has really come.
#[tokio::test]
async fn the_documented_check_accepts_what_we_sign_and_nothing_else() {
    let page = include_str!("../../docs/WEBHOOKS.md");
    let snippet = page.split("```python\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let server = support::serve(support::sqlite(), &[ALLOW]).await;
    let receiver = Receiver::start().await;
    receiver.answer([Answer::Status(200)]);
    let token = server.api_token("webhooks:write").await;
    let body = Some(json!({"url": receiver.url}));
    let (_, made) = call(&server, &token, Method::POST, "/webhook-endpoints", body).await;
    let path = format!("/webhook-endpoints/{}/test", made["id"].as_str().unwrap());
    call(&server, &token, Method::POST, &path, None).await;
    let got = receiver.wait_for(1).await.remove(0);
    let check = |body: &str, seconds: i64| {
        let program = format!(
            "{snippet}\nimport sys\nsecret, id, seconds, signature, body = sys.argv[1:]\n\
             headers = {{'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signature}}\n\
             print(is_genuine(secret, headers, body.encode()))"
        );
        let seconds = seconds.to_string();
        let arguments = [made["secret"].as_str().unwrap(), &got.id, &seconds, &got.signatures, body];
        let output = Command::new("python3").arg("-c").arg(program).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    assert_eq!(check(&got.body, got.seconds), "True");
    assert_eq!(check(&got.body.replace("test", "tset"), got.seconds), "False");
    assert_eq!(check(&got.body, got.seconds - 600), "False");
    server.app.stop().await;
}
