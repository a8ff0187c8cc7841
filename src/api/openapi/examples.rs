//! Examples, made from schemas: what the schema gives as one, else what its type, format and bounds ask for.

use super::words;
use serde_json::{Map, Value, json};

/// An example of what `schema` describes; `components` has what it refers to.
pub(super) fn of(schema: &Value, components: &Map<String, Value>) -> Value {
    if let Some(given) = given(schema) {
        return given;
    }
    if let Some(named) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return components.get(named).map_or(Value::Null, |schema| of(schema, components));
    }
    for choice in ["anyOf", "oneOf"] {
        if let Some(first) = schema[choice].as_array().and_then(|choices| choices.first()) {
            return of(first, components);
        }
    }
    let mut example = plain(schema, components);
    for part in schema["allOf"].as_array().into_iter().flatten() {
        let more = of(part, components);
        match (&mut example, more) {
            (Value::Object(fields), Value::Object(more)) => fields.extend(more),
            (example, more) => *example = more,
        }
    }
    example
}

/// What the schema itself says.
fn given(schema: &Value) -> Option<Value> {
    let first = |name: &str| schema[name].as_array().and_then(|all| all.first()).cloned();
    first("examples")
        .or_else(|| schema.get("example").cloned())
        .or_else(|| schema.get("const").cloned())
        .or_else(|| first("enum"))
        .or_else(|| schema.get("default").filter(|default| !default.is_null()).cloned())
}

/// The first type that is not `null`.
fn type_of(schema: &Value) -> Option<&str> {
    match &schema["type"] {
        Value::String(name) => Some(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).find(|name| *name != "null"),
        _ => None,
    }
}

fn plain(schema: &Value, components: &Map<String, Value>) -> Value {
    match type_of(schema) {
        Some("object") => object(schema, components),
        Some("array") => json!([of(&schema["items"], components)]),
        Some("boolean") => json!(true),
        Some("integer") => schema["minimum"].as_i64().map_or_else(|| json!(1), |least| json!(least.max(1))),
        Some("number") => json!(0.5),
        Some("string") => json!(match schema["format"].as_str() {
            Some("date-time") => "2026-11-21T12:00:00Z",
            Some("date") => "2026-11-21",
            Some("uri") => "https://example.org/",
            _ => "text",
        }),
        _ => Value::Null,
    }
}

fn object(schema: &Value, components: &Map<String, Value>) -> Value {
    let fields = schema["properties"].as_object().into_iter().flatten();
    let mut example: Map<String, Value> =
        fields.map(|(name, schema)| (name.clone(), field(name, schema, components))).collect();
    if example.is_empty() && schema["additionalProperties"].is_object() {
        example.insert("name".to_owned(), of(&schema["additionalProperties"], components));
    }
    Value::Object(example)
}

/// An example of a field: its own, else that of every field with its name.
fn field(name: &str, schema: &Value, components: &Map<String, Value>) -> Value {
    let own = given(schema);
    let usual = || words::example(name, |value| fits(schema, value));
    own.or_else(usual).unwrap_or_else(|| of(schema, components))
}

/// Whether the value is of the schema's type.
pub(super) fn fits(schema: &Value, value: &Value) -> bool {
    let is = |name: &str| match name {
        "null" => value.is_null(),
        "string" => value.is_string(),
        "integer" => value.is_i64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.as_array().is_some_and(|all| !all.is_empty()),
        _ => false,
    };
    match &schema["type"] {
        Value::String(name) => is(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(is),
        _ => false,
    }
}
