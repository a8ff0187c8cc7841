//! `tidings templates …` and `tidings send-test`, run as an operator runs them.

mod harness;
#[path = "support/typed.rs"]
mod typed;

use harness::{ADA, BOB, PATIENCE, Scratch, Stage, eventually, fresh_sid, live_settings, twiml_body};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;
use typed::typed;

/// The program in `folder`, with these settings; returns its exit code and what it printed.
fn run(folder: &Path, settings: &[(String, String)], args: &[&str], input: &str) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
    let command = command
        .current_dir(folder)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .envs(settings.iter().map(|(name, value)| (name, value)))
        .args(args);
    let output = typed(command, input);
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

/// A folder with a database of ours in it.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(folder.path(), &[], &["migrate"], "").0, 0);
    folder
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn templates_go_out_to_files_and_come_back() {
    let folder = folder();
    let tidings = |args: &[&str], input: &str| run(folder.path(), &[], args, input);
    let (code, listed) = tidings(&["templates", "list"], "");
    assert!(
        code == 0 && listed.contains("welcome              en  1 segment   GSM-7  as shipped"),
        "{listed}"
    );
    let all = json(&tidings(&["templates", "list", "--json"], "").1)["items"].as_array().unwrap().len();
    let (code, checked) = tidings(&["templates", "check"], "");
    assert_eq!((code, checked), (0, format!("{all} templates checked, 0 with faults\n")));

    let (code, exported) = tidings(&["templates", "export", "words"], "");
    assert_eq!((code, exported), (0, format!("{all} templates written to words\n")));
    assert_eq!(tidings(&["templates", "export", "words"], "").0, 1);
    let file = folder.path().join("words/en/renamed.txt");
    assert_eq!(fs::read_to_string(&file).unwrap(), "Thanks, we will call you {{ name }}.\n");
    assert_eq!(tidings(&["templates", "import", "words"], "").1, format!("0 of {all} changed\n"));

    fs::write(&file, "Thanks, {{ nmae }}\n").unwrap();
    let (code, checked) = tidings(&["templates", "check", "words"], "");
    assert!(
        code == 1 && checked.starts_with("en/renamed.txt\n  line 1, character 12: nmae is unknown here"),
        "{checked}"
    );
    let (code, imported) = tidings(&["templates", "import", "words", "--json"], "");
    let imported = json(&imported);
    assert_eq!((code, &imported["faults"][0]["name"]), (1, &"renamed".into()));

    fs::write(&file, "Thanks, {{ name }}!\r\n").unwrap();
    let (_, dry) = tidings(&["templates", "import", "words", "--dry-run"], "");
    assert_eq!(dry, format!("en/renamed\n1 of {all} would be changed\n"));
    assert_eq!(json(&tidings(&["templates", "show", "renamed", "--json"], "").1)["source"], "default");
    let (code, done) = tidings(&["templates", "import", "words", "--note", "shorter"], "");
    assert_eq!((code, done), (0, format!("en/renamed\n1 of {all} changed\n")));
    let (_, shown) = tidings(&["templates", "show", "renamed"], "");
    assert!(shown.starts_with("Thanks, {{ name }}!\n\nwith sample values:\nThanks, Asha Rai!\n"), "{shown}");
    assert!(shown.contains("version 1 by command line; the shipped words are:"), "{shown}");

    // The shipped words come back as such.
    fs::write(&file, "Thanks, we will call you {{ name }}.").unwrap();
    assert_eq!(tidings(&["templates", "import", "words"], "").0, 0);
    let shown = json(&tidings(&["templates", "show", "renamed", "en", "--json"], "").1);
    assert_eq!((&shown["source"], &shown["version"]), (&"default".into(), &2.into()));

    fs::write(folder.path().join("words/en/welcom.txt"), "x").unwrap();
    let (code, wrong) = tidings(&["templates", "import", "words"], "");
    assert!(code == 1 && wrong.contains("en/welcom.txt\n  there is no such template"), "{wrong}");
    assert_eq!(tidings(&["templates", "show", "welcom"], "").0, 2);
    assert_eq!(tidings(&["templates", "show"], "").0, 2);
}

