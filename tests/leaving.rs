//! Numbers that leave an account: erased with their person, given up with the account, or proven by
//! somebody else, who must find nothing of whoever had them before.

mod harness;

use harness::callers::{Caller, PASSWORD, admin, code_in, forget_counts, member, second_factor_on};
use harness::{ADA, OURS, PATIENCE, Scratch, Stage, eventually};
use reqwest::Method;
use serde_json::{Value, json};
use tidings::carrier::Direction;

const ESCAPED: &str = "%2B14155550101";

/// What ADA's phone is answered.
async fn text(stage: &Stage, body: &str) -> String {
    stage.carrier.text(ADA, OURS, body).await.unwrap().replies.join("\n")
}

/// The codes on ADA's phone so far.
fn codes(stage: &Stage) -> Vec<String> {
    let shown = stage.carrier.conversation(ADA);
    let ours = shown.iter().filter(|message| message.direction != Direction::Inbound);
    ours.filter_map(|message| code_in(&message.body)).collect()
}

/// Has a code sent to ADA for `caller`, and reads it from the phone.
async fn code_for(stage: &Stage, caller: &Caller<'_>) -> String {
    forget_counts(stage).await;
    let before = codes(stage).len();
    let body = json!({ "phone_number": ADA });
    let (status, answer) = caller.post("/users/me/phone-numbers/verify", body).await;
    assert_eq!(status, 202, "{answer}");
    eventually("the code", PATIENCE, async || codes(stage).len() > before).await;
    codes(stage).pop().unwrap()
}

/// Somebody whose account has ADA, proven.
async fn owner<'a>(stage: &'a Stage, email: &str) -> Caller<'a> {
    let caller = member(stage, email, None).await;
    claim(&caller).await;
    prove(stage, &caller).await;
    caller
}

async fn claim(caller: &Caller<'_>) {
    let (status, answer) = caller.post("/users/me/phone-numbers", json!({ "phone_number": ADA })).await;
    assert_eq!(status, 201, "{answer}");
}

async fn prove(stage: &Stage, caller: &Caller<'_>) {
    let code = code_for(stage, caller).await;
    let body = json!({ "phone_number": ADA, "code": code });
    let (status, answer) = caller.post("/users/me/phone-numbers/verify-code", body).await;
    assert_eq!(status, 200, "{answer}");
}

/// Rows of accounts that hold ADA in the clear.
async fn rows_with_number(stage: &Stage) -> u64 {
    let mut count = 0;
    for table in ["account_number", "account_notice", "second_factor"] {
        let statement = format!("UPDATE {table} SET address = address WHERE address LIKE '%4155550101%'");
        count += stage.scratch.execute(&statement).await;
    }
    count
}

async fn nobody_has_it(stage: &Stage, who: &Caller<'_>) {
    let (status, found) = who.get(&format!("/users/lookup/phone?phone_number={ESCAPED}")).await;
    assert_eq!((status, &found["exists"], &found["display_name"]), (200, &json!(false), &Value::Null));
    assert_eq!(rows_with_number(stage).await, 0, "on {}", stage.scratch.engine());
}

#[tokio::test]
async fn an_erased_number_is_in_no_account_any_more() {
    for by_text in [true, false] {
        for scratch in Scratch::each().await {
            let stage = Stage::new(scratch).await;
            let root = admin(&stage).await;
            let before = member(&stage, "first@example.org", None).await;
            claim(&before).await;
            prove(&stage, &before).await;
            // The first one finds a notice with the number in it, which must go as well.
            let asha = owner(&stage, "asha@example.org").await;
            let ben = member(&stage, "ben@example.org", Some(ADA)).await;
            let other = json!({ "phone_number": "+14155550109", "is_primary": false });
            assert_eq!(ben.post("/users/me/phone-numbers", other).await.0, 201);
            assert_eq!(asha.patch("/users/me", second_factor_on()).await.0, 200);
            if by_text {
                assert!(text(&stage, "FORGET ME").await.contains("erased"));
            } else {
                let path = format!("/contacts/{ESCAPED}");
                assert_eq!(root.call(Method::DELETE, &path, None).await.0, 204);
            }
            nobody_has_it(&stage, &root).await;
            let message = json!({ "to": ADA, "body": "Your results are in.", "purpose": "alert" });
            let (status, problem) = root.post("/messages", message).await;
            assert_eq!((status, &problem["code"]), (409, &json!("erased")), "{problem}");
            let test = json!({ "phone_number": ADA, "message": "Is this thing on?" });
            let (status, problem) = root.post("/sms/test", test).await;
            assert_eq!((status, &problem["code"]), (409, &json!("erased")), "{problem}");
            let (_, me) = asha.get("/users/me").await;
            assert_eq!((&me["email"], &me["phone_number"]), (&json!("asha@example.org"), &Value::Null));
            assert_eq!(me["notices"][0]["kind"], "number_erased", "{me}");
            assert_eq!(me["notices"][0]["phone_number"], Value::Null);
            let (_, me) = ben.get("/users/me").await;
            assert_eq!(me["phone_number"], "+14155550109", "the next one is primary");
            assert_eq!(me["notices"][0]["kind"], "number_erased");
            let (_, me) = before.get("/users/me").await;
            assert_eq!(
                (&me["notices"][0]["kind"], &me["notices"][0]["phone_number"]),
                (&json!("number_lost"), &Value::Null)
            );
            let body = json!({ "email": "asha@example.org", "password": PASSWORD });
            let (status, answer) = asha.post("/auth/login", body).await;
            assert_eq!(
                (status, &answer["code"]),
                (403, &json!("no_second_factor")),
                "as where a number is lost"
            );
            stage.end().await;
        }
    }
}

