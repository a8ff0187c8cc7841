//! One rule for all bodies: a field that may be left out may be `null`.

use serde_json::{Value, json};

/// Lets every field of `schema` that is not required be `null`, however deep it stands.
pub(super) fn optional_fields(schema: &mut Value) {
    let required: Vec<String> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    let fields = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (_, field) in fields.into_iter().flatten().filter(|(name, _)| !required.contains(name)) {
        allow_null(field);
    }
    match schema {
        Value::Object(parts) => parts.values_mut().for_each(optional_fields),
        Value::Array(parts) => parts.iter_mut().for_each(optional_fields),
        _ => {}
    }
}

fn allow_null(field: &mut Value) {
    for choice in ["anyOf", "oneOf"] {
        if let Some(choices) = field.get_mut(choice).and_then(Value::as_array_mut) {
            let null = json!({ "type": "null" });
            if !choices.contains(&null) {
                choices.push(null);
            }
            return;
        }
    }
    if let Some(values) = field.get_mut("enum").and_then(Value::as_array_mut)
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
    if let Some(name) = field["type"].as_str().filter(|name| *name != "null") {
        field["type"] = json!([name, "null"]);
    }
}

#[test]
fn what_may_be_left_out_may_be_null() {
    let mut schema = json!({
        "required": ["name"],
        "properties": {
            "name": { "type": "string" },
            "kind": { "type": "string", "enum": ["live", "test"] },
            "tags": { "type": ["array", "null"] },
            "stop": { "properties": { "after": { "type": "integer" } }, "type": "object" },
            "when": { "anyOf": [{ "type": "string" }] },
        },
    });
    optional_fields(&mut schema);
    assert_eq!(
        schema["properties"],
        json!({
            "name": { "type": "string" },
            "kind": { "type": ["string", "null"], "enum": ["live", "test", null] },
            "tags": { "type": ["array", "null"] },
            "stop": { "properties": { "after": { "type": ["integer", "null"] } }, "type": ["object", "null"] },
            "when": { "anyOf": [{ "type": "string" }, { "type": "null" }] },
        })
    );
}
