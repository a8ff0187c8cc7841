//! The second factor: codes beside the password, and what guards the number that they go to.

mod harness;

use harness::callers::{
    Caller, PASSWORD, admin, anybody, codes, field, forget_counts, member, other_than, second_factor_on,
};
use harness::{Scratch, Stage};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn a_second_factor_by_sms() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let asha = member(&stage, "asha@example.org", None).await;
        let (status, problem) = asha.patch("/users/me", second_factor_on()).await;
        assert_eq!((status, problem["errors"][0]["field"].as_str()), (400, Some("second_factor")));
        asha.post("/users/me/phone-numbers", json!({ "phone_number": "+14155550101" })).await;
        asha.post("/users/me/phone-numbers/verify", json!({ "phone_number": "+14155550101" })).await;
        let code = codes(&stage, "+14155550101", 1).await.remove(0);
        let right = json!({ "phone_number": "+14155550101", "code": code });
        assert_eq!(asha.post("/users/me/phone-numbers/verify-code", right).await.0, 200);
        // Whoever stole a session has no more than that.
        let told = asha.patch("/users/me", json!({ "second_factor": "sms" })).await;
        assert_eq!(field(&told), (400, "current_password"), "{told:?}");
        let (status, me) = asha.patch("/users/me", second_factor_on()).await;
        assert_eq!((status, me["second_factor"].as_str()), (200, Some("sms")), "{me}");

        forget_counts(&stage).await;
        let login = json!({ "email": "asha@example.org", "password": PASSWORD });
        let (status, asked) = anybody(&stage).post("/auth/login", login.clone()).await;
        assert_eq!((status, asked["second_factor"].as_str()), (200, Some("sms")), "{asked}");
        assert_eq!(asked.get("access_token"), None);
        let code = codes(&stage, "+14155550101", 2).await.remove(1);
        // Signing in again at once sends no second code: the first is still good.
        let (_, asked) = anybody(&stage).post("/auth/login", login).await;
        let answer = |code: &str| json!({ "challenge_id": asked["challenge_id"], "code": code });
        let path = "/auth/login/second-factor";
        assert_eq!(anybody(&stage).post(path, answer(&other_than(&code, 1))).await.0, 400);
        let (status, session) = anybody(&stage).post(path, answer(&code)).await;
        assert_eq!((status, session["token_type"].as_str()), (200, Some("bearer")), "{session}");
        assert_eq!(anybody(&stage).post(path, answer(&code)).await.0, 400, "a code is good once");
        codes(&stage, "+14155550101", 2).await;
        stage.end().await;
    }
}

/// Long enough beside a second factor, and not alone.
const SHORT: &str = "lake otter 42";

/// Has the account of this caller prove a number and ask for its codes beside a short password.
async fn lean_on_a_phone(stage: &Stage, caller: &Caller<'_>) {
    caller.post("/users/me/phone-numbers", json!({ "phone_number": "+14155550101" })).await;
    caller.post("/users/me/phone-numbers/verify", json!({ "phone_number": "+14155550101" })).await;
    let code = codes(stage, "+14155550101", 1).await.remove(0);
    let right = json!({ "phone_number": "+14155550101", "code": code });
    assert_eq!(caller.post("/users/me/phone-numbers/verify-code", right).await.0, 200);
    let change = json!({ "second_factor": "sms", "current_password": PASSWORD, "new_password": SHORT });
    let (status, told) = caller.patch("/users/me", change).await;
    assert_eq!(status, 200, "{told}");
    forget_counts(stage).await;
}

