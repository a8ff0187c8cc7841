//! A mistake in the program is told without what somebody texted.

use std::process::Command;
use tidings::cli::logging;
use tidings::config::Values;

/// Set where this program is to panic, as a server would.
const PANICS: &str = "TIDINGS_TEST_PANICS";

#[test]
fn a_panic_tells_where_it_was_and_nothing_that_was_texted() {
    if let Ok(text) = std::env::var(PANICS) {
        logging::start(&Values::from_pairs(std::iter::empty::<(&str, &str)>()).unwrap()).unwrap();
        assert!(!text.contains("555"), "this text was not understood: {text}");
    }
    let name = "a_panic_tells_where_it_was_and_nothing_that_was_texted";
    let mut again = Command::new(std::env::current_exe().unwrap());
    let output =
        again.args(["--exact", name, "--nocapture"]).env(PANICS, "call +14155550123").output().unwrap();
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(log.contains("the program made a mistake") && log.contains("tests/panics.rs:"), "{log}");
    assert!(!log.contains("4155550123") && !log.contains("not understood"), "{log}");
}
