//! There is always an admin left, on both engines, also where two leave at once.

mod harness;

use futures_util::future::join;
use harness::callers::{Caller, PASSWORD, anybody, member, sign_in};
use harness::{Scratch, Stage};
use reqwest::Method;
use serde_json::{Value, json};

/// A program that may change accounts.
async fn program(stage: &Stage) -> Caller<'_> {
    let token = tidings::api::new_token().unwrap();
    let hash = tidings::api::hash_token(&token);
    stage.app.store.add_token(1, "desk", &hash, "accounts:read accounts:write", 0).await.unwrap();
    Caller { stage, token }
}

/// An admin, signed in, and where their account is.
async fn admin<'a>(program: &Caller<'a>, email: &str) -> (Caller<'a>, String) {
    let (_, me) = member(program.stage, email, None).await.get("/users/me").await;
    let path = format!("/accounts/{}", me["id"].as_str().unwrap());
    promote(program, &path).await;
    (sign_in(program.stage, email, PASSWORD).await, path)
}

async fn promote(program: &Caller<'_>, path: &str) {
    let (status, told) = program.patch(path, json!({ "role": "admin", "disabled": false })).await;
    assert_eq!(status, 200, "{told}");
}

async fn leave(caller: &Caller<'_>) -> (u16, Value) {
    caller.call(Method::DELETE, "/users/me", Some(json!({ "current_password": PASSWORD }))).await
}

fn is_refused(told: &(u16, Value)) -> bool {
    (told.0, told.1["code"].as_str()) == (409, Some("last_admin"))
}

#[tokio::test]
async fn the_last_admin_stays_one() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let program = program(&stage).await;
        let (root, path) = admin(&program, "root@example.org").await;
        for change in [json!({ "role": "user" }), json!({ "role": "operator" }), json!({ "disabled": true })]
        {
            for caller in [&root, &program] {
                let told = caller.patch(&path, change.clone()).await;
                assert!(is_refused(&told), "{change}: {told:?}");
            }
        }
        for told in [leave(&root).await, program.call(Method::DELETE, &path, None).await] {
            assert!(is_refused(&told), "{told:?}");
        }
        assert_eq!(root.get("/accounts").await.0, 200, "and nothing ended");
        let (status, _) = root.patch(&path, json!({ "role": "admin", "external_id": "care-1" })).await;
        assert_eq!(status, 200, "what takes nobody away is done");

        // A disabled admin is nobody to rely on.
        let (_, other) = admin(&program, "boss@example.org").await;
        assert_eq!(root.patch(&other, json!({ "disabled": true })).await.0, 200);
        let told = leave(&root).await;
        assert!(is_refused(&told), "{told:?}");
        assert_eq!(root.patch(&other, json!({ "disabled": false })).await.0, 200);
        assert_eq!(leave(&root).await.0, 204);
        let boss = sign_in(&stage, "boss@example.org", PASSWORD).await;
        let told = boss.patch(&other, json!({ "role": "user" })).await;
        assert!(is_refused(&told), "{told:?}");
        stage.end().await;
    }
}