#[tokio::test]
async fn without_its_second_factor_a_short_password_opens_nothing() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let asha = member(&stage, "asha@example.org", None).await;
        let (_, me) = asha.get("/users/me").await;
        lean_on_a_phone(&stage, &asha).await;
        let login = |password: &str, new: Option<&str>| {
            let mut body = json!({ "email": "asha@example.org", "password": password });
            if let Some(new) = new {
                body["new_password"] = new.into();
            }
            let stage = &stage;
            async move { anybody(stage).post("/auth/login", body).await }
        };
        let told = login(SHORT, Some("eight otters by the lake")).await;
        assert_eq!(field(&told), (400, "new_password"), "not past the second factor: {told:?}");
        let (_, asked) = login(SHORT, None).await;
        let code = codes(&stage, "+14155550101", 2).await.remove(1);
        let answer = json!({ "challenge_id": asked["challenge_id"], "code": code });
        let (status, session) = anybody(&stage).post("/auth/login/second-factor", answer).await;
        assert_eq!(status, 200, "{session}");
        let token = session["access_token"].as_str().unwrap().to_owned();
        let lost = Caller { stage: &stage, token };

        let admin = admin(&stage).await;
        let path = format!("/accounts/{}", me["id"].as_str().unwrap());
        assert_eq!(admin.patch(&path, json!({ "second_factor": "none" })).await.0, 200);
        assert_eq!(lost.get("/users/me").await.0, 401, "sessions ended");
        let told = login(SHORT, None).await;
        assert_eq!((told.0, told.1["code"].as_str()), (403, Some("short_password")), "{told:?}");
        assert_eq!(login("not the password", None).await.0, 401, "told to nobody else");
        assert_eq!(login("not the password", Some("eight otters by the lake")).await.0, 401);
        for bad in ["also short", "asha@example.org", "passwordpassword"] {
            assert_eq!(field(&login(SHORT, Some(bad)).await), (400, "new_password"), "{bad}");
        }
        let (status, session) = login(SHORT, Some("eight otters by the lake")).await;
        assert_eq!((status, &session["user"]["second_factor"]), (200, &json!("none")), "{session}");
        assert_eq!(login(SHORT, None).await.0, 401, "it is the password no more");
        let (_, log) = admin.get("/audit").await;
        let (newest, actor) = (&log["items"][0], format!("account {}", me["id"].as_str().unwrap()));
        assert_eq!(
            (&newest["action"], &newest["actor"]),
            (&json!("POST /auth/login"), &json!(actor)),
            "{newest}"
        );
        assert_eq!(newest["subject"], "password");
        let told = login("eight otters by the lake", Some("nine otters by the lake")).await;
        assert_eq!(field(&told), (400, "new_password"), "only in the place of a short one: {told:?}");
        assert_eq!(login("eight otters by the lake", None).await.0, 200);
        let (_, log) = admin.get("/audit").await;
        let logins =
            log["items"].as_array().unwrap().iter().filter(|act| act["action"] == "POST /auth/login");
        assert_eq!(logins.count(), 1, "to sign in is no act: {log}");
        stage.end().await;
    }
}

/// A session alone must not choose where codes go, whatever became of the number that they went to.
#[tokio::test]
async fn no_number_comes_in_the_place_of_a_lost_one_without_the_password() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let thief = member(&stage, "asha@example.org", None).await;
        let numbers = "/users/me/phone-numbers";
        let prove = async |phone: &str| {
            forget_counts(&stage).await;
            let number = json!({ "phone_number": phone });
            thief.post(numbers, number.clone()).await;
            assert_eq!(thief.post(&format!("{numbers}/verify"), number).await.0, 202);
            let code = codes(&stage, phone, 1).await.remove(0);
            let right = json!({ "phone_number": phone, "code": code });
            let (status, proven) = thief.post(&format!("{numbers}/verify-code"), right).await;
            assert_eq!(status, 200, "{proven}");
            format!("{numbers}/{}", proven["id"].as_str().unwrap())
        };
        let login = async || {
            forget_counts(&stage).await;
            let body = json!({ "email": "asha@example.org", "password": PASSWORD });
            let (status, told) = anybody(&stage).post("/auth/login", body).await;
            (status, told["code"].as_str().unwrap_or_default().to_owned())
        };
        prove("+14155550101").await;
        assert_eq!(thief.patch("/users/me", second_factor_on()).await.0, 200);
        prove("+14155550102").await;
        stage.hear(&harness::fresh_sid(), "+14155550101", "FORGET ME").await;
        // Neither one that was there, nor one that comes, nor one that is made primary takes its place.
        let locked_out = (403, "no_second_factor".to_owned());
        let body = json!({ "email": "asha@example.org", "password": PASSWORD });
        let (_, told) = anybody(&stage).post("/auth/login", body).await;
        let said = told["detail"].as_str().unwrap_or_default();
        assert!(said.contains("{id}/set-primary with current_password") && said.contains("admin"), "{told}");
        assert_eq!(login().await, locked_out);
        let third = prove("+14155550103").await;
        let (_, list) = thief.get(numbers).await;
        let primary = format!("{numbers}/{}", list["items"][0]["id"].as_str().unwrap());
        assert_eq!(list["items"][0]["is_primary"], true, "{list}");
        for told in [
            thief.call(Method::POST, &format!("{third}/set-primary"), None).await,
            thief.call(Method::POST, &format!("{primary}/set-primary"), None).await,
            thief.patch("/users/me", json!({ "second_factor": "sms" })).await,
            thief.patch("/users/phone", json!({ "phone_number": "+14155550102" })).await,
        ] {
            assert_eq!(field(&told), (400, "current_password"), "{told:?}");
        }
        assert_eq!(login().await, locked_out);
        let proven = json!({ "current_password": PASSWORD });
        assert_eq!(thief.post(&format!("{primary}/set-primary"), proven).await.0, 200);
        assert_eq!(login().await.0, 200);
        codes(&stage, "+14155550102", 2).await;
        stage.end().await;
    }
}
