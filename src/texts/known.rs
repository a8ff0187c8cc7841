//! What each template may use: its variables, what they mean, and samples of them.

use super::sandbox::Kind;
use super::{CODE_MASK, Program, Say};
use crate::dialog::Reply;
use crate::notice::Notice;
use crate::purpose::Purpose;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::OnceLock;
use tera::Context;

/// Every variable and what it means.
const MEANINGS: [(&str, &str); 32] = [
    ("organisation", "the organisation's name"),
    ("support", "how to reach a person; empty when that is not configured"),
    ("frequency", "how often people hear from us, in English"),
    ("messages_a_day", "how many messages a day people get at most"),
    ("name", "the person's name; empty when it is not known"),
    ("code", "the code; its digits are filled in last"),
    ("tries_left", "how many tries are left, at least 1"),
    ("minutes", "how many minutes to wait"),
    ("seconds", "how many seconds to wait"),
    ("verifying", "whether RESEND brings a new code; else REGISTER does"),
    ("state", "where the person is: stranger, naming, verifying or member"),
    ("tips", "whether daily tips come"),
    ("tip_time", "when tips come; empty for the usual time"),
    ("time", "when tips come; empty for the usual time"),
    (
        "zone_open",
        "whether the number leaves several time zones, so that tips may come later than at that time",
    ),
    ("language", "the language's own name"),
    ("languages", "the languages' own names"),
    ("title", "what the booking or the form is called"),
    ("when", "when the booking is, as people say it"),
    ("place", "where it is; empty when that is not known"),
    ("options", "the bookings that it is about, to choose from in the order of their numbers"),
    ("answer", "what they said about the bookings: confirm, decline or reschedule"),
    ("past", "whether the booking is over; else it was called off"),
    ("next", "another booking that waits for an answer; empty if none does"),
    ("moved", "whether the time has changed since the person was asked"),
    ("confirmed", "the bookings that the person comes to"),
    ("declined", "those to which they can't come"),
    ("to_move", "those for which they want another time"),
    ("open", "those that wait for an answer"),
    ("with_staff", "those about which staff will be in touch"),
    ("comes", "whether the person says now that they come after all"),
    ("asks", "whether the person is still to say that they come"),
];
/// Those of notices alone.
const NOTICES: [(&str, &str); 3] = [
    ("link", "where the form is"),
    ("text", "what staff are told"),
    ("host", "the host of our pages, to which phones bind the code"),
];

/// A variable of a template.
#[derive(Clone, Debug, serde::Serialize, schemars::JsonSchema)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What kind of value it has.
    pub kind: Kind,
    /// What it means.
    pub meaning: &'static str,
    /// A value that it may have.
    pub sample: Value,
}

/// The names of the notices that are `fit`, each once.
fn notices(fit: impl Fn(&Notice) -> bool) -> Vec<&'static str> {
    let mut names: Vec<&str> =
        Notice::samples().iter().filter(|one| fit(one)).map(Notice::template).collect();
    names.dedup();
    names
}

/// The templates that staff and programs may have said in a message: all notices but those that carry a code, which
/// only the program sends.
#[must_use]
pub fn for_messages() -> Vec<&'static str> {
    notices(|notice| notice.purpose() != Purpose::Code)
}

/// The templates that a campaign may say: those that are meant for people who asked for nothing.
#[must_use]
pub fn for_campaigns() -> Vec<&'static str> {
    notices(Notice::is_for_many)
}

/// A template as the program knows it.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Values such as it may be given, without those of the [`Program`]; at least one.
    pub(super) samples: Vec<Map<String, Value>>,
    /// What it may use.
    pub(super) kinds: BTreeMap<&'static str, Kind>,
}

/// Every template by name.
pub(super) fn templates() -> &'static BTreeMap<&'static str, Known> {
    static TEMPLATES: OnceLock<BTreeMap<&'static str, Known>> = OnceLock::new();
    TEMPLATES.get_or_init(|| {
        let mut templates = BTreeMap::new();
        for reply in Reply::samples() {
            add(&mut templates, &reply);
        }
        for notice in Notice::samples() {
            add(&mut templates, &notice);
        }
        templates
    })
}

