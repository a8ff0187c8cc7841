//! The phone in the terminal.

use crate::ASHA;
use crate::support::start;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

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

/// Runs `tidings phone` with `input` on its pipe.
pub(crate) async fn phone(url: &str, input: &str) -> Output {
    let (url, input) = (url.to_owned(), input.to_owned());
    let run = move || {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tidings"))
            .args(["phone", "--from", ASHA, "--url", &url])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Gone before it read everything: its output says why.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}
