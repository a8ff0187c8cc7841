//! Accounts over the API: sign-up, numbers and the codes that prove them, against a simulated carrier on
//! both engines.

mod harness;

use harness::callers::{PASSWORD, anybody, code_in, codes, forget_counts, member, other_than};
use harness::{PATIENCE, Scratch, Stage, eventually};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::HashSet;

#[tokio::test]
async fn sign_up_verify_and_manage_numbers() {
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

        let (status, second) =
            asha.post("/users/me/phone-numbers", json!({ "phone_number": "+14155550102" })).await;
        assert_eq!(status, 201, "{second}");
        let fields: HashSet<&str> = second.as_object().unwrap().keys().map(String::as_str).collect();
        for field in [
            "id",
            "phone_number",
            "national",
            "country",
            "is_primary",
            "is_verified",
            "verification_method",
            "created_at",
            "updated_at",
        ] {
            assert!(fields.contains(field), "{field} is not in {second}");
        }
        let again = asha.post("/users/me/phone-numbers", json!({ "phone_number": "415 555 0102" })).await;
        assert_eq!((again.0, again.1["code"].as_str()), (409, Some("number_already_added")));
        let (status, sent) =
            asha.post("/users/me/phone-numbers/verify", json!({ "phone_number": "+14155550102" })).await;
        assert_eq!((status, sent["status"].as_str()), (202, Some("sent")), "{sent}");
        let code = codes(&stage, "+14155550102", 1).await.remove(0);
        let wrong = json!({ "phone_number": "+14155550102", "code": other_than(&code, 1) });
        let (status, answer) = asha.post("/users/me/phone-numbers/verify-code", wrong).await;
        assert_eq!((status, answer["code"].as_str()), (400, Some("wrong_code")), "{answer}");
        let right = json!({ "phone_number": "+14155550102", "code": code });
        let (status, answer) = asha.post("/users/me/phone-numbers/verify-code", right).await;
        assert_eq!((status, answer["is_verified"].as_bool()), (200, Some(true)), "{answer}");
        assert_eq!(answer["verification_method"], "sms");

        let id = answer["id"].as_str().unwrap();
        let path = format!("/users/me/phone-numbers/{id}/set-primary");
        let (status, primary) = asha.call(Method::POST, &path, None).await;
        assert_eq!((status, primary["is_primary"].as_bool()), (200, Some(true)), "{primary}");
        let (_, list) = asha.get("/users/me/phone-numbers").await;
        let primaries: Vec<bool> = list["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|number| number["is_primary"].as_bool().unwrap())
            .collect();
        assert_eq!(primaries, [false, true]);
        let path = format!("/users/me/phone-numbers/{id}");
        let put = json!({ "phone_number": "+14155550103" });
        let (_, changed) = asha.call(Method::PUT, &path, Some(put)).await;
        assert_eq!(
            (changed["is_verified"].as_bool(), changed["is_primary"].as_bool()),
            (Some(false), Some(true))
        );
        assert_eq!(asha.call(Method::DELETE, &path, None).await.0, 204);
        assert_eq!(asha.call(Method::DELETE, &path, None).await.0, 404);
        let (_, me) = asha.get("/users/me").await;
        assert_eq!(me["phone_number"], "+14155550101", "the next number became primary");
        let (_, own) = asha.patch("/users/phone", json!({ "phone_number": "+14155550104" })).await;
        assert_eq!(own, json!({ "phone_number": "+14155550104", "is_verified": false }));
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
async fn limits_on_numbers_and_national_uniqueness() {
    for scratch in Scratch::each().await {
        let more = [
            ("TIDINGS_MAX_NUMBERS_PER_ACCOUNT", "2"),
            ("TIDINGS_UNIQUE_BY", "national"),
            ("TIDINGS_COUNTRIES", "KE,TZ,US"),
        ];
        let stage = Stage::with_ours(scratch, &more).await;
        let asha = member(&stage, "asha@example.org", Some("+254712345678")).await;
        let code = codes(&stage, "+254712345678", 1).await.remove(0);
        let verify = json!({ "email": "asha@example.org", "code": code });
        assert_eq!(anybody(&stage).post("/auth/verify-sms", verify).await.0, 200);
        let ben = member(&stage, "ben@example.org", None).await;
        let alike = json!({ "phone_number": "+255712345678" });
        let (_, check) = ben.post("/users/phone/check", alike.clone()).await;
        assert_eq!(check["available"], false);
        let (status, taken) = ben.post("/users/me/phone-numbers", alike).await;
        assert_eq!((status, taken["code"].as_str()), (409, Some("number_taken")), "{taken}");
        // Fifty at once: the limit holds.
        let many = (0..50).map(|at| {
            let asha = &asha;
            async move {
                let phone = format!("+14155550{at:03}");
                asha.post("/users/me/phone-numbers", json!({ "phone_number": phone })).await.0
            }
        });
        let answers = futures_util::future::join_all(many).await;
        assert_eq!(answers.iter().filter(|status| **status == 201).count(), 1, "{answers:?}");
        assert_eq!(answers.iter().filter(|status| **status == 409).count(), 49);
        stage.end().await;
    }
}

#[tokio::test]
async fn malformed_fields_are_named_all_at_once() {
    let stage = Stage::new(Scratch::sqlite()).await;
    let asha = member(&stage, "asha@example.org", None).await;
    let body = json!({
        "email": "asha", "password": "short", "full_name": " ", "phone_number": "12",
        "time_zone": "Mars/Olympus", "locale": "../x",
    });
    let (status, problem) = anybody(&stage).post("/auth/register", body).await;
    let fields: Vec<&str> =
        problem["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
    assert_eq!(status, 400);
    assert_eq!(fields, ["email", "password", "full_name", "time_zone", "locale", "phone_number"]);
    let taken = json!({ "email": "ASHA@example.org", "password": PASSWORD, "full_name": "A" });
    let (status, problem) = anybody(&stage).post("/auth/register", taken).await;
    assert_eq!((status, problem["errors"][0]["field"].as_str()), (409, Some("email")));
    for (number, words) in [
        ("", "enter a phone number"),
        ("null", "program's word"),
        ("whatsapp:", "no number behind"),
        ("whatsapp:+14155550101", "without the channel"),
        ("٠١٢٣٤٥٦٧٨٩", "digits 0 to 9"),
        ("+1 415 555 0101 ext 5", "extension"),
        ("0800-FLOWERS", "no letters"),
        ("1+4155550101", "can only stand once"),
        ("415!5550101", "can't stand in"),
        ("+999123456789", "no country"),
        ("+1415555", "too short"),
        ("+141555501011", "too long"),
        ("+10005550101", "no such number"),
    ] {
        let body = json!({ "phone_number": number });
        let (status, problem) = asha.post("/users/me/phone-numbers", body).await;
        assert_eq!((status, problem["errors"][0]["field"].as_str()), (400, Some("phone_number")), "{number}");
        let message = problem["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains(words), "{number}: {message}");
    }
    stage.end().await;
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

#[tokio::test]
async fn what_can_not_be_is_refused_and_not_passed_over() {
    let stage = Stage::new(Scratch::sqlite()).await;
    let asha = member(&stage, "asha@example.org", Some("+14155550101")).await;
    let (_, list) = asha.get("/users/me/phone-numbers").await;
    let path = format!("/users/me/phone-numbers/{}", list["items"][0]["id"].as_str().unwrap());
    let (status, told) = asha.call(Method::PUT, &path, Some(json!({ "is_primary": false }))).await;
    assert_eq!((status, told["code"].as_str()), (409, Some("is_primary")), "{told}");
    assert_eq!(told["errors"][0]["field"], "is_primary", "{told}");
    let (status, same) = asha.call(Method::PUT, &path, Some(json!({}))).await;
    assert_eq!((status, same["is_primary"].as_bool()), (200, Some(true)), "{same}");
    for field in ["full_name", "second_factor", "phone_prompt_dismissed"] {
        let (status, told) = asha.patch("/users/me", json!({ field: null })).await;
        assert_eq!((status, told["errors"][0]["field"].as_str()), (400, Some(field)), "{told}");
        assert!(told["errors"][0]["message"].as_str().unwrap().ends_with("and not null"), "{told}");
    }
    assert_eq!(asha.patch("/users/me", json!({ "locale": null, "time_zone": null })).await.0, 200);
    let (status, told) = asha.post("/users/phone/check", json!({ "phone_number": "+440000000000" })).await;
    let message = "no such number is in use: check the digits behind +44";
    assert_eq!((status, told["errors"][0]["message"].as_str()), (400, Some(message)), "{told}");
    stage.end().await;
}

#[tokio::test]
async fn times_are_told_in_milliseconds() {
    let stage = Stage::new(Scratch::sqlite()).await;
    let body = json!({ "email": "asha@example.org", "password": PASSWORD, "full_name": "Asha Rai",
        "phone_number": "+14155550101" });
    let (_, registered) = anybody(&stage).post("/auth/register", body).await;
    let body = json!({ "email": "asha@example.org", "password": PASSWORD });
    let (_, token) = anybody(&stage).post("/auth/login", body).await;
    for time in [&registered["verification"]["expires_at"], &token["expires_at"], &registered["created_at"]] {
        assert!(time.as_str().unwrap().len() <= "2026-11-21T12:00:00.123Z".len(), "{time}");
    }
    stage.end().await;
}
