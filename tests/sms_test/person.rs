//! People with an account test what reaches their own numbers, and see nobody else's tests.

use crate::Staff;
use crate::harness::callers::{Caller, codes, member};
use crate::harness::{ADA, BOB, PATIENCE, Scratch, eventually};
use serde_json::{Value, json};

/// Whoever has proven this number.
async fn proven<'a>(staff: &'a Staff, email: &str, phone: &str) -> Caller<'a> {
    let caller = member(&staff.stage, email, Some(phone)).await;
    let code = codes(&staff.stage, phone, 1).await.remove(0);
    let body = json!({ "phone_number": phone, "code": code });
    let (status, verified) = caller.post("/users/me/phone-numbers/verify-code", body).await;
    assert_eq!(status, 200, "{verified}");
    caller
}

fn ids(page: &Value) -> Vec<&Value> {
    page["items"].as_array().unwrap().iter().map(|test| &test["test_id"]).collect()
}

async fn refused(caller: &Caller<'_>, phone: &str, why: &str) {
    let (status, problem) =
        caller.post("/sms/test", json!({ "phone_number": phone, "message": "hello" })).await;
    assert_eq!((status, &problem["errors"][0]["field"]), (400, &json!("phone_number")), "{problem}");
    assert!(problem["errors"][0]["message"].as_str().unwrap().contains(why), "{problem}");
}

#[tokio::test]
async fn a_person_tests_a_verified_number_of_their_own_and_no_other() {
    for scratch in Scratch::each().await {
        let staff = Staff::new(scratch, "tests:send tests:read").await;
        let ada = proven(&staff, "ada@example.org", ADA).await;
        let bob = proven(&staff, "bob@example.org", BOB).await;
        refused(&ada, BOB, "is not among your numbers").await;
        refused(&ada, "+14155550177", "is not among your numbers").await;
        let unproven = "+14155550178";
        assert_eq!(ada.post("/users/me/phone-numbers", json!({ "phone_number": unproven })).await.0, 201);
        refused(&ada, unproven, "is not verified yet").await;
        // What another has proven since is theirs.
        assert_eq!(bob.post("/users/me/phone-numbers", json!({ "phone_number": ADA })).await.0, 201);
        refused(&bob, ADA, "is not verified yet").await;

        let (_, templates) = ada.get("/sms/test/templates").await;
        assert!(templates["items"].as_array().unwrap().iter().any(|template| template["name"] == "welcome"));
        let body = json!({ "phone_number": "(415) 555-0101", "template": "welcome" });
        let (status, own) = ada.post("/sms/test", body).await;
        assert_eq!((status, &own["phone_number"]), (201, &json!(ADA)), "{own}");
        let path = format!("/sms/test/{}", own["test_id"].as_str().unwrap());
        eventually("its delivery", PATIENCE, async || ada.get(&path).await.1["status"] == "delivered").await;

        let (_, others) = staff.post(&json!({ "phone_number": ADA, "message": "from the desk" })).await;
        let (_, page) = ada.get("/sms/test/history").await;
        assert_eq!(ids(&page), [&own["test_id"]]);
        assert_eq!(ids(&bob.get("/sms/test/history").await.1), Vec::<&Value>::new());
        assert_eq!(bob.get(&path).await.0, 404);
        let path = format!("/sms/test/{}", others["test_id"].as_str().unwrap());
        assert_eq!(ada.get(&path).await.0, 404);
        let (_, all) = staff.get("history").await;
        assert_eq!(ids(&all), [&others["test_id"], &own["test_id"]]);
        staff.stage.end().await;
    }
}

#[tokio::test]
async fn a_person_tests_ten_times_in_an_hour_and_staff_as_often_as_they_like() {
    let staff = Staff::new(Scratch::sqlite(), "tests:send tests:read").await;
    let ada = proven(&staff, "ada@example.org", ADA).await;
    let body = json!({ "phone_number": ADA, "message": "hello" });
    for at in 1..=10 {
        assert_eq!(ada.post("/sms/test", body.clone()).await.0, 201, "{at}");
    }
    let (status, problem) = ada.post("/sms/test", body.clone()).await;
    assert_eq!((status, &problem["code"]), (429, &json!("too_many_requests")), "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains("test messages"), "{problem}");
    assert_eq!(staff.post(&body).await.0, 201);
    let (_, page) = ada.get("/sms/test/history").await;
    assert_eq!(ids(&page).len(), 10, "the one too many was not queued");
    staff.stage.end().await;
}
