//! Texts from handsets: webhooks, retries, replies and reserved words.

use crate::stage::{ADA, BOB, OURS, stage, stage_with};
use tidings::carrier::{MessagingService, OptOut, Status, Switch, Text, TextError};

#[tokio::test]
async fn a_text_reaches_the_webhook_and_the_reply_the_handset() {
    let stage = stage().await;
    stage.app.twiml(
        r#"<?xml version="1.0" encoding="UTF-8"?><Response>
        <Message statusCallback="/status?id=1">Hello &amp; welcome</Message></Response>"#,
    );
    let delivery = stage.carrier.text(ADA, OURS, "Grüße 😀").await.unwrap();
    assert_eq!((delivery.http_status, delivery.attempts, delivery.error_code), (Some(200), 1, None));
    assert_eq!(delivery.replies, ["Hello & welcome"]);
    let hooks = stage.app.hooks("/sms");
    let [hook] = hooks.as_slice() else { panic!("one webhook") };
    for (name, value) in [
        ("MessageSid", delivery.sid.as_str()),
        ("SmsSid", &delivery.sid),
        ("SmsMessageSid", &delivery.sid),
        ("AccountSid", &stage.carrier.settings().account_sid),
        ("From", ADA),
        ("To", OURS),
        ("Body", "Grüße 😀"),
        ("NumMedia", "0"),
        ("NumSegments", "1"),
        ("SmsStatus", "received"),
        ("ApiVersion", "2010-04-01"),
        ("FromCountry", "US"),
    ] {
        assert_eq!(hook.get(name), value, "{name}");
    }
    assert!(!hook.params.contains_key("OptOutType"));
    stage.carrier.idle().await;
    assert_eq!(stage.on_handset(ADA), ["Grüße 😀", "Hello & welcome"]);
    assert_eq!(stage.statuses(), ["sent", "delivered"]);
    assert_eq!(stage.app.hooks("/status")[0].get("MessageSid"), delivery.reply_sids[0]);
}

#[tokio::test]
async fn texts_of_one_handset_arrive_in_order() {
    let stage = stage().await;
    let bodies: Vec<String> = (0..20).map(|n| n.to_string()).collect();
    futures_util::future::join_all(bodies.iter().map(|body| stage.carrier.text(ADA, OURS, body))).await;
    let arrived: Vec<String> = stage.app.hooks("/sms").iter().map(|h| h.get("Body").to_owned()).collect();
    assert_eq!(arrived, bodies);
}

