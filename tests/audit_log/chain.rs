//! What was changed in the log, and what was cut off, is found.

use crate::entries;
use crate::harness::callers::{Caller, admin};
use crate::harness::{Scratch, Stage, output};
use serde_json::{Value, json};
use std::process::{Command, Output};

const SECRET: &str = "a secret of the tests, 32 bytes or more";

async fn run_verify(url: &str, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
    command.args(["audit", "verify", "--database-url", url]).args(more).env("TIDINGS_SECRET", SECRET);
    output(command).await
}

/// What the command says about the log (or why it says nothing), and whether it is content.
async fn verify(url: &str) -> (bool, Value) {
    let output = run_verify(url, &["--json"]).await;
    let said = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| json!({ "error": String::from_utf8_lossy(&output.stderr) }));
    (output.status.success(), said)
}

/// The log, with four acts at its end.
async fn four_groups(admin: &Caller<'_>) -> Vec<Value> {
    for name in ["A", "B", "C", "D"] {
        assert_eq!(admin.post("/groups", json!({ "name": name })).await.0, 201);
    }
    entries(admin).await
}

async fn holds(stage: &Stage) {
    let (good, said) = verify(&stage.scratch.url).await;
    assert!(good && said["valid"] == true, "{}: {said}", stage.scratch.engine());
}

#[tokio::test]
async fn whatever_is_changed_in_the_log_is_found_and_named() {
    for (name, tampering) in [
        ("another actor", "UPDATE audit_entry SET actor = 'nobody' WHERE id = $"),
        ("another action", "UPDATE audit_entry SET action = 'GET /tips' WHERE id = $"),
        ("another subject", "UPDATE audit_entry SET subject = 'id 7' WHERE id = $"),
        ("another time", "UPDATE audit_entry SET at = at - 1 WHERE id = $"),
        ("another hash", "UPDATE audit_entry SET hash = 'ff' WHERE id = $"),
        ("one entry less", "DELETE FROM audit_entry WHERE id = $"),
        (
            "one entry more",
            "INSERT INTO audit_entry (id, at, actor, action, subject, hash) \
             SELECT id - 1, at, actor, action, subject, hash FROM audit_entry WHERE id = $",
        ),
        ("no end", "DELETE FROM audit_entry WHERE id > $"),
    ] {
        for scratch in Scratch::each().await {
            let stage = Stage::new(scratch).await;
            let admin = admin(&stage).await;
            let log = four_groups(&admin).await;
            let (good, said) = verify(&stage.scratch.url).await;
            assert!(good && said["entries"] == log.len(), "{said}");
            // The third from the end; where it is gone, the next one does not fit.
            let (at, next) = (log[2]["id"].as_str().unwrap(), log[1]["id"].as_str().unwrap());
            assert!(stage.scratch.execute(&tampering.replace('$', at)).await > 0);
            let (good, said) = verify(&stage.scratch.url).await;
            let first: i64 = at.parse().unwrap();
            let named = match name {
                "one entry less" => next.to_owned(),
                "one entry more" => (first - 1).to_string(),
                _ => at.to_owned(),
            };
            assert!(!good, "{name}: {said}");
            assert_eq!((&said["valid"], &said["broken_at"]), (&json!(false), &json!(named)), "{name}");
            stage.end().await;
        }
    }
}

/// What the command says in words.
async fn verify_in_words(url: &str) -> String {
    let output = run_verify(url, &[]).await;
    assert_eq!(output.status.code(), Some(1));
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[tokio::test]
async fn an_end_that_was_cut_off_is_missed_though_the_head_was_set_back() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let admin = admin(&stage).await;
        let log = four_groups(&admin).await;
        holds(&stage).await;
        let at = log[2]["id"].as_str().unwrap();
        for tampering in [
            "DELETE FROM audit_entry WHERE id > $",
            "UPDATE audit_head SET last = $, entries = (SELECT COUNT(*) FROM audit_entry), \
             hash = (SELECT hash FROM audit_entry WHERE id = $)",
        ] {
            assert!(stage.scratch.execute(&tampering.replace('$', at)).await > 0);
        }
        let (good, said) = verify(&stage.scratch.url).await;
        assert!(!good && said["broken_at"] == at, "{said}");
        // What is added later does not make it good again, nor does a start.
        assert_eq!(admin.post("/groups", json!({ "name": "E" })).await.0, 201);
        assert_eq!(verify(&stage.scratch.url).await.1["valid"], false);
        stage.another(&[]).await.stop().await;
        assert_eq!(verify(&stage.scratch.url).await.1["valid"], false);
        assert_eq!(stage.scratch.execute("DELETE FROM audit_head").await, 1);
        let said = verify_in_words(&stage.scratch.url).await;
        assert!(said.contains("does NOT hold") && said.contains("head is missing"), "{said}");
        stage.end().await;
    }
}

#[tokio::test]
async fn a_log_from_before_seals_is_sealed_at_the_start() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let admin = admin(&stage).await;
        assert_eq!(admin.post("/groups", json!({ "name": "A" })).await.0, 201);
        assert_eq!(stage.scratch.execute("UPDATE audit_head SET seal = ''").await, 1);
        let (good, said) = verify(&stage.scratch.url).await;
        assert!(!good && said["reason"].as_str().unwrap().contains("not sealed"), "{said}");
        stage.another(&[]).await.stop().await;
        holds(&stage).await;
        assert_eq!(admin.post("/groups", json!({ "name": "B" })).await.0, 201);
        holds(&stage).await;
        stage.end().await;
    }
}

#[tokio::test]
async fn a_log_that_grows_meanwhile_holds() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let admin = admin(&stage).await;
        let looked = async {
            for _ in 0..3 {
                holds(&stage).await;
            }
        };
        let written = async {
            for number in 0.. {
                let (status, answer) = admin.post("/groups", json!({ "name": format!("G{number}") })).await;
                assert_eq!(status, 201, "{answer}");
            }
        };
        tokio::select! {
            () = looked => {}
            () = written => unreachable!("it goes on for as long as the log is looked at"),
        }
        stage.end().await;
    }
}
