//! The program itself: its commands, its logs, and how it stops.

mod addresses;
mod backup;
mod commands;
mod doctor;
mod misuse;
mod process;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/typed.rs"]
mod typed;
mod wrong_folder;

use std::path::Path;
use std::process::{Command, Output};
use typed::typed;

const TIDINGS: &str = env!("CARGO_BIN_EXE_tidings");

fn tidings(folder: &Path) -> Command {
    let mut command = Command::new(TIDINGS);
    command.current_dir(folder).env_clear().env("PATH", "/usr/bin:/bin");
    command
}

fn run(folder: &Path, args: &[&str], input: &str) -> Output {
    typed(tidings(folder).args(args), input)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
