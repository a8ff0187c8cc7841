//! Whoever proves a number agrees to texts: they are a member from then on, and are welcomed once.

use crate::harness::callers::{Caller, PASSWORD, anybody, code_in, codes, forget_counts, member, sign_in};
use crate::harness::{self, PATIENCE, Scratch, Stage, eventually};
use serde_json::{Value, json};
use tidings::store::{ConsentRow, MessageRow};

const NUMBER: &str = "+14155550101";
/// What only a welcome says, in English and in Spanish.
const WELCOME: [&str; 2] = ["data rates may apply", "tarifas"];
const NUMBERS: &str = "/users/me/phone-numbers";

/// The welcomes that there are to the number, whatever became of them.
async fn welcomes(stage: &Stage) -> Vec<MessageRow> {
    let all = stage.outgoing().await.into_iter();
    all.filter(|row| WELCOME.iter().any(|said| row.body.contains(said))).collect()
}

async fn ledger(stage: &Stage) -> Vec<ConsentRow> {
    let contact = stage.app.store.contact(NUMBER).await.unwrap().unwrap();
    stage.app.store.ledger(contact.id, i64::MAX, 10).await.unwrap()
}

/// Enters the last of `count` codes that the number got.
async fn enter(caller: &Caller<'_>, count: usize) -> (u16, Value) {
    let code = codes(caller.stage, NUMBER, count).await.pop().unwrap();
    caller.post(&format!("{NUMBERS}/verify-code"), json!({ "phone_number": NUMBER, "code": code })).await
}

#[tokio::test]
async fn who_proves_a_number_is_a_member_and_welcomed_once() {
    for scratch in Scratch::each().await {
        let stage = Stage::with_ours(
            scratch,
            &[
                ("TIDINGS_ORGANISATION", "Lakeside Clinic"),
                // Whatever the hour, it is night.
                ("TIDINGS_QUIET_HOURS", "00:00-23:59"),
            ],
        )
        .await;
        let body = json!({
            "email": "asha@example.org", "password": PASSWORD, "full_name": "Asha Rai", "phone_number": NUMBER,
            "locale": "es", "time_zone": "Asia/Kathmandu",
        });
        let (status, user) = anybody(&stage).post("/auth/register", body).await;
        assert_eq!(status, 201, "{user}");
        let agreement = user["verification"]["agreement"].as_str().unwrap().to_owned();
        for said in ["Al introducir el código", "Lakeside Clinic", "5 al día", "HELP", "STOP", "tarifas"] {
            assert!(agreement.contains(said), "{agreement}");
        }
        codes(&stage, NUMBER, 1).await;
        let before = stage.app.store.contact(NUMBER).await.unwrap().unwrap();
        assert_eq!((before.state.as_str(), before.consent.as_str()), ("stranger", "unasked"));

        let asha = sign_in(&stage, "asha@example.org", PASSWORD).await;
        assert_eq!(enter(&asha, 1).await.0, 200);
        let contact = stage.app.store.contact(NUMBER).await.unwrap().unwrap();
        assert_eq!((contact.state.as_str(), contact.consent.as_str()), ("member", "given"));
        assert_eq!((contact.name.as_deref(), contact.locale.as_str()), (Some("Asha Rai"), "es"));
        assert_eq!(contact.time_zone, "Asia/Kathmandu");
        assert!(contact.registered_at.is_some());
        let ledger = ledger(&stage).await;
        assert_eq!((ledger.len(), ledger[0].given, ledger[0].how.as_str()), (1, true, "web_verification"));
        assert_eq!(ledger[0].body.as_deref(), Some(agreement.as_str()), "what was agreed to");

        stage.settled().await;
        let welcome = stage.taken().pop().unwrap();
        assert_eq!(welcome.to, NUMBER);
        for said in ["Lakeside Clinic", "Asha Rai", "5", "HELP", "STOP", "tarifas"] {
            assert!(welcome.body.contains(said), "{}", welcome.body);
        }

        // Nothing of this brings another.
        assert_eq!(enter(&asha, 1).await.0, 409, "proven already");
        let second = json!({ "phone_number": "+14155550102" });
        let (_, second) = asha.post(NUMBERS, second).await;
        let path = format!("{NUMBERS}/{}/set-primary", second["id"].as_str().unwrap());
        asha.post(&path, json!({})).await;
        stage.hear(&harness::fresh_sid(), NUMBER, "REGISTER").await;
        assert_eq!(
            stage.app.store.count_to_register().await.unwrap().0,
            0,
            "a member need not be registered"
        );
        assert_eq!(welcomes(&stage).await.len(), 1);
        stage.end().await;
    }
}

#[tokio::test]
async fn who_is_a_member_already_or_told_us_more_stays_as_they_are() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        stage.hear(&harness::fresh_sid(), NUMBER, "REGISTER").await;
        let (_, answer) = stage.hear(&harness::fresh_sid(), NUMBER, "Bina").await;
        let code = answer.split("<Message").nth(1).and_then(|text| text.split('>').nth(1)).and_then(code_in);
        stage.hear(&harness::fresh_sid(), NUMBER, &code.unwrap_or_default()).await;
        stage.hear(&harness::fresh_sid(), NUMBER, "français").await;
        let before = stage.app.store.contact(NUMBER).await.unwrap().unwrap();
        assert_eq!(before.state, "member", "{answer}");
        let asha = member(&stage, "asha@example.org", Some(NUMBER)).await;
        assert_eq!(enter(&asha, 1).await.0, 200);
        let after = stage.app.store.contact(NUMBER).await.unwrap().unwrap();
        assert_eq!((after.name.as_deref(), after.locale.as_str()), (Some("Bina"), before.locale.as_str()));
        assert_eq!(after.registered_at, before.registered_at);
        assert!(ledger(&stage).await.iter().all(|line| line.how != "web_verification"));
        assert_eq!(welcomes(&stage).await.len(), 1, "the one they got by text");
        stage.end().await;
    }
}

