//! The clock that visitors move, and the faults that they switch on.

use crate::support::start;
use crate::{ASHA, client};
use reqwest::StatusCode;
use serde_json::Value;
use std::process::Command;

#[tokio::test]
async fn the_clock_moves_and_a_code_expires_with_it() {
    let demo = start().await;
    demo.text("REGISTER").await;
    demo.text("Asha Rai").await;
    let before = demo.clock.now();
    let answer = demo.post("/demo/clock", &[("phone", ASHA), ("minutes", "10")]).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert!(demo.clock.now().duration_since(before) >= jiff::SignedDuration::from_mins(10));
    let state = demo.state().await;
    assert_eq!((&state["person"]["code"]["expired"], &state["code"]), (&true.into(), &Value::Null));
    for minutes in ["0", "-5", "999999999999", "soon"] {
        let status = demo.post("/demo/clock", &[("phone", ASHA), ("minutes", minutes)]).await.status();
        assert!(status.is_client_error(), "{minutes}: {status}");
    }
    demo.app.stop().await;
}

#[tokio::test]
async fn a_command_goes_by_the_clock_that_was_moved() {
    let demo = start().await;
    assert_eq!(
        demo.post("/demo/clock", &[("phone", ASHA), ("minutes", "1440")]).await.status(),
        StatusCode::SEE_OTHER
    );
    let database = format!("sqlite://{}", demo.folder.path().join("demo.db").display());
    let run = move || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
        command.args(["send-test", ASHA, "--json", "--wait", "20"]).env("DATABASE_URL", database);
        command.env("TIDINGS_SECRET", "a secret of at least thirty-two bytes").output().unwrap()
    };
    let output = tokio::task::spawn_blocking(run).await.unwrap();
    let said: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    assert_eq!(said["status"], "delivered", "{said}");
    demo.app.stop().await;
}

#[tokio::test]
async fn faults_are_switched_on_and_off_again() {
    let demo = start().await;
    let is_on = async |name: &str| {
        let state = demo.state().await;
        let faults = state["faults"].as_array().unwrap();
        faults.iter().find(|fault| fault["name"] == name).unwrap()["on"] == true
    };
    let names: Vec<String> = demo.state().await["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| fault["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names.len(), 11);
    for name in &names {
        for expected in [true, false] {
            let answer = demo.post("/demo/faults", &[("phone", ASHA), ("fault", name)]).await;
            assert_eq!(answer.status(), StatusCode::SEE_OTHER);
            assert_eq!(is_on(name).await, expected, "{name}");
        }
    }
    let unknown = demo.post("/demo/faults", &[("phone", ASHA), ("fault", "gremlins")]).await;
    assert_eq!(unknown.status(), StatusCode::BAD_REQUEST);

    for (path, form, field) in [
        ("/demo/clock", [("minutes", "10")], "phone"),
        ("/demo/faults", [("phone", ASHA)], "fault"),
        ("/demo/texts", [("from", ASHA)], "body"),
    ] {
        let answer = demo.post(path, &form).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{path}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json", "{path}");
        let problem: Value = answer.json().await.unwrap();
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    let answer = demo.get("/demo/texts").await;
    assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.headers()["allow"], "POST");
    assert_eq!(answer.headers()["content-type"], "application/problem+json");

    demo.post("/demo/faults", &[("phone", ASHA), ("fault", "handset_off")]).await;
    demo.text("REGISTER").await;
    let state = demo.state().await;
    let question = &state["messages"][1];
    assert_eq!((&question["status"], &question["error_code"]), (&"undelivered".into(), &30_003.into()));
    assert!(demo.page().await.contains("not delivered"));
    demo.app.stop().await;
}

#[tokio::test]
async fn a_page_is_told_beside_the_clock_why_it_can_t_be_moved() {
    let demo = start().await;
    let request = client().post(format!("{}/demo/clock", demo.url)).header("accept", "text/html");
    let answer = request.form(&[("phone", ASHA), ("minutes", "99999999")]).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let page = answer.text().await.unwrap();
    assert!(
        page.contains("id=\"clock-error\" role=\"alert\">Must be a whole number from 1 to 10080."),
        "{page}"
    );
    demo.app.stop().await;
}

#[tokio::test]
async fn the_root_leads_to_the_demo_and_head_is_answered() {
    let demo = start().await;
    let root = demo.get("/").await;
    assert_eq!(
        (root.status(), &root.headers()["location"]),
        (StatusCode::SEE_OTHER, &"/demo".parse().unwrap())
    );
    for path in ["/demo", "/demo/state"] {
        let answer = client().head(format!("{}{path}?phone=%2B14155550123", demo.url)).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
    }
    demo.app.stop().await;
}
