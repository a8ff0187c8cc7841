//! WhatsApp on the same engine: its own addresses, consent, sender and 24 hours.

mod harness;
mod queue;

use harness::{ADA, OURS, PATIENCE, Scratch, Stage, eventually};
use queue::{Want, queue};
use tidings::carrier::Status;
use tidings::conversation::Content;
use tidings::purpose::Purpose;
use tidings::store::MessageRow;

const OUR_WHATSAPP: &str = "+14155550009";
const TEMPLATE: Content<'static> =
    Content { sid: "HX0123456789abcdef0123456789abcdef", variables: "{\"1\":\"Asha\"}" };

/// A stage with a WhatsApp number of its own.
async fn stage(scratch: Scratch) -> Stage {
    let stage = Stage::with_ours(scratch, &[("TWILIO_WHATSAPP_NUMBER", OUR_WHATSAPP)]).await;
    let webhook = format!("{}/webhooks/twilio/sms", stage.app.public_url);
    stage.carrier.set_number(OUR_WHATSAPP, |number| number.sms_url = Some(webhook));
    stage
}

fn ours() -> String {
    format!("whatsapp:{OUR_WHATSAPP}")
}

async fn row(stage: &Stage, body: &str) -> MessageRow {
    stage.outgoing().await.into_iter().find(|row| row.body == body).unwrap()
}

#[tokio::test]
async fn a_conversation_on_whatsapp_has_its_own_consent() {
    for scratch in Scratch::each().await {
        let stage = stage(scratch).await;
        let address = format!("whatsapp:{ADA}");
        stage.carrier.text(ADA, OURS, "STATUS").await.unwrap();
        // Twilio answers STOP on SMS by itself; on WhatsApp that is for us to do.
        let stopped = stage.carrier.text(&address, &ours(), "STOP").await.unwrap();
        assert_eq!((stopped.carrier_reply, stopped.replies.len()), (None, 1), "{}", stage.scratch.engine());
        let consent = async |address: &str| stage.app.store.contact(address).await.unwrap().unwrap().consent;
        assert_eq!((consent(&address).await.as_str(), consent(ADA).await.as_str()), ("withdrawn", "unasked"));
        let started = stage.carrier.text(&address, &ours(), "START").await.unwrap();
        assert_eq!((started.carrier_reply, started.replies.len()), (None, 1));
        stage.settled().await;
        assert!(stage.carrier.conversation(&address).iter().all(|m| m.status != Status::Failed));
        stage.end().await;
    }
}

#[tokio::test]
async fn within_a_day_anything_goes_and_after_it_templates_only() {
    for scratch in Scratch::each().await {
        let stage = stage(scratch).await;
        let address = format!("whatsapp:{ADA}");
        stage.carrier.text(&address, &ours(), "STATUS").await.unwrap();
        stage.settled().await;
        let contact = stage.app.store.contact(&address).await.unwrap().unwrap();
        queue(&stage.app.store, &[Want::of(contact.id, Purpose::Alert, "free")]).await;
        stage.settled().await;
        assert_eq!(row(&stage, "free").await.status, "delivered");
        let free = stage.taken().into_iter().find(|message| message.body == "free").unwrap();
        assert_eq!((free.from, free.to), (Some(ours()), address.clone()));

        queue::last_heard(&stage.scratch, contact.id, -25).await;
        queue(&stage.app.store, &[Want::of(contact.id, Purpose::Alert, "late")]).await;
        eventually("a refusal", PATIENCE, async || row(&stage, "late").await.status == "refused").await;
        let reason = row(&stage, "late").await.status_reason.unwrap();
        assert!(reason.contains("24 hours") && reason.contains("template"), "{reason}");

        let want = Want::of(contact.id, Purpose::Alert, "Hello Asha").with(TEMPLATE);
        queue(&stage.app.store, &[want]).await;
        stage.settled().await;
        assert_eq!(row(&stage, "Hello Asha").await.status, "delivered");
        let taken = stage.taken();
        assert_eq!(taken.last().unwrap().content_sid.as_deref(), Some(TEMPLATE.sid));
        assert_eq!(taken.last().unwrap().body, format!("[{}] {}", TEMPLATE.sid, TEMPLATE.variables));
        assert!(taken.iter().all(|message| message.body != "late"));
        stage.end().await;
    }
}