#[test]
fn a_stray_file_is_one_fault_among_the_others() {
    let folder = folder();
    let words = folder.path().join("words");
    for locale in ["en", "xx"] {
        fs::create_dir_all(words.join(locale)).unwrap();
    }
    for (file, text) in [
        ("README.md", &b"ours"[..]),
        ("en/.DS_Store", b"\0"),
        ("en/ask_name.txt", b"How may {{ organisation }} call you?"),
        ("en/help.txt", b"Ask us.\nOder schreib \xfcns."),
        ("en/renamed.txt", b"Thanks, {{ nmae }}"),
        ("en/welcom.txt", b"x"),
        ("xx/welcome.txt", b"x"),
    ] {
        fs::write(words.join(file), text).unwrap();
    }
    fs::create_dir(words.join("en/stopped.txt")).unwrap();
    let expected = [
        ("README.md", "is no template: those are LOCALE/NAME.txt"),
        ("en/.DS_Store", "there is no such template"),
        ("en/help.txt", "line 2, character 14: is not UTF-8 text: save the file as UTF-8"),
        ("en/renamed.txt", "line 1, character 12: nmae is unknown here"),
        ("en/stopped.txt", "could not be read: "),
        ("en/welcom.txt", "there is no such template"),
        ("xx/welcome.txt", "there is no such template"),
    ];
    for act in ["check", "import"] {
        let (code, told) = run(folder.path(), &[], &["templates", act, "words"], "");
        assert_eq!(code, 1, "{told}");
        for (file, fault) in expected {
            assert!(told.contains(&format!("{file}\n  {fault}")), "{file}: {told}");
        }
        let (code, told) = run(folder.path(), &[], &["templates", act, "words", "--json"], "");
        let told = json(&told);
        let files: Vec<&str> =
            told["faults"].as_array().unwrap().iter().map(|one| one["file"].as_str().unwrap()).collect();
        assert_eq!((code, files), (1, expected.map(|(file, _)| file).to_vec()), "{told}");
        let help = &told["faults"][2];
        assert_eq!((&help["name"], &help["locale"]), (&"help".into(), &"en".into()), "{told}");
        assert_eq!((&help["faults"][0]["line"], &told["faults"][0]["locale"]), (&2.into(), &Value::Null));
    }
    let shown = json(&run(folder.path(), &[], &["templates", "show", "ask_name", "--json"], "").1);
    assert_eq!(shown["source"], "default", "nothing was changed: {shown}");
}

