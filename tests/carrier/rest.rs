//! The REST API: sends, refusals, lists and single messages.

use crate::stage::{ADA, BOB, OURS, answer, stage, stage_with};
use jiff::SignedDuration;
use serde_json::Value;
use std::time::Duration;
use tidings::carrier::{Ending, MessagingService, Timing};

#[tokio::test]
async fn a_send_is_answered_in_twilios_shape_and_reported() {
    let stage = stage().await;
    let url = stage.status_url();
    let params = [("To", ADA), ("From", OURS), ("Body", "Hi"), ("StatusCallback", &url), ("Unknown", "x")];
    let response = stage.try_post(&stage.account("/Messages.json"), &params).await.unwrap();
    assert_eq!(response.headers()["date"], "Fri, 20 Nov 2026 23:59:30 GMT");
    assert!(response.headers()["twilio-request-id"].to_str().unwrap().starts_with("RQ"));
    let (status, message) = answer(response).await;
    assert_eq!(status, 201);
    let sid = message["sid"].as_str().unwrap();
    let account = &stage.carrier.settings().account_sid;
    for (name, value) in [
        ("status", "queued"),
        ("direction", "outbound-api"),
        ("from", OURS),
        ("to", ADA),
        ("body", "Hi"),
        ("num_segments", "1"),
        ("num_media", "0"),
        ("date_created", "Fri, 20 Nov 2026 23:59:30 +0000"),
        ("account_sid", account),
        ("uri", &format!("/2010-04-01/Accounts/{account}/Messages/{sid}.json")),
    ] {
        assert_eq!(message[name], value, "{name}");
    }
    assert!(message["date_sent"].is_null() && message["error_code"].is_null());
    stage.carrier.idle().await;
    assert_eq!(stage.statuses(), ["sent", "delivered"]);
    let last = stage.app.hooks("/status").pop().unwrap();
    assert_eq!((last.get("MessageSid"), last.get("SmsStatus")), (sid, "delivered"));
    assert_eq!(last.get("RawDlrDoneDate"), "2611202359");
    assert_eq!(stage.on_handset(ADA), ["Hi"]);
}

#[tokio::test]
async fn refusals_have_twilios_codes() {
    let long = "x".repeat(1601);
    let empty = format!("MG{}", "0".repeat(32));
    let stage = stage_with(|settings| {
        settings.messaging_services.push(MessagingService { sid: empty.clone(), numbers: Vec::new() });
    })
    .await;
    let from = ("From", OURS);
    let body = ("Body", "x");
    for (params, code) in [
        (vec![from, body], 21604),
        (vec![("To", "12"), from, body], 21211),
        (vec![("To", "+15005550001"), from, body], 21211),
        (vec![("To", "+15005550002"), from, body], 21612),
        (vec![("To", "+15005550003"), from, body], 21408),
        (vec![("To", "+15005550004"), from, body], 21610),
        (vec![("To", "+15005550009"), from, body], 21614),
        (vec![("To", ADA), body], 21603),
        (vec![("To", ADA), ("From", BOB), body], 21606),
        (vec![("To", ADA), ("From", "+15005550001"), body], 21212),
        (vec![("To", ADA), ("From", "+15005550007"), body], 21606),
        (vec![("To", ADA), ("From", "+15005550008"), body], 21611),
        (vec![("To", ADA), ("MessagingServiceSid", "MG1"), body], 21701),
        (vec![("To", ADA), ("MessagingServiceSid", &empty), body], 21703),
        (vec![("To", ADA), from], 21602),
        (vec![("To", ADA), from, ("Body", &long)], 21617),
        (vec![("To", ADA), from, body, ("ValidityPeriod", "36001")], 20001),
        (vec![("To", ADA), from, body, ("StatusCallback", "nonsense")], 21609),
    ] {
        let (status, error) = stage.send(&params).await;
        assert_eq!((status, error["code"].as_u64()), (400, Some(code)), "{params:?}");
        assert_eq!(error["status"], 400);
        assert_eq!(error["more_info"], format!("https://www.twilio.com/docs/errors/{code}"));
    }
    let magic = [("To", "+15005550006"), ("From", "+15005550006"), body];
    assert_eq!(stage.send(&magic).await.0, 201);
}

