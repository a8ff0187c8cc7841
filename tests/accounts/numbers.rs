//! What an account may have, and what it is told where it asks for what can not be.

use crate::harness::callers::{Caller, PASSWORD, anybody, codes, member, other_than};
use crate::harness::{Scratch, Stage};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::HashSet;

/// Adds a number to an account and proves it; returns what it is told of it.
async fn second_number(stage: &Stage, asha: &Caller<'_>) -> Value {
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
    let code = codes(stage, "+14155550102", 1).await.remove(0);
    let wrong = json!({ "phone_number": "+14155550102", "code": other_than(&code, 1) });
    let (status, answer) = asha.post("/users/me/phone-numbers/verify-code", wrong).await;
    assert_eq!((status, answer["code"].as_str()), (400, Some("wrong_code")), "{answer}");
    let right = json!({ "phone_number": "+14155550102", "code": code });
    let (status, answer) = asha.post("/users/me/phone-numbers/verify-code", right).await;
    assert_eq!((status, answer["is_verified"].as_bool()), (200, Some(true)), "{answer}");
    assert_eq!(answer["verification_method"], "sms");
    answer
}

#[tokio::test]
async fn a_second_number_is_added_made_primary_changed_and_removed() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let asha = member(&stage, "asha@example.org", Some("+14155550101")).await;
        let code = codes(&stage, "+14155550101", 1).await.remove(0);
        let verify = json!({ "email": "asha@example.org", "code": code });
        assert_eq!(anybody(&stage).post("/auth/verify-sms", verify).await.0, 200);
        let answer = second_number(&stage, &asha).await;
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
        for (nothing, field) in [
            (json!({}), "body"),
            (json!({ "current_password": "seven otters by the lake" }), "body"),
            (json!({ "is_primary": null, "phone_number": null }), "body"),
        ] {
            let (status, refused) = asha.call(Method::PUT, &path, Some(nothing)).await;
            assert_eq!((status, refused["errors"][0]["field"].as_str()), (400, Some(field)), "{refused}");
        }
        let put = json!({ "phone_number": "+14155550103" });
        let (status, refused) = asha.call(Method::PUT, &path, Some(put.clone())).await;
        assert_eq!((status, refused["code"].as_str()), (409, Some("number_not_verified")), "{refused}");
        let first = format!("/users/me/phone-numbers/{}", list["items"][0]["id"].as_str().unwrap());
        let (_, changed) = asha.call(Method::PUT, &first, Some(put)).await;
        assert_eq!(
            (changed["is_verified"].as_bool(), changed["is_primary"].as_bool()),
            (Some(false), Some(false))
        );
        assert_eq!(asha.call(Method::DELETE, &path, None).await.0, 204);
        assert_eq!(asha.call(Method::DELETE, &path, None).await.0, 404);
        let (_, me) = asha.get("/users/me").await;
        assert_eq!(me["phone_number"], "+14155550103", "the next number became primary");
        let (_, own) = asha.patch("/users/phone", json!({ "phone_number": "+14155550104" })).await;
        assert_eq!(own, json!({ "phone_number": "+14155550104", "is_verified": false }));
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
async fn what_can_not_be_is_refused_and_not_passed_over() {
    let stage = Stage::new(Scratch::sqlite()).await;
    let asha = member(&stage, "asha@example.org", Some("+14155550101")).await;
    let (_, list) = asha.get("/users/me/phone-numbers").await;
    let path = format!("/users/me/phone-numbers/{}", list["items"][0]["id"].as_str().unwrap());
    let (status, told) = asha.call(Method::PUT, &path, Some(json!({ "is_primary": false }))).await;
    assert_eq!((status, told["code"].as_str()), (409, Some("is_primary")), "{told}");
    assert_eq!(told["errors"][0]["field"], "is_primary", "{told}");
    let (status, same) = asha.call(Method::PUT, &path, Some(json!({ "is_primary": true }))).await;
    assert_eq!((status, same["is_primary"].as_bool()), (200, Some(true)), "{same}");
    // `null` is as good as leaving it out.
    let (_, before) = asha.get("/users/me").await;
    for field in ["full_name", "second_factor", "phone_prompt_dismissed"] {
        let (status, told) = asha.patch("/users/me", json!({ field: null })).await;
        assert_eq!((status, &told[field]), (200, &before[field]), "{told}");
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
