//! The numbers of one's own account: what may take the place of what, and what it takes.

mod harness;

use harness::callers::{
    Caller, PASSWORD, anybody, code_in, codes, field, forget_counts, member, other_than, second_factor_on,
    sign_in,
};
use harness::{Scratch, Stage};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tidings::clock::Clock;

const FIRST: &str = "+14155550101";
const SECOND: &str = "+12125550102";
const NUMBERS: &str = "/users/me/phone-numbers";

/// Adds `phone` if it is not there, and proves it; returns its path.
async fn prove(caller: &Caller<'_>, phone: &str) -> String {
    let number = json!({ "phone_number": phone });
    caller.post(NUMBERS, number.clone()).await;
    forget_counts(caller.stage).await;
    caller.post(&format!("{NUMBERS}/verify"), number).await;
    caller.stage.settled().await;
    let taken = caller.stage.taken().into_iter().filter(|message| message.to == phone);
    let code = taken.filter_map(|message| code_in(&message.body)).next_back().expect("a code");
    let body = json!({ "phone_number": phone, "code": code });
    let (status, proven) = caller.post(&format!("{NUMBERS}/verify-code"), body).await;
    assert_eq!(status, 200, "{proven}");
    format!("{NUMBERS}/{}", proven["id"].as_str().unwrap())
}

fn code(answer: &(u16, Value)) -> (u16, &str) {
    (answer.0, answer.1["code"].as_str().unwrap_or_default())
}

/// Where the code of a sign-in goes.
async fn sign_in_goes_to(stage: &Stage) -> String {
    forget_counts(stage).await;
    stage.settled().await;
    let before = stage.taken().len();
    let login = json!({ "email": "asha@example.org", "password": PASSWORD });
    let (status, asked) = anybody(stage).post("/auth/login", login).await;
    assert_eq!((status, asked["second_factor"].as_str()), (200, Some("sms")), "{asked}");
    stage.settled().await;
    stage.taken().split_off(before).remove(0).to
}

#[tokio::test]
async fn with_a_second_factor_a_session_alone_does_not_move_it() {
    for scratch in Scratch::each().await {
        let clock = Clock::starting_at("2026-11-21T12:00:00Z".parse().unwrap());
        let stage = Stage::at(scratch, clock.clone()).await;
        let asha = member(&stage, "asha@example.org", Some(FIRST)).await;
        let first = prove(&asha, FIRST).await;
        assert_eq!(asha.patch("/users/me", second_factor_on()).await.0, 200);

        // The number can't be replaced by one that nobody has proven, on any road.
        let new = json!({ "phone_number": "+14155550109" });
        let replaced = asha.call(Method::PUT, &first, Some(new.clone())).await;
        assert_eq!(code(&replaced), (409, "second_factor_number"), "{}", replaced.1);
        let primary = json!({ "phone_number": "+14155550109", "is_primary": true });
        assert_eq!(code(&asha.post(NUMBERS, primary).await), (409, "number_not_verified"));
        let (status, own) = asha.patch("/users/phone", new.clone()).await;
        assert_eq!((status, &own["is_verified"]), (200, &json!(false)), "{own}");
        let (_, me) = asha.get("/users/me").await;
        assert_eq!((&me["phone_number"], &me["is_phone_verified"]), (&json!(FIRST), &json!(true)), "{me}");
        assert_eq!(code(&asha.patch("/users/phone", new).await), (409, "number_not_verified"));

        // A second proven number is not where sign-ins go, until the password says so.
        let second = prove(&asha, SECOND).await;
        assert_eq!(sign_in_goes_to(&stage).await, FIRST);
        let removed = asha.call(Method::DELETE, &first, None).await;
        assert_eq!(code(&removed), (409, "second_factor_number"), "{}", removed.1);
        let (move_path, wrong) = (format!("{second}/set-primary"), json!({ "current_password": "not hers" }));
        let own = json!({ "phone_number": SECOND });
        for answer in [
            asha.call(Method::POST, &move_path, None).await,
            asha.post(&move_path, wrong).await,
            asha.call(Method::PUT, &second, Some(json!({ "is_primary": true }))).await,
            asha.patch("/users/phone", own).await,
        ] {
            assert_eq!(field(&answer), (400, "current_password"), "{}", answer.1);
        }
        assert!(clock.advance(SignedDuration::from_mins(2)));
        assert_eq!(sign_in_goes_to(&stage).await, FIRST);
        let (status, moved) = asha.post(&move_path, json!({ "current_password": PASSWORD })).await;
        assert_eq!((status, &moved["is_primary"]), (200, &json!(true)), "{moved}");
        assert_eq!(asha.call(Method::DELETE, &first, None).await.0, 204);
        assert_eq!(sign_in_goes_to(&stage).await, SECOND);
        let last = asha.call(Method::DELETE, &second, None).await;
        assert_eq!(code(&last), (409, "second_factor_number"), "{}", last.1);
        stage.end().await;
    }
}

