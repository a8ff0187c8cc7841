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
        stage.end().await;
    }
}

#[tokio::test]
async fn names_and_ids_hold_nothing_that_nobody_sees() {
    let stage = Stage::new(Scratch::sqlite()).await;
    let asha = member(&stage, "asha@example.org", None).await;
    let (_, me) = asha.get("/users/me").await;
    for name in
        ["\u{e000}", "Asha \u{f8ff}", "Asha\u{202e}iaR", "\u{2066}Asha\u{2069}", "Asha\u{7}", "\u{10ffff}"]
    {
        let told = anybody(&stage).post("/auth/register", sign_up("ben@example.org", name)).await;
        let said = (400, "full_name", "must have 1 to 100 characters that can be read");
        assert_eq!(wrong(&told), said, "{name:?}: {told:?}");
        let told = asha.patch("/users/me", json!({ "full_name": name })).await;
        assert_eq!(wrong(&told), said, "{name:?}: {told:?}");
    }
    for (name, kept) in [(" Asha \u{a0} Rai ", "Asha Rai"), ("आशा राई", "आशा राई"), ("José", "José")]
    {
        let (status, told) = asha.patch("/users/me", json!({ "full_name": name })).await;
        assert_eq!((status, told["full_name"].as_str()), (200, Some(kept)), "{told}");
    }

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
    let several = json!({ "external_id": " ", "role": "king", "second_factor": "sms" });
    let (_, told) = admin.patch(&path, several).await;
    let fields: Vec<&str> =
        told["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["role", "external_id", "second_factor"]);

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