#[tokio::test]
async fn the_door_takes_the_token_or_a_key() {
    let stage = stage_with(|settings| settings.api_keys.push(("SK1".to_owned(), "secret".to_owned()))).await;
    let url = format!("{}.json", stage.account(""));
    let account = stage.carrier.settings().account_sid.clone();
    assert_eq!(stage.get(&url).await.1["sid"], account.as_str());
    for (user, password, status) in [("SK1", "secret", 200), ("SK1", "wrong", 401), (&account, "wrong", 401)]
    {
        let response = stage.client.get(&url).basic_auth(user, Some(password)).send().await.unwrap();
        let (found, body) = answer(response).await;
        assert_eq!(found, status);
        assert!(status == 200 || body["code"] == 20003);
    }
    let (status, error) = answer(stage.client.get(&url).send().await.unwrap()).await;
    assert_eq!((status, error["code"].as_u64()), (401, Some(20003)));
    let (status, error) = stage.get(&stage.account("/Messages/SM0.json")).await;
    assert_eq!((status, error["code"].as_u64()), (404, Some(20404)));
    assert_eq!(stage.get(&format!("{}/2010-04-01/Nothing", stage.base)).await.1["code"], 20404);
}

#[tokio::test]
async fn lists_are_paged_filtered_and_newest_first() {
    let stage = stage_with(|settings| settings.timing.sent_after = Duration::from_mins(1)).await;
    stage.carrier.text(ADA, OURS, "in").await.unwrap();
    for n in 0..5 {
        stage.send(&[("To", ADA), ("From", OURS), ("Body", &n.to_string())]).await;
    }
    stage.send(&[("To", BOB), ("From", OURS), ("Body", "other")]).await;
    let bodies = |page: &Value| -> Vec<String> {
        page["messages"].as_array().unwrap().iter().map(|m| m["body"].as_str().unwrap().to_owned()).collect()
    };
    let to_ada = stage.account(&format!("/Messages.json?To=%2B{}", &ADA[1..]));
    let (_, first) = stage.get(&format!("{to_ada}&PageSize=2")).await;
    assert_eq!(bodies(&first), ["4", "3"]);
    // A message that comes in between doesn't shift the pages.
    stage.send(&[("To", ADA), ("From", OURS), ("Body", "new")]).await;
    let mut found = Vec::new();
    let mut next = first["next_page_uri"].as_str().map(str::to_owned);
    while let Some(uri) = next {
        let (_, page) = stage.get(&format!("{}{uri}", stage.base)).await;
        found.extend(bodies(&page));
        next = page["next_page_uri"].as_str().map(str::to_owned);
    }
    assert_eq!(found, ["2", "1", "0"]);
    let (_, by_number) = stage.get(&format!("{to_ada}&PageSize=2&Page=1")).await;
    assert_eq!(bodies(&by_number), ["3", "2"]);
    let (_, inbound) = stage.get(&stage.account(&format!("/Messages.json?To=%2B{}", &OURS[1..]))).await;
    assert_eq!(
        (bodies(&inbound), inbound["messages"][0]["direction"].as_str()),
        (vec!["in".to_owned()], Some("inbound"))
    );

    // What is not sent yet has no day; once sent, it is the day in GMT.
    let today = "&DateSent=2026-11-20";
    assert!(bodies(&stage.get(&format!("{to_ada}{today}")).await.1).is_empty());
    assert!(stage.clock.advance(SignedDuration::from_mins(1)));
    stage.carrier.idle().await;
    assert!(bodies(&stage.get(&format!("{to_ada}{today}")).await.1).is_empty());
    assert_eq!(bodies(&stage.get(&format!("{to_ada}&DateSent%3E=2026-11-21")).await.1).len(), 6);
    assert!(bodies(&stage.get(&format!("{to_ada}&DateSent%3C=2026-11-20T00:00:00Z")).await.1).is_empty());
}

