//! `tidings segments`: how many SMS segments a text takes, and why.

use super::{Outcome, answer_rows};
use crate::segments::{self, Encoding, Expensive, Segments};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::io::{self, BufRead, Write};

/// The arguments of `tidings segments`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The text to count
    #[arg(required_unless_present = "stdin", conflicts_with = "stdin", allow_hyphen_values = true)]
    text: Option<String>,
    /// Replace characters as Twilio does when smart encoding is on
    #[arg(long)]
    smart_encoding: bool,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
    /// Read JSON objects with `body` and perhaps `smart_encoding`, one a line, and answer each with one line
    #[arg(long)]
    stdin: bool,
}

#[derive(Deserialize)]
struct Row {
    body: String,
    smart_encoding: Option<bool>,
}

/// What a text takes.
#[derive(Serialize)]
pub(super) struct Answer {
    #[serde(flatten)]
    size: Segments,
    expensive: Vec<Expensive>,
}

/// Counts the text of `args`, or every row of `input`, and writes the answer to `output`.
///
/// # Errors
/// When `input` can't be read or `output` can't be written.
pub fn run(args: &Args, input: &mut dyn BufRead, output: &mut dyn Write) -> io::Result<Outcome> {
    let smart = args.smart_encoding;
    if args.stdin {
        return answer_rows(input, output, |row: Row| {
            Ok(count(&row.body, row.smart_encoding.unwrap_or(smart)))
        });
    }
    let answer = count(args.text.as_deref().unwrap_or_default(), smart);
    if args.json {
        serde_json::to_writer(&mut *output, &answer)?;
        writeln!(output)?;
    } else {
        print(&answer, output)?;
    }
    Ok(Outcome::Done)
}

fn count(text: &str, smart: bool) -> Answer {
    Answer::of(&if smart { segments::smart_encode(text) } else { Cow::Borrowed(text) })
}

impl Answer {
    pub(super) fn of(text: &str) -> Self {
        Self { size: segments::count(text), expensive: segments::expensive(text) }
    }
}

/// Writes it for people.
pub(super) fn print(answer: &Answer, output: &mut dyn Write) -> io::Result<()> {
    let Segments { encoding, segments, characters, units } = answer.size;
    let unit = match encoding {
        Encoding::Gsm7 => "septets",
        Encoding::Ucs2 => "UTF-16 units",
    };
    let plural = if segments == 1 { "" } else { "s" };
    writeln!(output, "{encoding}: {segments} segment{plural}, {characters} characters, {units} {unit}")?;
    for Expensive { character, position, count, replacement } in &answer.expensive {
        let code = u32::from(*character);
        let place = position + 1;
        write!(output, "  {character:?} (U+{code:04X}), {count} ×, first at character {place}")?;
        match replacement {
            Some("") => writeln!(output, ": could be left out")?,
            Some(text) => writeln!(output, ": could be {text:?}")?,
            None => writeln!(output, ": has no equal in GSM-7")?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        args: Args,
    }

    fn answer(arguments: &[&str], input: &str) -> String {
        let command = Command::try_parse_from([&["segments"], arguments].concat()).unwrap();
        let mut output = Vec::new();
        let outcome = run(&command.args, &mut input.as_bytes(), &mut output).unwrap();
        let output = String::from_utf8(output).unwrap();
        let is_wrong = output.contains("{\"error\":");
        assert_eq!(outcome, if is_wrong { Outcome::Failed } else { Outcome::Done }, "{output}");
        output
    }

    #[test]
    fn a_text_is_counted_for_people_and_for_programs() {
        assert_eq!(answer(&["Hello"], ""), "GSM-7: 1 segment, 5 characters, 5 septets\n");
        assert_eq!(
            answer(&["wait…", "--json"], ""),
            concat!(
                r#"{"encoding":"UCS-2","segments":1,"characters":5,"units":5,"#,
                r#""expensive":[{"character":"…","position":4,"count":1,"replacement":"..."}]}"#,
                "\n"
            )
        );
        assert!(answer(&["wait…"], "").contains("could be \"...\""));
        assert!(answer(&["wait…", "--smart-encoding"], "").starts_with("GSM-7: 1 segment, 7 characters"));
        assert!(answer(&["--", "-x"], "").starts_with("GSM-7"));
    }

    #[test]
    fn every_row_gets_its_line() {
        let rows = "{\"body\": \"½\"}\n{\"body\": \"½\", \"smart_encoding\": true}\n\n{\"body\": 7}\n{\"body\": \"\"}";
        let answers = answer(&["--stdin"], rows);
        let lines: Vec<&str> = answers.lines().collect();
        assert_eq!(lines.len(), 5);
        assert!(
            lines[0].contains("UCS-2") && lines[1].contains("GSM-7") && lines[4].contains("\"segments\":1")
        );
        assert!(lines[2].starts_with("{\"error\":") && lines[3].starts_with("{\"error\":"));
    }

    #[test]
    fn a_text_or_rows_must_be_given() {
        assert!(Command::try_parse_from(["segments"]).is_err());
        assert!(Command::try_parse_from(["segments", "text", "--stdin"]).is_err());
    }
}
