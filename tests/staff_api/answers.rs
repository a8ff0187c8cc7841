//! Staff answer in the conversation.

use crate::harness::{ADA, BOB, PATIENCE, Scratch, Stage, eventually, fresh_sid};
use crate::program;
use serde_json::{Value, json};

#[tokio::test]
async fn a_text_is_answered_by_a_person() {
    for scratch in Scratch::each().await {
        // Answers go out at night as well.
        let stage = Stage::with_ours(scratch, &[("TIDINGS_QUIET_HOURS", "00:00-23:59")]).await;
        let staff = program(&stage, 1, "messages:write messages:read contacts:read contacts:write").await;
        let path = format!("/contacts/{ADA}/messages");
        stage.hear(&fresh_sid(), ADA, "I want to talk to a human").await;
        let (_, contact) = staff.get(&format!("/contacts/{ADA}")).await;
        assert_eq!(contact["attention"], "I want to talk to a human");
        let (status, sent) = staff.post(&path, json!({ "body": "Asha here, how can I help?" })).await;
        assert_eq!((status, &sent["purpose"], &sent["to"]), (202, &json!("reply"), &json!(ADA)), "{sent}");
        eventually("the answer", PATIENCE, async || {
            stage.taken().iter().any(|message| message.body == "Asha here, how can I help?")
        })
        .await;
        let (_, page) = staff.get(&path).await;
        assert_eq!(page["items"][0]["id"], sent["id"]);
        let (_, contact) = staff.get(&format!("/contacts/{ADA}")).await;
        assert_eq!(contact["attention"], Value::Null, "it was read");

        let (status, wrong) = staff.post(&path, json!({})).await;
        assert_eq!((status, &wrong["errors"][0]["field"]), (400, &json!("body")), "{wrong}");
        stage.hear(&fresh_sid(), ADA, "STOP").await;
        let (status, refused) = staff.post(&path, json!({ "body": "Wait!" })).await;
        assert_eq!((status, refused["code"].as_str()), (409, Some("opted_out")), "{refused}");

        // Somebody who is only on a list has asked nothing.
        let add = json!({ "phone_number": BOB, "reason": "a list" });
        staff.post("/opt-outs", add).await;
        let unasked = format!("/contacts/{BOB}/messages");
        let (status, refused) = staff.post(&unasked, json!({ "body": "Hello." })).await;
        assert_eq!((status, refused["code"].as_str()), (409, Some("nothing_to_answer")), "{refused}");
        assert_eq!(staff.post("/contacts/+14155550109/messages", json!({ "body": "Hello." })).await.0, 404);
        stage.settled().await;
        assert!(stage.taken().iter().all(|message| !["Wait!", "Hello."].contains(&message.body.as_str())));
        stage.end().await;
    }
}

#[tokio::test]
async fn a_correction_says_what_we_had_asked() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let staff = program(&stage, 1, "messages:read contacts:write").await;
        for body in ["hello", "REGISTER", "Asha"] {
            stage.hear(&fresh_sid(), ADA, body).await;
        }
        stage.hear(&fresh_sid(), ADA, "not a code").await;
        let texts = stage.messages().await.into_iter().filter(|row| !row.outbound);
        for row in texts {
            let path = format!("/contacts/{ADA}/messages/{}/correction", row.id);
            assert_eq!(staff.post(&path, json!({ "intent": "other" })).await.0, 201);
        }
        let (_, page) = staff.get("/corrections").await;
        let seen: Vec<(&str, Option<&str>)> = page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| (item["text"].as_str().unwrap(), item["context"].as_str()))
            .collect();
        let expected = [
            ("not a code", Some("code_sent")),
            ("Asha", Some("asked_name")),
            ("REGISTER", None),
            ("hello", None),
        ];
        assert_eq!(seen, expected);
        stage.end().await;
    }
}
