//! `/opt-outs`: listed, added, imported and exported.

use crate::harness::callers::Caller;
use crate::harness::{ADA, BOB, Scratch, Stage, fresh_sid};
use crate::program;
use serde_json::{Value, json};

async fn import(staff: &Caller<'_>, query: &str, kind: &str, csv: &str) -> (u16, Value) {
    let url = format!("{}/api/v1/opt-outs/import{query}", staff.stage.app.public_url);
    let request = staff.stage.client.post(url).bearer_auth(&staff.token).header("Content-Type", kind);
    let response = request.body(csv.to_owned()).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap_or_default())
}

fn numbers(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|item| item["phone_number"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn opt_outs_are_added_listed_and_filtered() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let staff = program(&stage, 1, "contacts:read contacts:write").await;
        stage.hear(&fresh_sid(), ADA, "please stop texting me").await;
        stage.hear(&fresh_sid(), "+14155550103", "REGISTER").await;
        let add = json!({ "phone_number": "(415) 555-0102", "reason": "wrote a letter" });
        let (status, added) = staff.post("/opt-outs", add.clone()).await;
        assert_eq!((status, added), (201, json!({ "phone_number": BOB, "changed": true })));
        let (status, added) = staff.post("/opt-outs", add).await;
        assert_eq!((status, &added["changed"]), (200, &json!(false)));

        let (_, all) = staff.get("/opt-outs").await;
        assert_eq!(numbers(&all), [BOB, ADA], "{all}");
        assert_eq!(
            (&all["items"][0]["how"], &all["items"][0]["text"]),
            (&json!("operator"), &json!("wrote a letter"))
        );
        assert_eq!(all["items"][1]["text"], "please stop texting me");
        let (_, page) = staff.get("/opt-outs?limit=1").await;
        let next = format!("/opt-outs?limit=1&cursor={}", page["next_cursor"].as_str().unwrap());
        let (_, last) = staff.get(&next).await;
        assert_eq!((numbers(&last), &last["next_cursor"]), (vec![ADA], &Value::Null));
        assert_eq!(numbers(&staff.get("/opt-outs?how=operator").await.1), [BOB]);
        assert_eq!(numbers(&staff.get("/opt-outs?search=%2B14155550101").await.1), [ADA]);
        assert_eq!(staff.get("/opt-outs?how=magic").await.0, 400);
        assert_eq!(staff.get("/opt-outs?search=Asha").await.0, 400);
        let (status, wrong) = staff.post("/opt-outs", json!({ "phone_number": "12", "reason": "x" })).await;
        assert_eq!((status, &wrong["errors"][0]["field"]), (400, &json!("phone_number")));
        stage.end().await;
    }
}

#[tokio::test]
async fn a_list_goes_in_and_comes_out_and_never_finds_who_was_erased() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let staff = program(&stage, 1, "contacts:read contacts:write").await;
        stage.hear(&fresh_sid(), ADA, "STOP").await;
        stage.hear(&fresh_sid(), "+14155550107", "FORGET ME").await;
        let csv = "\u{feff}name,phone_number\nAda,'+14155550101\nBob,415-555-0102\nX,12\nZ,+14155550107\n";
        let (status, tried) = import(&staff, "?dry_run=true", "text/csv", csv).await;
        assert_eq!(
            (status, &tried["opted_out"], &tried["dry_run"]),
            (200, &json!(1), &json!(true)),
            "{tried}"
        );
        assert_eq!(staff.get(&format!("/contacts/{BOB}")).await.0, 404, "a dry run leaves nothing");
        let (_, done) = import(&staff, "", "text/csv; charset=utf-8", csv).await;
        assert_eq!(
            (&done["opted_out"], &done["already"], &done["refused"]),
            (&json!(1), &json!(2), &json!(1))
        );
        assert_eq!(done["errors"][0]["line"], 4, "{done}");
        assert_eq!(done["errors"][0]["errors"][0]["field"], "phone_number");
        assert_eq!(import(&staff, "", "application/json", "{}").await.0, 415);
        let (status, wrong) = import(&staff, "", "text/csv", "who\n1\n").await;
        assert_eq!((status, &wrong["errors"][0]["field"]), (400, &json!("body")), "{wrong}");

        let url = format!("{}/api/v1/opt-outs/export", stage.app.public_url);
        let response = stage.client.get(url).bearer_auth(&staff.token).send().await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/csv; charset=utf-8");
        let text = response.text().await.unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3, "{text}");
        assert_eq!(lines[0], "phone_number,how,opted_out_at");
        assert!(
            lines[1].starts_with("'+14155550101,") && lines[2].starts_with("'+14155550102,import,"),
            "{text}"
        );
        stage.end().await;
    }
}
