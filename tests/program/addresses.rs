//! Where the program listens and looks, and what it says about it.

use crate::{support, text, tidings};
use std::process::Stdio;
use tempfile::TempDir;

/// The first lines that a server prints with these settings.
fn banner(settings: &[(&str, &str)], lines: usize) -> String {
    use std::io::{BufRead as _, BufReader};
    let folder = TempDir::new().unwrap();
    let mut command = tidings(folder.path());
    command.args(["--listen", "127.0.0.1:0"]).envs(settings.iter().copied());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let said: Vec<String> = output.lines().take(lines).map(Result::unwrap).collect();
    child.kill().unwrap();
    child.wait().unwrap();
    said.join("\n")
}

#[test]
fn a_server_says_what_it_will_not_do_and_how_to_reach_it() {
    let said = banner(&[("TIDINGS_DEMO", "off")], 2);
    assert!(said.contains("recorded as skipped") && !said.contains("webhook"), "{said}");
    let said = banner(&[], 4);
    let port = said.split("http://127.0.0.1:").nth(1).unwrap().split('/').next().unwrap();
    assert!(said.contains(&format!("tidings phone --url http://127.0.0.1:{port})")), "{said}");
    let live = [
        ("TWILIO_ACCOUNT_SID", "AC00000000000000000000000000000001"),
        ("TWILIO_AUTH_TOKEN", support::AUTH_TOKEN),
        ("TWILIO_PHONE_NUMBER", "+15005550006"),
        ("TWILIO_API_BASE", "http://127.0.0.1:9"),
    ];
    assert!(banner(&live, 3).contains("set TIDINGS_ORGANISATION"));
}

#[test]
fn the_phone_looks_where_the_settings_say() {
    let folder = TempDir::new().unwrap();
    for (listen, url) in [
        ("127.0.0.1:9", "http://127.0.0.1:9;"),
        ("0.0.0.0:9", "http://127.0.0.1:9;"),
        ("[::]:9", "http://[::1]:9;"),
    ] {
        let output = tidings(folder.path()).arg("phone").env("TIDINGS_LISTEN", listen).output().unwrap();
        assert!(
            text(&output.stderr).contains(&format!("no demo answers at {url}")),
            "{}",
            text(&output.stderr)
        );
    }
    let args = ["phone", "--url", "http://127.0.0.1:9"];
    let output = tidings(folder.path()).args(args).env("TIDINGS_LISTEN", "nonsense").output().unwrap();
    assert!(text(&output.stderr).contains("no demo answers"), "{}", text(&output.stderr));
}

#[test]
fn the_carrier_takes_no_number_and_no_address_that_is_none() {
    let folder = TempDir::new().unwrap();
    for args in [["--number", "123"], ["--webhook", "nonsense"], ["--fallback", "ftp://x/"]] {
        let mut child = tidings(folder.path())
            .args(["carrier", "--listen", "127.0.0.1:0"])
            .args(args)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        std::io::Read::read_to_string(child.stderr.as_mut().unwrap(), &mut said).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(2), "{args:?}");
        assert!(said.contains("must be"), "{said}");
    }
}

#[test]
fn a_taken_address_is_named_with_what_to_do() {
    let folder = TempDir::new().unwrap();
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = other.local_addr().unwrap().to_string();
    for (command, args, setting) in [
        ("carrier", &["--listen", &taken][..], "--listen"),
        ("serve", &["--listen", &taken], "--listen"),
        ("serve", &[], "TIDINGS_LISTEN"),
    ] {
        let mut program = tidings(folder.path());
        let output = program.arg(command).args(args).env("TIDINGS_LISTEN", &taken).output().unwrap();
        let said = text(&output.stderr);
        assert_eq!((output.status.code(), said.lines().count()), (Some(1), 1), "{said}");
        let begin = format!("tidings: {setting}: {taken} can't be listened on: ");
        assert!(said.starts_with(&begin) && said.contains("choose another with --listen"), "{said}");
    }
    // Nor is there another machine's address here.
    let foreign = tidings(folder.path()).args(["serve", "--listen", "203.0.113.9:8080"]).output().unwrap();
    assert_eq!(foreign.status.code(), Some(1), "{}", text(&foreign.stderr));
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap()).collect();
    assert!(left.is_empty(), "{left:?}");
}
