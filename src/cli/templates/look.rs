//! `tidings templates list|show`.

use super::{List, Show, find};
use crate::cli::Outcome;
use crate::conversation::Inbox;
use crate::segments;
use crate::templates::{self, Standing};
use serde_json::{Value, json};
use std::error::Error;
use std::io::Write;

pub(super) async fn list(
    args: &List,
    inbox: &Inbox,
    output: &mut dyn Write,
) -> Result<Outcome, Box<dyn Error>> {
    let all = templates::list(inbox).await?;
    if args.common.json {
        let items: Vec<Value> = all.iter().map(|standing| item(inbox, standing)).collect();
        writeln!(output, "{}", json!({ "items": items }))?;
        return Ok(Outcome::Done);
    }
    for standing in &all {
        let Standing { name, locale, .. } = standing;
        let size = segments::count(&standing.sample(inbox));
        let segments = format!("{} segment{}", size.segments, if size.segments == 1 { "" } else { "s" });
        let encoding = size.encoding.to_string();
        let source = if standing.edited() {
            format!("edited, version {}", standing.version())
        } else {
            "as shipped".to_owned()
        };
        writeln!(output, "{name:20} {locale:2}  {segments:10}  {encoding:5}  {source}")?;
        if let Some(fault) = &standing.fault {
            writeln!(output, "  not in force, the shipped text is: {fault}")?;
        }
    }
    Ok(Outcome::Done)
}

pub(super) async fn show(
    args: &Show,
    inbox: &Inbox,
    output: &mut dyn Write,
) -> Result<Outcome, Box<dyn Error>> {
    let locale = args.locale.as_deref().unwrap_or(&inbox.settings.default_locale);
    let standing = find(inbox, &args.name, locale).await?;
    let variables = inbox.texts.variables(standing.name);
    if args.common.json {
        let mut all = item(inbox, &standing);
        all["body"] = standing.body().into();
        all["default_body"] = standing.shipped.into();
        all["variables"] = serde_json::to_value(&variables)?;
        writeln!(output, "{all}")?;
        return Ok(Outcome::Done);
    }
    writeln!(output, "{}\n", standing.body())?;
    writeln!(output, "with sample values:\n{}\n", standing.sample(inbox))?;
    for variable in variables {
        writeln!(output, "{{{{ {} }}}}: {}, {}", variable.name, variable.kind, variable.meaning)?;
    }
    if let Some(row) = standing.newest.as_ref().filter(|_| standing.edited()) {
        writeln!(
            output,
            "\nversion {} by {}; the shipped words are:\n{}",
            row.version, row.author, standing.shipped
        )?;
    }
    if let Some(fault) = &standing.fault {
        writeln!(output, "\nnot in force, the shipped text is: {fault}")?;
    }
    Ok(Outcome::Done)
}

fn item(inbox: &Inbox, standing: &Standing) -> Value {
    let sample = standing.sample(inbox);
    let size = segments::count(&sample);
    json!({
        "name": standing.name,
        "locale": standing.locale,
        "source": if standing.edited() { "edited" } else { "default" },
        "version": standing.version(),
        "sample": sample,
        "segments": size.segments,
        "encoding": size.encoding,
        "problem": standing.fault,
    })
}
