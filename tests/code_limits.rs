//! Limits on codes and on questions about numbers, on both engines.

mod harness;

use harness::callers::{admin, codes, member};
use harness::{Scratch, Stage};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn codes_are_rationed_by_number_address_and_account() {
    for scratch in Scratch::each().await {
        let stage = Stage::with_ours(scratch, &[("TIDINGS_MAX_NUMBERS_PER_ACCOUNT", "50")]).await;
        let asha = member(&stage, "asha@example.org", None).await;
        let mut answers = Vec::new();
        for at in 0..12 {
            // Numbers that don't begin alike.
            let phone = format!("+1415{}550101", 550 + at).replace("550101", "0101");
            let phone = json!({ "phone_number": phone });
            assert_eq!(asha.post("/users/me/phone-numbers", phone.clone()).await.0, 201, "{phone}");
            answers.push(asha.post("/users/me/phone-numbers/verify", phone).await);
        }
        let sent = answers.iter().filter(|(status, _)| *status == 202).count();
        assert_eq!(sent, 10, "{answers:?}");
        let (status, problem) = answers.last().unwrap();
        assert_eq!((*status, problem["code"].as_str()), (429, Some("too_many_requests")));
        let soon = json!({ "phone_number": "+14155500101" });
        let (status, problem) = asha.post("/users/me/phone-numbers/verify", soon).await;
        assert_eq!((status, problem["code"].as_str()), (429, Some("too_soon")), "{problem}");
        let abroad = json!({ "phone_number": "+447400123456" });
        asha.post("/users/me/phone-numbers", abroad.clone()).await;
        let (status, problem) = asha.post("/users/me/phone-numbers/verify", abroad).await;
        assert_eq!((status, problem["code"].as_str()), (400, Some("country_not_served")));
        stage.end().await;
    }
}

#[tokio::test]
async fn looking_numbers_up_is_rationed_with_the_usual_headers() {
    let stage = Stage::new(Scratch::sqlite()).await;
    let asha = member(&stage, "asha@example.org", None).await;
    let url = format!("{}/api/v1/users/phone/check", stage.app.public_url);
    let mut last = None;
    for at in 0..61 {
        let body = json!({ "phone_number": format!("+14155550{at:03}") });
        let response = stage.client.post(&url).bearer_auth(&asha.token).json(&body).send().await.unwrap();
        let number = |name: &str| -> i64 { response.headers()[name].to_str().unwrap().parse().unwrap() };
        assert_eq!(number("ratelimit-limit"), 60);
        assert_eq!(number("ratelimit-remaining"), (59 - at).max(0));
        assert!((1..=661).contains(&number("ratelimit-reset")));
        last = Some((response.status().as_u16(), response.headers().contains_key("retry-after")));
    }
    assert_eq!(last, Some((429, true)));

    // Accounts are easily had: whoever makes many asks no more often from one address than ten of them may.
    let body = json!({ "phone_number": "+14155550102" });
    let (mut asked, mut refused) = (60, None);
    while refused.is_none() {
        let next = member(&stage, &format!("ben{asked}@example.org"), None).await;
        for _ in 0..60 {
            let (status, told) = next.post("/users/phone/check", body.clone()).await;
            if status != 200 {
                refused = Some((asked, status, told["detail"].as_str().unwrap_or_default().to_owned()));
                break;
            }
            asked += 1;
        }
        assert!(asked < 700, "one address asked {asked} times");
    }
    let told = "too many look-ups of numbers from this address; try again later".to_owned();
    assert_eq!(refused, Some((600, 429, told)));
    stage.end().await;
}

#[tokio::test]
async fn a_prefix_whose_codes_nobody_uses_is_paused_and_shown() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let asha = member(&stage, "asha@example.org", Some("+14155550101")).await;
        codes(&stage, "+14155550101", 1).await;
        let mut tx = stage.app.store.begin().await.unwrap();
        let mut prefix = tx.lock_prefix("1415555").await.unwrap();
        assert_eq!((prefix.sent, prefix.used), (1, 0), "the code was counted");
        (prefix.sent, prefix.used) = (50, 24);
        tx.save_prefix(&prefix).await.unwrap();
        tx.commit().await.unwrap();
        let phone = json!({ "phone_number": "+14155550102" });
        asha.post("/users/me/phone-numbers", phone.clone()).await;
        let (status, problem) = asha.post("/users/me/phone-numbers/verify", phone.clone()).await;
        assert_eq!((status, problem["code"].as_str()), (403, Some("prefix_paused")), "{problem}");
        let admin = admin(&stage).await;
        let (_, paused) = admin.get("/verification/paused-prefixes").await;
        assert_eq!(paused["items"][0]["prefix"], "+1415555", "{paused}");
        assert!(paused["items"][0]["reason"].as_str().unwrap().contains("of 50 codes"), "{paused}");
        let path = "/verification/paused-prefixes/+1415555";
        assert_eq!(asha.call(Method::DELETE, path, None).await.0, 403);
        assert_eq!(admin.call(Method::DELETE, path, None).await.0, 204);
        assert_eq!(asha.post("/users/me/phone-numbers/verify", phone).await.0, 202);
        stage.end().await;
    }
}

/// Asks for another code as if forwarded for `client`; returns the status.
async fn resend(stage: &Stage, client: &str) -> u16 {
    let url = format!("{}/api/v1/auth/resend-sms", stage.app.public_url);
    let request = stage.client.post(url).header("X-Forwarded-For", client);
    request.json(&json!({ "email": "nobody@example.org" })).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn only_a_configured_proxy_says_who_the_client_is() {
    for (trusted, other_is_free) in [("127.0.0.1", true), ("10.0.0.0/8", false)] {
        let stage = Stage::with_ours(Scratch::sqlite(), &[("TIDINGS_TRUSTED_PROXIES", trusted)]).await;
        for _ in 0..60 {
            assert_eq!(resend(&stage, "203.0.113.9").await, 202);
        }
        assert_eq!(resend(&stage, "203.0.113.9").await, 429);
        assert_eq!(resend(&stage, "198.51.100.7").await == 202, other_is_free);
        stage.end().await;
    }
}

#[tokio::test]
async fn numbers_that_begin_alike_share_twenty_codes_an_hour() {
    for scratch in Scratch::each().await {
        let more = [("TIDINGS_TRUSTED_PROXIES", "127.0.0.1"), ("TIDINGS_MAX_NUMBERS_PER_ACCOUNT", "9")];
        let stage = Stage::with_ours(scratch, &more).await;
        let mut sent = 0;
        let mut refused = Vec::new();
        for person in 0..3 {
            let somebody = member(&stage, &format!("p{person}@example.org"), None).await;
            for at in 0..8 {
                let phone = json!({ "phone_number": format!("+1415555{:04}", 100 + person * 10 + at) });
                assert_eq!(somebody.post("/users/me/phone-numbers", phone.clone()).await.0, 201);
                let url = format!("{}/api/v1/users/me/phone-numbers/verify", stage.app.public_url);
                let request = stage.client.post(url).bearer_auth(&somebody.token).json(&phone);
                let request = request.header("X-Forwarded-For", format!("203.0.113.{person}"));
                let response = request.send().await.unwrap();
                match response.status().as_u16() {
                    202 => sent += 1,
                    status => refused.push((status, response.text().await.unwrap())),
                }
            }
        }
        assert_eq!((sent, refused.len()), (20, 4), "{refused:?}");
        assert!(refused.iter().all(|(status, body)| *status == 429 && body.contains("numbers like this")));
        stage.end().await;
    }
}