#[tokio::test]
async fn a_number_that_is_not_verified_takes_no_verified_ones_place() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let asha = member(&stage, "asha@example.org", Some("+14155550100")).await;
        // One that was never proven may be replaced, by a slip of the pen for instance.
        let (status, _) = asha.patch("/users/phone", json!({ "phone_number": FIRST })).await;
        assert_eq!(status, 200);
        let first = prove(&asha, FIRST).await;
        let refused = asha.call(Method::PUT, &first, Some(json!({ "phone_number": SECOND }))).await;
        assert_eq!(code(&refused), (409, "number_not_verified"), "{}", refused.1);
        let same = asha.call(Method::PUT, &first, Some(json!({ "phone_number": FIRST }))).await;
        assert_eq!((same.0, &same.1["is_verified"]), (200, &json!(true)), "its own it may have");
        let (status, own) = asha.patch("/users/phone", json!({ "phone_number": SECOND })).await;
        assert_eq!((status, own), (200, json!({ "phone_number": SECOND, "is_verified": false })));
        let (_, list) = asha.get(NUMBERS).await;
        let shown: Vec<_> = list["items"].as_array().unwrap().iter().collect();
        assert_eq!(shown.len(), 2, "{list}");
        assert_eq!((&shown[0]["is_verified"], &shown[0]["is_primary"]), (&json!(true), &json!(true)));
        let path = format!("{NUMBERS}/{}/set-primary", shown[1]["id"].as_str().unwrap());
        let refused = asha.call(Method::POST, &path, None).await;
        assert_eq!(code(&refused), (409, "number_not_verified"), "{}", refused.1);
        assert!(refused.1["detail"].as_str().unwrap().contains("verify it first"), "{}", refused.1);
        prove(&asha, SECOND).await;
        assert_eq!(asha.patch("/users/phone", json!({ "phone_number": SECOND })).await.0, 200);
        let (_, me) = asha.get("/users/me").await;
        assert_eq!(me["phone_number"], SECOND, "no password is asked for without a second factor");
        let other = json!({ "phone_number": "+12125550199" });
        let (status, renumbered) = asha.call(Method::PUT, &first, Some(other)).await;
        assert_eq!(
            (status, &renumbered["is_verified"]),
            (200, &json!(false)),
            "it is not primary: {renumbered}"
        );
        stage.end().await;
    }
}

/// Whether a number is somebody's can't be asked by adding it, oftener than by asking.
#[tokio::test]
async fn adding_numbers_is_rationed_like_asking_about_them() {
    for scratch in Scratch::each().await {
        let more = [("TIDINGS_UNIQUE_BY", "national"), ("TIDINGS_COUNTRIES", "KE,TZ,US")];
        let stage = Stage::with_ours(scratch, &more).await;
        let asha = member(&stage, "asha@example.org", Some("+254712345678")).await;
        prove(&asha, "+254712345678").await;
        forget_counts(&stage).await;
        let ben = member(&stage, "ben@example.org", None).await;
        let (status, mine) = ben.post(NUMBERS, json!({ "phone_number": SECOND })).await;
        assert_eq!(status, 201);
        let mine = format!("{NUMBERS}/{}", mine["id"].as_str().unwrap());
        let body = json!({ "phone_number": "+255712345678" });
        let mut answers = Vec::new();
        for at in 0..63 {
            answers.push(match at % 4 {
                0 => ben.post(NUMBERS, body.clone()).await,
                1 => ben.patch("/users/phone", body.clone()).await,
                2 => ben.call(Method::PUT, &mine, Some(body.clone())).await,
                _ => ben.post("/users/phone/check", body.clone()).await,
            });
        }
        let told = answers.iter().filter(|answer| answer.0 == 200 || code(answer) == (409, "number_taken"));
        assert_eq!(told.count(), 59, "the first was Ben's own");
        assert!(answers[59..].iter().all(|answer| code(answer) == (429, "too_many_requests")), "{answers:?}");
        stage.end().await;
    }
}

