//! Webhooks over HTTP: what is let in, and what is not.

mod support;

use serde_json::Value;
use support::{AUTH_TOKEN, Server, fields};

fn with(mut fields: Vec<(String, String)>, name: &str, value: Option<&str>) -> Vec<(String, String)> {
    fields.retain(|(field, _)| field != name);
    fields.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    fields
}

async fn stored(server: &Server) -> usize {
    server.app.store.messages(i64::MAX, 200).await.unwrap().len()
}

async fn problem(response: reqwest::Response) -> (u16, Value) {
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn a_signed_text_is_answered_in_twiml() {
    for fresh in support::engines().await {
        let server = support::serve(fresh, &[]).await;
        let text = fields("+14155550123", "REGISTER");
        let response = server.sms(&text).await;
        assert_eq!(response.status(), 200);
        assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/xml"));
        let twiml = response.text().await.unwrap();
        assert!(twiml.contains("What is your name?"), "{twiml}");
        let callback = format!("statusCallback=\"{}/webhooks/twilio/status?m=", server.app.public_url);
        assert!(twiml.contains(&callback), "{twiml}");
        // The same one again, also signed with the token that is being rotated out.
        assert_eq!(server.sms(&text).await.text().await.unwrap(), twiml);
        let again = server.post_signed("previous", "/webhooks/twilio/sms", &text).await;
        assert_eq!(again.text().await.unwrap(), twiml);
        assert_eq!(stored(&server).await, 2);
        server.app.stop().await;
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_is_malformed_not_too_large() {
    use std::io::{Read as _, Write as _};
    let server = support::serve(support::sqlite(), &[]).await;
    let mut client = std::net::TcpStream::connect(server.app.address).unwrap();
    let head = "POST /webhooks/twilio/sms HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n";
    let form = "Content-Type: application/x-www-form-urlencoded\r\n\r\n";
    write!(client, "{head}{form}5\r\nFrom=\r\nthis is no chunk\r\n").unwrap();
    let answer = tokio::task::spawn_blocking(move || {
        let mut answer = String::new();
        client.read_to_string(&mut answer).map(|_| answer)
    });
    let answer = answer.await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    server.app.stop().await;
}

/// Who sends it all before they read must not find the connection reset.
#[tokio::test]
async fn a_body_far_too_large_is_answered_all_the_same() {
    use std::io::{Read as _, Write as _};
    let server = support::serve(support::sqlite(), &[]).await;
    let client = std::net::TcpStream::connect(server.app.address).unwrap();
    let sent = tokio::task::spawn_blocking(move || {
        let mut client = client;
        let head = "POST /webhooks/twilio/sms HTTP/1.1\r\nHost: x\r\nContent-Length: 8388608\r\n";
        let form = "Content-Type: application/x-www-form-urlencoded\r\n\r\n";
        write!(client, "{head}{form}")?;
        client.write_all(&vec![b'x'; 8 * 1024 * 1024])?;
        let mut answer = String::new();
        client.read_to_string(&mut answer).map(|_| answer)
    });
    let answer = sent.await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert_eq!(stored(&server).await, 0);
    server.app.stop().await;
}

#[tokio::test]
async fn forgeries_are_refused_and_leave_nothing() {
    let server = support::serve(support::sqlite(), &[]).await;
    let url = server.url("/webhooks/twilio/sms");
    let text = fields("+14155550123", "REGISTER");
    let right = tidings::signature::sign(AUTH_TOKEN, &url, &text);
    let post = |signature: Option<&str>, fields: &[(String, String)]| {
        let request = server.http.post(&url).form(fields);
        match signature {
            Some(signature) => request.header("X-Twilio-Signature", signature),
            None => request,
        }
        .send()
    };
    let changed = with(text.clone(), "Body", Some("STOP"));
    let added = [text.clone(), vec![("Body".to_owned(), "STOP".to_owned())]].concat();
    let foreign = tidings::signature::sign("another token", &url, &text);
    let elsewhere = tidings::signature::sign(AUTH_TOKEN, "https://example.org/webhooks/twilio/sms", &text);
    for (what, response) in [
        ("missing", post(None, &text).await),
        ("empty", post(Some(""), &text).await),
        ("no base64", post(Some("?"), &text).await),
        ("too short", post(Some("AAAA"), &text).await),
        ("another token", post(Some(&foreign), &text).await),
        ("another URL", post(Some(&elsewhere), &text).await),
        ("changed field", post(Some(&right), &changed).await),
        ("added field", post(Some(&right), &added).await),
    ] {
        let (status, body) = problem(response.unwrap()).await;
        assert_eq!((status, body["code"].as_str()), (403, Some("bad_signature")), "{what}");
        assert!(!body.to_string().contains(&right), "{what} tells the right signature");
    }
    // A proxy's headers and Host change nothing: the URL is configured.
    let spoofed = server.http.post(&url).form(&text).header("X-Twilio-Signature", &elsewhere);
    let spoofed = spoofed.header("X-Forwarded-Host", "example.org").header("X-Forwarded-Proto", "https");
    assert_eq!(spoofed.header("Host", "example.org").send().await.unwrap().status(), 403);
    assert_eq!(stored(&server).await, 0);
    server.app.stop().await;
}

#[tokio::test]
async fn what_twilio_would_not_send_is_refused() {
    let server = support::serve(support::sqlite(), &[]).await;
    let good = || fields("+14155550123", "hello");
    let long = "x".repeat(1601);
    for (name, value) in [
        ("MessageSid", None),
        ("MessageSid", Some("")),
        ("MessageSid", Some("SM123")),
        ("MessageSid", Some("XX0123456789abcdef0123456789abcdef")),
        ("From", None),
        ("From", Some("")),
        ("From", Some("null")),
        ("From", Some("whatsapp:")),
        ("From", Some("+१४१५५५५०१२३")),
        ("From", Some("+0415555012")),
        ("From", Some("+14155550123456789")),
        ("To", None),
        ("To", Some("nobody at all")),
        ("Body", None),
        ("Body", Some(long.as_str())),
        ("NumMedia", Some("many")),
        ("NumMedia", Some("-1")),
        ("NumMedia", Some("11")),
        ("NumSegments", Some("1.5")),
    ] {
        let (status, body) = problem(server.sms(&with(good(), name, value)).await).await;
        assert_eq!(status, 400, "{name} = {value:?}");
        assert_eq!(body["errors"][0]["field"], name, "{value:?}");
    }
    let many: Vec<_> = (0..101).map(|at| (format!("Field{at}"), "x".to_owned())).collect();
    assert_eq!(problem(server.sms(&many).await).await.0, 400);
    assert_eq!(problem(server.sms(&with(good(), "Body", Some(&"x".repeat(70_000)))).await).await.0, 413);
    for media_type in ["application/json", "text/plain", "multipart/form-data", ""] {
        let post = server.http.post(server.url("/webhooks/twilio/sms")).header("Content-Type", media_type);
        assert_eq!(problem(post.body("{}").send().await.unwrap()).await.0, 415, "{media_type}");
    }
    let post = server.http.post(server.url("/webhooks/twilio/sms"));
    let post = post.header("Content-Type", "application/x-www-form-urlencoded").body(vec![b'a', b'=', 0xff]);
    assert_eq!(problem(post.send().await.unwrap()).await.0, 400);
    assert_eq!(server.http.get(server.url("/webhooks/twilio/sms")).send().await.unwrap().status(), 405);
    assert_eq!(stored(&server).await, 0);
    server.app.stop().await;
}

#[tokio::test]
async fn odd_but_genuine_texts_are_taken() {
    for fresh in support::engines().await {
        let server = support::serve(fresh, &[]).await;
        for (from, body) in [
            ("+14155550123", ""),
            ("+14155550123", "nul \0 and \u{1f}"),
            ("+14155550123", &"é".repeat(1600)),
            ("72345", "your parcel"),
            ("ACME", "sale!"),
            ("whatsapp:+14155550123", "hola"),
        ] {
            let text = with(fields(from, body), "MediaUrl0", Some("https://api.twilio.com/x"));
            let response = server.sms(&with(text, "NumMedia", Some("1"))).await;
            assert_eq!(response.status(), 200, "{from} {body:?}");
        }
        let inbound = server.app.store.messages(i64::MAX, 200).await.unwrap();
        let inbound: Vec<_> = inbound.iter().filter(|row| !row.outbound).collect();
        assert_eq!(inbound.len(), 6);
        assert!(
            inbound.iter().all(|row| row.extra.as_deref().is_some_and(|extra| extra.contains("MediaUrl0")))
        );
        server.app.stop().await;
    }
}

#[tokio::test]
async fn twilios_opt_out_type_is_obeyed_and_not_answered() {
    let server = support::serve(support::sqlite(), &[("TIDINGS_OPT_OUT_REPLIES", "tidings")]).await;
    let stop = with(fields("+14155550123", "arrêt"), "OptOutType", Some("STOP"));
    assert!(server.sms(&stop).await.text().await.unwrap().ends_with("<Response/>"));
    let token = server.api_token("contacts:read").await;
    let (status, contact) = server.get(&token, "/api/v1/contacts/+14155550123").await;
    assert_eq!((status, contact["opted_out"].as_bool()), (200, Some(true)));
    let (_, ledger) = server.get(&token, "/api/v1/contacts/+14155550123/consent").await;
    assert_eq!(ledger["items"][0]["how"], "opt_out_type");
    assert_eq!(ledger["items"][0]["text"], "arrêt");
    server.app.stop().await;
}

#[tokio::test]
async fn reports_are_signed_and_find_their_message() {
    for fresh in support::engines().await {
        let server = support::serve(fresh, &[]).await;
        let twiml = server.sms(&fields("+14155550123", "hello")).await.text().await.unwrap();
        let (_, rest) = twiml.split_once("statusCallback=\"").unwrap();
        let callback = rest.split_once('"').unwrap().0.replace("&amp;", "&");
        let path = callback.strip_prefix(&server.app.public_url).unwrap().to_owned();
        let sid = support::fresh_sid().to_string();
        let report = |status: &str, code: Option<&str>| {
            let all = [("MessageSid", sid.as_str()), ("MessageStatus", status), ("From", "+15005550006")];
            let mut all = all.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
            all.extend(code.map(|code| ("ErrorCode".to_owned(), code.to_owned())));
            all
        };
        let forged = path.replace("m=", "m=1");
        let url = server.url(&path);
        let signature = tidings::signature::sign(AUTH_TOKEN, &url, &report("delivered", None));
        let post = server.http.post(server.url(&forged)).header("X-Twilio-Signature", signature);
        assert_eq!(post.form(&report("delivered", None)).send().await.unwrap().status(), 403);

        let token = server.api_token("messages:read").await;
        for (status, code, expected) in [
            ("queued", None, "accepted"),
            ("sent", None, "sent"),
            ("queued", None, "sent"),
            ("undelivered", Some("30003"), "undelivered"),
            ("sent", None, "undelivered"),
            ("something new", None, "undelivered"),
        ] {
            let response = server.post_signed(AUTH_TOKEN, &path, &report(status, code)).await;
            assert_eq!(response.status(), 200);
            assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/xml"));
            let (_, list) = server.get(&token, "/api/v1/messages?limit=1").await;
            assert_eq!(list["items"][0]["status"], expected, "after {status}");
        }
        let (_, list) = server.get(&token, "/api/v1/messages?limit=1").await;
        assert_eq!(list["items"][0]["error_code"], 30003);
        assert!(list["items"][0]["status_reason"].as_str().unwrap().len() > 10);
        for bad in [
            report("", None),
            with(report("sent", None), "MessageSid", Some("SM1")),
            report("sent", Some("x")),
        ] {
            let status = server.post_signed(AUTH_TOKEN, &path, &bad).await.status().as_u16();
            assert_eq!(status, 400, "{bad:?}");
        }
        server.app.stop().await;
    }
}
