//! An operation as a line for a terminal.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use std::fmt::Write as _;

/// The line: with every parameter that must be there, and the body's example.
pub(super) fn line(public_url: &str, path: &str, method: &str, operation: &Value) -> String {
    let mut url = format!("{public_url}{path}");
    let mut query = Vec::new();
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap_or_default();
        let example =
            parameter["example"].as_str().map_or_else(|| parameter["example"].to_string(), str::to_owned);
        let example = utf8_percent_encode(&example, NON_ALPHANUMERIC).to_string();
        match parameter["in"].as_str() {
            Some("path") => url = url.replace(&format!("{{{name}}}"), &example),
            Some("query") if parameter["required"] == true => query.push(format!("{name}={example}")),
            _ => {}
        }
    }
    if !query.is_empty() {
        url = format!("{url}?{}", query.join("&"));
    }
    let mut line = match method {
        "get" => format!("curl {}", quoted(&url)),
        _ => format!("curl -X {} {}", method.to_uppercase(), quoted(&url)),
    };
    if operation["security"].as_array().is_some_and(|all| !all.is_empty()) {
        line.push_str(" \\\n  -H \"Authorization: Bearer $TOKEN\"");
    }
    if let Some((kind, content)) =
        operation["requestBody"]["content"].as_object().and_then(|all| all.iter().next())
    {
        let example =
            content["example"].as_str().map_or_else(|| content["example"].to_string(), str::to_owned);
        let _ = write!(line, " \\\n  -H 'Content-Type: {kind}' \\\n  --data {}", quoted(&example));
    }
    line
}

/// As a shell takes it, whatever is in it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[test]
fn a_line_has_what_a_call_needs() {
    let operation = serde_json::json!({
        "parameters": [
            { "name": "id", "in": "path", "required": true, "example": "7" },
            { "name": "q", "in": "query", "required": true, "example": "+1" },
            { "name": "limit", "in": "query", "required": false, "example": 5 },
        ],
        "security": [{ "bearer": [] }],
        "requestBody": { "content": { "application/json": { "example": { "a": "it's" } } } },
    });
    let expected = "curl -X POST 'http://h/x/7?q=%2B1' \\\n  -H \"Authorization: Bearer $TOKEN\" \\\n  \
                    -H 'Content-Type: application/json' \\\n  --data '{\"a\":\"it'\\''s\"}'";
    assert_eq!(line("http://h", "/x/{id}", "post", &operation), expected);
}