fn add(templates: &mut BTreeMap<&'static str, Known>, text: &impl Say) {
    let known = templates.entry(text.template()).or_default();
    let mut sample = fields(text);
    // These only say which one it is.
    sample.remove("reply");
    sample.remove("notice");
    if has_code(text.template()) {
        sample.insert("code".to_owned(), CODE_MASK.into());
    }
    let program = fields(&Program::sample());
    for (name, value) in program.iter().chain(&sample) {
        if let (Some((name, _)), Some(kind)) = (meaning(name), kind(value)) {
            known.kinds.insert(name, kind);
        }
    }
    known.samples.push(sample);
}

/// Whether this template says a code.
pub(super) fn has_code(template: &str) -> bool {
    matches!(template, "code" | "web_code")
}

fn fields(value: &impl serde::Serialize) -> Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

fn meaning(name: &str) -> Option<(&'static str, &'static str)> {
    MEANINGS.iter().chain(&NOTICES).find(|(known, _)| *known == name).copied()
}

/// What kind of value this is.
pub(super) fn kind(value: &Value) -> Option<Kind> {
    match value {
        Value::String(_) => Some(Kind::Text),
        Value::Number(number) if number.is_i64() || number.is_u64() => Some(Kind::Number),
        Value::Bool(_) => Some(Kind::Flag),
        Value::Array(items) if items.iter().all(Value::is_string) => Some(Kind::List),
        _ => None,
    }
}

impl Known {
    /// Its variables, those of every template last.
    pub(super) fn variables(&self, program: &Program) -> Vec<Variable> {
        let program = fields(program);
        let sample = |name: &str| {
            let filled = |sample: &&Map<String, Value>| {
                sample.get(name).is_some_and(|value| value.as_str().is_none_or(|text| !text.is_empty()))
            };
            let sample = self.samples.iter().find(filled).and_then(|sample| sample.get(name));
            sample.or_else(|| program.get(name)).cloned().unwrap_or_default()
        };
        let mut variables: Vec<Variable> = self
            .kinds
            .iter()
            .filter_map(|(name, kind)| {
                let (name, meaning) = meaning(name)?;
                Some(Variable { name, kind: *kind, meaning, sample: sample(name) })
            })
            .collect();
        variables.sort_by_key(|variable| program.contains_key(variable.name));
        variables
    }
}

/// Those of its own variables that are not among `given` and without which `says` it fails, with what they mean.
pub(super) fn missing(
    template: &str,
    given: &BTreeMap<String, String>,
    program: &Program,
    says: impl Fn(&Context) -> bool,
) -> Vec<(&'static str, &'static str)> {
    let Some(known) = templates().get(template) else { return Vec::new() };
    let needed = |name: &str| {
        let without = |sample: &Map<String, Value>| {
            let mut sample = sample.clone();
            sample.remove(name);
            !says(&context(&sample, program))
        };
        known.samples.iter().any(without)
    };
    let program_knows = fields(program);
    let names =
        known.kinds.keys().filter(|name| !given.contains_key(**name) && !program_knows.contains_key(**name));
    names.filter(|name| needed(name)).filter_map(|name| meaning(name)).collect()
}

/// A sample with the program's values, as a template is given it.
pub(super) fn context(sample: &Map<String, Value>, program: &Program) -> Context {
    let mut context = Context::new();
    for (name, value) in fields(program).into_iter().chain(sample.clone()) {
        context.insert(name, &value);
    }
    context
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variable_has_a_kind_and_a_meaning() {
        for (name, known) in templates() {
            for (variable, value) in known.samples.iter().flatten() {
                assert!(meaning(variable).is_some(), "{name}: what does {variable} mean?");
                assert_eq!(known.kinds.get(variable.as_str()).copied(), kind(value), "{name}: {variable}");
            }
            assert!(known.kinds.contains_key("organisation"), "{name}");
        }
        let used: Vec<&str> = templates().values().flat_map(|known| known.kinds.keys().copied()).collect();
        for (name, _) in MEANINGS.iter().chain(&NOTICES) {
            assert!(used.contains(name), "no template knows {name}");
        }
    }
}
