//! What a wording must keep saying, whoever words it: what carriers ask of the first message, of HELP and
//! of the last one, and what a message is worthless without.

use super::sandbox::Fault;
use super::{CODE_MASK, Draft, Program, reserved};
use serde_json::{Map, Value};

/// Templates and the variables that they must say.
const MUST_SAY: [(&str, &[&str]); 15] = [
    ("welcome", &["organisation"]),
    ("registered", &["organisation"]),
    ("help", &["organisation", "support"]),
    ("stopped", &["organisation"]),
    ("forgotten", &["organisation"]),
    ("invitation", &["organisation"]),
    ("code", &["code"]),
    ("web_code", &["code"]),
    ("form", &["link"]),
    ("form_reminder", &["link"]),
    ("alert", &["text"]),
    ("reminder", &["when"]),
    ("booking_question", &["when"]),
    ("booking_unclear", &["when"]),
    ("languages", &["languages"]),
];
/// Those that begin to write to somebody.
const FIRST: [&str; 2] = ["welcome", "registered"];
/// Those whose readers must be told of HELP where the shipped text tells them.
const TELLS_HELP: [&str; 3] = ["welcome", "registered", "resumed"];
/// How a text says that the phone company may charge for it.
const CHARGES: [(&str, &str); 4] = [("en", "data rates"), ("es", "tarifas"), ("fr", "tarif"), ("ne", "शुल्क")];

/// What is wrong with the words of `draft` as they are written.
pub(super) fn words(draft: Draft<'_>) -> Vec<Fault> {
    reserved::check(draft.body, draft.locale)
}

/// What is wrong with `text`, which `draft` says where the shipped template says `shipped`.
pub(super) fn said(
    draft: Draft<'_>,
    sample: &Map<String, Value>,
    program: &Program,
    text: &str,
    shipped: &str,
) -> Vec<Fault> {
    let mut faults = reserved::check(text, draft.locale);
    // The place is one in what is said, not in what is written.
    for fault in &mut faults {
        (fault.line, fault.column) = (None, None);
    }
    let mut miss = |message: String| faults.push(Fault::whole(message));
    let must = MUST_SAY.iter().find(|(name, _)| *name == draft.name).map_or(&[][..], |(_, names)| names);
    for name in must {
        let value = match *name {
            "organisation" => program.organisation.as_str(),
            "support" => program.support.as_str(),
            name => sample.get(name).and_then(Value::as_str).unwrap_or_default(),
        };
        if !text.contains(value) {
            miss(format!("must say {{{{ {name} }}}}"));
        }
    }
    let names = |text: &str, word: &str| reserved::has_word(text, word);
    if names(shipped, "STOP") && !names(text, "STOP") {
        miss("must name STOP, as the shipped text does".to_owned());
    }
    if TELLS_HELP.contains(&draft.name) && names(shipped, "HELP") && !names(text, "HELP") {
        miss("must name HELP, as the shipped text does".to_owned());
    }
    if FIRST.contains(&draft.name) {
        if !text.contains(&program.messages_a_day.to_string()) {
            miss("must say how often messages come, by {{ frequency }} or {{ messages_a_day }}".to_owned());
        }
        let charges = CHARGES.iter().find(|(locale, _)| *locale == draft.locale);
        if let Some((_, words)) = charges.filter(|(_, words)| !text.to_lowercase().contains(words)) {
            miss(format!("must say that messages may cost something, with the words “{words}”"));
        }
    }
    if draft.name == "web_code" {
        let host = sample.get("host").and_then(Value::as_str).unwrap_or_default();
        if text.lines().last() != Some(&format!("@{host} #{CODE_MASK}")) {
            miss("must end with a line @{{ host }} #{{ code }}, by which phones fill the code in".to_owned());
        }
    }
    faults
}