#[tokio::test]
async fn stop_blocks_until_start_and_the_webhook_hears_all() {
    let stage = stage().await;
    let stop = stage.carrier.text(ADA, OURS, " Stop ").await.unwrap();
    assert!(stop.carrier_reply.unwrap().contains("unsubscribed"));
    assert!(stage.carrier.is_blocked(OURS, ADA) && !stage.carrier.is_blocked(OURS, BOB));
    let (status, error) = stage.send(&[("To", ADA), ("From", OURS), ("Body", "hi")]).await;
    assert_eq!((status, error["code"].as_u64()), (400, Some(21610)));

    stage.app.twiml(r#"<Response><Message action="/status">blocked</Message></Response>"#);
    stage.carrier.text(ADA, OURS, "are you there").await.unwrap();
    stage.carrier.idle().await;
    let outbound = stage.carrier.ledger(0).outbound;
    assert_eq!((outbound[0].status, outbound[0].error_code), (Status::Failed, Some(21610)));
    let callback = &stage.app.hooks("/status")[0];
    assert_eq!((callback.get("MessageStatus"), callback.get("ErrorCode")), ("failed", "21610"));

    let yes = stage.carrier.text(ADA, OURS, "YES").await.unwrap();
    assert!(yes.carrier_reply.unwrap().contains("re-subscribed"));
    assert!(stage.carrier.text(ADA, OURS, "yes").await.unwrap().carrier_reply.is_none());
    assert!(stage.carrier.text(ADA, OURS, "START").await.unwrap().carrier_reply.is_some());
    assert!(stage.carrier.text(ADA, OURS, "HELP").await.unwrap().carrier_reply.is_some());
    assert_eq!(stage.send(&[("To", ADA), ("From", OURS), ("Body", "hi")]).await.0, 201);
    assert_eq!(stage.app.hooks("/sms").len(), 6);
    // The carrier's own answers are on the handset and in the ledger, not in the account's lists.
    assert_eq!(stage.carrier.ledger(0).carrier_replies.len(), 4);
    let (_, list) = stage.get(&stage.account("/Messages.json")).await;
    assert_eq!(list["messages"].as_array().unwrap().len(), 8);
}

#[tokio::test]
async fn opt_out_is_shared_in_a_service_told_when_advanced_and_off_when_off() {
    let service = format!("MG{}", "a".repeat(32));
    let stage = stage_with(|settings| {
        settings.opt_out = OptOut::Advanced;
        let numbers = vec![OURS.to_owned()];
        settings.messaging_services.push(MessagingService { sid: service.clone(), numbers });
    })
    .await;
    stage.carrier.text(ADA, OURS, "REVOKE").await.unwrap();
    let hook = &stage.app.hooks("/sms")[0];
    assert_eq!((hook.get("OptOutType"), hook.get("MessagingServiceSid")), ("STOP", service.as_str()));
    let status = stage.status_url();
    let (http, message) = stage
        .send(&[("To", ADA), ("MessagingServiceSid", &service), ("Body", "x"), ("StatusCallback", &status)])
        .await;
    assert_eq!(http, 201);
    assert_eq!((message["status"].as_str(), message["from"].is_null()), (Some("accepted"), true));
    assert_eq!(message["num_segments"], "0");
    stage.carrier.idle().await;
    assert_eq!(stage.statuses(), ["queued", "failed"]);
    assert_eq!(stage.app.hooks("/status")[1].get("ErrorCode"), "21610");

    let off = stage_with(|settings| settings.opt_out = OptOut::Off).await;
    assert!(off.carrier.text(ADA, OURS, "STOP").await.unwrap().carrier_reply.is_none());
    assert!(!off.carrier.is_blocked(OURS, ADA));
}

#[tokio::test]
async fn failures_are_tried_again_as_the_fragment_says() {
    let stage = stage().await;
    let url = format!("{}/sms?x=1", stage.app.url);
    stage.carrier.set_number(OURS, |n| n.sms_url = Some(format!("{url}#rc=3&rp=5xx,rt")));
    stage.app.answer(503, "text/plain", "down");
    stage.app.answer(500, "text/plain", "down");
    let delivery = stage.carrier.text(ADA, OURS, "hi").await.unwrap();
    assert_eq!((delivery.http_status, delivery.attempts), (Some(200), 3));
    let hooks = stage.app.hooks("/sms");
    assert!(hooks.iter().all(|h| h.get("MessageSid") == delivery.sid && h.token == hooks[0].token));

    // By default only failed connections are tried again.
    stage.carrier.set_number(OURS, |n| n.sms_url = Some(url.clone()));
    stage.app.answer(500, "text/plain", "down");
    let delivery = stage.carrier.text(ADA, OURS, "hi").await.unwrap();
    assert_eq!((delivery.http_status, delivery.attempts, delivery.error_code), (Some(500), 1, Some(11200)));
    stage.carrier.set_number(OURS, |n| n.sms_url = Some("http://127.0.0.1:1/sms#rc=2".to_owned()));
    let delivery = stage.carrier.text(ADA, OURS, "hi").await.unwrap();
    assert_eq!((delivery.http_status, delivery.attempts, delivery.error_code), (None, 3, Some(11205)));
}

#[tokio::test]
async fn a_lost_answer_is_a_read_failure() {
    let stage = stage().await;
    let mut faults = stage.carrier.faults();
    faults.webhook_answer_lost = Switch::next(2);
    stage.carrier.set_faults(faults);
    stage.carrier.set_number(OURS, |n| n.sms_url = Some(format!("{}/sms#rc=5&rp=all", stage.app.url)));
    for _ in 0..3 {
        stage.app.twiml("<Response><Message>once</Message></Response>");
    }
    let delivery = stage.carrier.text(ADA, OURS, "hi").await.unwrap();
    assert_eq!((delivery.attempts, delivery.replies.len()), (3, 1));
    let webhooks = stage.carrier.ledger(0).webhooks;
    assert_eq!(webhooks.iter().filter(|call| call.fault == Some("webhook_answer_lost")).count(), 2);
}

#[tokio::test]
async fn the_fallback_hears_the_error_and_may_answer() {
    let stage = stage().await;
    stage.carrier.set_number(OURS, |n| n.sms_fallback_url = Some(format!("{}/fallback", stage.app.url)));
    stage.app.answer(500, "text/plain", "");
    stage.app.twiml("<Response><Message>sorry</Message></Response>");
    let delivery = stage.carrier.text(ADA, OURS, "hi").await.unwrap();
    assert_eq!(delivery.replies, ["sorry"]);
    let hook = &stage.app.hooks("/fallback")[0];
    assert_eq!((hook.get("ErrorCode"), hook.get("ErrorUrl")), ("11200", &*format!("{}/sms", stage.app.url)));
}

#[tokio::test]
async fn bad_answers_are_noted_redirects_followed_and_plain_text_sent() {
    let stage = stage().await;
    for (kind, body, code) in [
        ("", "<Response/>", Some(12300)),
        ("application/json", "{}", Some(12300)),
        ("text/xml", "\n<Response/>", Some(12100)),
        ("text/xml", "<Response><Message>", Some(12100)),
        ("text/plain", "OK", None),
    ] {
        stage.app.answer(200, kind, body);
        assert_eq!(stage.carrier.text(ADA, OURS, "hi").await.unwrap().error_code, code, "{kind} {body}");
    }
    let many = format!("<Response>{}</Response>", "<Message>x</Message>".repeat(11));
    stage.app.twiml(&many);
    let delivery = stage.carrier.text(ADA, OURS, "hi").await.unwrap();
    assert_eq!((delivery.replies.len(), delivery.error_code), (10, Some(14109)));
    stage.app.twiml("<Response><Message>1</Message><Redirect>/next?a=1</Redirect></Response>");
    stage.app.twiml("<Response><Message>2</Message></Response>");
    assert_eq!(stage.carrier.text(ADA, OURS, "hi").await.unwrap().replies, ["1", "2"]);
    assert_eq!(stage.app.hooks("/next").len(), 1);
    stage.carrier.idle().await;
    assert!(stage.on_handset(ADA).contains(&"OK".to_owned()));
}

#[tokio::test]
async fn media_and_wrong_numbers() {
    let stage = stage().await;
    let text = Text {
        from: ADA.to_owned(),
        to: OURS.to_owned(),
        body: String::new(),
        media: vec!["https://media.test/a.png".to_owned()],
    };
    let delivery = stage.carrier.send(text).await.unwrap();
    let hook = &stage.app.hooks("/sms")[0];
    assert!(delivery.sid.starts_with("MM"));
    assert_eq!((hook.get("NumMedia"), hook.get("MediaContentType0")), ("1", "image/png"));
    assert_eq!(stage.carrier.text("5550100001", OURS, "x").await.unwrap_err(), TextError::From);
    assert_eq!(stage.carrier.text(ADA, BOB, "x").await.unwrap_err(), TextError::To);
    assert_eq!(stage.carrier.text(ADA, OURS, &"x".repeat(1601)).await.unwrap_err(), TextError::Body);
}
