//! Schemas as lists of fields, in words.

use super::view::{Span, spans};
use serde::Serialize;
use serde_json::Value;

/// How deep fields of fields are shown.
const DEEPEST: usize = 3;

/// One field.
#[derive(Debug, Serialize)]
pub(super) struct Field {
    name: String,
    /// Whether this is the headline of one of several kinds that the fields below it are of.
    variant: bool,
    /// `path`, `query` or `header`; nothing in a body.
    place: String,
    required: bool,
    kind: String,
    about: Vec<Span>,
}

impl Field {
    pub(super) fn of_parameter(document: &Value, parameter: &Value) -> Self {
        Self {
            name: text(&parameter["name"]),
            variant: false,
            place: text(&parameter["in"]),
            required: parameter["required"] == true,
            kind: kind(document, &parameter["schema"]),
            about: spans(&text(&parameter["description"])),
        }
    }

    /// Says which of several kinds the fields below are of.
    fn headline(document: &Value, choice: &Value, of: &str, at: usize) -> Self {
        let word = if at == 0 { "Either" } else { "Or" };
        let of = if of.is_empty() { String::new() } else { format!(" `{of}`") };
        let meaning = choice.get("description").or_else(|| resolved(document, choice).get("description"));
        let meaning = meaning.map(text).unwrap_or_default();
        Self {
            name: String::new(),
            variant: true,
            place: String::new(),
            required: false,
            kind: String::new(),
            about: spans(&format!("{word}{of}: {meaning}")),
        }
    }
}

fn has_fields(document: &Value, schema: &Value) -> bool {
    let schema = resolved(document, schema);
    ["properties", "items", "allOf", "anyOf", "oneOf"].iter().any(|part| schema.get(part).is_some())
}

/// What a reference points to, or the value itself.
pub(super) fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let target = value["$ref"].as_str().and_then(|path| document.pointer(path.trim_start_matches('#')));
    target.unwrap_or(value)
}

/// The fields of a schema, those that must be there first.
pub(super) fn of(document: &Value, schema: &Value) -> Vec<Field> {
    let mut fields = Vec::new();
    collect(document, schema, "", 0, &mut fields);
    fields
}

fn collect(document: &Value, schema: &Value, before: &str, depth: usize, fields: &mut Vec<Field>) {
    let schema = resolved(document, schema);
    if depth > DEEPEST {
        return;
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        collect(document, part, before, depth, fields);
    }
    for choices in ["anyOf", "oneOf"] {
        let choices = schema[choices].as_array().into_iter().flatten();
        let choices: Vec<&Value> = choices.filter(|choice| has_fields(document, choice)).collect();
        match choices.as_slice() {
            [only] => collect(document, only, before, depth, fields),
            several => {
                for (at, choice) in several.iter().enumerate() {
                    fields.push(Field::headline(document, choice, before, at));
                    // What two kinds have in common is not the same: one may be required in one only.
                    let mut own = Vec::new();
                    collect(document, choice, before, depth, &mut own);
                    fields.extend(own);
                }
            }
        }
    }
    if schema["items"].is_object() {
        collect(document, &schema["items"], &format!("{before}[]"), depth + 1, fields);
    }
    let required =
        |name: &str| schema["required"].as_array().is_some_and(|all| all.iter().any(|one| one == name));
    let mut own: Vec<(&String, &Value)> = schema["properties"].as_object().into_iter().flatten().collect();
    own.sort_by_key(|(name, _)| !required(name));
    for (name, field) in own {
        let path = if before.is_empty() { name.clone() } else { format!("{before}.{name}") };
        if fields.iter().any(|known| known.name == path) {
            continue;
        }
        let target = resolved(document, field);
        let about = field.get("description").or_else(|| target.get("description"));
        fields.push(Field {
            name: path.clone(),
            variant: false,
            place: String::new(),
            required: required(name),
            kind: kind(document, field),
            about: spans(&about.map(text).unwrap_or_default()),
        });
        collect(document, field, &path, depth + 1, fields);
    }
}

/// A schema's type and bounds in words.
fn kind(document: &Value, schema: &Value) -> String {
    let schema = resolved(document, schema);
    if let Some(value) = schema.get("const") {
        return plain(value);
    }
    if let Some(values) = schema["enum"].as_array() {
        let values: Vec<String> = values.iter().map(plain).collect();
        return values.join(" | ");
    }
    for choice in ["anyOf", "oneOf", "allOf"] {
        if let Some(choices) = schema[choice].as_array() {
            let mut kinds: Vec<String> = choices.iter().map(|choice| kind(document, choice)).collect();
            kinds.dedup();
            return kinds.join(" or ");
        }
    }
    let names: Vec<&str> = match &schema["type"] {
        Value::String(name) => vec![name],
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        _ => vec!["anything"],
    };
    let names: Vec<String> = names.into_iter().map(|name| named(document, schema, name)).collect();
    names.join(" or ")
}

fn named(document: &Value, schema: &Value, name: &str) -> String {
    let name = match (name, schema["format"].as_str()) {
        ("string", Some("date-time")) => "time",
        ("string", Some("date")) => "date",
        ("string", Some("uri")) => "URL",
        ("string", _) => "text",
        ("integer", _) => "whole number",
        ("boolean", _) => "true or false",
        ("array", _) => {
            return format!(
                "list of {}{}",
                kind(document, &schema["items"]),
                range(schema, "Items", " items")
            );
        }
        (name, _) => name,
    };
    match name {
        "text" => format!("{name}{}", range(schema, "Length", " characters")),
        "whole number" | "number" => format!("{name}{}", bounds(&schema["minimum"], &schema["maximum"], "")),
        _ => name.to_owned(),
    }
}

fn range(schema: &Value, what: &str, unit: &str) -> String {
    bounds(&schema[format!("min{what}")], &schema[format!("max{what}")], unit)
}

fn bounds(least: &Value, most: &Value, unit: &str) -> String {
    match (least.is_number(), most.is_number()) {
        (true, true) => format!(", {least} to {most}{unit}"),
        (true, false) => format!(", at least {least}{unit}"),
        (false, true) => format!(", at most {most}{unit}"),
        (false, false) => String::new(),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