#[tokio::test]
async fn an_opt_out_wins_and_who_was_erased_stays_so() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let asha = member(&stage, "asha@example.org", Some(NUMBER)).await;
        codes(&stage, NUMBER, 1).await;
        stage.hear(&harness::fresh_sid(), NUMBER, "STOP").await;
        assert_eq!(enter(&asha, 1).await.0, 200);
        let contact = stage.app.store.contact(NUMBER).await.unwrap().unwrap();
        assert_eq!((contact.state.as_str(), contact.consent.as_str()), ("member", "withdrawn"));
        assert!(ledger(&stage).await.iter().all(|line| !line.given));
        assert!(welcomes(&stage).await.is_empty());

        // The number is gone from the account as well, and its codes go nowhere.
        stage.hear(&harness::fresh_sid(), NUMBER, "FORGET ME").await;
        forget_counts(&stage).await;
        assert_eq!(asha.post(NUMBERS, json!({ "phone_number": NUMBER })).await.0, 201);
        assert_eq!(asha.post(&format!("{NUMBERS}/verify"), json!({ "phone_number": NUMBER })).await.0, 202);
        stage.settled().await;
        assert!(stage.app.store.contact(NUMBER).await.unwrap().is_none(), "still erased");
        assert!(welcomes(&stage).await.is_empty());
        stage.end().await;
    }
}

#[tokio::test]
async fn a_code_that_is_texted_back_welcomes_and_a_new_holder_is_welcomed_anew() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        member(&stage, "asha@example.org", Some(NUMBER)).await;
        let code = codes(&stage, NUMBER, 1).await.remove(0);
        stage.hear(&harness::fresh_sid(), NUMBER, &code).await;
        let contact = stage.app.store.contact(NUMBER).await.unwrap().unwrap();
        assert_eq!((contact.state.as_str(), contact.consent.as_str()), ("member", "given"));
        assert_eq!(welcomes(&stage).await.len(), 1);

        let body = json!({ "email": "ben@example.org", "password": PASSWORD, "full_name": "Ben Lee" });
        assert_eq!(anybody(&stage).post("/auth/register", body).await.0, 201);
        let ben = sign_in(&stage, "ben@example.org", PASSWORD).await;
        let number = json!({ "phone_number": NUMBER });
        assert_eq!(ben.post(NUMBERS, number.clone()).await.0, 201);
        forget_counts(&stage).await;
        assert_eq!(ben.post(&format!("{NUMBERS}/verify"), number).await.0, 202);
        assert_eq!(enter(&ben, 2).await.0, 200);
        let contact = stage.app.store.contact(NUMBER).await.unwrap().unwrap();
        assert_eq!((contact.name.as_deref(), contact.consent.as_str()), (Some("Ben Lee"), "given"));
        let hows: Vec<String> = ledger(&stage).await.into_iter().map(|line| line.how).collect();
        assert_eq!(hows, ["web_verification", "changed_hands", "web_verification"]);
        let said: Vec<String> = welcomes(&stage).await.into_iter().map(|row| row.body).collect();
        assert_eq!(said.len(), 2);
        assert!(said.iter().any(|body| body.contains("Ben Lee")), "{said:?}");
        stage.end().await;
    }
}

#[tokio::test]
async fn without_twilio_the_welcome_is_skipped_and_says_so() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("tidings.db").display());
    let secret = "a secret of the tests, 32 bytes or more";
    let values = tidings::config::Values::from_pairs([
        ("TIDINGS_LISTEN", "127.0.0.1:0"),
        ("DATABASE_URL", url.as_str()),
        ("TIDINGS_DEMO", "off"),
        ("TIDINGS_QUIET_HOURS", "00:00-00:00"),
        ("TIDINGS_SECRET", secret),
    ]);
    let config = tidings::config::Config::from_values(&values.unwrap()).unwrap();
    let app = tidings::app::App::start(config, tidings::clock::Clock::system()).await.unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let post = async |path: &str, body: Value| {
        let url = format!("{}/api/v1/auth/{path}", app.public_url);
        client.post(url).json(&body).send().await.unwrap().json::<Value>().await.unwrap()
    };
    let asha = json!({
        "email": "asha@example.org", "password": PASSWORD, "full_name": "Asha", "phone_number": NUMBER,
    });
    let user = post("register", asha).await;
    assert_eq!(user["verification"]["status"], "skipped", "{user}");
    let row = app.store.numbers(user["id"].as_str().unwrap().parse().unwrap()).await.unwrap().remove(0);
    let proof: Value = serde_json::from_str(&row.proof).unwrap();
    let nonce = proof["asked"]["issued"][0]["nonce"].as_str().unwrap().parse().unwrap();
    let code = tidings::dialog::CodeKey::new(format!("code:{secret}").as_bytes()).code(NUMBER, nonce);
    let verified = post("verify-sms", json!({ "email": "asha@example.org", "code": code })).await;
    assert_eq!(verified["status"], "verified", "{verified}");
    eventually("the skipped welcome", PATIENCE, async || {
        let all = harness::messages(&app.store).await;
        let welcome = all.iter().find(|row| row.body.contains(WELCOME[0]));
        welcome.is_some_and(|row| {
            row.status == "skipped" && row.status_reason.as_deref().unwrap().contains("no Twilio credentials")
        })
    })
    .await;
    app.stop().await;
}
