//! The document as the command line prints it, and as a page.

use super::harness::{Scratch, Stage};
use super::operation::every_operation;
use serde_json::Value;
use std::process::Command;
use tidings::api::document;

#[test]
fn the_command_line_prints_the_same() {
    let output = Command::new(env!("CARGO_BIN_EXE_tidings")).arg("openapi").env_clear().output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(&printed, document());
}

#[tokio::test]
async fn the_document_and_its_page_are_served() {
    let stage = Stage::new(Scratch::sqlite()).await;
    let get = async |path: &str| {
        let response = stage.client.get(format!("{}{path}", stage.app.public_url)).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        response.text().await.unwrap()
    };
    let served: Value = serde_json::from_str(&get("/api/v1/openapi.json").await).unwrap();
    assert_eq!(&served, document());
    let page = get("/api/docs").await;
    for operation in every_operation() {
        let id = operation.about["operationId"].as_str().unwrap();
        assert!(page.contains(&format!("class=\"anchor\" id=\"{id}\"")), "{id}: a link to it opens it");
    }
    assert!(!page.contains("<script"), "it works without");
    for link in page.split("href=\"").skip(1).chain(page.split("src=\"").skip(1)) {
        assert!(link.starts_with('/') || link.starts_with('#'), "{}", &link[..60]);
    }
}

#[tokio::test]
async fn the_page_says_how_to_begin_and_keeps_kinds_of_answers_apart() {
    let stage = Stage::new(Scratch::sqlite()).await;
    let page = stage.client.get(format!("{}/api/docs", stage.app.public_url)).send().await.unwrap();
    let page = page.text().await.unwrap();
    let begin = page.split("<h2>Start here</h2>").nth(1).unwrap().split("</header>").next().unwrap();
    for words in ["GET /demo/state?phone=", "POST /demo/texts", "tidings token add", "remind_before_minutes"]
    {
        assert!(begin.contains(words), "{words}: {begin}");
    }
    let about = |id: &str| {
        let rest = page.split(&format!("id=\"{id}\"")).nth(1).unwrap();
        rest.split("class=\"operation\"").next().unwrap()
    };
    let login = about("post_auth_login");
    let (either, or) = (login.find(">Either: ").unwrap(), login.find(">Or: ").unwrap());
    let fields = &login[either..];
    let at = |name: &str| either + fields.find(&format!("<code>{name}</code>")).unwrap();
    assert!(either < at("access_token") && at("access_token") < or && or < at("challenge_id"), "{login}");
    let register = about("post_auth_register");
    assert!(register.contains(">sent<") && register.contains(">not_sent<"), "{register}");
}
