//! Guessing at codes locks the guesser's account alone, and nobody who has proven the number.

mod harness;

use harness::callers::{
    Caller, PASSWORD, admin, anybody, code_in, forget_counts, member, other_than, second_factor_on, sign_in,
};
use harness::{Scratch, Stage};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;
use tidings::clock::Clock;

const PHONE: &str = "+14155550101";
const VERIFY: &str = "/users/me/phone-numbers/verify-code";

/// Proves `phone` for `caller`, whose code is the handset's newest.
async fn prove(caller: &Caller<'_>, phone: &str) {
    let code = newest_code(caller.stage, phone).await;
    let (status, answer) = caller.post(VERIFY, json!({ "phone_number": phone, "code": code })).await;
    assert_eq!(status, 200, "{answer}");
}

/// The code that a handset got last, once everything that waits was sent.
async fn newest_code(stage: &Stage, phone: &str) -> String {
    stage.settled().await;
    let taken = stage.taken().into_iter().filter(|message| message.to == phone);
    taken.filter_map(|message| code_in(&message.body)).next_back().expect("a code")
}

/// Asks for a code and sends wrong ones until the challenge takes no more; returns how many were judged.
async fn guess(thief: &Caller<'_>) -> usize {
    let number = json!({ "phone_number": PHONE });
    let (status, _) = thief.post("/users/me/phone-numbers/verify", number).await;
    if status != 202 {
        return 0;
    }
    let code = newest_code(thief.stage, PHONE).await;
    for step in 1..=5 {
        let body = json!({ "phone_number": PHONE, "code": other_than(&code, step) });
        let (status, answer) = thief.post(VERIFY, body).await;
        let last = if step == 5 { "locked" } else { "wrong_code" };
        assert_eq!(answer["code"], last, "{status} {answer}");
    }
    5
}

/// Signs `email` in with password and code.
async fn sign_in_twice(stage: &Stage, email: &str) {
    let login = json!({ "email": email, "password": PASSWORD });
    let (status, asked) = anybody(stage).post("/auth/login", login).await;
    assert_eq!((status, asked["second_factor"].as_str()), (200, Some("sms")), "{asked}");
    let code = newest_code(stage, PHONE).await;
    let body = json!({ "challenge_id": asked["challenge_id"], "code": code });
    let (status, session) = anybody(stage).post("/auth/login/second-factor", body).await;
    assert_eq!(status, 200, "{session}");
}

/// However many strangers guess at a number for days, all together have twenty tries a day, and whoever
/// has proven the number signs in, its phone is heard by text, and staff can lift what locks the guessers.
#[tokio::test]
async fn guessing_at_a_number_locks_the_guessers_alone() {
    for scratch in Scratch::each().await {
        let engine = scratch.engine();
        let clock = Clock::starting_at("2026-11-21T12:00:00Z".parse().unwrap());
        let stage = Stage::at(scratch, clock.clone()).await;
        let pass = |time: SignedDuration| assert!(clock.advance(time));
        let (minutes, hours) = (SignedDuration::from_mins, SignedDuration::from_hours);
        let victim = member(&stage, "victim@example.org", Some(PHONE)).await;
        prove(&victim, PHONE).await;
        assert_eq!(victim.patch("/users/me", second_factor_on()).await.0, 200);
        let mut thieves = Vec::new();
        for at in 0..6 {
            let thief = member(&stage, &format!("thief{at}@example.org"), None).await;
            let number = json!({ "phone_number": PHONE });
            assert_eq!(thief.post("/users/me/phone-numbers", number).await.0, 201);
            thieves.push(thief);
        }
        let mut judged = 0;
        for day in 0..6 {
            let mut today = 0;
            // Two who come back each hour or so, and four who come when those are locked.
            for at in [0, 0, 1, 1, 0, 2, 3, 4, 5] {
                pass(minutes(70));
                today += guess(&thieves[at]).await;
            }
            assert_eq!(today, 20, "day {day}");
            judged += today;
            pass(minutes(2));
            sign_in_twice(&stage, "victim@example.org").await;
            pass(hours(25));
        }
        assert!(judged >= 100, "{judged}");
        let (_, answer) = stage.hear(&harness::fresh_sid(), PHONE, "REGISTER").await;
        assert!(answer.contains("already registered"), "{answer}");
        println!("{engine}: {judged} guesses of six accounts in six days");

        // Staff lift it all, once.
        let path = format!("/verification/locks/{PHONE}");
        assert_eq!(thieves[0].call(Method::DELETE, &path, None).await.0, 403);
        let admin = admin(&stage).await;
        assert_eq!(admin.call(Method::DELETE, &path, None).await.0, 204);
        let (_, log) = admin.get("/audit").await;
        assert_eq!(log["items"][0]["action"], "DELETE /verification/locks/{phone}", "{log}");
        let (status, answer) = admin.call(Method::DELETE, &path, None).await;
        assert_eq!((status, answer["code"].as_str()), (404, Some("not_found")));
        stage.end().await;
    }
}

