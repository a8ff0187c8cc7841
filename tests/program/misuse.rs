//! Exit codes: 2 where what is on the command line can't be used, 1 where something failed.

use crate::{run, text};
use tempfile::TempDir;

/// Arguments, the exit code, and what the error begins with, or what it holds where the reader of arguments
/// says it.
const CALLS: [(&[&str], i32, &str); 29] = [
    (&["nonsense"], 2, "nonsense"),
    (&["serve", "--tip-time", "25:00"], 2, "tidings: --tip-time: "),
    (&["serve", "--daily-budget", "-1"], 2, "tidings: --daily-budget: must be a whole number from 0 "),
    (&["serve", "--log", "warning"], 2, "tidings: --log: must be off, error, warn, info, debug or trace,"),
    (&["--default-time-zone", "Mars/Base"], 2, "tidings: --default-time-zone: "),
    (&["migrate", "--default-region", "XX"], 2, "tidings: --default-region: "),
    (&["send-test", "12"], 2, "tidings: NUMBER: "),
    (&["send-test", "+14155550101", "--locale", "xx", "--template", "welcome"], 2, "tidings: --locale: "),
    (&["send-test", "+14155550101", "--template", "nonsense"], 2, "tidings: --template: "),
    (&["send-test", "+14155550101", "--message", " "], 2, "tidings: --message: "),
    (&["send-test", "+14155550101", "--wait", "soon"], 2, "--wait"),
    (&["token", "add", "\u{200b}", "--scope", "contacts:read"], 2, "tidings: the token's name "),
    (&["token", "add", "desk", "--scope", "everything"], 2, "--scope"),
    (&["admin", "add", "nobody"], 2, "tidings: EMAIL: "),
    (&["admin", "add", "ada@example.org", "--name", ""], 2, "tidings: --name: "),
    (&["contacts", "import", "none.csv"], 1, "tidings: none.csv: "),
    (&["contacts", "import", "people.csv", "--results", "people.csv"], 2, "tidings: --results: "),
    (&["opt-outs", "import", "none.csv"], 1, "tidings: none.csv: "),
    (&["templates", "show", "nonsense"], 2, "tidings: template nonsense: "),
    (&["templates", "show", "welcome", "xx"], 2, "tidings: template welcome: "),
    (&["templates", "preview", "welcome", "en", "--var", "name"], 2, "tidings: --var name: "),
    (&["templates", "preview", "locked", "en", "--var", "minutes=soon"], 2, "tidings: --var minutes: "),
    (&["templates", "check", "none"], 1, "tidings: none: "),
    (&["carrier", "--number", "12"], 2, "--number"),
    (&["phone", "--url", "nowhere"], 2, "tidings: --url: "),
    (&["phone", "--url", "http://127.0.0.1:9"], 1, "tidings: no demo answers"),
    (&["explain", "hi", "--context", "xx"], 2, "--context"),
    (&["signature", "check", "--token", "t", "--url", "https://x.example", "--param", "a"], 2, "--param"),
    (
        &["signature", "check", "--token", "t", "--url", "https://x.example", "--body", "none"],
        1,
        "tidings: none: ",
    ),
];

#[test]
fn a_wrong_call_is_told_from_what_failed() {
    let folder = TempDir::new().unwrap();
    let here = folder.path();
    assert!(run(here, &["migrate"], "").status.success());
    std::fs::write(here.join("people.csv"), "phone_number\n+14155550101\n").unwrap();
    for (args, code, begins) in CALLS {
        let output = run(here, args, "");
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {error}");
        let fits =
            if begins.starts_with("tidings: ") { error.starts_with(begins) } else { error.contains(begins) };
        assert!(fits, "{args:?}: {error}");
    }
    // What the environment or the file says is not the call's fault.
    std::fs::write(here.join("tidings.toml"), "tidings_tip_time = \"25:00\"\n").unwrap();
    assert_eq!(run(here, &["token", "add", "desk", "--scope", "contacts:read"], "").status.code(), Some(1));
}

#[test]
fn rows_that_cannot_be_read_are_told_and_counted_against_the_call() {
    let folder = TempDir::new().unwrap();
    let good = [
        (&["explain", "--stdin"][..], r#"{"text": "stop"}"#),
        (&["segments", "--stdin"], r#"{"body": "hi"}"#),
        (&["signature", "check", "--stdin"], r#"{"token": "t", "url": "https://x.example"}"#),
    ];
    for (args, row) in good {
        let output = run(folder.path(), args, &format!("{row}\n{row}\n"));
        assert_eq!((output.status.code(), text(&output.stderr).as_ref()), (Some(0), ""), "{args:?}");
        let output = run(folder.path(), args, &format!("[\n{row}\n7\n"));
        let (answers, told) = (text(&output.stdout), text(&output.stderr));
        assert_eq!((output.status.code(), answers.lines().count()), (Some(1), 3), "{args:?}: {answers}");
        assert!(!answers.lines().nth(1).unwrap().contains("error"), "{answers}");
        assert!(told.contains("2 of the rows") && told.contains("line 1"), "{told}");
    }
}

#[test]
fn a_row_may_name_its_language_either_way_and_tips_are_read_as_in_the_conversation() {
    let folder = TempDir::new().unwrap();
    let rows = r#"{"text": "7", "locale": "ne"}
{"text": "7", "lang": "ne"}
{"text": "TIPS 7 days"}
{"text": "tips at 1:30"}
"#;
    let answers = text(&run(folder.path(), &["explain", "--stdin"], rows).stdout);
    let lines: Vec<serde_json::Value> =
        answers.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["language"], &lines[1]["language"]), (&"ne".into(), &"ne".into()), "{answers}");
    for (line, argument) in [(&lines[2], None), (&lines[3], Some("01:30"))] {
        assert_eq!(
            (&line["intents"][0]["intent"], line["intents"].as_array().unwrap().len()),
            (&"tip_time".into(), 1)
        );
        assert_eq!(line["intents"][0]["argument"].as_str(), argument, "{answers}");
    }
    assert!(lines[2]["intents"][0]["why"].as_str().unwrap().contains("no time"), "{answers}");
}

#[test]
fn a_row_in_a_language_that_is_not_understood_is_told() {
    let folder = TempDir::new().unwrap();
    let rows = "{\"text\":\"x\",\"lang\":\"zz\"}\n{\"text\":\"x\",\"locale\":\"\"}\n{\"text\":\"x\",\"lang\":\"es\"}\n{\"text\":\"x\",\"lang\":null}\n";
    let output = run(folder.path(), &["explain", "--stdin"], rows);
    let answers = text(&output.stdout);
    let answers: Vec<&str> = answers.lines().collect();
    assert_eq!((output.status.code(), answers.len()), (Some(1), 4), "{answers:?}");
    for wrong in &answers[..2] {
        assert_eq!(*wrong, r#"{"error":"lang: expected one of en, es, fr, ne"}"#);
    }
    assert!(answers[2..].iter().all(|answer| !answer.contains("error")), "{answers:?}");
}
