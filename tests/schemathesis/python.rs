//! Schemathesis, installed where builds are kept.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Exactly these versions.
const REQUIREMENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schemathesis/requirements.txt");

/// The program; it is installed first if it is not there, or was of other versions.
pub(crate) fn schemathesis() -> PathBuf {
    let target = Path::new(env!("CARGO_BIN_EXE_tidings")).ancestors().nth(2).unwrap();
    let folder = target.join("schemathesis");
    let (program, done) = (folder.join("bin/schemathesis"), folder.join("requirements.txt"));
    let wanted = std::fs::read_to_string(REQUIREMENTS).unwrap();
    if program.exists() && std::fs::read_to_string(&done).is_ok_and(|installed| installed == wanted) {
        return program;
    }
    carry_out(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder));
    let mut pip = Command::new(folder.join("bin/pip"));
    carry_out(pip.args(["install", "--quiet", "--disable-pip-version-check", "--requirement", REQUIREMENTS]));
    // Written last: an installation that broke off is begun anew.
    std::fs::write(done, wanted).unwrap();
    program
}

fn carry_out(command: &mut Command) {
    let output =
        command.output().unwrap_or_else(|error| panic!("{command:?}: {error}; ./test installs Python"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}\n./test installs what is missing");
}

/// How many cases a report tells of.
pub(crate) fn cases(report: &Value) -> u64 {
    report["test_cases"]["generated"].as_u64().unwrap_or_default()
}
