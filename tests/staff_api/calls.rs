//! `/calls`: whom a caller reaches, and tokens for browsers.

use crate::harness::callers::{Caller, admin, anybody, codes, forget_counts, member};
use crate::harness::{ADA, BOB, Scratch, Stage};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

const VOICE: [(&str, &str); 3] = [
    ("TWILIO_API_KEY", "SK00000000000000000000000000000001"),
    ("TWILIO_API_SECRET", "a secret of the key"),
    ("TWILIO_TWIML_APP_SID", "AP00000000000000000000000000000002"),
];

async fn resolve(who: &Caller<'_>, destination: &str) -> (u16, Value) {
    who.post("/calls/resolve", json!({ "destination": destination })).await
}

fn claims(token: &Value) -> Value {
    let payload = token["token"].as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

async fn verified<'a>(stage: &'a Stage, email: &str, phone: &str) -> Caller<'a> {
    let caller = member(stage, email, Some(phone)).await;
    let code = codes(stage, phone, 1).await.remove(0);
    let verify = json!({ "email": email, "code": code });
    assert_eq!(anybody(stage).post("/auth/verify-sms", verify).await.0, 200);
    caller
}

#[tokio::test]
async fn without_twilios_voice_numbers_become_ids_and_nobody_can_be_listed() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let asha = verified(&stage, "asha@example.org", ADA).await;
        verified(&stage, "bina@example.org", BOB).await;
        let admin = admin(&stage).await;
        let (_, me) = asha.get("/users/me").await;
        let path = format!("/accounts/{}", me["id"].as_str().unwrap());
        assert_eq!(admin.patch(&path, json!({ "external_id": "care-0042" })).await.0, 200);

        let found = json!({ "mode": "webrtc", "target": "care-0042" });
        assert_eq!(resolve(&admin, "(415) 555-0101").await, (200, found));
        let id = json!({ "mode": "webrtc", "target": "care-0099" });
        assert_eq!(resolve(&admin, "care-0099").await, (200, id), "whether an id exists is not said");
        // A stranger's number and one whose owner has no id look alike.
        let unknown = resolve(&admin, "+14155550109").await;
        assert_eq!(unknown.0, 404);
        assert_eq!(resolve(&admin, BOB).await, unknown);
        let (status, wrong) = resolve(&admin, "12345").await;
        assert_eq!((status, &wrong["errors"][0]["field"]), (400, &json!("destination")));
        assert_eq!(resolve(&anybody(&stage), ADA).await.0, 401);
        let (status, off) = admin.call(reqwest::Method::POST, "/calls/token", None).await;
        assert_eq!((status, off["code"].as_str()), (409, Some("voice_off")), "{off}");

        // The limit is shared with the look-ups, so that neither road gives more.
        forget_counts(&stage).await;
        let mut statuses = Vec::new();
        for index in 0..32 {
            statuses.push(resolve(&admin, &format!("+1415556{index:04}")).await.0);
            statuses
                .push(admin.get(&format!("/users/lookup/phone?phone_number=%2B1415556{index:04}")).await.0);
        }
        assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 4);
        stage.end().await;
    }
}

#[tokio::test]
async fn with_twilios_voice_browsers_get_tokens_and_phones_are_called() {
    for scratch in Scratch::each().await {
        let key = (VOICE[0].1.to_owned(), VOICE[1].1.to_owned());
        let stage = Stage::with_both(scratch, |carrier| carrier.api_keys.push(key), &VOICE).await;
        let bina = member(&stage, "bina@example.org", None).await;
        let phone = json!({ "mode": "twilio", "target": "+14155550109" });
        assert_eq!(resolve(&bina, "415 555 0109").await, (200, phone));
        assert_eq!(resolve(&bina, "care-0042").await.1["target"], "care-0042");
        let (status, abroad) = resolve(&bina, "+9779807969278").await;
        assert_eq!((status, &abroad["errors"][0]["field"]), (400, &json!("destination")), "{abroad}");

        let (status, token) = bina.call(reqwest::Method::POST, "/calls/token", None).await;
        assert_eq!((status, &token["outgoing"]), (200, &json!(false)), "{token}");
        assert!(claims(&token)["grants"]["voice"].get("outgoing").is_none(), "nothing proven, no calls out");
        let asha = verified(&stage, "asha@example.org", ADA).await;
        let (_, token) = asha.call(reqwest::Method::POST, "/calls/token", None).await;
        let claims = claims(&token);
        assert_eq!(claims["iss"], VOICE[0].1);
        assert_eq!(claims["grants"]["identity"], token["identity"]);
        assert_eq!(claims["grants"]["voice"]["outgoing"]["application_sid"], VOICE[2].1);
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["nbf"].as_i64().unwrap(), 3600);
        assert_eq!(anybody(&stage).call(reqwest::Method::POST, "/calls/token", None).await.0, 401);
        stage.end().await;
    }
}
