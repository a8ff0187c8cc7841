//! `tidings templates preview`.

use super::{Preview, find, tell};
use crate::cli::{Misuse, Outcome, segments as counted};
use crate::conversation::Inbox;
use crate::texts::{Draft, Kind};
use serde_json::{Map, Value, json};
use std::error::Error;
use std::io::{BufRead, Read as _, Write};
use std::path::Path;

/// More than any template: what is longer is refused by its length.
const MAX_BYTES: u64 = 100_000;

pub(super) async fn run(
    args: &Preview,
    inbox: &Inbox,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
) -> Result<Outcome, Box<dyn Error>> {
    let standing = find(inbox, &args.name, &args.locale).await?;
    let body = match &args.body {
        Some(file) => read(file, input)?,
        None => standing.body().to_owned(),
    };
    let draft = Draft { name: standing.name, locale: &standing.locale, body: body.trim_end() };
    let variables = variables(args, inbox)?;
    let json = args.common.json;
    let (text, faults) = match inbox.texts.preview(draft, &variables) {
        Ok(tried) => tried,
        Err(faults) => {
            if json {
                writeln!(output, "{}", json!({ "faults": faults }))?;
            } else {
                writeln!(output, "this can't be said:")?;
                tell(&faults, output)?;
            }
            return Ok(Outcome::Failed);
        }
    };
    if json {
        let mut answer = serde_json::to_value(counted::Answer::of(&text))?;
        answer["text"] = text.into();
        answer["faults"] = serde_json::to_value(&faults)?;
        writeln!(output, "{answer}")?;
    } else {
        writeln!(output, "{text}\n")?;
        counted::print(&counted::Answer::of(&text), output)?;
        if !faults.is_empty() {
            writeln!(output, "this can't be saved:")?;
            tell(&faults, output)?;
        }
    }
    Ok(if faults.is_empty() { Outcome::Done } else { Outcome::Failed })
}

fn read(file: &Path, input: &mut dyn BufRead) -> Result<String, Box<dyn Error>> {
    let mut text = String::new();
    let failed = |error: std::io::Error| format!("{}: {error}", file.display());
    if file.as_os_str() == "-" {
        input.take(MAX_BYTES).read_to_string(&mut text).map_err(failed)?;
    } else {
        let file = std::fs::File::open(file).map_err(failed)?;
        file.take(MAX_BYTES).read_to_string(&mut text).map_err(failed)?;
    }
    Ok(text)
}

/// The values to try, of the kinds that the template's variables have.
fn variables(args: &Preview, inbox: &Inbox) -> Result<Map<String, Value>, Box<dyn Error>> {
    let known = inbox.texts.variables(&args.name);
    let mut values = Map::new();
    for pair in &args.variables {
        let (name, text) = pair
            .split_once('=')
            .ok_or_else(|| Misuse::of(&format!("--var {pair}"), "expected NAME=VALUE"))?;
        let kind = known.iter().find(|variable| variable.name == name).map(|variable| variable.kind);
        let wrong = |problem: &str| Misuse::of(&format!("--var {name}"), problem);
        let value = match kind {
            Some(Kind::Number) => text.parse::<i64>().map(Value::from).map_err(|_| wrong("not a number"))?,
            Some(Kind::Flag) => match text {
                "true" | "yes" => true.into(),
                "false" | "no" => false.into(),
                _ => return Err(wrong("expected yes or no").into()),
            },
            Some(Kind::List) => text.split(';').map(str::trim).collect(),
            Some(Kind::Text) | None => text.into(),
        };
        inbox.texts.fits(&args.name, name, &value).map_err(|problem| wrong(&problem))?;
        values.insert(name.to_owned(), value);
    }
    Ok(values)
}
