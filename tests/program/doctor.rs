//! What `tidings doctor` finds.

use crate::{run, support, text, tidings};
use std::path::Path;
use tempfile::TempDir;

/// What doctor says with these settings, as JSON, and whether it is content.
fn doctor(folder: &Path, settings: &[(&str, &str)], args: &[&str]) -> (bool, String) {
    let mut command = tidings(folder);
    command.args(["doctor", "--json"]).args(args).envs(settings.iter().copied());
    let output = command.output().unwrap();
    (output.status.success(), text(&output.stdout))
}

#[test]
fn doctor_says_what_serve_would() {
    let folder = TempDir::new().unwrap();
    let here = folder.path();
    let (well, said) = doctor(here, &[("TIDINGS_LISTEN", "127.0.0.1:18102")], &[]);
    assert!(well && said.contains("http://127.0.0.1:18102/webhooks"), "{said}");
    let (_, said) = doctor(here, &[], &["--listen", "127.0.0.1:18103"]);
    assert!(said.contains("http://127.0.0.1:18103/webhooks"), "{said}");
    let (well, said) = doctor(here, &[("TIDINGS_DEFAULT_LOCALE", "xx")], &[]);
    assert!(!well && said.contains("must be one of en"), "{said}");

    assert!(run(here, &["migrate"], "").status.success());
    assert!(doctor(here, &[], &[]).0);
    let (well, said) = doctor(here, &[("TIDINGS_SECRET", "another secret of the tests, long enough")], &[]);
    assert!(!well && said.contains("made with another secret") && said.contains("OPERATING.md"), "{said}");

    let mut live = vec![
        ("TWILIO_ACCOUNT_SID", "AC00000000000000000000000000000001"),
        ("TWILIO_AUTH_TOKEN", support::AUTH_TOKEN),
        ("TWILIO_PHONE_NUMBER", "+15005550006"),
        ("TWILIO_API_BASE", "http://127.0.0.1:9"),
    ];
    let warning = "TIDINGS_ORGANISATION is not set";
    assert!(doctor(here, &live, &[]).1.contains(warning));
    live.push(("TIDINGS_ORGANISATION", "Lakeside Clinic"));
    assert!(!doctor(here, &live, &[]).1.contains(warning));
    assert!(!doctor(here, &[], &[]).1.contains(warning), "a demo may be nameless");
    let warning = "TIDINGS_QUIET_HOURS leaves some of the night";
    assert!(!doctor(here, &[], &[]).1.contains(warning));
    for hours in ["22:00-08:00", "08:00-21:00"] {
        let (well, said) = doctor(here, &[("TIDINGS_QUIET_HOURS", hours)], &[]);
        assert!(well && said.contains(warning), "{hours}: {said}");
    }
}
