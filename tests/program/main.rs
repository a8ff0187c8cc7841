//! The program itself: its commands, its logs, and how it stops.

mod addresses;
mod commands;
mod doctor;
mod process;
#[path = "../support/mod.rs"]
mod support;
mod wrong_folder;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const TIDINGS: &str = env!("CARGO_BIN_EXE_tidings");

fn tidings(folder: &Path) -> Command {
    let mut command = Command::new(TIDINGS);
    command.current_dir(folder).env_clear().env("PATH", "/usr/bin:/bin");
    command
}

fn run(folder: &Path, args: &[&str], input: &str) -> Output {
    let mut child = tidings(folder)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
