//! Before a campaign starts: what a dry run tells is what then happens, and what can reach nobody is refused.

use crate::harness::staff::{Desk, number, people};
use crate::harness::{PATIENCE, Scratch, eventually};
use reqwest::Method;
use serde_json::{Value, json};
use tidings::dialog::Consent;
use tidings::store::CampaignRow;

#[tokio::test]
async fn a_dry_run_tells_what_then_happens() {
    for scratch in Scratch::each().await {
        let desk = Desk::open(scratch, |_| {}).await;
        let consent =
            |index: usize| [Consent::Given, Consent::Unasked, Consent::Withdrawn, Consent::Given][index % 4];
        people(&desk.stage.app.store, 120, consent).await;
        for index in 0..40 {
            let tags = if index < 30 { json!(["Spring", "list:a"]) } else { json!(["spring", "staff"]) };
            let path = format!("/contacts/{}", number(index));
            let (status, contact) =
                desk.call(Method::PATCH, &path, Some(json!({"tags": tags, "name": "Asha Rai"}))).await;
            assert_eq!((status, &contact["name"]), (200, &json!("Asha Rai")));
        }
        // One of them has these words already.
        let first = json!({"to": number(0), "body": "Hi Asha €", "purpose": "campaign"});
        assert_eq!(desk.post("/messages", first).await["status"], "queued");
        desk.stage.settled().await;

        let audience =
            json!({"state": ["stranger"], "country": ["US"], "tags_any": ["spring"], "tags_none": ["staff"]});
        let draft = json!({"name": "Tags", "body": "Hi {{first_name}} €", "audience": audience});
        let id = desk.post("/campaigns", draft).await["id"].as_str().unwrap().to_owned();
        let usual = desk.post(&format!("/campaigns/{id}/dry-run"), json!({})).await;
        assert_eq!((&usual["cost"], &usual["price_by_country"]), (&json!(0.168), &json!({"US": 0.012})));
        assert_eq!(usual["price_per_segment"], Value::Null);
        let price = json!({"price_per_segment": 0.01});
        let run = desk.post(&format!("/campaigns/{id}/dry-run"), price).await;
        assert_eq!(
            (&run["audience"], &run["complete"], &run["encoding"]),
            (&json!(30), &json!(true), &json!("GSM-7"))
        );
        assert_eq!(run["would_get"].as_i64().unwrap() + run["left_out"].as_i64().unwrap(), 30);
        assert_eq!(run["segments"], run["would_get"]);
        assert_eq!(run["cost"], json!(0.14));
        assert_eq!(run["people"].as_array().unwrap().len(), 16);
        assert!(!run["people"].to_string().contains("415556"), "{run}");
        assert_eq!(run["sample"], "Hi Asha €");
        assert!(desk.get(&format!("/campaigns/{id}")).await["counts"]["audience"] == 0);

        desk.post(&format!("/campaigns/{id}/start"), json!({})).await;
        let done = desk.becomes(&id, "done").await;
        assert_eq!(done["counts"]["audience"], run["audience"]);
        assert_eq!(done["counts"]["sent"], run["would_get"]);
        assert_eq!(done["counts"]["refused"], run["reasons"]);
        desk.stage.end().await;
    }
}