#[tokio::test]
async fn messages_end_as_told_and_can_be_redacted_and_deleted() {
    let stage = stage_with(|settings| {
        settings.timing = Timing { sent_after: Duration::from_secs(1), ended_after: Duration::from_secs(1) };
        settings.endings.insert(ADA.to_owned(), Ending::Undelivered { error_code: 30003 });
    })
    .await;
    let (_, message) = stage.send(&[("To", ADA), ("From", OURS), ("Body", "secret")]).await;
    let url = stage.account(&format!("/Messages/{}.json", message["sid"].as_str().unwrap()));
    let delete = || async { answer(stage.authorised(stage.client.delete(&url)).send().await.unwrap()).await };
    assert_eq!(delete().await.1["code"], 20009);
    assert_eq!(stage.post(&url, &[("Status", "canceled")]).await.1["code"], 30409);
    let mut changes = stage.carrier.watch();
    assert!(stage.clock.advance(SignedDuration::from_secs(1)));
    changes.wait_for(|_| stage.carrier.ledger(0).outbound[0].sent_at.is_some()).await.unwrap();
    // Its next sleep may begin after the clock has moved: move it until it is done.
    while stage.carrier.ledger(0).outbound[0].error_code.is_none() {
        assert!(stage.clock.advance(SignedDuration::from_secs(1)));
        tokio::task::yield_now().await;
    }
    let (_, fetched) = stage.get(&url).await;
    assert_eq!(
        (fetched["status"].as_str(), fetched["error_code"].as_u64()),
        (Some("undelivered"), Some(30003))
    );
    assert!(stage.on_handset(ADA).is_empty());
    assert_eq!(stage.post(&url, &[("Body", ""), ("Status", "canceled")]).await.1["code"], 30400);
    assert_eq!(stage.post(&url, &[("Body", "")]).await.1["body"], "");
    assert_eq!(delete().await.0, 204);
    assert_eq!(stage.get(&url).await.0, 404);
}

#[tokio::test]
async fn a_scheduled_message_waits_and_can_be_cancelled() {
    let service = format!("MG{}", "a".repeat(32));
    let stage = stage_with(|settings| {
        let numbers = vec![OURS.to_owned()];
        settings.messaging_services.push(MessagingService { sid: service.clone(), numbers });
    })
    .await;
    let send = |at: &'static str| {
        let params = [
            ("To", ADA),
            ("MessagingServiceSid", &service),
            ("Body", "x"),
            ("ScheduleType", "fixed"),
            ("SendAt", at),
        ];
        let stage = &stage;
        async move { stage.send(&params).await.1 }
    };
    assert_eq!(send("2026-11-21T00:00:00Z").await["code"], 35115);
    let (kept, cancelled) = (send("2026-11-21T01:00:00Z").await, send("2026-11-21T01:00:00Z").await);
    assert_eq!(kept["status"], "scheduled");
    let url = stage.account(&format!("/Messages/{}.json", cancelled["sid"].as_str().unwrap()));
    assert_eq!(stage.post(&url, &[("Status", "canceled")]).await.1["status"], "canceled");
    assert!(stage.clock.advance(SignedDuration::from_hours(2)));
    stage.carrier.idle().await;
    assert_eq!(stage.on_handset(ADA).len(), 1);
    assert_eq!(stage.get(&url).await.1["status"], "canceled");
    let kept = stage.account(&format!("/Messages/{}.json", kept["sid"].as_str().unwrap()));
    assert_eq!(stage.get(&kept).await.1["from"], OURS);
}

#[tokio::test]
async fn numbers_are_listed_and_pointed_elsewhere() {
    let stage = stage().await;
    let list = stage.account(&format!("/IncomingPhoneNumbers.json?PhoneNumber=%2B{}", &OURS[1..]));
    let (_, found) = stage.get(&list).await;
    let sid = found["incoming_phone_numbers"][0]["sid"].as_str().unwrap();
    let url = stage.account(&format!("/IncomingPhoneNumbers/{sid}.json"));
    assert_eq!(stage.post(&url, &[("SmsUrl", "nonsense")]).await.1["code"], 21402);
    let elsewhere = format!("{}/elsewhere", stage.app.url);
    assert_eq!(stage.post(&url, &[("SmsUrl", &elsewhere)]).await.1["sms_url"], elsewhere.as_str());
    stage.carrier.text(ADA, OURS, "hi").await.unwrap();
    assert_eq!(stage.app.hooks("/elsewhere").len(), 1);
    let numbers = stage.account("/IncomingPhoneNumbers.json");
    assert_eq!(stage.post(&numbers, &[("PhoneNumber", BOB)]).await.0, 201);
    assert_eq!(stage.post(&numbers, &[("PhoneNumber", BOB)]).await.1["code"], 21422);
}
