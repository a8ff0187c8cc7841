//! Numbers whose owners earn by what is sent there: told at the door that nothing is.

mod harness;

use harness::callers::{Caller, PASSWORD, anybody, field, member};
use harness::{Scratch, Stage};
use serde_json::json;
use tidings::api::{hash_token, new_token};

const NUMBERS: &str = "/users/me/phone-numbers";

async fn desk<'a>(stage: &'a Stage, scopes: &str) -> Caller<'a> {
    let token = new_token().unwrap();
    stage.app.store.add_token(1, "desk", &hash_token(&token), scopes, 0).await.unwrap();
    Caller { stage, token }
}

#[tokio::test]
async fn premium_rate_numbers_are_refused() {
    let more = [("TIDINGS_COUNTRIES", "US,GB,NP")];
    let stage = Stage::with_ours(Scratch::sqlite(), &more).await;
    let asha = member(&stage, "asha@example.org", None).await;
    for number in ["+19005551234", "(900) 555-1234", "+449098790000"] {
        let body = json!({ "phone_number": number });
        let register = json!({
            "email": "ben@example.org", "password": PASSWORD, "full_name": "Ben", "phone_number": number,
        });
        for answer in [
            asha.post(NUMBERS, body.clone()).await,
            asha.patch("/users/phone", body).await,
            anybody(&stage).post("/auth/register", register).await,
        ] {
            assert_eq!(field(&answer), (400, "phone_number"), "{number}: {}", answer.1);
            assert!(answer.1["errors"][0]["message"].as_str().unwrap().contains("premium-rate"));
        }
    }
    for number in ["+18005551234", "+14155550101", "+9779807969278", "+447400123456"] {
        assert_eq!(asha.post(NUMBERS, json!({ "phone_number": number })).await.0, 201, "{number}");
    }
    stage.end().await;
}

/// Neither reminders nor anything else that we begin would ever arrive there.
#[tokio::test]
async fn nothing_is_planned_for_a_premium_rate_number() {
    let stage = Stage::new(Scratch::sqlite()).await;
    let desk = desk(&stage, "bookings:write forms:write groups:write messages:send").await;
    let number = "(900) 555-1234";
    for (path, body, at) in [
        (
            "/bookings",
            json!({ "phone_number": number, "title": "Check-up", "starts_at": "2030-01-01T12:00:00Z" }),
            "phone_number",
        ),
        (
            "/forms",
            json!({ "phone_number": number, "title": "Intake", "url": "https://example.org/" }),
            "phone_number",
        ),
        ("/groups", json!({ "name": "Nurses", "members": ["+14155550101", number] }), "members[1]"),
        ("/messages", json!({ "to": number, "body": "hello", "purpose": "alert" }), "to"),
    ] {
        let answer = desk.post(path, body).await;
        assert_eq!(field(&answer), (400, at), "{path}: {}", answer.1);
        assert_eq!(answer.1["errors"][0]["message"], "texts are not sent to premium-rate numbers");
    }
    stage.end().await;
}

/// Whoever texts us is answered, and promised nothing that the gate would refuse.
#[tokio::test]
async fn a_premium_rate_number_is_told_that_it_gets_no_texts() {
    let stage = Stage::new(Scratch::sqlite()).await;
    for (sid, body) in [
        ("SM00000000000000000000000000000001", "hello"),
        ("SM00000000000000000000000000000002", "REGISTER"),
        ("SM00000000000000000000000000000003", "REGISTER Asha"),
    ] {
        let (_, reply) = stage.hear(sid, "+19005551234", body).await;
        assert!(reply.contains("premium-rate"), "{body}: {reply}");
    }
    let desk = desk(&stage, "contacts:read").await;
    let (_, contact) = desk.get("/contacts/+19005551234").await;
    assert_eq!(
        (&contact["state"], &contact["consent"]),
        (&json!("stranger"), &json!("unasked")),
        "{contact}"
    );
    stage.end().await;
}
