//! The document as the page shows it.

use super::curl;
use super::fields::{self, Field};
use serde::Serialize;
use serde_json::Value;

/// The whole page.
#[derive(Debug, Serialize)]
pub(super) struct View {
    title: String,
    version: String,
    about: Vec<Paragraph>,
    scopes: Vec<(String, String)>,
    groups: Vec<Group>,
}

/// Operations about one thing.
#[derive(Debug, Serialize)]
struct Group {
    name: String,
    anchor: String,
    about: String,
    operations: Vec<Operation>,
}

#[derive(Debug, Serialize)]
struct Operation {
    id: String,
    method: String,
    path: String,
    summary: String,
    about: Vec<Span>,
    parameters: Vec<Field>,
    bodies: Vec<Body>,
    answers: Vec<Answer>,
    problems: Vec<Trouble>,
    curl: String,
}

/// A body of a request or an answer.
#[derive(Debug, Serialize)]
struct Body {
    kind: String,
    fields: Vec<Field>,
    example: String,
}

#[derive(Debug, Serialize)]
struct Answer {
    status: String,
    reason: String,
    headers: Vec<String>,
    bodies: Vec<Body>,
}

#[derive(Debug, Serialize)]
struct Trouble {
    status: String,
    code: String,
    meaning: String,
}

/// A paragraph, or a heading before some.
#[derive(Debug, Serialize)]
struct Paragraph {
    heading: bool,
    words: Vec<Span>,
}

impl Paragraph {
    fn of(text: &str) -> Self {
        let heading = text.strip_prefix("## ");
        Self { heading: heading.is_some(), words: spans(heading.unwrap_or(text)) }
    }
}

/// A run of text, set as code or not.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Span {
    code: bool,
    text: String,
}

impl View {
    /// Of `document`, with the server's own address in the examples.
    pub(super) fn of(document: &Value, public_url: &str) -> Self {
        let tags = document["tags"].as_array().into_iter().flatten();
        let info = &document["info"];
        let scheme = text(&document["components"]["securitySchemes"]["bearer"]["description"]);
        let scope = |line: &str| {
            let (name, meaning) = line.strip_prefix("- `")?.split_once("`: ")?;
            Some((name.to_owned(), meaning.to_owned()))
        };
        Self {
            title: text(&info["title"]),
            version: text(&info["version"]),
            about: text(&info["description"]).split("\n\n").map(Paragraph::of).collect(),
            scopes: scheme.lines().filter_map(scope).collect(),
            groups: tags.map(|tag| Group::of(document, tag, public_url)).collect(),
        }
    }
}

impl Group {
    fn of(document: &Value, tag: &Value, public_url: &str) -> Self {
        let name = text(&tag["name"]);
        let paths = document["paths"].as_object().into_iter().flatten();
        let all = paths.flat_map(|(path, methods)| {
            let methods = methods.as_object().into_iter().flatten();
            methods.map(move |(method, operation)| (path, method, operation))
        });
        let ours = all.filter(|(_, _, operation)| operation["tags"][0] == name.as_str());
        let mut operations: Vec<Operation> = ours
            .map(|(path, method, operation)| Operation::of(document, (path, method), operation, public_url))
            .collect();
        let order = |method: &str| {
            ["GET", "POST", "PUT", "PATCH", "DELETE"].iter().position(|known| *known == method)
        };
        operations.sort_by_key(|operation| (operation.path.clone(), order(&operation.method)));
        let anchor = name.to_lowercase().replace(' ', "-");
        Self { name, anchor, about: text(&tag["description"]), operations }
    }
}

impl Operation {
    fn of(document: &Value, (path, method): (&str, &str), operation: &Value, public_url: &str) -> Self {
        let responses = operation["responses"].as_object().into_iter().flatten();
        let (mut answers, mut problems) = (Vec::new(), Vec::new());
        for (status, response) in responses {
            let response = fields::resolved(document, response);
            match response["content"].get("application/problem+json") {
                Some(content) => problems.extend(troubles(status, content)),
                None => answers.push(Answer::of(document, status, response)),
            }
        }
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        Self {
            id: text(&operation["operationId"]),
            method: method.to_uppercase(),
            path: path.to_owned(),
            summary: text(&operation["summary"]),
            about: spans(&text(&operation["description"])),
            parameters: parameters.map(|parameter| Field::of_parameter(document, parameter)).collect(),
            bodies: bodies(document, &operation["requestBody"]["content"]),
            answers,
            problems,
            curl: curl::line(public_url, path, method, operation),
        }
    }
}

impl Answer {
    fn of(document: &Value, status: &str, response: &Value) -> Self {
        let headers = response["headers"].as_object().into_iter().flatten();
        Self {
            status: status.to_owned(),
            reason: text(&response["description"]),
            headers: headers.map(|(name, _)| name.clone()).collect(),
            bodies: bodies(document, &response["content"]),
        }
    }
}

fn bodies(document: &Value, content: &Value) -> Vec<Body> {
    let kinds = content.as_object().into_iter().flatten();
    let body = |(kind, content): (&String, &Value)| Body {
        kind: kind.clone(),
        fields: fields::of(document, &content["schema"]),
        example: match &content["example"] {
            Value::String(text) => text.clone(),
            example => serde_json::to_string_pretty(example).unwrap_or_default(),
        },
    };
    kinds.map(body).collect()
}

fn troubles(status: &str, content: &Value) -> Vec<Trouble> {
    let examples = content["examples"].as_object().into_iter().flatten();
    let trouble = |(code, example): (&String, &Value)| Trouble {
        status: status.to_owned(),
        code: code.clone(),
        meaning: text(&example["summary"]),
    };
    examples.map(trouble).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Text with code between backticks.
pub(super) fn spans(text: &str) -> Vec<Span> {
    let parts = text.split('`').enumerate();
    let parts = parts.filter(|(_, text)| !text.is_empty());
    parts.map(|(at, text)| Span { code: at % 2 == 1, text: text.to_owned() }).collect()
}

#[test]
fn backticks_are_code() {
    let span = |code, text: &str| Span { code, text: text.to_owned() };
    assert_eq!(spans("Needs `a:b`."), [span(false, "Needs "), span(true, "a:b"), span(false, ".")]);
}