#[tokio::test]
async fn who_gives_up_their_account_leaves_nothing_of_it() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let root = admin(&stage).await;
        let asha = owner(&stage, "asha@example.org").await;
        let id = asha.get("/users/me").await.1["id"].as_str().unwrap().to_owned();
        let leave = async |body: Value| asha.call(Method::DELETE, "/users/me", Some(body)).await;
        assert_eq!(leave(json!({})).await.0, 400);
        let (status, answer) = leave(json!({ "current_password": "not the password at all" })).await;
        assert_eq!((status, &answer["errors"][0]["field"]), (400, &json!("current_password")), "{answer}");
        assert_eq!(asha.get("/users/me").await.0, 200);
        assert_eq!(leave(json!({ "current_password": PASSWORD })).await.0, 204);
        assert_eq!(asha.get("/users/me").await.0, 401, "the session has ended");
        let body = json!({ "email": "asha@example.org", "password": PASSWORD });
        assert_eq!(asha.post("/auth/login", body).await.0, 401);
        assert_eq!(root.get(&format!("/accounts/{id}")).await.0, 404);
        nobody_has_it(&stage, &root).await;
        let (_, log) = root.get("/audit").await;
        let acts = log["items"].as_array().unwrap();
        let left = acts.iter().find(|act| act["action"] == "DELETE /users/me").expect("an entry");
        assert_eq!(left["actor"], format!("account {id}"));
        assert!(!log.to_string().contains("asha@example.org") && !log.to_string().contains("4155550101"));
        member(&stage, "asha@example.org", None).await;
        stage.end().await;
    }
}