#[tokio::test]
async fn a_template_that_may_have_been_sent_is_not_sent_again() {
    let stage = stage(Scratch::sqlite()).await;
    let address = format!("whatsapp:{ADA}");
    stage.carrier.text(&address, &ours(), "STATUS").await.unwrap();
    stage.settled().await;
    stage.faults(|faults| {
        faults.answer_lost = tidings::carrier::Switch::next(1);
        faults.callback_lost = tidings::carrier::Switch::with_probability(1.0);
    });
    let contact = stage.app.store.contact(&address).await.unwrap().unwrap();
    let want = Want::of(contact.id, Purpose::Alert, "Hello Asha").with(TEMPLATE);
    queue(&stage.app.store, &[want]).await;
    eventually("uncertainty", PATIENCE, async || row(&stage, "Hello Asha").await.status == "uncertain").await;
    // The list has it in other words; past three looks it is still not sent again, nor called failed.
    eventually("three looks", PATIENCE, async || {
        let row = row(&stage, "Hello Asha").await;
        tidings::clock::Clock::system().now().as_millisecond() - row.created_at > 5_000
    })
    .await;
    let row = row(&stage, "Hello Asha").await;
    assert_eq!((row.status.as_str(), row.attempts), ("uncertain", 1));
    assert_eq!(stage.taken().iter().filter(|message| message.content_sid.is_some()).count(), 1);
    stage.end().await;
}

#[tokio::test]
async fn a_user_id_is_somebody_to_talk_to() {
    for scratch in Scratch::each().await {
        let stage = stage(scratch).await;
        let answer = stage.carrier.text("whatsapp:US.13491208655302741918", &ours(), "STATUS").await.unwrap();
        assert_eq!((answer.http_status, answer.replies.len()), (Some(200), 1));
        stage.settled().await;
        let contact = stage.app.store.contact("whatsapp:US.13491208655302741918").await.unwrap().unwrap();
        queue(&stage.app.store, &[Want::of(contact.id, Purpose::Alert, "alert")]).await;
        stage.settled().await;
        assert_eq!(row(&stage, "alert").await.status, "delivered");
        stage.end().await;
    }
}

#[tokio::test]
async fn the_simulated_carrier_keeps_whatsapps_rules() {
    let stage = stage(Scratch::sqlite()).await;
    let settings = stage.carrier.settings();
    let send = async |more: &[(&str, &str)]| {
        let url = format!("{}/2010-04-01/Accounts/{}/Messages.json", stage.api_base, settings.account_sid);
        let request = stage.client.post(url).basic_auth(&settings.account_sid, Some(&settings.auth_token));
        let answer = request.form(more).send().await.unwrap();
        answer.json::<serde_json::Value>().await.unwrap()
    };
    let (to, from) = (format!("whatsapp:{ADA}"), ours());
    let late = send(&[("To", &to), ("From", &from), ("Body", "late")]).await;
    stage.carrier.idle().await;
    let failed = stage.taken().into_iter().find(|message| message.sid == late["sid"]).unwrap();
    assert_eq!((failed.status, failed.error_code), (Status::Failed, Some(63016)));
    assert_eq!(send(&[("To", &to), ("From", OUR_WHATSAPP), ("Body", "x")]).await["code"], 63007);
    assert_eq!(send(&[("To", &to), ("From", &from), ("ContentSid", "HX1")]).await["code"], 21655);
    let template = send(&[("To", &to), ("From", &from), ("ContentSid", TEMPLATE.sid)]).await;
    stage.carrier.idle().await;
    let arrived = stage.taken().into_iter().find(|message| message.sid == template["sid"]).unwrap();
    assert_eq!(arrived.status, Status::Delivered);
    stage.end().await;
}
