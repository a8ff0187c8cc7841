//! The staff API and the server's own pages.

mod support;

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
