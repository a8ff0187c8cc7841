//! No name, id or address that somebody reads holds what nobody sees.

mod harness;

use harness::callers::{PASSWORD, admin, anybody, member, wrong};
use harness::{Scratch, Stage};
use serde_json::{Value, json};

fn sign_up(email: &str, name: &str) -> Value {
    json!({ "email": email, "password": PASSWORD, "full_name": name })
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
