//! Staff write the consent ledger: with a reason, and with evidence against a person's own word.

use crate::harness::callers::Caller;
use crate::harness::{ADA, BOB, Scratch, Stage, fresh_sid};
use crate::program;
use reqwest::Method;
use serde_json::{Value, json};

const SCOPES: &str = "contacts:read contacts:write contacts:export messages:read messages:send";

fn act(action: &str, reason: &str) -> Value {
    json!({ "action": action, "reason": reason })
}

async fn ledger(staff: &Caller<'_>, phone: &str) -> Vec<Value> {
    let (status, page) = staff.get(&format!("/contacts/{phone}/consent")).await;
    assert_eq!(status, 200, "{page}");
    page["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn an_opt_out_by_staff_stops_what_is_queued_and_is_taken_back_with_a_reason() {
    for scratch in Scratch::each().await {
        let stage = Stage::with_ours(scratch, &[("TIDINGS_QUIET_HOURS", "00:00-00:00")]).await;
        let staff = program(&stage, 1, SCOPES).await;
        stage.hear(&fresh_sid(), ADA, "START").await;
        stage.settled().await;
        let path = format!("/contacts/{ADA}/consent");
        let before = stage.taken().len();
        let soon = tidings::clock::Clock::system().now() + jiff::SignedDuration::from_secs(2);
        let later =
            json!({ "to": ADA, "body": "Later.", "purpose": "campaign", "send_at": soon.to_string() });
        let (status, queued) = staff.post("/messages", later).await;
        assert_eq!(status, 202, "{queued}");

        let (status, standing) = staff.post(&path, act("opt_out", "asked on the phone")).await;
        assert_eq!(status, 200, "{standing}");
        assert_eq!((&standing["opted_out"], &standing["changed"]), (&json!(true), &json!(true)));
        let (_, again) = staff.post(&path, act("opt_out", "asked again")).await;
        assert_eq!(again["changed"], false, "an opt-out that is there adds no line");
        let line = ledger(&staff, ADA).await.remove(0);
        assert_eq!((&line["how"], &line["text"]), (&json!("operator"), &json!("asked on the phone")));
        assert_eq!(line["actor"], "token program 1");

        stage.settled().await;
        let (_, message) = staff.get(&format!("/messages/{}", queued["id"].as_str().unwrap())).await;
        assert_eq!(
            (&message["status"], message["twilio_sid"].is_null()),
            (&json!("refused"), true),
            "{message}"
        );
        assert_eq!(stage.taken().len(), before, "nothing was sent, no confirmation either");

        let (status, back) = staff.post(&path, act("opt_in", "that was a slip of ours")).await;
        assert_eq!((status, &back["consent"]), (200, &json!("given")), "staff's own act is undone: {back}");
        assert_eq!(ledger(&staff, ADA).await.len(), 3);
        stage.end().await;
    }
}

#[tokio::test]
async fn a_persons_own_stop_ends_with_evidence_only() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let staff = program(&stage, 1, SCOPES).await;
        stage.hear(&fresh_sid(), ADA, "STOP").await;
        let path = format!("/contacts/{ADA}/consent");
        // Staff saying the same does not make it theirs.
        staff.post(&path, act("opt_out", "also by phone")).await;
        let (status, refused) = staff.post(&path, act("opt_in", "we would like to")).await;
        assert_eq!((status, refused["code"].as_str()), (409, Some("opted_out_by_person")), "{refused}");
        assert_eq!(refused["errors"][0]["field"], "evidence");
        let mut with = act("opt_in", "wants reminders again");
        with["evidence"] = "signed form of 2026-11-20, folder 12".into();
        let (status, given) = staff.post(&path, with).await;
        assert_eq!((status, &given["consent"]), (200, &json!("given")), "{given}");
        let line = ledger(&staff, ADA).await.remove(0);
        assert_eq!(line["evidence"], "signed form of 2026-11-20, folder 12");

        for (body, fields) in [
            (json!({ "action": "opt_in", "reason": " " }), vec!["reason"]),
            (json!({ "action": "opt_in", "reason": "x", "evidence": "" }), vec!["evidence"]),
            (json!({ "action": "perhaps", "reason": "x" }), vec!["action"]),
            (json!({ "action": "opt_in" }), vec!["reason"]),
        ] {
            let (status, wrong) = staff.post(&path, body).await;
            let errors = wrong["errors"].as_array().unwrap();
            let named: Vec<&str> = errors.iter().map(|error| error["field"].as_str().unwrap()).collect();
            assert_eq!((status, named), (400, fields), "{wrong}");
        }
        let unknown = format!("/contacts/{BOB}/consent");
        assert_eq!(staff.post(&unknown, act("opt_out", "nobody")).await.0, 404);
        let reader = program(&stage, 2, "contacts:read").await;
        assert_eq!(reader.post(&path, act("opt_out", "may not")).await.0, 403);
        stage.end().await;
    }
}

#[tokio::test]
async fn erasing_by_staff_leaves_the_opt_out_only() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let staff = program(&stage, 1, SCOPES).await;
        for body in ["REGISTER", "Zebediah"] {
            stage.hear(&fresh_sid(), ADA, body).await;
        }
        let path = format!("/contacts/{ADA}");
        let (status, all) = staff.get(&format!("{path}/export")).await;
        assert_eq!((status, &all["contact"]["name"]), (200, &json!("Zebediah")), "{all}");
        assert!(all["messages"].as_array().unwrap().len() >= 4, "{all}");
        assert_eq!(all["consent"].as_array().unwrap().len(), 1, "{all}");
        assert_eq!(staff.call(Method::DELETE, &path, None).await.0, 204);
        assert_eq!(staff.get(&path).await.0, 404);
        assert_eq!(staff.get(&format!("{path}/export")).await.0, 404);
        assert_eq!(staff.call(Method::DELETE, &path, None).await.0, 404);
        let left = stage.messages().await;
        assert!(left.iter().all(|row| !row.body.contains("Zebediah")), "{left:?}");
        // Whoever was erased stays opted out until they come back themselves.
        let (status, refused) =
            staff.post("/messages", json!({ "to": ADA, "body": "Hello.", "purpose": "alert" })).await;
        assert_eq!((status, &refused["code"]), (409, &json!("erased")), "{refused}");
        stage.settled().await;
        assert!(stage.taken().iter().all(|message| message.body != "Hello."));
        stage.hear(&fresh_sid(), ADA, "START").await;
        let (status, contact) = staff.get(&path).await;
        assert_eq!((status, &contact["name"], &contact["consent"]), (200, &Value::Null, &json!("given")));
        stage.end().await;
    }
}
