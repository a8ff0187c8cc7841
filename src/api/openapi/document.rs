//! Puts the document together.

use super::routes::{Entry, Routes};
use super::sheet::{Access, Answer, Noted, Sheet};
use super::{examples, link, parameters, problems, words};
use crate::accounts::Role;
use crate::api::{SCOPES, idempotency, routes};
use crate::problem::Problem;
use axum::http::{Method, StatusCode};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Under this all paths are.
pub(super) const BASE: &str = "/api/v1";

const ABOUT: &str = "Staff and programs send and read messages, keep bookings and forms, and look after \
contacts; people have an account and prove their numbers.\n\n\
Bodies are JSON, numbers E.164, times RFC 3339: in UTC and in whole seconds in every answer, with any \
offset in a request, where what is finer than a second is cut off. A list answers `{items, next_cursor}` and takes \
`limit` and `cursor`. A field or a parameter that is not in this document is refused (400). A field that may be left out may be `null`, \
which means the same, unless it says what else `null` does. Whatever goes \
wrong is told as `application/problem+json`, with a `code` that programs may branch on; an address of the API \
that is not in this document answers `not_found` (404), a method that it does not \
take `method_not_allowed` (405).";

/// How to begin.
const START: &str = "## Start here\n\n\
Without Twilio's credentials the server is a demo: texts go to the phone at `/demo` and nowhere else. An account \
is made in this order:\n\n\
1. `POST /api/v1/auth/register` with a number has a code sent to it.\n\n\
2. `GET /demo/state?phone=%2B14155550101` shows that phone: the code stands at the beginning of its last message, \
`messages[-1].body`.\n\n\
3. `POST /api/v1/auth/verify-sms` with the email address and the code proves the number.\n\n\
4. `POST /api/v1/auth/login` answers with the `access_token` for the header `Authorization: Bearer` of the \
account's own operations. It does so before the number is proven, too.\n\n\
`POST /demo/texts` with the form `from=+14155550101&body=CONFIRM` (`curl --data-urlencode`) texts the server \
from that phone and answers with what comes back. `POST /demo/clock` with `phone` and `minutes` moves the \
server's clock on. With Twilio, there is nothing under `/demo`: texts come from phones.\n\n\
What needs a scope is for staff and programs. Whoever runs the server makes a token for it: \
`tidings token add desk --scope bookings:read --scope bookings:write` prints it once. \
The token goes into the same header. Test messages are for both: by `POST /api/v1/sms/test` people have a text sent to \
a verified number of their own, and whoever has the scope `tests:send` to any.\n\n\
A booking asks for an answer with its reminders: `remind_before_minutes` before it starts, a day before \
where nothing is said, or at once where that time is over. Reminders wait for the end of the quiet hours (21:00 to \
8:00 where the person is, unless the server is set up otherwise). Whoever texts CONFIRM before they were asked gets the \
question first; the CONFIRM behind it counts.";

/// The document; there is only one.
pub fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| assemble(&routes()))
}

fn assemble(routes: &Routes) -> Value {
    let mut sheet = Sheet::new();
    sheet.component::<Problem>();
    let mut noted = Vec::new();
    for entry in &routes.operations {
        (entry.describe)(&mut sheet);
        noted.push((entry, sheet.turn()));
    }
    let mut schemas = sheet.components();
    schemas.values_mut().for_each(explain);
    let (mut paths, mut responses) = (Map::new(), Map::new());
    for (entry, noted) in noted {
        let operation = operation(entry, noted, &schemas, &mut responses);
        let path = paths.entry(format!("{BASE}{}", entry.path)).or_insert_with(|| json!({}));
        path[entry.method.as_str().to_ascii_lowercase()] = operation;
    }
    paths.insert(link::PATH.to_owned(), json!({ "get": link::operation() }));
    let tags: Vec<Value> =
        routes.tags.iter().map(|(name, about)| json!({ "name": name, "description": about })).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Tidings",
            "version": env!("CARGO_PKG_VERSION"),
            "description": format!("{ABOUT}\n\n{START}"),
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/", "description": "This server." }],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": responses,
            "headers": parameters::headers(),
            "securitySchemes": { "bearer": bearer() },
        },
    })
}

fn bearer() -> Value {
    let scopes: Vec<String> = SCOPES.iter().map(|(name, meaning)| format!("- `{name}`: {meaning}")).collect();
    let about = "The token of an answer to `POST /api/v1/auth/login`, or an API token with scopes:";
    json!({ "type": "http", "scheme": "bearer", "description": format!("{about}\n\n{}", scopes.join("\n")) })
}

