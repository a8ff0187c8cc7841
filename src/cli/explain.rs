//! `tidings explain`: what a text asks for, and why we think so.

use super::{Outcome, answer_rows};
use crate::dialog::tips_time;
use crate::dialog::words::{Context, Doubt, Intent, Meaning, language_codes, understand};
use clap::builder::PossibleValuesParser;
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, Write};

/// The arguments of `tidings explain`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The text
    #[arg(required_unless_present = "stdin", conflicts_with = "stdin", allow_hyphen_values = true)]
    text: Option<String>,
    /// What the server asked last
    #[arg(long, value_parser = ["booking_open", "code_sent", "asked_name"])]
    context: Option<String>,
    /// The person's language, as far as it is known
    #[arg(long, value_name = "LANGUAGE", value_parser = codes())]
    locale: Option<String>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
    /// Read JSON objects with `text` and perhaps `context` and `lang` (or `locale`), one a line, and answer each with one line
    #[arg(long)]
    stdin: bool,
}

#[derive(Deserialize)]
struct Row {
    text: String,
    context: Option<String>,
    #[serde(alias = "locale")]
    lang: Option<String>,
}

#[derive(Serialize)]
struct Answer {
    intents: Vec<Reading>,
    language: String,
    /// What it perhaps asks for, but not surely enough to do it.
    #[serde(skip_serializing_if = "Option::is_none")]
    doubt: Option<Doubt>,
}

#[derive(Serialize)]
struct Reading {
    intent: Intent,
    why: String,
    /// What comes with it: a time as `HH:MM`, a language's code, a name, a code's digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    argument: Option<String>,
}

/// Explains the text of `args`, or every row of `input`.
///
/// # Errors
/// When `input` can't be read or `output` can't be written.
pub fn run(args: &Args, input: &mut dyn BufRead, output: &mut dyn Write) -> io::Result<Outcome> {
    if args.stdin {
        return answer_rows(input, output, |row: Row| {
            let context = row.context.as_deref().map_or(Ok(Context::Nothing), context)?;
            row.lang.as_deref().map_or(Ok(()), known)?;
            Ok(explain(&row.text, context, row.lang.as_deref()))
        });
    }
    let context = args.context.as_deref().map_or(Ok(Context::Nothing), context);
    let context = context.map_err(io::Error::other)?;
    let answer = explain(args.text.as_deref().unwrap_or_default(), context, args.locale.as_deref());
    if args.json {
        serde_json::to_writer(&mut *output, &answer)?;
        writeln!(output)?;
    } else {
        for reading in &answer.intents {
            writeln!(output, "{}: {}", reading.intent.as_str(), reading.why)?;
        }
    }
    Ok(Outcome::Done)
}

/// The languages that are understood.
fn codes() -> PossibleValuesParser {
    PossibleValuesParser::new(language_codes())
}

/// Refuses a language that is not understood.
fn known(language: &str) -> Result<(), String> {
    let codes = language_codes();
    let found = codes.contains(&language);
    found.then_some(()).ok_or_else(|| format!("lang: expected one of {}", codes.join(", ")))
}

fn context(name: &str) -> Result<Context, String> {
    match name {
        "booking_open" => Ok(Context::BookingOpen),
        "code_sent" => Ok(Context::CodeSent),
        "asked_name" => Ok(Context::AskedName),
        _ => Err("context: expected booking_open, code_sent or asked_name".to_owned()),
    }
}

fn explain(text: &str, context: Context, locale: Option<&str>) -> Answer {
    let mut understood = understand(text, context, locale);
    // The conversation reads these by itself, and says how where that is no time.
    if let Some(meaning) = tips_time(text, &understood.meanings) {
        understood.meanings = vec![meaning];
    }
    let reading =
        |meaning: Meaning| Reading { intent: meaning.intent, why: meaning.why, argument: meaning.argument };
    Answer {
        intents: understood.meanings.into_iter().map(reading).collect(),
        language: understood.language.or(locale).unwrap_or("en").to_owned(),
        doubt: understood.doubt,
    }
}
