//! A mistake in the program is told without what somebody texted, and ends nothing that it need not.

use std::fs::File;
use std::process::{Command, Stdio};
use tidings::cli::logging;
use tidings::config::Values;

/// Set where this program is a server that panics.
const PANICS: &str = "TIDINGS_TEST_PANICS";

/// Runs the test `name` of this program again, as that server.
fn again(name: &str) -> Command {
    let mut again = Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", name, "--nocapture"]).env(PANICS, "call +14155550123");
    again
}

fn start_logging() {
    logging::start(&Values::from_pairs(std::iter::empty::<(&str, &str)>()).unwrap()).unwrap();
}

#[test]
fn a_panic_tells_where_it_was_and_nothing_that_was_texted() {
    if let Ok(text) = std::env::var(PANICS) {
        start_logging();
        assert!(!text.contains("555"), "this text was not understood: {text}");
    }
    let output = again("a_panic_tells_where_it_was_and_nothing_that_was_texted").output().unwrap();
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(log.contains("the program made a mistake") && log.contains("tests/panics.rs:"), "{log}");
    assert!(!log.contains("4155550123") && !log.contains("not understood"), "{log}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_log_that_cannot_be_written_ends_nothing() {
    if std::env::var(PANICS).is_ok() {
        start_logging();
        tracing::error!("nobody reads this");
        let thread = std::thread::spawn(|| panic!("nor this"));
        assert!(thread.join().is_err());
        return;
    }
    let mut server = again("a_log_that_cannot_be_written_ends_nothing");
    let full = File::options().write(true).open("/dev/full").unwrap();
    let status = server.stderr(full).stdout(Stdio::null()).status().unwrap();
    assert!(status.success(), "{status}");
}