fn operation(
    entry: &Entry,
    mut noted: Noted,
    schemas: &Map<String, Value>,
    responses: &mut Map<String, Value>,
) -> Value {
    let mut places: Vec<Value> = parameters::names(entry.path).map(parameters::place).collect();
    if !places.is_empty() {
        noted.problems.insert("not_found");
    }
    noted.problems.extend(["invalid_request", "unavailable"]);
    noted.problems.extend(&entry.problems);
    let once = entry.method == Method::POST && idempotency::covers(entry.path);
    if once {
        noted.problems.extend(["idempotency_key_in_use", "idempotency_key_reused", "too_large"]);
        if idempotency::tells_secret(entry.path) {
            noted.problems.insert("answer_not_kept");
        }
        noted.parameters.push(parameters::idempotency_key());
        noted.answers.values_mut().for_each(|answer| {
            answer.headers.insert("Idempotency-Replayed");
        });
    }
    places.extend(noted.parameters.into_iter().map(|parameter| shown(parameter, schemas)));
    let mut operation = json!({
        "operationId": operation_id(entry),
        "tags": [entry.tag],
        "summary": entry.summary,
        "description": description(entry, noted.access),
        "parameters": places,
        "responses": answers(&noted.answers, schemas, entry.shows.as_ref()),
        "security": security(noted.access),
    });
    for (status, codes) in by_status(noted.problems.into_iter().collect()) {
        let name = problems::name(&codes);
        operation["responses"][status.to_string()] =
            json!({ "$ref": format!("#/components/responses/{name}") });
        responses.entry(name).or_insert_with(|| problems::response(&codes));
    }
    if !noted.body.is_empty() {
        let content = noted.body.into_iter().map(|(kind, schema)| (kind, content(schema, schemas)));
        let content: Map<String, Value> = content.collect();
        operation["requestBody"] = json!({ "required": !noted.body_is_optional, "content": content });
    }
    operation
}

fn operation_id(entry: &Entry) -> String {
    let path = entry.path.trim_start_matches('/').replace(['/', '-', '.'], "_").replace(['{', '}'], "");
    format!("{}_{path}", entry.method.as_str().to_ascii_lowercase())
}

fn description(entry: &Entry, access: Access) -> String {
    let who = match access {
        Access::Anybody => "For everybody.".to_owned(),
        Access::Person => "For people who are signed in.".to_owned(),
        Access::Scope(scope) => format!("Needs {}.", scope_or_role(scope)),
        Access::OwnOrScope(scope) => format!(
            "For people who are signed in, about their own; about everybody's, it needs {}. An API token needs the scope.",
            scope_or_role(scope)
        ),
    };
    if entry.more.is_empty() { who } else { format!("{} {who}", entry.more) }
}

fn scope_or_role(scope: &str) -> String {
    let roles = [Role::Operator, Role::Admin].into_iter().filter(|role| role.includes(scope));
    let roles: Vec<&str> = roles.map(Role::as_str).collect();
    format!("the scope `{scope}`, or the role {}", roles.join(" or "))
}

fn security(access: Access) -> Value {
    match access {
        Access::Anybody => json!([]),
        Access::Person => json!([{ "bearer": [] }]),
        Access::Scope(scope) => json!([{ "bearer": [scope] }]),
        Access::OwnOrScope(scope) => json!([{ "bearer": [scope] }, { "bearer": [] }]),
    }
}

fn answers(answers: &BTreeMap<u16, Answer>, schemas: &Map<String, Value>, shows: Option<&Value>) -> Value {
    let mut all = Map::new();
    for (status, answer) in answers {
        let reason = StatusCode::from_u16(*status).ok().and_then(|status| status.canonical_reason());
        let mut about = json!({ "description": reason.unwrap_or("Done") });
        if let Some(schema) = &answer.schema {
            let kind = if answer.csv { "text/csv; charset=utf-8" } else { "application/json" };
            let mut content = content(schema.clone(), schemas);
            for (name, value) in shows.and_then(Value::as_object).into_iter().flatten() {
                content["example"][name] = value.clone();
            }
            about["content"] = json!({ kind: content });
        }
        for name in &answer.headers {
            about["headers"][*name] = json!({ "$ref": format!("#/components/headers/{name}") });
        }
        all.insert(status.to_string(), about);
    }
    Value::Object(all)
}

fn by_status(codes: Vec<&'static str>) -> BTreeMap<u16, Vec<&'static str>> {
    let mut by_status: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
    for code in codes {
        by_status.entry(problems::of(code).0).or_default().push(code);
    }
    by_status
}

/// A schema with an example of it.
fn content(mut schema: Value, schemas: &Map<String, Value>) -> Value {
    explain(&mut schema);
    let example = examples::of(&schema, schemas);
    json!({ "schema": schema, "example": example })
}

/// A parameter of the query with what its field means, and an example.
fn shown(mut parameter: Value, schemas: &Map<String, Value>) -> Value {
    let name = parameter["name"].as_str().unwrap_or_default().to_owned();
    words::explain(&name, &mut parameter["schema"]);
    if parameter.get("description").is_none() {
        let meaning = parameter["schema"].as_object_mut().and_then(|schema| schema.remove("description"));
        parameter["description"] = meaning.unwrap_or_default();
    }
    if parameter.get("example").is_none() {
        let one = json!({ "type": "object", "properties": { &name: parameter["schema"] } });
        parameter["example"] = examples::of(&one, schemas)[&name].take();
    }
    parameter
}

/// Says what every field means that does not say it itself.
fn explain(schema: &mut Value) {
    if let Some(fields) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        for (name, field) in fields {
            words::explain(name, field);
        }
    }
    match schema {
        Value::Object(parts) => parts.values_mut().for_each(explain),
        Value::Array(parts) => parts.iter_mut().for_each(explain),
        _ => {}
    }
}
