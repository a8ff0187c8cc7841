//! What a wrong request is told.

use crate::support;
use serde_json::json;

#[tokio::test]
async fn a_wrong_request_is_told_by_field_and_in_plain_words() {
    let server = support::serve(support::sqlite(), &[]).await;
    let token = server
        .api_token("messages:read messages:send bookings:read bookings:write analytics:read audit:read")
        .await;
    let call = async |method: &str, path: &str, body: Option<&str>| {
        let request = server.http.request(method.parse().unwrap(), server.url(path)).bearer_auth(&token);
        let request = match body {
            Some(body) => request.header("content-type", "application/json").body(body.to_owned()),
            None => request,
        };
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 400, "{method} {path}");
        let problem: serde_json::Value = response.json().await.unwrap();
        let error = &problem["errors"][0];
        format!("{}: {}", error["field"].as_str().unwrap(), error["message"].as_str().unwrap())
    };
    let login = "/api/v1/auth/login";
    for (path, body, expected) in [
        (login, "null", "body: must be a JSON object, and not null"),
        (login, "\"x\"", "body: must be a JSON object"),
        (login, "{", "body: must be JSON, and this ends too early"),
        (login, r#"{"email": "a@example.org"}"#, "password: is missing"),
        (login, r#"{"email": 5, "password": "x"}"#, "email: must be text"),
        (
            "/api/v1/messages",
            r#"{"to": "+14155550123", "body": "x", "purpose": "alert", "send_at": "soon"}"#,
            "send_at: must be a date and time with its offset from UTC, such as 2030-01-07T15:30:00Z or 2030-01-07T10:30:00-05:00",
        ),
    ] {
        assert_eq!(call("POST", path, Some(body)).await, expected, "{path} {body}");
    }
    let time = "must be a date and time with its offset from UTC, such as 2030-01-07T15:30:00Z or 2030-01-07T10:30:00-05:00";
    for (path, expected) in [
        ("/api/v1/messages?limit=1&limit=2", "limit: may be given only once".to_owned()),
        ("/api/v1/analytics/summary?from=2020", format!("from: {time}")),
        ("/api/v1/analytics/summary?price_per_segment=x", "price_per_segment: must be a number".to_owned()),
        (
            "/api/v1/bookings?statu=confirmed",
            "statu: is not a parameter that is known here; known are phone_number, status, cursor, limit"
                .to_owned(),
        ),
        (
            "/api/v1/audit?act=zz",
            "act: is not a parameter that is known here; known are cursor, limit".to_owned(),
        ),
        (
            "/api/v1/openapi.json?a=1",
            "a: is not a parameter that is known here; there are none here".to_owned(),
        ),
    ] {
        assert_eq!(call("GET", path, None).await, expected, "{path}");
    }
    let told = call("GET", "/api/v1/messages?to=abc", None).await;
    assert!(told.starts_with("to: is not a parameter that is known here; known are "), "{told}");
    server.app.stop().await;
}

#[tokio::test]
async fn wrong_methods_and_addresses_are_told_as_problems_everywhere() {
    let server = support::serve(support::sqlite(), &[]).await;
    let told = async |method: &str, path: &str| {
        let response = server.http.request(method.parse().unwrap(), server.url(path)).send().await.unwrap();
        assert_eq!(response.headers()["content-type"], "application/problem+json", "{method} {path}");
        let allow = response.headers().get("allow").map(|allow| allow.to_str().unwrap().to_owned());
        let status = response.status().as_u16();
        let problem: serde_json::Value = response.json().await.unwrap();
        assert_eq!(problem["status"], status, "{problem}");
        (status, allow, problem)
    };
    for (method, path, allowed) in [
        ("PUT", "/api/docs", "GET,HEAD"),
        ("POST", "/healthz", "GET,HEAD"),
        ("GET", "/webhooks/twilio/voice", "POST"),
        ("POST", "/assets/base.css", "GET,HEAD"),
        ("PUT", "/api/v1/bookings", "GET,HEAD,POST"),
    ] {
        let (status, allow, problem) = told(method, path).await;
        assert_eq!((status, allow.as_deref()), (405, Some(allowed)), "{method} {path}");
        assert_eq!(problem["code"], "method_not_allowed", "{method} {path}");
    }
    for path in ["/api/v1/nope", "/api/v1/", "/api/v1", "/nope"] {
        let (status, _, problem) = told("GET", path).await;
        assert_eq!(status, 404, "{path}");
        assert_eq!(problem["detail"], format!("there is no {path}"), "{problem}");
    }
    server.app.stop().await;
}

#[tokio::test]
async fn a_name_that_nobody_sees_is_none() {
    for engine in support::engines().await {
        let server = support::serve(engine, &[]).await;
        let scopes = "groups:write forms:write campaigns:write bookings:write tokens:write tips:write";
        let token = server.api_token(scopes).await;
        let phone = "+14155550101";
        let url = "https://example.org/form";
        for (path, field, mut body) in [
            ("groups", "name", json!({ "members": [] })),
            ("forms", "title", json!({ "phone_number": phone, "url": url })),
            ("campaigns", "name", json!({ "body": "Hello", "audience": {} })),
            ("bookings", "title", json!({ "phone_number": phone, "starts_at": "2030-01-07T15:30:00Z" })),
            ("tokens", "name", json!({ "scopes": ["tips:write"] })),
            ("tips", "body", json!({ "locale": "en", "position": 1 })),
        ] {
            for (text, right) in
                [("", false), (" \u{200b}\u{2060} ", false), ("\u{3164}", false), ("आशा", true)]
            {
                body[field] = text.into();
                let request = server.http.post(server.url(&format!("/api/v1/{path}"))).bearer_auth(&token);
                let answer = request.json(&body).send().await.unwrap();
                let (status, told) = (answer.status(), answer.json::<serde_json::Value>().await.unwrap());
                assert_eq!(status == 201, right, "{path} {text:?}: {told}");
                if !right {
                    assert_eq!(told["errors"][0]["field"], field, "{path}: {told}");
                }
            }
        }
        server.app.stop().await;
    }
}

#[tokio::test]
async fn a_number_in_a_path_may_be_written_as_the_document_says() {
    let server = support::serve(support::sqlite(), &[]).await;
    let token = server.api_token("contacts:read").await;
    for (phone, status) in [
        ("+14155550101", 404),
        ("%2B14155550101", 404),
        ("14155550101", 404),
        ("(415)%20555-0101", 404),
        ("415.555.0101", 404),
        ("415%2F555%2F0101", 404),
        ("[415]555%E2%80%930101", 404),
        ("whatsapp:+14155550101", 404),
        ("whatsapp:%2B14155550101", 404),
        ("whatsapp:US.1234", 404),
        ("whatsapp:415-555-0101", 400),
        ("asha", 400),
        ("12", 400),
    ] {
        let url = server.url(&format!("/api/v1/contacts/{phone}"));
        let answer = server.http.get(url).bearer_auth(&token).send().await.unwrap();
        assert_eq!(answer.status(), status, "{phone}");
        let told: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(told["code"], if status == 404 { "not_found" } else { "invalid_request" }, "{phone}");
    }
    server.app.stop().await;
}
