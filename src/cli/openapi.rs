//! `tidings openapi`: what the REST API takes and gives, for programs.

use super::Outcome;
use crate::api;
use std::io::{self, Write};

/// Writes the `OpenAPI` document to `output`.
///
/// # Errors
/// When `output` can't be written.
pub fn run(output: &mut dyn Write) -> io::Result<Outcome> {
    serde_json::to_writer_pretty(&mut *output, api::document())?;
    writeln!(output)?;
    Ok(Outcome::Done)
}
