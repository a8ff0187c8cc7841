//! A number is proven by the code that was sent to it, whatever the road, and belongs to who did it last.

use crate::harness::callers::{PASSWORD, anybody, code_in, codes, forget_counts, member, other_than};
use crate::harness::{self, PATIENCE, Scratch, Stage, eventually};
use serde_json::{Value, json};

#[tokio::test]
async fn who_signs_up_verifies_by_the_code_that_came() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let asha = member(&stage, "Asha@Example.org", Some("(415) 555-0101")).await;
        let (_, me) = asha.get("/users/me").await;
        assert_eq!(me["phone_number"], "+14155550101");
        assert_eq!(me["is_phone_verified"], false);
        assert_eq!(me["role"], "user");
        let code = codes(&stage, "+14155550101", 1).await.remove(0);
        let body = stage.taken().remove(0).body;
        let bound_line = body.lines().last().unwrap();
        assert_eq!(bound_line, format!("@127.0.0.1 #{code}"), "the line that phones look for");
        let kept = stage.outgoing().await.remove(0);
        assert!(!kept.body.contains(&code) && kept.purpose.as_deref() == Some("code"));

        let spaced = format!(" {}-{}", &code[..3], &code[3..]);
        let verify = json!({ "email": "asha@example.ORG", "code": spaced });
        let (status, answer) = anybody(&stage).post("/auth/verify-sms", verify.clone()).await;
        assert_eq!((status, answer["status"].as_str()), (200, Some("verified")), "{answer}");
        let (status, answer) = anybody(&stage).post("/auth/verify-sms", verify).await;
        assert_eq!((status, answer["code"].as_str()), (400, Some("invalid_code")), "a code is good once");
        stage.end().await;
    }
}

#[tokio::test]
async fn the_code_can_be_texted_back() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let asha = member(&stage, "asha@example.org", Some("+14155550101")).await;
        let code = codes(&stage, "+14155550101", 1).await.remove(0);
        let (_, answer) = stage.hear(&harness::fresh_sid(), "+14155550101", &other_than(&code, 1)).await;
        assert!(answer.contains("not right"), "{answer}");
        let (_, answer) = stage.hear(&harness::fresh_sid(), "+14155550199", &code).await;
        assert!(!answer.contains("verified"), "a code is worth nothing from another number: {answer}");
        let spaced = format!("{} {}", &code[..3], &code[3..]);
        let (_, answer) = stage.hear(&harness::fresh_sid(), "+14155550101", &spaced).await;
        assert!(answer.contains("your number is verified"), "{answer}");
        let (_, list) = asha.get("/users/me/phone-numbers").await;
        assert_eq!(list["items"][0]["is_verified"], true, "{list}");
        assert_eq!(list["items"][0]["verification_method"], "sms_reply");
        let mut texted = stage.messages().await;
        let asha = stage.app.store.contact("+14155550101").await.unwrap().unwrap().id;
        texted.retain(|row| !row.outbound && row.contact_id == asha);
        let bodies: Vec<&str> = texted.iter().map(|row| row.body.as_str()).collect();
        assert_eq!(bodies, ["******", "*** ***"], "codes are kept out of the database");
        stage.end().await;
    }
}

#[tokio::test]
async fn a_challenge_takes_five_wrong_codes_whatever_the_road() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let asha = member(&stage, "asha@example.org", Some("+14155550101")).await;
        let code = codes(&stage, "+14155550101", 1).await.remove(0);
        for (step, road) in [(1, "page"), (2, "text"), (3, "api"), (4, "text"), (5, "api")] {
            let code = other_than(&code, step);
            match road {
                "page" => {
                    let body = json!({ "email": "asha@example.org", "code": code });
                    assert_eq!(anybody(&stage).post("/auth/verify-sms", body).await.0, 400);
                }
                "text" => {
                    stage.hear(&harness::fresh_sid(), "+14155550101", &code).await;
                }
                _ => {
                    let body = json!({ "phone_number": "+14155550101", "code": code });
                    let (status, _) = asha.post("/users/me/phone-numbers/verify-code", body).await;
                    assert_eq!(status, if step == 5 { 429 } else { 400 });
                }
            }
        }
        let right = json!({ "phone_number": "+14155550101", "code": code });
        let (status, answer) = asha.post("/users/me/phone-numbers/verify-code", right).await;
        assert_eq!((status, answer["code"].as_str()), (429, Some("locked")), "{answer}");
        let again = json!({ "phone_number": "+14155550101" });
        let (status, answer) = asha.post("/users/me/phone-numbers/verify", again).await;
        assert_eq!((status, answer["code"].as_str()), (429, Some("locked")), "a resend resets nothing");
        let (_, answer) = stage.hear(&harness::fresh_sid(), "+14155550101", &code).await;
        assert!(!answer.contains("your number is verified"), "{answer}");
        stage.end().await;
    }
}

