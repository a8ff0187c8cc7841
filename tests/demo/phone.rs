//! The phone in the terminal.

use crate::ASHA;
use crate::support::start;
use crate::typed::typed;
use std::process::{Command, Output};

#[tokio::test]
async fn the_phone_on_a_pipe_holds_the_whole_conversation() {
    let demo = start().await;
    let output = phone(&demo.url, "REGISTER\nAsha Rai\n\n{code}\nSTATUS\nSTOP\nhello\nSTART\n").await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let expected = [
        "What is your name?",
        "is your Lakeside Clinic code",
        "Welcome to Lakeside Clinic, Asha Rai!",
        "you are registered as Asha Rai",
        "unsubscribed",
        "re-subscribed",
    ];
    assert_eq!(lines.len(), expected.len(), "{text}");
    for (line, part) in lines.iter().zip(expected) {
        assert!(line.contains(part), "{part} in {line}");
    }
    let url = demo.url.clone();
    demo.app.stop().await;
    let output = phone(&url, "REGISTER\n").await;
    assert_eq!(output.status.code(), Some(1));
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(complaint.contains("start it with: tidings"), "{complaint}");
}

#[tokio::test]
async fn the_phone_is_on_whatsapp_too() {
    let demo = start().await;
    let address = format!("whatsapp:{ASHA}");
    let output = phone_of(&address, &demo.url, "REGISTER\nAsha Rai\n{code}\nSTOP\nSTATUS\nSTART\n").await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    // Twilio answers no STOP there: we do.
    assert!(text.contains("Welcome to Lakeside Clinic, Asha Rai!"), "{text}");
    assert!(text.contains("unsubscribed from Lakeside Clinic") && text.contains("again"), "{text}");
    let contact = demo.app.store.contact(&address).await.unwrap().unwrap();
    assert_eq!((contact.state.as_str(), contact.consent.as_str()), ("member", "given"));
    assert!(demo.app.store.contact(ASHA).await.unwrap().is_none(), "by SMS they are a stranger");
    demo.app.stop().await;
}

#[tokio::test]
async fn the_page_s_line_for_a_terminal_finds_this_server() {
    let demo = start().await;
    let page = demo.page().await;
    let line = page.split("<code>").find_map(|code| code.strip_prefix("tidings ")).unwrap();
    let line = line.split('<').next().unwrap().to_owned();
    let typed_there = move || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
        typed(command.args(line.split(' ')), "REGISTER\n")
    };
    let output = tokio::task::spawn_blocking(typed_there).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(demo.state().await["person"]["state"], "naming");
    demo.app.stop().await;
}

/// Runs `tidings phone` with `input` on its pipe.
pub(crate) async fn phone(url: &str, input: &str) -> Output {
    phone_of(ASHA, url, input).await
}

async fn phone_of(from: &str, url: &str, input: &str) -> Output {
    let (from, url, input) = (from.to_owned(), url.to_owned(), input.to_owned());
    let run = move || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
        typed(command.args(["phone", "--from", &from, "--url", &url]), &input)
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}
