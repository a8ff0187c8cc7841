//! Sessions and the second factor, on both engines.

mod harness;

use harness::callers::{PASSWORD, admin, anybody, codes, forget_counts, member, other_than, sign_in};
use harness::{Scratch, Stage};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn sessions_end_at_sign_out_password_change_and_disabling() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let one = member(&stage, "asha@example.org", None).await;
        let two = sign_in(&stage, "asha@example.org", PASSWORD).await;
        let three = sign_in(&stage, "asha@example.org", PASSWORD).await;
        assert_eq!(one.call(Method::POST, "/auth/logout", None).await.0, 204);
        assert_eq!(one.get("/users/me").await.0, 401);
        let wrong = json!({ "current_password": "seven otters by the pond", "new_password": "x" });
        let (status, problem) = two.patch("/users/me", wrong).await;
        assert_eq!((status, problem["errors"][0]["field"].as_str()), (400, Some("current_password")));
        let new = "eight otters by the lake";
        let change = json!({ "current_password": PASSWORD, "new_password": new, "full_name": "Asha R." });
        let (status, me) = two.patch("/users/me", change).await;
        assert_eq!((status, me["full_name"].as_str()), (200, Some("Asha R.")), "{me}");
        for ended in [&two, &three] {
            assert_eq!(ended.get("/users/me").await.0, 401, "a new password ends every session");
        }
        let old = json!({ "email": "asha@example.org", "password": PASSWORD });
        assert_eq!(anybody(&stage).post("/auth/login", old).await.0, 401);
        let four = sign_in(&stage, "asha@example.org", new).await;
        let (_, me) = four.get("/users/me").await;
        assert_eq!(four.get("/accounts").await.0, 403, "a user is no admin");

        let admin = admin(&stage).await;
        let path = format!("/accounts/{}", me["id"].as_str().unwrap());
        let (status, changed) = admin.patch(&path, json!({ "external_id": "care-7" })).await;
        assert_eq!((status, changed["external_id"].as_str()), (200, Some("care-7")), "{changed}");
        assert_eq!(admin.get("/messages").await.0, 200, "an admin has every scope");
        assert_eq!(four.get("/messages").await.0, 403);
        assert_eq!(admin.patch(&path, json!({ "disabled": true })).await.0, 200);
        assert_eq!(four.get("/users/me").await.0, 401);
        let body = json!({ "email": "asha@example.org", "password": new });
        assert_eq!(anybody(&stage).post("/auth/login", body).await.0, 401);
        stage.end().await;
    }
}

#[tokio::test]
async fn a_second_factor_by_sms() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let asha = member(&stage, "asha@example.org", None).await;
        let (status, problem) = asha.patch("/users/me", json!({ "second_factor": "sms" })).await;
        assert_eq!((status, problem["errors"][0]["field"].as_str()), (400, Some("second_factor")));
        asha.post("/users/me/phone-numbers", json!({ "phone_number": "+14155550101" })).await;
        asha.post("/users/me/phone-numbers/verify", json!({ "phone_number": "+14155550101" })).await;
        let code = codes(&stage, "+14155550101", 1).await.remove(0);
        let right = json!({ "phone_number": "+14155550101", "code": code });
        assert_eq!(asha.post("/users/me/phone-numbers/verify-code", right).await.0, 200);
        let (status, me) = asha.patch("/users/me", json!({ "second_factor": "sms" })).await;
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