/// Has ADA, a member by her account, call herself Alice Cooper, with a secret of hers in each list.
async fn alices_affairs(stage: &Stage, root: &Caller<'_>) -> String {
    let renamed = text(stage, "NAME Alice Cooper").await;
    assert!(renamed.contains("Alice Cooper"), "{renamed}");
    text(stage, "TIPS ON").await;
    let body = json!({
        "phone_number": ADA, "title": "Secret visit", "starts_at": "2030-01-01T12:00:00Z",
        "remind_before_minutes": [1440],
    });
    let (status, booking) = root.post("/bookings", body).await;
    assert_eq!(status, 201, "{booking}");
    let body = json!({ "phone_number": ADA, "title": "Secret form", "url": "https://example.org/f" });
    assert_eq!(root.post("/forms", body).await.0, 201);
    let (_, group) = root.post("/groups", json!({ "name": "on call" })).await;
    let members = format!("/groups/{}/members", group["id"].as_str().unwrap());
    assert!(root.post(&members, json!({ "phone_number": ADA })).await.0 < 300);
    assert_eq!(root.patch(&format!("/contacts/{ESCAPED}"), json!({ "tags": ["vip"] })).await.0, 200);
    booking["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn whoever_gets_a_number_finds_nothing_of_who_had_it() {
    for by_text in [true, false] {
        for scratch in Scratch::each().await {
            let stage = Stage::new(scratch).await;
            let root = admin(&stage).await;
            owner(&stage, "alice@example.org").await;
            let booking = alices_affairs(&stage, &root).await;
            let ben = member(&stage, "ben@example.org", None).await;
            claim(&ben).await;
            if by_text {
                let code = code_for(&stage, &ben).await;
                let answer = text(&stage, &code).await;
                assert!(answer.contains("verified"), "{answer}");
            } else {
                prove(&stage, &ben).await;
            }
            for body in ["STATUS", "YES", "CHANGE", "NO"] {
                let answer = text(&stage, body).await;
                assert!(!answer.contains("Alice") && !answer.contains("Secret"), "{body}: {answer}");
            }
            staff_see_it(&root, &booking).await;
            nothing_in_the_export(&root).await;
            // What is new is the new one's.
            let body =
                json!({ "phone_number": ADA, "title": "Check-up", "starts_at": "2030-02-01T12:00:00Z" });
            assert_eq!(root.post("/bookings", body).await.0, 201);
            let answer = text(&stage, "YES").await;
            assert!(!answer.contains("Secret"), "{answer}");
            stage.end().await;
        }
    }
}

async fn staff_see_it(root: &Caller<'_>, booking: &str) {
    let (_, contact) = root.get(&format!("/contacts/{ESCAPED}")).await;
    // The new one's own, who has agreed anew.
    assert_eq!(contact["name"], "Asha Rai", "{contact}");
    assert_eq!((&contact["state"], &contact["consent"]), (&json!("member"), &json!("given")));
    assert_eq!(contact["tags"], json!([]));
    assert!(contact["changed_hands_at"].is_string(), "{contact}");
    let (_, booking) = root.get(&format!("/bookings/{booking}")).await;
    let reason = booking["status_reason"].as_str().unwrap_or_default();
    assert_eq!((&booking["status"], reason), (&json!("cancelled"), "the number changed hands"));
    let (_, ledger) = root.get(&format!("/contacts/{ESCAPED}/consent")).await;
    let line = |at: usize| (&ledger["items"][at]["given"], &ledger["items"][at]["how"]);
    assert_eq!(line(0), (&json!(true), &json!("web_verification")));
    assert_eq!(line(1), (&json!(false), &json!("changed_hands")));
    let (_, tips) = root.get(&format!("/contacts/{ESCAPED}/tips")).await;
    assert_eq!(tips["on"], json!(false), "{tips}");
}

async fn nothing_in_the_export(root: &Caller<'_>) {
    let (status, export) = root.get(&format!("/contacts/{ESCAPED}/export")).await;
    assert_eq!(status, 200);
    let whole = export.to_string();
    for secret in ["Alice", "alice", "Secret", "on call", "vip"] {
        assert!(!whole.contains(secret), "{secret}: {whole}");
    }
    assert_eq!(export["accounts"][0]["email"], "ben@example.org");
}

#[tokio::test]
async fn an_opt_out_stays_when_a_number_changes_hands_and_the_same_account_loses_nothing() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let root = admin(&stage).await;
        let alice = owner(&stage, "alice@example.org").await;
        alices_affairs(&stage, &root).await;
        // Her own number again, after she had taken it away: nobody else had it meanwhile.
        let (_, numbers) = alice.get("/users/me/phone-numbers").await;
        let path = format!("/users/me/phone-numbers/{}", numbers["items"][0]["id"].as_str().unwrap());
        assert_eq!(alice.call(Method::DELETE, &path, None).await.0, 204);
        claim(&alice).await;
        prove(&stage, &alice).await;
        assert!(text(&stage, "STATUS").await.contains("Alice Cooper"));
        assert_eq!(alice.call(Method::DELETE, &path, None).await.0, 404);
        let (_, numbers) = alice.get("/users/me/phone-numbers").await;
        let path = format!("/users/me/phone-numbers/{}", numbers["items"][0]["id"].as_str().unwrap());
        assert_eq!(alice.call(Method::DELETE, &path, None).await.0, 204);

        // Given up in good order, then somebody else's.
        let ben = member(&stage, "ben@example.org", None).await;
        claim(&ben).await;
        let code = code_for(&stage, &ben).await;
        text(&stage, "STOP").await;
        let body = json!({ "phone_number": ADA, "code": code });
        assert_eq!(ben.post("/users/me/phone-numbers/verify-code", body).await.0, 200);
        let (_, contact) = root.get(&format!("/contacts/{ESCAPED}")).await;
        assert_eq!(
            (&contact["name"], &contact["consent"]),
            (&json!("Asha Rai"), &json!("withdrawn")),
            "{contact}"
        );
        let (_, said) = root.get(&format!("/contacts/{ESCAPED}/messages")).await;
        let said_welcome =
            |one: &&Value| one["body"].as_str().is_some_and(|body| body.contains("data rates may"));
        let welcomes = said["items"].as_array().unwrap().iter().filter(said_welcome);
        assert_eq!(welcomes.count(), 1, "only the earlier holder's: {said}");
        stage.end().await;
    }
}

#[tokio::test]
async fn who_only_claims_a_number_is_not_in_its_export() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let root = admin(&stage).await;
        owner(&stage, "asha@example.org").await;
        member(&stage, "stranger@example.org", Some(ADA)).await;
        let (_, export) = root.get(&format!("/contacts/{ESCAPED}/export")).await;
        let emails: Vec<&Value> =
            export["accounts"].as_array().unwrap().iter().map(|one| &one["email"]).collect();
        assert_eq!(emails, ["asha@example.org"], "{}", export["accounts"]);
        stage.end().await;
    }
}
