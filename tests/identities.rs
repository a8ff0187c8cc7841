//! Who an account is: however an address is written it is one account's.

mod harness;

use futures_util::future::join_all;
use harness::callers::{PASSWORD, admin, anybody, member, sign_in, wrong};
use harness::{Scratch, Stage};
use serde_json::{Value, json};

fn sign_up(email: &str, name: &str) -> Value {
    json!({ "email": email, "password": PASSWORD, "full_name": name })
}

#[tokio::test]
async fn an_address_is_one_accounts_however_it_is_written() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let twins = [
            "asha@bücher.example",
            "Asha@xn--bcher-kva.example",
            "asha@XN--BCHER-KVA.Example",
            "ASHA@BÜCHER.EXAMPLE",
            "asha@bu\u{308}cher.example",
            " asha@bücher.example ",
        ];
        let anybody = anybody(&stage);
        let calls = twins.map(|email| anybody.post("/auth/register", sign_up(email, "Asha")));
        let told = join_all(calls).await;
        let made = told.iter().filter(|(status, _)| *status == 201).count();
        let taken = told.iter().filter(|(_, body)| body["code"] == "email_taken").count();
        assert_eq!((made, taken), (1, twins.len() - 1), "{told:?}");
        let mut ids = Vec::new();
        for email in twins {
            let (_, me) = sign_in(&stage, email, PASSWORD).await.get("/users/me").await;
            ids.push(me["id"].clone());
        }
        ids.dedup();
        assert_eq!(ids.len(), 1, "{ids:?}");
        for email in ["asha@buch\u{200b}er.example", "asha@xn--a.example", "as\u{202e}ha@example.org"] {
            let told = anybody.post("/auth/register", sign_up(email, "Asha")).await;
            assert_eq!((wrong(&told).0, wrong(&told).1), (400, "email"), "{email:?}: {told:?}");
        }
        for (one, other) in [
            ("\u{3c3}\u{3af}\u{3c3}\u{3c5}\u{3c6}\u{3bf}\u{3c2}@example.org", "ΣΊΣΥΦΟΣ@example.org"),
            ("ben@σίσυφος.example", "BEN@ΣΊΣΥΦΟΣ.EXAMPLE"),
        ] {
            assert_eq!(anybody.post("/auth/register", sign_up(one, "Ben")).await.0, 201);
            let told = anybody.post("/auth/register", sign_up(other, "Ben")).await;
            assert_eq!((told.0, &told.1["code"]), (409, &json!("email_taken")), "{told:?}");
            sign_in(&stage, other, PASSWORD).await;
        }
        for (email, password) in [
            ("zoe@bücher.example", "zoe@xn--bcher-kva.example"),
            ("zoe@xn--bcher-kva.example", "ZOE@BÜCHER.example"),
        ] {
            let body = json!({ "email": email, "password": password, "full_name": "Zoe" });
            let told = anybody.post("/auth/register", body).await;
            assert_eq!((wrong(&told).0, wrong(&told).1), (400, "password"), "{told:?}");
        }
        stage.end().await;
    }
}

/// What an earlier version kept is found in today's form, and a second account that would have the same key
/// stays as it was.
#[tokio::test]
async fn keys_from_before_are_brought_into_todays_form() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let (_, me) = member(&stage, "Σίσυφος@example.org", None).await.get("/users/me").await;
        let (_, other) = member(&stage, "ben@example.org", None).await.get("/users/me").await;
        let (one, two) = (me["id"].as_str().unwrap(), other["id"].as_str().unwrap());
        for statement in [
            format!(
                "UPDATE account SET email_key = 'σίσυφος@example.org', external_id = 'zoe\u{301}' WHERE id = {one}"
            ),
            format!(
                "UPDATE account SET email_key = 'ßen@example.org', external_id = 'zo\u{e9}' WHERE id = {two}"
            ),
            "DELETE FROM bookmark WHERE name = 'form of account keys'".to_owned(),
        ] {
            assert_eq!(stage.scratch.execute(&statement).await, 1);
        }
        stage.another(&[]).await.stop().await;
        sign_in(&stage, "ben@example.org", PASSWORD).await;
        let twin = stage.app.store.account(one.parse().unwrap()).await.unwrap().unwrap();
        assert_eq!(twin.external_id.as_deref(), Some("zoe\u{301}"), "it is the other's");
        let freed = format!("UPDATE account SET external_id = NULL WHERE id = {two}");
        assert_eq!(stage.scratch.execute(&freed).await, 1);
        stage.another(&[]).await.stop().await;
        let (_, me) = sign_in(&stage, "ΣΊΣΥΦΟΣ@example.org", PASSWORD).await.get("/users/me").await;
        assert_eq!(me["external_id"], "zo\u{e9}");
        stage.end().await;
    }
}

/// What a contact takes over from its account must be what everything else looks for.
#[tokio::test]
async fn zones_and_languages_are_kept_as_their_lists_spell_them() {
    let stage = Stage::new(Scratch::sqlite()).await;
    let wanted = json!({ "time_zone": "america/new_york", "locale": "NE" });
    let mut new = sign_up("asha@example.org", "Asha");
    new.as_object_mut().unwrap().extend(wanted.as_object().unwrap().clone());
    let (_, user) = anybody(&stage).post("/auth/register", new).await;
    assert_eq!((&user["time_zone"], &user["locale"]), (&json!("America/New_York"), &json!("ne")), "{user}");
    let asha = sign_in(&stage, "asha@example.org", PASSWORD).await;
    for (field, wrong_ones) in [
        ("time_zone", ["Etc/Unknown", "", "../etc/passwd", "EST6"]),
        ("locale", ["e-", "e", "english-language", "1n"]),
    ] {
        for text in wrong_ones {
            let told = asha.patch("/users/me", json!({ field: text })).await;
            assert_eq!((wrong(&told).0, wrong(&told).1), (400, field), "{text:?}: {told:?}");
        }
    }
    let (_, me) = asha.patch("/users/me", json!({ "time_zone": "utc", "locale": "Fr_CA" })).await;
    assert_eq!((&me["time_zone"], &me["locale"]), (&json!("UTC"), &json!("fr")), "{me}");
    let wanted = "must be one of en, es, fr, ne, alone or with a country as in es-MX";
    for text in ["xx", "de", "de-FR", "zz-en"] {
        let told = asha.patch("/users/me", json!({ "locale": text })).await;
        assert_eq!(told.1["errors"][0]["message"], wanted, "{text}: {told:?}");
    }

    let admin = admin(&stage).await;
    let booking =
        json!({ "phone_number": "+14155550123", "title": "A", "starts_at": "2030-01-01T12:00:00Z" });
    assert_eq!(admin.post("/bookings", booking).await.0, 201);
    let path = "/contacts/+14155550123";
    let (status, told) = admin.patch(path, json!({ "time_zone": "asia/kathmandu" })).await;
    assert_eq!((status, &told["time_zone"]), (200, &json!("Asia/Kathmandu")), "{told}");
    let told = admin.patch(path, json!({ "time_zone": "Etc/Unknown" })).await;
    assert_eq!((wrong(&told).0, wrong(&told).1), (400, "time_zone"), "{told:?}");
    stage.end().await;
}