#[tokio::test]
async fn what_is_said_about_pauses_locks_and_numbers_is_so() {
    for scratch in Scratch::each().await {
        let clock = Clock::starting_at("2026-11-21T12:00:00Z".parse().unwrap());
        let stage = Stage::at(scratch, clock.clone()).await;
        let asha = member(&stage, "asha@example.org", None).await;
        let number = json!({ "phone_number": FIRST });
        asha.post(NUMBERS, number.clone()).await;
        for pause in [60, 120, 240] {
            let (status, sent) = asha.post(&format!("{NUMBERS}/verify"), number.clone()).await;
            assert_eq!((status, &sent["resend_after_seconds"]), (202, &json!(pause)), "{sent}");
            assert!(clock.advance(SignedDuration::from_secs(pause - 1)));
            let (status, soon) = asha.post(&format!("{NUMBERS}/verify"), number.clone()).await;
            assert_eq!((status, soon["code"].as_str()), (429, Some("too_soon")), "{soon}");
            assert!(clock.advance(SignedDuration::from_secs(1)));
        }
        let right = codes(&stage, FIRST, 3).await.remove(2);
        for step in 1..=5 {
            let body = json!({ "phone_number": FIRST, "code": other_than(&right, step) });
            asha.post(&format!("{NUMBERS}/verify-code"), body).await;
        }
        let (_, answer) = stage.hear(&harness::fresh_sid(), FIRST, &right).await;
        assert!(answer.contains("no longer counts") && answer.contains("minutes"), "{answer}");

        assert!(clock.advance(SignedDuration::from_mins(10)));
        prove(&asha, FIRST).await;
        let ben = member(&stage, "ben@example.org", None).await;
        let (_, check) = ben.post("/users/phone/check", number.clone()).await;
        assert_eq!((&check["available"], &check["can_be_added"]), (&json!(false), &json!(true)));
        assert!(check["message"].as_str().unwrap().contains("moves to you"), "{check}");
        assert_eq!(ben.post(NUMBERS, number).await.0, 201);
        stage.end().await;
    }
}

#[tokio::test]
async fn a_password_is_the_same_however_its_accents_were_typed() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let (one, two) = ("sept loutres au caf\u{e9}", "sept loutres au cafe\u{301}");
        let body = json!({ "email": "zoe@example.org", "password": two, "full_name": "Zoé" });
        assert_eq!(anybody(&stage).post("/auth/register", body).await.0, 201);
        sign_in(&stage, "zoe@example.org", one).await;
        sign_in(&stage, "zoe@example.org", two).await;
        stage.end().await;
    }
}

#[tokio::test]
async fn a_short_password_names_the_field_that_was_sent() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let asha = member(&stage, "asha@example.org", Some(FIRST)).await;
        prove(&asha, FIRST).await;
        let short =
            json!({ "second_factor": "sms", "current_password": PASSWORD, "new_password": "8 otters" });
        assert_eq!(asha.patch("/users/me", short).await.0, 200);
        forget_counts(&stage).await;
        let login = json!({ "email": "asha@example.org", "password": "8 otters" });
        let (_, asked) = anybody(&stage).post("/auth/login", login).await;
        stage.settled().await;
        let taken = stage.taken().into_iter();
        let code = taken.filter_map(|message| code_in(&message.body)).next_back().unwrap();
        let body = json!({ "challenge_id": asked["challenge_id"], "code": code });
        let (status, session) = anybody(&stage).post("/auth/login/second-factor", body).await;
        assert_eq!(status, 200, "{session}");
        let asha = Caller { stage: &stage, token: session["access_token"].as_str().unwrap().to_owned() };
        let off = json!({ "second_factor": "none", "current_password": "8 otters" });
        let refused = asha.patch("/users/me", off).await;
        assert_eq!(field(&refused), (400, "new_password"), "{}", refused.1);
        assert!(refused.1["detail"].as_str().unwrap().contains("is needed"), "{}", refused.1);
        let both = json!({
            "second_factor": "none", "current_password": "8 otters", "new_password": PASSWORD,
        });
        assert_eq!(asha.patch("/users/me", both).await.0, 200);
        stage.end().await;
    }
}

#[tokio::test]
async fn the_check_says_what_adding_would() {
    for scratch in Scratch::each().await {
        let stage = Stage::with_ours(scratch, &[("TIDINGS_MAX_NUMBERS_PER_ACCOUNT", "2")]).await;
        let asha = member(&stage, "asha@example.org", Some(FIRST)).await;
        let agree = async |number: &str, expected: u16| {
            let number = json!({ "phone_number": number });
            let (checked, check) = asha.post("/users/phone/check", number.clone()).await;
            let (status, added) = asha.post(NUMBERS, number).await;
            assert_eq!(status, expected, "{added}");
            match status {
                201 => assert_eq!(check["can_be_added"], true, "{check}"),
                409 => {
                    assert_eq!(check["can_be_added"], false, "{check}");
                    assert_eq!(check["message"], added["detail"], "{check}");
                }
                _ => assert_eq!((checked, &check["errors"]), (status, &added["errors"]), "{check}"),
            }
        };
        agree(FIRST, 409).await;
        agree("+440000000000", 400).await;
        agree("call me", 400).await;
        agree("(415) 555-0155", 201).await;
        agree("+14155550156", 409).await;
        stage.end().await;
    }
}