#[tokio::test]
async fn a_dry_run_knows_the_day_s_budget_and_when_the_hours_open() {
    for scratch in Scratch::each().await {
        let budget =
            [("TIDINGS_DAILY_BUDGET_MESSAGES", "25"), ("TIDINGS_DEFAULT_TIME_ZONE", "America/Los_Angeles")];
        let desk = Desk::with(scratch, |_| {}, &budget).await;
        people(&desk.stage.app.store, 60, |_| Consent::Given).await;
        // Five of today's are gone.
        for index in 0..5 {
            let message = json!({"to": number(index), "body": "Sale", "purpose": "campaign"});
            desk.post("/messages", message).await;
        }
        desk.stage.settled().await;
        let ask = async |draft: Value| {
            let id = desk.post("/campaigns", draft).await["id"].as_str().unwrap().to_owned();
            (desk.post(&format!("/campaigns/{id}/dry-run"), json!({"price_per_segment": 0.01})).await, id)
        };
        // Hours that open in two hours, wherever it is day now.
        let zone = jiff::tz::TimeZone::get("America/Los_Angeles").unwrap();
        let local = zone.to_datetime(tidings::clock::Clock::system().now());
        let hour = |ahead: i8| format!("{:02}:00", (local.hour() + ahead) % 24);
        let window = json!({"from": hour(2), "to": hour(4)});
        let (run, _) = ask(json!({"name": "Later", "body": "Hi", "window": window})).await;
        let closed = "it waits for the campaign's hours where the person lives";
        assert_eq!(run["now"]["people"], 0);
        let opens: jiff::Timestamp =
            run["later_by_reason"][closed]["first_at"].as_str().unwrap().parse().unwrap();
        assert_eq!(zone.to_datetime(opens).hour(), (local.hour() + 2) % 24, "{run}");

        // A day long, so that it is midnight once.
        let (run, id) = ask(json!({"name": "Two days", "body": "Hello", "expires_after_hours": 24})).await;
        let share = |people: i64, cost: f64| json!({"people": people, "segments": people, "cost": cost});
        assert_eq!((&run["now"], &run["beyond_budget"]), (&share(20, 0.2), &share(40, 0.4)), "{run}");
        let spent = "the day's budget is spent (TIDINGS_DAILY_BUDGET, TIDINGS_DAILY_BUDGET_MESSAGES)";
        assert_eq!((&run["would_get"], &run["later"], &run["cost"]), (&json!(45), &json!(25), &json!(0.45)));
        assert_eq!(run["later_by_reason"][spent]["people"], 25);
        assert_eq!(run["reasons"], json!({spent: 15}));
        // That is what happens, as far as today goes.
        desk.post(&format!("/campaigns/{id}/start"), json!({})).await;
        assert_eq!(run["sending_seconds"], 1, "at ten thousand a second: {run}");
        eventually("today's", PATIENCE, async || desk.campaign(&id).await["counts"]["sent"] == 20).await;
        desk.stage.end().await;
    }
}

#[tokio::test]
async fn hours_in_which_nobody_may_be_written_to_are_refused() {
    let quiet = [("TIDINGS_QUIET_HOURS", "21:00-08:00")];
    let desk = Desk::with(Scratch::sqlite(), |_| {}, &quiet).await;
    for (from, to, expected) in [
        ("22:00", "23:00", "lies within the quiet hours 21:00-08:00"),
        ("10:00", "10:00", "begins when it ends"),
    ] {
        let draft = json!({"name": "Night", "body": "Hi", "window": {"from": from, "to": to}});
        let (status, told) = desk.call(Method::POST, "/campaigns", Some(draft)).await;
        assert_eq!((status, &told["errors"][0]["field"]), (400, &json!("window")), "{told}");
        assert!(told["errors"][0]["message"].as_str().unwrap().contains(expected), "{told}");
    }
    // One from before these quiet hours is not started either.
    let plan = r#"{"window": {"from": "22:00", "to": "23:00"}, "expires_after_hours": 72, "auto_stop": {}}"#;
    let (body, plan) = (Some("Hello".to_owned()), plan.to_owned());
    let row = CampaignRow { body, plan, ..CampaignRow::draft(9000, "Old".to_owned(), 0) };
    desk.stage.app.store.add_campaign(&row).await.unwrap();
    let (status, told) = desk.call(Method::POST, "/campaigns/9000/start", None).await;
    assert_eq!((status, &told["errors"][0]["field"]), (400, &json!("window")), "{told}");
    // Nor does one go on that was paused before them.
    let held = CampaignRow { id: 9001, status: "paused".to_owned(), ..row };
    desk.stage.app.store.add_campaign(&held).await.unwrap();
    let (status, told) = desk.call(Method::POST, "/campaigns/9001/resume", None).await;
    assert_eq!((status, &told["errors"][0]["field"]), (400, &json!("window")), "{told}");
    assert_eq!(desk.campaign("9001").await["status"], "paused");
    let evening = json!({"name": "Evening", "body": "Hi", "window": {"from": "20:00", "to": "23:00"}});
    // What is quiet only in part is taken, and pointed out.
    let (status, made) = desk.call(Method::POST, "/campaigns", Some(evening)).await;
    let warning = made["warnings"].as_array().unwrap().last().unwrap().as_str().unwrap();
    assert!(status == 201 && warning.contains("20:00-23:00 takes in quiet hours (21:00-08:00"), "{made}");
    let path = format!("/campaigns/{}/dry-run", made["id"].as_str().unwrap());
    let (_, run) = desk.call(Method::POST, &path, Some(json!({}))).await;
    assert_eq!(run["warnings"], made["warnings"], "{run}");
    desk.stage.end().await;
}
