//! Sessions, and when they end, on both engines.

mod harness;

use futures_util::future::{join, join_all};
use harness::callers::{Caller, PASSWORD, admin, anybody, field, forget_counts, member, sign_in};
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
        let act = stage.app.store.audit(i64::MAX, 1).await.unwrap().remove(0);
        assert_eq!((act.action.as_str(), act.subject.as_str()), ("PATCH /users/me", "password"));
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
async fn a_password_that_is_missing_is_told_as_missing() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let asha = member(&stage, "asha@example.org", None).await;
        let new = "eight otters by the lake";
        for (body, words) in [
            (json!({ "new_password": new }), "is required"),
            (json!({ "new_password": new, "current_password": null }), "is required"),
            (json!({ "new_password": new, "current_password": "" }), "is not the current"),
            (json!({ "second_factor": "sms", "current_password": new }), "is not the current"),
        ] {
            let told = asha.patch("/users/me", body.clone()).await;
            assert_eq!(field(&told), (400, "current_password"), "{body}: {told:?}");
            assert!(told.1["errors"][0]["message"].as_str().unwrap().contains(words), "{body}: {told:?}");
        }
        for password in [PASSWORD, new] {
            let alone = json!({ "current_password": password, "new_password": null });
            let told = asha.patch("/users/me", alone).await;
            assert_eq!(field(&told), (400, "new_password"), "{told:?}");
            let words = told.1["errors"][0]["message"].as_str().unwrap();
            assert!(words.contains("current_password alone changes nothing"), "{told:?}");
        }
        stage.end().await;
    }
}

#[tokio::test]
async fn no_sign_in_outlives_the_password_it_was_made_with() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let mut asha = member(&stage, "asha@example.org", None).await;
        let passwords = [PASSWORD, "eight otters by the lake"];
        let mut late = 0;
        for round in 0..8 {
            let (old, new) = (passwords[round % 2], passwords[(round + 1) % 2]);
            let change = json!({ "current_password": old, "new_password": new });
            let body = json!({ "email": "asha@example.org", "password": old });
            // Hashes take turns: some of these are compared before the change and would end behind it.
            let logins = (0..6).map(|_| async {
                let (_, session) = anybody(&stage).post("/auth/login", body.clone()).await;
                session["access_token"].as_str().map(str::to_owned)
            });
            let (changed, tokens) = join(asha.patch("/users/me", change), join_all(logins)).await;
            assert_eq!(changed.0, 200, "{changed:?}");
            for token in tokens.into_iter().flatten() {
                late += 1;
                let thief = Caller { stage: &stage, token };
                assert_eq!(thief.get("/users/me").await.0, 401, "round {round}");
            }
            forget_counts(&stage).await;
            asha = sign_in(&stage, "asha@example.org", new).await;
        }
        println!("{late} of 48 sign-ins came before the change");
        stage.end().await;
    }
}

/// Who changes the password and erases the account in the same instant does one of the two with the old one.
#[tokio::test]
async fn an_account_is_not_erased_with_a_password_that_has_just_gone() {
    for scratch in Scratch::each().await {
        let engine = scratch.url[..8].to_owned();
        let stage = Stage::new(scratch).await;
        for round in 0..8 {
            let email = format!("asha{round}@example.org");
            let asha = member(&stage, &email, None).await;
            let new = "eight otters by the lake";
            let change = json!({ "current_password": PASSWORD, "new_password": new });
            let leave = Some(json!({ "current_password": PASSWORD }));
            let (changed, left) =
                join(asha.patch("/users/me", change), asha.call(Method::DELETE, "/users/me", leave)).await;
            assert!(changed.0 != 200 || left.0 != 204, "{engine}, round {round}: {changed:?} {left:?}");
            assert!(changed.0 == 200 || left.0 == 204, "{engine}, round {round}: {changed:?} {left:?}");
        }
        stage.end().await;
    }
}

#[tokio::test]
async fn a_session_alone_does_not_find_out_the_password() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let thief = member(&stage, "asha@example.org", None).await;
        let guess = |password: &str| json!({ "current_password": password, "new_password": "eight otters" });
        for round in 0..30 {
            let told = thief.patch("/users/me", guess(&format!("a guess, number {round}"))).await;
            assert_eq!(field(&told), (400, "current_password"), "{told:?}");
        }
        let told = thief.patch("/users/me", guess(PASSWORD)).await;
        assert_eq!((told.0, told.1["code"].as_str()), (429, Some("too_many_requests")), "{told:?}");
        let leave = Some(json!({ "current_password": PASSWORD }));
        assert_eq!(thief.call(Method::DELETE, "/users/me", leave).await.0, 429, "whatever it is asked for");
        sign_in(&stage, "asha@example.org", PASSWORD).await;
        stage.end().await;
    }
}
