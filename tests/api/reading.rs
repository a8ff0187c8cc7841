//! What staff read, and who may.

use crate::support::{self, fields};

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
        assert_eq!(contact["time_zone"], "America/Los_Angeles");
        assert_eq!(contact["time_zone_source"], "number");
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
        assert_eq!(correct(id, &token, r#"{"intent": "stop", "language": "xx"}"#).await, 400);
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