/// One account that never stops is locked for good, until staff lift it; a number that it removes and
/// adds again stays counted.
#[tokio::test]
async fn a_hundred_wrong_codes_lock_one_account_until_staff_lift_it() {
    for scratch in Scratch::each().await {
        let clock = Clock::starting_at("2026-11-21T12:00:00Z".parse().unwrap());
        let stage = Stage::at(scratch, clock.clone()).await;
        let thief = member(&stage, "thief@example.org", None).await;
        let number = json!({ "phone_number": PHONE });
        let mut judged = 0;
        for _ in 0..40 {
            let (status, added) = thief.post("/users/me/phone-numbers", number.clone()).await;
            assert_eq!(status, 201, "{added}");
            assert!(clock.advance(SignedDuration::from_hours(7)));
            judged += guess(&thief).await;
            let path = format!("/users/me/phone-numbers/{}", added["id"].as_str().unwrap());
            assert_eq!(thief.call(Method::DELETE, &path, None).await.0, 204);
        }
        assert_eq!(judged, 100);
        let thief = sign_in(&stage, "thief@example.org", PASSWORD).await;
        thief.post("/users/me/phone-numbers", number.clone()).await;
        let ask = "/users/me/phone-numbers/verify";
        let (status, answer) = thief.post(ask, number.clone()).await;
        assert_eq!((status, answer["code"].as_str()), (403, Some("locked_for_good")), "{answer}");
        let admin = admin(&stage).await;
        let path = format!("/verification/locks/{PHONE}");
        assert_eq!(admin.call(Method::DELETE, &path, None).await.0, 204);
        assert_eq!(thief.post(ask, number).await.0, 202);
        prove(&thief, PHONE).await;
        stage.end().await;
    }
}

/// A prefix that is paused sends no codes to strangers, but those of sign-ins to numbers proven before.
#[tokio::test]
async fn a_paused_prefix_keeps_nobody_out_who_has_proven_a_number() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let asha = member(&stage, "asha@example.org", Some(PHONE)).await;
        prove(&asha, PHONE).await;
        assert_eq!(asha.patch("/users/me", second_factor_on()).await.0, 200);
        forget_counts(&stage).await;
        let mut tx = stage.app.store.begin().await.unwrap();
        let mut prefix = tx.lock_prefix("1415555").await.unwrap();
        (prefix.sent, prefix.used) = (50, 3);
        tx.save_prefix(&prefix).await.unwrap();
        tx.commit().await.unwrap();
        let other = member(&stage, "other@example.org", None).await;
        let number = json!({ "phone_number": "+14155550102" });
        other.post("/users/me/phone-numbers", number.clone()).await;
        let (status, answer) = other.post("/users/me/phone-numbers/verify", number).await;
        assert_eq!((status, answer["code"].as_str()), (403, Some("prefix_paused")), "{answer}");
        sign_in_twice(&stage, "asha@example.org").await;
        let mut tx = stage.app.store.begin().await.unwrap();
        let prefix = tx.lock_prefix("1415555").await.unwrap();
        assert_eq!((prefix.sent, prefix.used), (50, 3), "a sign-in says nothing about the prefix");
        tx.commit().await.unwrap();
        stage.end().await;
    }
}