/// By the road for others' accounts nobody gets around the password that their own asks for.
#[tokio::test]
async fn an_admins_own_account_asks_for_the_password_on_every_road() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let program = program(&stage).await;
        let (root, path) = admin(&program, "root@example.org").await;
        let (boss, other) = admin(&program, "boss@example.org").await;
        let statement = "UPDATE account SET second_factor = 'sms' WHERE email = 'root@example.org'";
        assert_eq!(stage.scratch.execute(statement).await, 1);
        let told = root.call(Method::DELETE, &path, None).await;
        assert_eq!((told.0, told.1["code"].as_str()), (409, Some("own_account")), "{told:?}");
        assert!(told.1["detail"].as_str().unwrap().contains("DELETE /users/me"), "{told:?}");
        for change in [
            json!({ "second_factor": "none" }),
            json!({ "role": "operator" }),
            json!({ "disabled": true }),
            json!({ "second_factor": "none", "current_password": "not the password" }),
        ] {
            let is_given = change.get("current_password").is_some();
            let told = root.patch(&path, change).await;
            let error = &told.1["errors"][0];
            assert_eq!((told.0, &error["field"]), (400, &json!("current_password")), "{told:?}");
            assert_eq!(error["message"].as_str().unwrap().contains("required"), !is_given, "{told:?}");
        }
        assert_eq!(root.patch(&path, json!({ "external_id": "care-1", "role": "admin" })).await.0, 200);
        let (status, me) = root.get(&path).await;
        assert_eq!((status, &me["second_factor"]), (200, &json!("sms")), "nothing was changed: {me}");
        // With it, and for others and programs, all is as before.
        let proven = json!({ "second_factor": "none", "current_password": PASSWORD });
        assert_eq!(root.patch(&path, proven).await.0, 200);
        assert_eq!(boss.patch(&path, json!({ "disabled": true })).await.0, 200);
        assert_eq!(program.patch(&path, json!({ "disabled": false })).await.0, 200);
        assert_eq!(boss.call(Method::DELETE, &path, None).await.0, 204);
        assert_eq!(boss.call(Method::DELETE, &other, None).await.0, 409, "the last one's");
        stage.end().await;
    }
}

#[tokio::test]
async fn staff_erase_an_account_for_whoever_cannot_sign_in() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let program = program(&stage).await;
        let asha = member(&stage, "asha@example.org", Some("+14155550101")).await;
        let (_, me) = asha.get("/users/me").await;
        let path = format!("/accounts/{}", me["id"].as_str().unwrap());
        assert_eq!(program.call(Method::DELETE, &path, None).await.0, 204);
        assert_eq!(program.call(Method::DELETE, &path, None).await.0, 404);
        assert_eq!((asha.get("/users/me").await.0, program.get(&path).await.0), (401, 404));
        let mut rows = 0;
        for table in ["account", "account_number", "session"] {
            rows += stage.scratch.execute(&format!("DELETE FROM {table}")).await;
        }
        assert_eq!(rows, 0, "nothing of it is left");
        stage.end().await;
    }
}

#[tokio::test]
async fn two_admins_who_leave_at_once_leave_one() {
    for scratch in Scratch::each().await {
        let (engine, stage) = (scratch.engine(), Stage::new(scratch).await);
        let program = program(&stage).await;
        let [(_, one), (_, two)] =
            [admin(&program, "one@example.org").await, admin(&program, "two@example.org").await];
        for round in 0..20 {
            let (here, there) = match round % 3 {
                0 => (json!({ "role": "user" }), json!({ "role": "user" })),
                1 => (json!({ "disabled": true }), json!({ "role": "operator" })),
                _ => (json!({ "disabled": true }), json!({ "disabled": true })),
            };
            let (left, right) = join(program.patch(&one, here), program.patch(&two, there)).await;
            let done = [&left, &right].iter().filter(|told| told.0 == 200).count();
            assert_eq!(done, 1, "{engine}, round {round}: {left:?} {right:?}");
            assert!(is_refused(&left) || is_refused(&right), "{left:?} {right:?}");
            promote(&program, &one).await;
            promote(&program, &two).await;
        }
        for round in 0..5 {
            let (gone, _) = admin(&program, &format!("gone{round}@example.org")).await;
            assert_eq!(program.patch(&two, json!({ "role": "user" })).await.0, 200);
            let (left, right) = join(leave(&gone), program.patch(&one, json!({ "role": "user" }))).await;
            let done = [&left, &right].iter().filter(|told| (200..300).contains(&told.0)).count();
            assert_eq!(done, 1, "{engine}, round {round}: {left:?} {right:?}");
            promote(&program, &one).await;
            promote(&program, &two).await;
            leave(&gone).await;
        }
        assert_eq!(anybody(&stage).get("/accounts").await.0, 401);
        stage.end().await;
    }
}
