//! A program with something typed into it.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

/// Runs `command` to its end with `input` on its pipe.
pub(crate) fn typed(command: &mut Command, input: &str) -> Output {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Gone before it read everything: its output says why.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}
