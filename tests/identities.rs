//! Who an account is: however an address is written it is one account's, and no name or id holds what
//! nobody sees.

mod harness;

use futures_util::future::join_all;
use harness::callers::{PASSWORD, admin, anybody, member, sign_in};
use harness::{Scratch, Stage};
use serde_json::{Value, json};

/// The field that an answer finds wrong, and what it says about it.
fn wrong(told: &(u16, Value)) -> (u16, &str, &str) {
    let error = &told.1["errors"][0];
    (told.0, error["field"].as_str().unwrap_or_default(), error["message"].as_str().unwrap_or_default())
}

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

/// Every name and title that staff read.
#[tokio::test]
async fn no_name_that_staff_read_acts_unseen() {
    let stage = Stage::new(Scratch::sqlite()).await;
    let admin = admin(&stage).await;
    let made = |told: (u16, Value)| told.1["id"].as_str().unwrap_or_else(|| panic!("{told:?}")).to_owned();
    let phone = "+14155550123";
    let group = made(admin.post("/groups", json!({ "name": "Nurses" })).await);
    let booking = json!({ "phone_number": phone, "title": "Visit", "starts_at": "2030-01-01T12:00:00Z" });
    let booking = made(admin.post("/bookings", booking).await);
    let template = "/templates/booking_confirmed/en";
    for name in
        ["A\u{202e}B", "\u{2066}A\u{2069}", "A\u{200b}\u{7}", "A\u{85}B", "A\u{e000}", "\u{301}", "\u{1d173}"]
    {
        let at = "2030-01-01T12:00:00Z";
        for (path, field, body) in [
            ("/groups".to_owned(), "name", json!({ "name": name })),
            ("/campaigns".to_owned(), "name", json!({ "name": name, "body": "Hi" })),
            ("/tokens".to_owned(), "name", json!({ "name": name, "scopes": ["messages:read"] })),
            (
                "/forms".to_owned(),
                "title",
                json!({ "phone_number": phone, "title": name, "url": "https://example.org/" }),
            ),
            (
                "/bookings".to_owned(),
                "title",
                json!({ "phone_number": phone, "title": name, "starts_at": at }),
            ),
            (
                "/bookings".to_owned(),
                "location",
                json!({ "phone_number": phone, "title": "Visit", "location": name, "starts_at": at }),
            ),
            (
                "/webhook-endpoints".to_owned(),
                "description",
                json!({ "url": "https://example.org/hook", "description": name }),
            ),
            (format!("{template}/reset"), "note", json!({ "note": name })),
            ("/opt-outs".to_owned(), "reason", json!({ "phone_number": "+14155550188", "reason": name })),
        ] {
            let told = admin.post(&path, body).await;
            assert_eq!((wrong(&told).0, wrong(&told).1), (400, field), "{path}, {name:?}: {told:?}");
        }
        for (path, field) in [(format!("/groups/{group}"), "name"), (format!("/bookings/{booking}"), "title")]
        {
            let told = admin.patch(&path, json!({ field: name })).await;
            assert_eq!((wrong(&told).0, wrong(&told).1), (400, field), "{path}, {name:?}: {told:?}");
        }
    }
    for (name, kept) in
        [(" Zoe\u{301} ", "Zo\u{e9}"), ("\u{200f}ممرضات", "\u{200f}ممرضات"), ("क\u{200d}ष", "क\u{200d}ष")]
    {
        let (status, told) = admin.patch(&format!("/groups/{group}"), json!({ "name": name })).await;
        assert_eq!((status, told["name"].as_str()), (200, Some(kept)), "{told}");
    }
    stage.end().await;
}

