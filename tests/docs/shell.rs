//! Runs a page's commands in order, in one shell, beside a demo of the page's own.

use crate::page::Block;
use std::fmt::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The pages' addresses; free ones take their places.
const ADDRESSES: [&str; 3] = ["127.0.0.1:8080", "127.0.0.1:8081", "127.0.0.1:8090"];
/// The demo's clock, so that dates on the pages stay in the future.
const NOW: &str = "2026-11-23T15:00:00Z";
/// Seconds that a page may take.
const PATIENCE: &str = "60";

/// `curl` fails on an answer that says no, `tidings phone` finds the demo, and all ends with the page.
const BEGIN: &str = r#"set -euo pipefail
shopt -s inherit_errexit
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
curl() { command curl --fail-with-body "$@"; }
tidings() {
    if [[ ${1:-} == phone ]]; then set -- "$@" --url http://127.0.0.1:8080; fi
    # In the background it takes the shell's place, so that what is ended there is the server itself.
    if ((BASHPID != $$)); then exec tidings "$@"; else command tidings "$@"; fi
}
TIDINGS_DEMO_CLOCK=$NOW command tidings serve --listen 127.0.0.1:8080 >server.log 2>&1 &
until command curl -fs http://127.0.0.1:8080/readyz >/dev/null; do sleep 0.05; done
"#;

/// Runs the blocks of a page that can be run. What was wrong, if anything was.
pub(crate) fn run(blocks: &[Block]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let program = std::env::var_os("TIDINGS_TEST_PROGRAM");
    let program = program.map_or_else(|| env!("CARGO_BIN_EXE_tidings").into(), PathBuf::from);
    std::fs::create_dir(here.join("bin")).unwrap();
    symlink(program, here.join("bin/tidings")).unwrap();
    let script = script(blocks);
    let output = Command::new("timeout")
        .args([PATIENCE, "bash", "-c", &script])
        .current_dir(here)
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", here.join("bin").display()))
        .env("NOW", NOW)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let mut wrong = Vec::new();
    for (index, block) in blocks.iter().enumerate().filter(|(_, block)| block.not_run.is_none()) {
        let printed = read(&here.join(format!("{index}.out")));
        if !here.join(format!("{index}.done")).exists() {
            let complaint = read(&here.join(format!("{index}.err")));
            let rest = String::from_utf8_lossy(&output.stderr);
            let log = read(&here.join("server.log"));
            let [printed, complaint, rest, log] = [&printed, &complaint, &*rest, &log].map(end);
            wrong.push(format!("line {} failed:\n{printed}\n{complaint}\n{rest}\n{log}", block.line));
            break;
        }
        if let Some(difference) = block.answer.as_ref().and_then(|answer| answer.differs(&printed)) {
            wrong.push(format!("line {} answers otherwise: {difference}\n{printed}", block.line));
        }
    }
    wrong
}

fn script(blocks: &[Block]) -> String {
    let mut script = BEGIN.to_owned();
    for (index, block) in blocks.iter().enumerate().filter(|(_, block)| block.not_run.is_none()) {
        writeln!(script, "exec >{index}.out 2>{index}.err\n{}touch {index}.done", block.script).unwrap();
    }
    for address in ADDRESSES {
        // Held until all are drawn, no two are the same; free they are only likely to stay.
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        script = script.replace(address, &free.to_string());
    }
    script
}

fn read(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
}

fn end(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(10)..].join("\n")
}
