//! Wordings as people hear them, on every node.

use crate::harness::{self, ADA, BOB, PATIENCE, Scratch, Stage, eventually, fresh_sid, twiml_body};
use crate::{Editor, WELCOME, token};
use std::sync::atomic::{AtomicU32, Ordering};

/// REGISTER, a name and the code, by text; returns the welcome.
async fn register(stage: &Stage, url: &str, from: &str) -> String {
    let mut heard = String::new();
    for text in ["REGISTER", "Ada Lovelace", ""] {
        let text = if text.is_empty() { heard[..6].to_owned() } else { text.to_owned() };
        let (status, answer) = hear_at(stage, url, from, &text).await;
        assert_eq!(status, 200);
        twiml_body(&answer).unwrap().clone_into(&mut heard);
    }
    heard
}

/// A text brought to the node at `url`, signed for it.
async fn hear_at(stage: &Stage, url: &str, from: &str, body: &str) -> (u16, String) {
    let url = format!("{url}/webhooks/twilio/sms");
    let settings = stage.carrier.settings();
    let sid = fresh_sid();
    let params = [
        ("MessageSid", sid.as_str()),
        ("AccountSid", &settings.account_sid),
        ("From", from),
        ("To", harness::OURS),
        ("Body", body),
        ("NumMedia", "0"),
        ("NumSegments", "1"),
    ];
    let params: Vec<(String, String)> =
        params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let signature = tidings::signature::sign(&settings.auth_token, &url, &params);
    let request = stage.client.post(&url).header("X-Twilio-Signature", signature).form(&params);
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn an_edited_welcome_is_said_at_once_here_and_soon_on_another_node() {
    for scratch in Scratch::each().await {
        let editor = Editor::open(scratch).await;
        let other = editor.stage.another(&[]).await;
        assert_eq!(editor.put("welcome/en", WELCOME).await.0, 200);
        let heard = register(&editor.stage, &editor.stage.app.public_url, ADA).await;
        assert!(heard.starts_with("Hooray, Ada Lovelace! Tidings demo is glad to have you."), "{heard}");

        let words =
            "Here you are: {% if state == 'stranger' %}a stranger{% else %}STOP to opt out{% endif %}.";
        assert_eq!(editor.put("status/en", words).await.0, 200);
        // Each time somebody else asks: who asks the same again and again is taken for a machine.
        let asked = AtomicU32::new(0);
        eventually("the other node's new words", PATIENCE, async || {
            let stranger = format!("+1415556{:04}", asked.fetch_add(1, Ordering::Relaxed));
            let (_, answer) = hear_at(&editor.stage, &other.public_url, &stranger, "STATUS").await;
            twiml_body(&answer) == Some("Here you are: a stranger.")
        })
        .await;
        let heard = register(&editor.stage, &other.public_url, BOB).await;
        assert!(heard.starts_with("Hooray, Ada Lovelace!"), "{heard}");
        other.stop().await;
        editor.stage.end().await;
    }
}

#[tokio::test]
async fn a_wording_that_can_no_longer_be_used_costs_no_reply() {
    for scratch in Scratch::each().await {
        let editor = Editor::open(scratch).await;
        // As if an older version of the program had taken them.
        let store = &editor.stage.app.store;
        for (name, body) in
            [("ask_name", "Name? {{ gone_since }}"), ("status", "{{ name }}"), ("no_such", "x")]
        {
            let mut tx = store.begin().await.unwrap();
            let newest = tx.begin_template_edit(name, "en").await.unwrap();
            let new = tidings::store::NewTemplateVersion {
                name,
                locale: "en",
                body: Some(body),
                author: "test",
                note: "",
                restored_from: None,
                now: 0,
            };
            tx.add_template_version(&new, newest + 1).await.unwrap();
            tx.commit().await.unwrap();
        }
        let shown = editor.get("/templates/ask_name/en").await;
        assert!(shown["problem"].as_str().unwrap().contains("gone_since is unknown"), "{shown}");
        let (_, answer) = hear_at(&editor.stage, &editor.stage.app.public_url, ADA, "REGISTER").await;
        assert!(twiml_body(&answer).unwrap().contains("What is your name?"), "{answer}");
        // A stranger has no name, so this one says nothing: the shipped words are said, and it is counted.
        let (_, answer) = hear_at(&editor.stage, &editor.stage.app.public_url, BOB, "STATUS").await;
        assert!(twiml_body(&answer).unwrap().contains("you are not registered"), "{answer}");
        let metrics = format!("{}/metrics", editor.stage.app.public_url);
        let reader = token(&editor.stage, "metrics:read").await;
        eventually("the count", PATIENCE, async || {
            let answer = editor.stage.client.get(&metrics).bearer_auth(&reader).send().await.unwrap();
            answer.text().await.unwrap().contains("tidings_template_failures_total 1")
        })
        .await;
        editor.stage.end().await;
    }
}
