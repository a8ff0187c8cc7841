//! The phone on a pipe: a line in is a text, a line out is a reply.

use super::remote::{Remote, Trouble};
use std::error::Error;
use std::io::{BufRead, Write};
use std::time::Duration;

/// Stands for the code that was sent last.
const CODE: &str = "{code}";
/// How often, and how many times, to look for a code that is on its way.
const LOOK: (Duration, u32) = (Duration::from_millis(100), 100);

/// Sends every line and prints what comes back.
pub(super) async fn run(
    remote: &Remote,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
) -> Result<(), Box<dyn Error>> {
    for line in input.lines() {
        let line = line?;
        let text = line.trim();
        if text.is_empty() {
            continue;
        }
        let text =
            if text.contains(CODE) { text.replace(CODE, &code(remote).await?) } else { text.to_owned() };
        let answer = remote.text(&text).await?;
        for reply in answer.carrier_reply.iter().chain(&answer.replies) {
            writeln!(output, "{reply}")?;
        }
        output.flush()?;
    }
    Ok(())
}

/// Waits until a code has been delivered.
async fn code(remote: &Remote) -> Result<String, Trouble> {
    let (pause, times) = LOOK;
    for _ in 0..times {
        if let Some(code) = remote.state().await?.code {
            return Ok(code);
        }
        tokio::time::sleep(pause).await;
    }
    Err(Trouble::Refused(format!("{CODE}: this phone was sent no code that is still good")))
}
