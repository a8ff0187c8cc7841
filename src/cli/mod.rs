//! What the `tidings` command line does, one file per subcommand.

pub mod admin;
pub mod audit;
pub mod backup;
pub mod carrier;
pub mod contacts;
pub mod doctor;
pub mod explain;
pub mod logging;
pub mod migrate;
pub mod openapi;
pub mod opt_outs;
pub mod phone;
mod place;
mod progress;
mod record;
pub mod restore;
pub mod segments;
pub mod send_test;
pub mod serve;
pub mod signature;
pub mod templates;
pub mod token;

use crate::app::StartError;
use crate::config::ConfigError;
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

/// A value on the command line that can't be used: the exit code is 2.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Misuse(String);

impl Misuse {
    /// The argument and what it must be.
    fn of(argument: &str, problem: impl std::fmt::Display) -> Self {
        Self(format!("{argument}: {problem}"))
    }
}

/// How a command ends that failed by `error`, whose words name a setting by its flag if `by_flag`. What was
/// given on the command line and can't be used is the caller's to mend; everything else has failed.
#[must_use]
pub fn outcome_of(error: &(dyn std::error::Error + 'static), by_flag: bool) -> Outcome {
    let setting = error.downcast_ref::<ConfigError>().or_else(|| match error.downcast_ref()? {
        StartError::Config(error) => Some(error),
        _ => None,
    });
    let is_misuse = error.is::<Misuse>() || by_flag && setting.is_some_and(|error| !error.is_found_missing());
    if is_misuse { Outcome::Usage } else { Outcome::Failed }
}

/// Answers each line of `input`, a JSON object, with one line of JSON.
///
/// A line that can't be read, or that `answer` refuses, is answered with `{"error": "…"}`, so that
/// answer and question always stand on the same line number. If there was one, the outcome is `Failed`.
///
/// # Errors
/// When `input` can't be read or `output` can't be written.
pub fn answer_rows<Q: DeserializeOwned, A: Serialize>(
    input: &mut dyn BufRead,
    output: &mut dyn Write,
    answer: impl Fn(Q) -> Result<A, String>,
) -> io::Result<Outcome> {
    let (mut first, mut wrong) = (None, 0_u64);
    for (at, line) in input.split(b'\n').enumerate() {
        let row = serde_json::from_slice(&line?).map_err(|error| format!("not a row: {error}"));
        match row.and_then(&answer) {
            Ok(value) => serde_json::to_writer(&mut *output, &value)?,
            Err(error) => {
                first.get_or_insert(at + 1);
                wrong += 1;
                serde_json::to_writer(&mut *output, &serde_json::json!({ "error": error }))?;
            }
        }
        output.write_all(b"\n")?;
        // Whoever asks line by line waits for this one before it asks the next.
        output.flush()?;
    }
    let Some(first) = first else { return Ok(Outcome::Done) };
    eprintln!("tidings: {wrong} of the rows could not be answered, the first on line {first}");
    Ok(Outcome::Failed)
}
