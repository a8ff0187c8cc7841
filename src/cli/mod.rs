//! What the `tidings` command line does, one file per subcommand.

pub mod admin;
pub mod audit;
pub mod carrier;
pub mod contacts;
pub mod doctor;
pub mod explain;
pub mod logging;
pub mod migrate;
pub mod openapi;
pub mod opt_outs;
pub mod phone;
mod progress;
mod record;
pub mod segments;
pub mod send_test;
pub mod serve;
pub mod signature;
pub mod templates;
pub mod token;

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::{self, BufRead, Write};
use std::process::ExitCode;

/// How a command ended; its number is the process's exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Outcome {
    /// 0: it did what was asked.
    Done = 0,
    /// 1: it failed, or the answer is no.
    Failed = 1,
    /// 2: it was called wrongly.
    Usage = 2,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(outcome as u8)
    }
}

/// Answers each line of `input`, a JSON object, with one line of JSON.
///
/// A line that can't be read, or that `answer` refuses, is answered with `{"error": "…"}`, so that
/// answer and question always stand on the same line number.
///
/// # Errors
/// When `input` can't be read or `output` can't be written.
pub fn answer_rows<Q: DeserializeOwned, A: Serialize>(
    input: &mut dyn BufRead,
    output: &mut dyn Write,
    answer: impl Fn(Q) -> Result<A, String>,
) -> io::Result<()> {
    for line in input.split(b'\n') {
        let row = serde_json::from_slice(&line?).map_err(|error| format!("not a row: {error}"));
        match row.and_then(&answer) {
            Ok(value) => serde_json::to_writer(&mut *output, &value)?,
            Err(error) => serde_json::to_writer(&mut *output, &serde_json::json!({ "error": error }))?,
        }
        output.write_all(b"\n")?;
        // Whoever asks line by line waits for this one before it asks the next.
        output.flush()?;
    }
    Ok(())
}
