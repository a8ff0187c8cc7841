//! Whom nobody asked where they live: hours by day in all zones that they may live in, and what a told zone changes.

use crate::harness::staff::{Desk, people};
use crate::harness::{PATIENCE, Scratch, eventually};
use reqwest::Method;
use serde_json::{Value, json};
use tidings::clock::Clock;
use tidings::dialog::Consent;
use tidings::store::CampaignRow;

/// A number of no place: in New York as far as we know, and maybe in Honolulu.
const ANYWHERE: &str = "+18005550123";

/// The hour so many hours from now, as clocks in New York show it.
fn hour(ahead: i8) -> String {
    let zone = jiff::tz::TimeZone::get("America/New_York").unwrap();
    let local = zone.to_datetime(Clock::system().now());
    format!("{:02}:00", (local.hour() + ahead).rem_euclid(24))
}

/// A desk where it is by day in New York now and for six hours more, and in Honolulu in four at the earliest; and
/// somebody who may live in either.
async fn desk(scratch: Scratch) -> Desk {
    let quiet = format!("{}-{}", hour(7), hour(-1));
    let desk = Desk::with(scratch, |_| {}, &[("TIDINGS_QUIET_HOURS", &quiet)]).await;
    people(&desk.stage.app.store, 1, |_| Consent::Given).await;
    let moved = format!(
        "UPDATE contact SET address = '{ANYWHERE}', time_zone = 'America/New_York', time_zone_source = 'country'"
    );
    assert_eq!(desk.stage.scratch.execute(&moved).await, 1);
    desk
}

/// Whether there is a warning about zones; one about the night depends on when this runs.
fn is_told(answer: &Value) -> bool {
    let warnings = answer["warnings"].as_array().unwrap();
    warnings.iter().any(|warning| warning.as_str().unwrap().contains("all zones of US"))
}

#[tokio::test]
async fn hours_that_are_never_by_day_everywhere_say_so() {
    for scratch in Scratch::each().await {
        let desk = desk(scratch).await;
        let window = json!({"from": hour(-1), "to": hour(1)});
        let made = desk.post("/campaigns", json!({"name": "Now", "body": "Hi", "window": window})).await;
        assert!(is_told(&made), "{made}");
        let id = made["id"].as_str().unwrap();
        let run = desk.post(&format!("/campaigns/{id}/dry-run"), json!({})).await;
        assert!(is_told(&run), "{run}");
        let why =
            "it is never by day in all time zones where the person may live during the campaign's hours";
        assert_eq!((&run["reasons"], &run["would_get"]), (&json!({why: 1}), &json!(0)), "{run}");
        assert_eq!(run["people"][0]["code"], "closed_by_day");
        desk.post(&format!("/campaigns/{id}/start"), json!({})).await;
        let done = desk.becomes(id, "done").await;
        assert_eq!(done["counts"]["refused"], json!({why: 1}), "{done}");

        let all_day =
            json!({"name": "All day", "body": "Hello", "window": {"from": hour(-1), "to": hour(7)}});
        let made = desk.post("/campaigns", all_day).await;
        assert!(!is_told(&made), "{made}");
        desk.stage.end().await;
    }
}

#[tokio::test]
async fn who_tells_where_they_live_waits_no_longer() {
    for scratch in Scratch::each().await {
        let desk = desk(scratch).await;
        let id = desk.launch(json!({"name": "Now", "body": "Hi"})).await;
        let later =
            json!({"to": ANYWHERE, "body": "Soon", "purpose": "reminder", "send_at": "2999-01-01T00:00:00Z"});
        assert_eq!(desk.call(Method::POST, "/messages", Some(later)).await.0, 400);
        let tomorrow = Clock::system().now() + jiff::SignedDuration::from_hours(20);
        let planned = json!({"to": ANYWHERE, "body": "Soon", "purpose": "reminder", "send_at": tomorrow});
        let planned = desk.post("/messages", planned).await["id"].as_str().unwrap().to_owned();
        let reason = async || -> Value {
            let sent =
                desk.get(&format!("/messages?phone_number={}&purpose=campaign", "%2B18005550123")).await;
            sent["items"][0]["status_reason"].clone()
        };
        eventually("the wait", PATIENCE, async || {
            reason().await.as_str().is_some_and(|reason| reason.contains("all time zones"))
        })
        .await;
        // That we took the right zone is news, too.
        let path = format!("/contacts/{ANYWHERE}");
        let (status, _) =
            desk.call(Method::PATCH, &path, Some(json!({"time_zone": "America/New_York"}))).await;
        assert_eq!(status, 200);
        desk.becomes(&id, "done").await;
        assert_eq!(desk.taken().get(ANYWHERE), Some(&1));
        // What was planned for later stays planned.
        assert_eq!(desk.get(&format!("/messages/{planned}")).await["status"], "queued");
        desk.post(&format!("/messages/{planned}/cancel"), json!({})).await;
        desk.stage.end().await;
    }
}

/// Made before campaigns were told which templates are for many.
#[tokio::test]
async fn a_campaign_of_old_that_says_a_code_is_neither_tried_nor_started() {
    let desk = Desk::open(Scratch::sqlite(), |_| {}).await;
    people(&desk.stage.app.store, 1, |_| Consent::Given).await;
    let plan = r#"{"expires_after_hours": 72, "auto_stop": {"after": 50}}"#.to_owned();
    let (template, variables) = (Some("web_code".to_owned()), r#"{"host": "bank.example"}"#.to_owned());
    let row = CampaignRow {
        template,
        variables,
        plan,
        baseline: "{}".to_owned(),
        ..CampaignRow::draft(9000, "Old".to_owned(), 0)
    };
    desk.stage.app.store.add_campaign(&row).await.unwrap();
    let lacking = CampaignRow { id: 9001, template: Some("form".to_owned()), ..row };
    desk.stage.app.store.add_campaign(&lacking).await.unwrap();
    for action in ["dry-run", "start"] {
        for (id, field) in [(9000, "template"), (9001, "variables.link")] {
            let path = format!("/campaigns/{id}/{action}");
            let (status, told) = desk.call(Method::POST, &path, None).await;
            assert_eq!((status, &told["errors"][0]["field"]), (400, &json!(field)), "{told}");
        }
    }
    desk.stage.end().await;
}