#[test]
fn words_are_tried_on_the_command_line() {
    let folder = folder();
    let tidings = |args: &[&str], input: &str| run(folder.path(), &[], args, input);
    let (code, tried) = tidings(
        &["templates", "preview", "too_soon", "en", "--var", "seconds=600", "--var", "verifying=no"],
        "",
    );
    let expected = "You can have another code in 10 minutes. Then text REGISTER.\n\nGSM-7: 1 segment, 60 characters, 60 septets\n";
    assert_eq!((code, tried.as_str()), (0, expected));
    let body = ["templates", "preview", "renamed", "en", "--body", "-"];
    let (code, tried) = tidings(&body, "Hi {{ name }}…\n");
    assert!(
        code == 0
            && tried.starts_with("Hi Asha Rai…\n\nUCS-2: 1 segment")
            && tried.contains("could be \"...\""),
        "{tried}"
    );
    let (code, tried) =
        tidings(&["templates", "preview", "help", "en", "--body", "-", "--json"], "Ask us. Or text QUIT.");
    let tried = json(&tried);
    assert_eq!(
        (code, &tried["text"], &tried["encoding"]),
        (1, &"Ask us. Or text QUIT.".into(), &"GSM-7".into())
    );
    assert!(tried["faults"].as_array().unwrap().len() > 2, "{tried}");
    let (code, tried) = tidings(&body, "{% include 'x' %}");
    assert!(code == 1 && tried.contains("include can't be used"), "{tried}");
    let (code, tried) = tidings(&["templates", "preview", "renamed", "en", "--var", "nmae=x"], "");
    assert!(code == 2 && tried.contains("nmae is unknown here; this template knows "), "{tried}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_server_says_what_was_imported_and_sends_tests() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let settings = live_settings(stage.carrier.settings(), &stage.api_base, &stage.scratch.url);
        let folder = tempfile::tempdir().unwrap();
        let tidings = |args: &[&str]| run(folder.path(), &settings, args, "");
        fs::create_dir_all(folder.path().join("words/en")).unwrap();
        fs::write(folder.path().join("words/en/ask_name.txt"), "How may {{ organisation }} call you?")
            .unwrap();
        let (code, done) = tidings(&["templates", "import", "words"]);
        assert_eq!((code, done.as_str()), (0, "en/ask_name\n1 of 1 changed\n"));
        // Somebody else each time: the second REGISTER of one person is answered in other words.
        let mut person = 0;
        eventually("the imported words", PATIENCE, async || {
            person += 1;
            let (_, answer) = stage.hear(&fresh_sid(), &format!("+1415556{person:04}"), "REGISTER").await;
            twiml_body(&answer) == Some("How may Tidings demo call you?")
        })
        .await;

        let (code, sent) = tidings(&["send-test", "(415) 555-0101", "--json"]);
        let sent = json(&sent);
        assert_eq!((code, &sent["status"]), (0, &"delivered".into()), "{sent}");
        let taken = stage.taken().into_iter().rfind(|taken| taken.to == ADA).unwrap();
        assert_eq!(
            (taken.to.as_str(), taken.body.as_str()),
            (ADA, "Tidings demo: this is a test message. You need not answer.")
        );
        let (code, sent) = tidings(&["send-test", ADA, "--template", "ask_name", "--locale", "es"]);
        assert_eq!((code, sent.as_str()), (0, "delivered\n"));

        // The gate holds for tests, too.
        stage.hear(&fresh_sid(), BOB, "STOP").await;
        let (code, sent) = tidings(&["send-test", BOB]);
        assert_eq!((code, sent.as_str()), (1, "refused: the person has opted out\n"));
        // Who was erased is written to by nobody, as through the API.
        stage.hear(&fresh_sid(), "+14155550177", "FORGET ME").await;
        let (code, sent) = tidings(&["send-test", "+14155550177"]);
        let erased = "tidings: NUMBER: this number was erased at its owner's request; ";
        assert!(code == 1 && sent.starts_with(erased), "{code} {sent}");
        for wrong in [
            &["send-test", "12"][..],
            &["send-test", ADA, "--template", "none"],
            &["send-test", ADA, "--template", "help", "--locale", "xx"],
        ] {
            assert_eq!(tidings(wrong).0, 2, "{wrong:?}");
        }
        stage.end().await;
    }
}

#[test]
fn a_test_waits_for_a_server() {
    let folder = folder();
    let (code, sent) = run(folder.path(), &[], &["send-test", "+14155550101", "--wait", "0"], "");
    assert_eq!(
        (code, sent.as_str()),
        (0, "queued\nA running server sends it; it expires after ten minutes.\n")
    );
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
    command.args(["send-test", "+14155550102", "--wait", "2"]).current_dir(folder.path()).env_clear();
    let output = command.output().unwrap();
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(1), b"queued\n".as_slice()));
    let said = String::from_utf8(output.stderr).unwrap();
    let (waits, end) = said.split_once('\n').unwrap();
    assert!(waits.contains("waits for a running server"), "{said}");
    assert!(end.starts_with("No server sent it within 2 s.") && end.contains("`tidings serve`"), "{said}");
}
