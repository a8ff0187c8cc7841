//! The staff API and the server's own pages.

mod support;

use serde_json::json;
use support::fields;

#[tokio::test]
async fn tokens_and_scopes_decide() {
    for fresh in support::engines().await {
        let server = support::serve(fresh, &[]).await;
        server.sms(&fields("+14155550123", "hello")).await;
        let contacts = server.api_token("contacts:read").await;
        let messages = server.api_token("messages:read").await;
        let both = server.api_token("contacts:read messages:read").await;
        let metrics = server.api_token("metrics:read").await;
        for (path, token, expected) in [
            ("/api/v1/contacts/+14155550123", "", 401),
            ("/api/v1/contacts/+14155550123", "tid_nobody", 401),
            ("/api/v1/contacts/+14155550123", &messages, 403),
            ("/api/v1/contacts/+14155550123", &contacts, 200),
            ("/api/v1/contacts/(415)%20555-0123", &contacts, 200),
            ("/api/v1/contacts/whatsapp:+14155550123", &contacts, 404),
            ("/api/v1/contacts/+14155550199", &contacts, 404),
            ("/api/v1/contacts/12", &contacts, 400),
            ("/api/v1/contacts/+14155550123/consent", &contacts, 200),
            ("/api/v1/contacts/+14155550123/consent", &messages, 403),
            ("/api/v1/contacts/+14155550123/messages", &contacts, 403),
            ("/api/v1/contacts/+14155550123/messages", &both, 200),
            ("/api/v1/messages", &messages, 200),
            ("/api/v1/messages?limit=0", &messages, 400),
            ("/api/v1/messages?limit=many", &messages, 400),
            ("/api/v1/messages?cursor=x", &messages, 400),
            ("/api/v1/messages?limit=1&limit=2", &messages, 400),
            ("/api/v1/contacts/%ff", &contacts, 400),
            ("/api/v1/nothing", &both, 404),
            ("/nothing", &both, 404),
            ("/healthz", "", 200),
            ("/readyz", "", 200),
            ("/metrics", "", 401),
            ("/metrics", &both, 403),
            ("/metrics", &metrics, 200),
        ] {
            let mut request = server.http.get(server.url(path));
            if !token.is_empty() {
                request = request.bearer_auth(token);
            }
            let response = request.send().await.unwrap();
            assert_eq!(response.status().as_u16(), expected, "{path}");
            if expected >= 400 {
                assert_eq!(response.headers()["content-type"], "application/problem+json", "{path}");
            }
        }
        let post = server.http.put(server.url("/api/v1/messages")).bearer_auth(&both).send().await.unwrap();
        assert_eq!(post.status(), 405);
        server.app.stop().await;
    }
}

#[tokio::test]
async fn a_conversation_reads_back_in_pages() {
    for fresh in support::engines().await {
        let server = support::serve(fresh, &[]).await;
        for body in ["REGISTER", "Asha", "000000", "STATUS", "STOP"] {
            server.sms(&fields("+14155550123", body)).await;
        }
        let token = server.api_token("contacts:read messages:read").await;
        let (_, contact) = server.get(&token, "/api/v1/contacts/+14155550123").await;
        assert_eq!(contact["state"], "verifying");
        assert_eq!(contact["name"], "Asha");
        assert_eq!(contact["opted_out"], true);
        assert_eq!(contact["time_zone"], "America/New_York");
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("/api/v1/contacts/+14155550123/messages?limit=4{cursor}");
            let (_, page) = server.get(&token, &path).await;
            seen.extend(page["items"].as_array().unwrap().clone());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen.len(), 9);
        assert_eq!(seen[0]["body"], "STOP");
        assert_eq!(seen[0]["intent"], "stop");
        let code = seen.iter().find(|message| message["purpose"] == "code").unwrap();
        assert!(code["body"].as_str().unwrap().starts_with("******"));
        assert_eq!(code["status"], "handed");
        let (_, ledger) = server.get(&token, "/api/v1/contacts/+14155550123/consent").await;
        let given: Vec<_> =
            ledger["items"].as_array().unwrap().iter().map(|entry| entry["given"].clone()).collect();
        assert_eq!(given, [false, true]);
        server.app.stop().await;
    }
}

#[tokio::test]
async fn a_span_is_summed_up() {
    for fresh in support::engines().await {
        let server = support::serve(fresh, &[("TIDINGS_OPT_OUT_REPLIES", "tidings")]).await;
        for body in ["REGISTER", "STOP"] {
            server.sms(&fields("+14155550123", body)).await;
        }
        let token = server.api_token("analytics:read").await;
        let (status, summary) = server.get(&token, "/api/v1/analytics/summary").await;
        assert_eq!(status, 200, "{summary}");
        for (name, count) in
            [("inbound", 2), ("outbound", 2), ("opt_ins", 1), ("opt_outs", 1), ("registrations", 0)]
        {
            assert_eq!(summary[name], count, "{name}: {summary}");
        }
        let before = "/api/v1/analytics/summary?from=2020-01-01T00:00:00Z&to=2020-02-01T00:00:00Z";
        assert_eq!(server.get(&token, before).await.1["inbound"], 0);
        for wrong in
            ["from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z", "from=yesterday", "price_per_segment=-1"]
        {
            let (status, problem) = server.get(&token, &format!("/api/v1/analytics/summary?{wrong}")).await;
            assert_eq!(status, 400, "{wrong}: {problem}");
        }
        server.app.stop().await;
    }
}

#[tokio::test]
async fn corrections_are_kept_as_examples() {
    for fresh in support::engines().await {
        let server = support::serve(fresh, &[]).await;
        server.sms(&fields("+14155550123", "ya no gracias, y el gato?")).await;
        let token = server.api_token("contacts:read contacts:write messages:read").await;
        let reader = server.api_token("messages:read").await;
        let at = "/api/v1/contacts/+14155550123/messages";
        let page: serde_json::Value =
            server.http.get(server.url(at)).bearer_auth(&token).send().await.unwrap().json().await.unwrap();
        let inbound =
            page["items"].as_array().unwrap().iter().find(|item| item["direction"] == "inbound").unwrap();
        assert_eq!(inbound["intents"], serde_json::json!(["other"]));
        let id = inbound["id"].as_str().unwrap();
        let correct = async |id: &str, token: &str, body: &str| {
            let url = server.url(&format!("{at}/{id}/correction"));
            let request = server
                .http
                .post(url)
                .bearer_auth(token)
                .header("content-type", "application/json")
                .body(body.to_owned());
            request.send().await.unwrap().status().as_u16()
        };
        assert_eq!(correct(id, &reader, r#"{"intent": "stop"}"#).await, 403);
        assert_eq!(correct(id, &token, r#"{"intent": "dance"}"#).await, 400);
        assert_eq!(correct(id, &token, r#"{"intent": "stop", "language": "../x"}"#).await, 400);
        assert_eq!(correct(id, &token, "[]").await, 400);
        assert_eq!(correct("12", &token, r#"{"intent": "stop"}"#).await, 404);
        assert_eq!(correct(id, &token, r#"{"intent": "human"}"#).await, 201);
        assert_eq!(correct(id, &token, r#"{"intent": "stop", "note": "politely"}"#).await, 201);
        let url = server.url("/api/v1/corrections");
        let page: serde_json::Value =
            server.http.get(url).bearer_auth(&reader).send().await.unwrap().json().await.unwrap();
        assert_eq!(
            page["items"],
            serde_json::json!([{ "text": "ya no gracias, y el gato?", "lang": "es", "intent": "stop",
                "context": null, "source": "operator", "note": "politely" }])
        );
        server.app.stop().await;
    }
}

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