#[tokio::test]
async fn whoever_proves_a_number_last_has_it() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let number = "+14155550101";
        let asha = member(&stage, "asha@example.org", Some(number)).await;
        let code = codes(&stage, number, 1).await.remove(0);
        let verify = |code: &str| json!({ "phone_number": number, "code": code });
        assert_eq!(asha.post("/users/me/phone-numbers/verify-code", verify(&code)).await.0, 200);
        let ben = member(&stage, "ben@example.org", None).await;
        let (_, check) = ben.post("/users/phone/check", json!({ "phone_number": number })).await;
        assert_eq!((&check["available"], &check["phone_number"]), (&json!(false), &json!(number)));
        let (_, check) = asha.post("/users/phone/check", json!({ "phone_number": number })).await;
        assert_eq!(check["available"], true, "it is her own");
        let (_, found) = ben.get("/users/lookup/phone?phone_number=%2B14155550101").await;
        assert_eq!(found, json!({ "exists": true, "external_id": null, "display_name": "Asha Rai" }));

        assert_eq!(ben.post("/users/me/phone-numbers", json!({ "phone_number": number })).await.0, 201);
        let foreign = ben.post("/users/me/phone-numbers/verify-code", verify(&code)).await;
        assert_eq!(foreign.1["code"], "no_code_sent", "a code for Asha is worth nothing to Ben");
        let soon = ben.post("/users/me/phone-numbers/verify", json!({ "phone_number": number })).await;
        assert_eq!((soon.0, soon.1["code"].as_str()), (429, Some("too_many_requests")), "one in 30 seconds");
        forget_counts(&stage).await;
        assert_eq!(
            ben.post("/users/me/phone-numbers/verify", json!({ "phone_number": number })).await.0,
            202
        );
        let code = codes(&stage, number, 2).await.remove(1);
        assert_eq!(ben.post("/users/me/phone-numbers/verify-code", verify(&code)).await.0, 200);

        let (_, me) = asha.get("/users/me").await;
        assert_eq!(me["phone_number"], Value::Null);
        assert_eq!(me["notices"][0]["kind"], "number_lost", "{me}");
        assert_eq!(me["notices"][0]["phone_number"], number);
        stage.end().await;
    }
}

#[tokio::test]
async fn two_accounts_racing_for_one_number_leave_one_owner() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let number = "+14155550101";
        let asha = member(&stage, "asha@example.org", None).await;
        let ben = member(&stage, "ben@example.org", None).await;
        let mut both = Vec::new();
        for caller in [&asha, &ben] {
            assert_eq!(
                caller.post("/users/me/phone-numbers", json!({ "phone_number": number })).await.0,
                201
            );
        }
        let sent = asha.post("/users/me/phone-numbers/verify", json!({ "phone_number": number })).await;
        assert_eq!(sent.0, 202, "{}", sent.1);
        let held = ben.post("/users/me/phone-numbers/verify", json!({ "phone_number": number })).await;
        assert_eq!((held.0, held.1["code"].as_str()), (429, Some("too_soon")), "the pause is the number's");
        let code = codes(&stage, number, 1).await.remove(0);
        let body = json!({ "phone_number": number, "code": code });
        for _ in 0..25 {
            both.push(asha.post("/users/me/phone-numbers/verify-code", body.clone()));
            both.push(ben.post("/users/me/phone-numbers/verify-code", body.clone()));
        }
        let answers = futures_util::future::join_all(both).await;
        let right = answers.iter().filter(|(status, _)| *status == 200).count();
        assert_eq!(right, 1, "one code is good once, for one account: {answers:?}");
        assert!(answers.iter().all(|(status, _)| *status < 500), "{answers:?}");
        stage.end().await;
    }
}

#[tokio::test]
async fn without_twilio_codes_go_to_the_demo_phone_or_are_skipped() {
    for demo in ["on", "off"] {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("tidings.db").display());
        let pairs =
            [("TIDINGS_LISTEN", "127.0.0.1:0"), ("DATABASE_URL", url.as_str()), ("TIDINGS_DEMO", demo)];
        let values = tidings::config::Values::from_pairs(pairs).unwrap();
        let _ = rustls::crypto::ring::default_provider().install_default();
        let config = tidings::config::Config::from_values(&values).unwrap();
        let app = tidings::app::App::start(config, tidings::clock::Clock::system()).await.unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let body = json!({
            "email": "asha@example.org", "password": PASSWORD, "full_name": "Asha",
            "phone_number": "4155550101",
        });
        let url = format!("{}/api/v1/auth/register", app.public_url);
        let answer = client.post(url).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 201);
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(answer["verification"]["status"], if demo == "on" { "sent" } else { "skipped" });
        if let Some(carrier) = &app.carrier {
            eventually("the code on the demo phone", PATIENCE, async || {
                carrier.ledger(0).outbound.iter().any(|message| code_in(&message.body).is_some())
            })
            .await;
        } else {
            eventually("the skipped code", PATIENCE, async || {
                let row = harness::messages(&app.store).await.remove(0);
                row.status == "skipped" && row.status_reason.unwrap().contains("no Twilio credentials")
            })
            .await;
            let token = tidings::api::new_token().unwrap();
            let hash = tidings::api::hash_token(&token);
            app.store.add_token(1, "test", &hash, "messages:read", 0).await.unwrap();
            let url = format!("{}/api/v1/messages", app.public_url);
            let list = client.get(url).bearer_auth(&token).send().await.unwrap();
            let message = list.json::<Value>().await.unwrap()["items"][0].clone();
            assert_eq!((&message["status"], &message["sent_at"]), (&json!("skipped"), &Value::Null));
        }
        assert_eq!(app.carrier.is_some(), demo == "on");
        app.stop().await;
    }
}