#[tokio::test]
async fn full_names_hold_nothing_that_nobody_sees() {
    let stage = Stage::new(Scratch::sqlite()).await;
    let asha = member(&stage, "asha@example.org", None).await;
    for name in [
        "\u{1d173}",
        "\u{301}",
        "\u{e000}",
        "Asha \u{f8ff}",
        "Asha\u{202e}iaR",
        "\u{2066}Asha\u{2069}",
        "Asha\u{7}",
        "\u{10ffff}",
    ] {
        let told = anybody(&stage).post("/auth/register", sign_up("ben@example.org", name)).await;
        let said = (400, "full_name", "must be one line of 1 to 100 characters that can be read");
        assert_eq!(wrong(&told), said, "{name:?}: {told:?}");
        let told = asha.patch("/users/me", json!({ "full_name": name })).await;
        assert_eq!(wrong(&told), said, "{name:?}: {told:?}");
    }
    for (name, kept) in [(" Asha \u{a0} Rai ", "Asha Rai"), ("आशा राई", "आशा राई"), ("José", "José")]
    {
        let (status, told) = asha.patch("/users/me", json!({ "full_name": name })).await;
        assert_eq!((status, told["full_name"].as_str()), (200, Some(kept)), "{told}");
    }
    stage.end().await;
}

#[tokio::test]
async fn external_ids_hold_nothing_that_nobody_sees_and_are_one_however_written() {
    let stage = Stage::new(Scratch::sqlite()).await;
    let (_, me) = member(&stage, "asha@example.org", None).await.get("/users/me").await;
    let admin = admin(&stage).await;
    let path = format!("/accounts/{}", me["id"].as_str().unwrap());
    let long = "é".repeat(101);
    for id in [
        "",
        " ",
        " care-7",
        "care-7 ",
        "\u{200b}care-7",
        "care-7\u{feff}",
        "ca\u{ad}re",
        "care\t7",
        "\u{e000}",
        &long,
    ] {
        let told = admin.patch(&path, json!({ "external_id": id })).await;
        let said = (
            400,
            "external_id",
            "must have 1 to 100 characters that can be seen, and no space at either end",
        );
        assert_eq!(wrong(&told), said, "{id:?}: {told:?}");
    }
    for id in ["care-7", "ward 3/7", &long[..200]] {
        let (status, told) = admin.patch(&path, json!({ "external_id": id })).await;
        assert_eq!((status, told["external_id"].as_str()), (200, Some(id)), "{told}");
    }
    // One id, whichever way its accent is written.
    let (_, other) = member(&stage, "ben@example.org", None).await.get("/users/me").await;
    let other = format!("/accounts/{}", other["id"].as_str().unwrap());
    for (id, status) in [("zoe\u{301}-7", 200), ("zo\u{e9}-7", 400), ("zoe\u{301}-7", 400)] {
        let path = if status == 200 { &path } else { &other };
        let (told, answer) = admin.patch(path, json!({ "external_id": id })).await;
        assert_eq!(told, status, "{id:?}: {answer}");
        if status == 200 {
            assert_eq!(answer["external_id"], "zo\u{e9}-7");
        }
    }
    let several = json!({ "external_id": " ", "role": "king", "second_factor": "sms" });
    let (_, told) = admin.patch(&path, several).await;
    let fields: Vec<&str> =
        told["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["role", "external_id", "second_factor"]);
    stage.end().await;
}

#[tokio::test]
async fn addresses_of_webhooks_hold_nothing_that_nobody_sees() {
    let stage = Stage::new(Scratch::sqlite()).await;
    let admin = admin(&stage).await;
    let hook = |url: &str| json!({ "url": url });
    for url in [
        " https://example.org/hook",
        "https://example.org/hook ",
        "https://exam\tple.org/",
        "https://example.org/\n",
    ] {
        let told = admin.post("/webhook-endpoints", hook(url)).await;
        assert_eq!((wrong(&told).0, wrong(&told).1), (400, "url"), "{url:?}: {told:?}");
    }
    let (status, made) = admin.post("/webhook-endpoints", hook("https://example.org/hook")).await;
    assert_eq!(status, 201, "{made}");
    let path = format!("/webhook-endpoints/{}", made["id"].as_str().unwrap());
    let told = admin.patch(&path, hook("https://example.org/hook ")).await;
    assert_eq!((wrong(&told).0, wrong(&told).1), (400, "url"), "{told:?}");
    let told = admin.post("/tokens", json!({ "name": "desk\u{202e}", "scopes": ["messages:read"] })).await;
    assert_eq!((wrong(&told).0, wrong(&told).1), (400, "name"), "{told:?}");
    stage.end().await;
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
