//! The document of the API, and what the API really does.

mod harness;

use harness::callers::{Caller, codes};
use harness::{Scratch, Stage};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use tidings::api::{SCOPES, document, hash_token, new_token};

/// An operation of the document.
#[derive(Clone)]
struct Operation {
    method: Method,
    path: String,
    about: Value,
}

/// All of the API; the document has one more, whose answers are pages for people.
fn operations() -> Vec<Operation> {
    every_operation().into_iter().filter(|operation| operation.path != "/f/{token}").collect()
}

fn every_operation() -> Vec<Operation> {
    let mut all = Vec::new();
    for (path, methods) in document()["paths"].as_object().unwrap() {
        for (method, about) in methods.as_object().unwrap() {
            let method = method.to_uppercase().parse().unwrap();
            all.push(Operation { method, path: path.clone(), about: about.clone() });
        }
    }
    all
}

impl Operation {
    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Its address with the examples of its parameters.
    fn address(&self) -> String {
        let mut path = self.path.clone();
        let mut query = Vec::new();
        for parameter in self.about["parameters"].as_array().unwrap() {
            let name = parameter["name"].as_str().unwrap();
            let example = &parameter["example"];
            let example = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
            match parameter["in"].as_str().unwrap() {
                "path" => path = path.replace(&format!("{{{name}}}"), &example.replace('+', "%2B")),
                "query" if parameter["required"] == true => {
                    query.push(format!("{name}={}", example.replace('+', "%2B")));
                }
                _ => {}
            }
        }
        if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
    }

    fn example(&self) -> Option<&Value> {
        self.about["requestBody"]["content"].get("application/json").map(|content| &content["example"])
    }

    /// The document's words about an answer.
    fn answer(&self, status: u16) -> Option<&Value> {
        let answer = self.about["responses"].get(status.to_string())?;
        Some(match answer["$ref"].as_str() {
            Some(path) => document().pointer(path.trim_start_matches('#')).unwrap(),
            None => answer,
        })
    }

    /// Fails unless the document has this answer.
    async fn is_documented(&self, response: Response) -> (u16, Value) {
        let status = response.status().as_u16();
        let kind = response.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
        let text = response.text().await.unwrap();
        let answer = self.answer(status).unwrap_or_else(|| panic!("{}: {status} {text}", self.name()));
        match kind {
            Some(kind) => assert!(answer["content"].get(&kind).is_some(), "{}: {status} {kind}", self.name()),
            None => assert!(answer.get("content").is_none(), "{}: {status} without a body", self.name()),
        }
        let told = serde_json::from_str(&text).unwrap_or_default();
        if self.path != "/api/v1/openapi.json" {
            has_times_in_whole_seconds(&told, &self.name());
        }
        (status, told)
    }
}

/// Fails at a time that is written otherwise.
fn has_times_in_whole_seconds(told: &Value, at: &str) {
    match told {
        Value::String(text) if text.parse::<jiff::Timestamp>().is_ok() => {
            assert!(text.len() == "2026-11-21T12:00:00Z".len() && text.ends_with('Z'), "{at}: {text}");
        }
        Value::Array(all) => all.iter().for_each(|one| has_times_in_whole_seconds(one, at)),
        Value::Object(all) => all.values().for_each(|one| has_times_in_whole_seconds(one, at)),
        _ => {}
    }
}

async fn token(stage: &Stage, id: i64, scopes: &str) -> String {
    let token = new_token().unwrap();
    stage.app.store.add_token(id, "test", &hash_token(&token), scopes, 0).await.unwrap();
    token
}

async fn every_scope(stage: &Stage) -> String {
    let all: Vec<&str> = SCOPES.iter().map(|(name, _)| *name).collect();
    token(stage, 1, &all.join(" ")).await
}

#[test]
fn every_operation_says_all_there_is_to_say() {
    let all = operations();
    assert!(all.len() > 70, "{} operations", all.len());
    for operation in &all {
        let (name, about) = (operation.name(), &operation.about);
        for word in ["operationId", "summary", "description"] {
            assert!(about[word].as_str().is_some_and(|text| !text.is_empty()), "{name}: {word}");
        }
        for parameter in about["parameters"].as_array().unwrap() {
            assert!(parameter["description"].is_string(), "{name}: say what {} is", parameter["name"]);
            assert!(!parameter["example"].is_null(), "{name}: an example of {}", parameter["name"]);
        }
        for content in about["requestBody"]["content"].as_object().into_iter().flat_map(|all| all.values()) {
            assert!(!content["example"].is_null(), "{name}: an example of the body");
        }
        let answers = about["responses"].as_object().unwrap();
        let good: Vec<&String> = answers.keys().filter(|status| status.starts_with('2')).collect();
        assert!(!good.is_empty(), "{name}: no success");
        let good = operation.answer(good[0].parse().unwrap()).unwrap();
        for content in good["content"].as_object().into_iter().flat_map(|all| all.values()) {
            assert!(!content["example"].is_null(), "{name}: an example of the answer");
        }
        for status in ["400", "503"] {
            assert!(answers.contains_key(status), "{name}: {status}");
        }
        let guarded = !about["security"].as_array().unwrap().is_empty();
        assert_eq!(guarded, answers.contains_key("403") && answers.contains_key("401") && guarded, "{name}");
    }
}

#[test]
fn every_field_says_what_it_means() {
    fn look(schema: &Value, at: &str, silent: &mut Vec<String>) {
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            let at = format!("{at}.{name}");
            if !field["description"].is_string() && field.get("$ref").is_none() {
                silent.push(at.clone());
            }
            look(field, &at, silent);
        }
        look_into(&schema["items"], at, silent);
        for part in ["allOf", "anyOf", "oneOf"] {
            for schema in schema[part].as_array().into_iter().flatten() {
                look_into(schema, at, silent);
            }
        }
    }
    fn look_into(schema: &Value, at: &str, silent: &mut Vec<String>) {
        if schema.is_object() {
            look(schema, at, silent);
        }
    }
    let mut silent = Vec::new();
    for (name, schema) in document()["components"]["schemas"].as_object().unwrap() {
        look(schema, name, &mut silent);
    }
    for operation in operations() {
        for content in
            operation.about["requestBody"]["content"].as_object().into_iter().flat_map(|all| all.values())
        {
            look(&content["schema"], &operation.name(), &mut silent);
        }
    }
    assert!(silent.is_empty(), "say what they mean where they are, or in words.rs:\n{}", silent.join("\n"));
}

#[test]
fn routes_are_added_in_one_way() {
    fn look(folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                look(&path);
            } else if !path.ends_with("openapi/routes.rs") {
                let text = fs::read_to_string(&path).unwrap();
                assert!(!text.contains(".route("), "{}: use openapi::Routes", path.display());
            }
        }
    }
    look(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api"));
}

#[tokio::test]
async fn every_operation_is_there_and_guarded_as_the_document_says() {
    let stage = Stage::new(Scratch::sqlite()).await;
    let nothing = token(&stage, 1, "").await;
    for operation in operations() {
        let url = format!("{}{}", stage.app.public_url, operation.address());
        let name = operation.name();
        let call = || {
            let body = operation.example().cloned().unwrap_or_else(|| json!({}));
            stage.client.request(operation.method.clone(), &url).json(&body)
        };
        let (status, told) = operation.is_documented(call().send().await.unwrap()).await;
        assert!(!told["detail"].as_str().unwrap_or_default().starts_with("there is no /"), "{name}: {told}");
        let security = operation.about["security"][0].get("bearer");
        assert_eq!(status == 401 && told["code"] == "unauthorized", security.is_some(), "{name}: {told}");
        let Some(scopes) = security else { continue };
        let (status, told) =
            operation.is_documented(call().bearer_auth(&nothing).send().await.unwrap()).await;
        let expected = if scopes[0].is_string() { "missing_scope" } else { "no_account" };
        assert_eq!((status, told["code"].as_str()), (403, Some(expected)), "{name}");
        if let Some(scope) = scopes[0].as_str() {
            assert!(told["detail"].as_str().unwrap().ends_with(scope), "{name}: {told}");
        }
    }
}

#[tokio::test]
async fn every_example_of_a_body_is_what_it_should_be() {
    let stage = Stage::new(Scratch::sqlite()).await;
    let token = every_scope(&stage).await;
    // The example of an alert names this one.
    let group = stage.client.post(format!("{}/api/v1/groups", stage.app.public_url)).bearer_auth(&token);
    let group = group.json(&json!({ "name": "Nurses", "members": ["+14155550101"] })).send().await.unwrap();
    assert_eq!(group.status(), 201);
    for operation in operations() {
        let Some(example) = operation.example() else { continue };
        let url = format!("{}{}", stage.app.public_url, operation.address());
        let call = stage.client.request(operation.method.clone(), &url).bearer_auth(&token).json(example);
        let (_, told) = operation.is_documented(call.send().await.unwrap()).await;
        // No template has versions before somebody words it.
        if operation.path.ends_with("/restore") {
            continue;
        }
        assert_ne!(told["code"], "invalid_request", "{}: {example} {told}", operation.name());
        assert_ne!(told["code"], "newer_version", "{}: {example} {told}", operation.name());
    }
}

/// Proves the number of the account in the example, and notes its id.
async fn prove(stage: &Stage, token: &str, made: &mut HashMap<String, String>) {
    let code = codes(stage, "+14155550101", 1).await.remove(0);
    let person = Caller { stage, token: token.to_owned() };
    let body = json!({ "email": "asha@example.org", "code": code });
    assert_eq!(person.post("/auth/verify-sms", body).await.0, 200);
    let (_, numbers) = person.get("/users/me/phone-numbers").await;
    let id = numbers["items"][0]["id"].as_str().unwrap().to_owned();
    made.insert("/api/v1/users/me/phone-numbers".to_owned(), id);
}

/// Sent before all others: others need what these make.
const FIRST: [&str; 4] = [
    "POST /api/v1/auth/register",
    "POST /api/v1/auth/login",
    "POST /api/v1/groups",
    "PUT /api/v1/templates/{name}/{locale}",
];
/// Sent after all others: these take away what others need.
const LAST: [&str; 2] = ["POST /api/v1/contacts/{phone}/consent", "POST /api/v1/opt-outs"];
/// What only a phone has stands in these: a code from a text, or the id of one.
const FROM_A_PHONE: [&str; 4] = [
    "POST /api/v1/auth/verify-sms",
    "POST /api/v1/auth/login/second-factor",
    "POST /api/v1/users/me/phone-numbers/verify-code",
    "POST /api/v1/contacts/{phone}/messages/{id}/correction",
];

#[tokio::test]
async fn every_example_of_a_body_works_as_it_stands() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        stage.hear("SM00000000000000000000000000000001", "+14155550101", "REGISTER").await;
        let program = every_scope(&stage).await;
        let (mut person, mut made) = (String::new(), HashMap::new());
        let mut all: Vec<_> = operations().into_iter().filter(|one| one.example().is_some()).collect();
        all.retain(|one| !FROM_A_PHONE.contains(&one.name().as_str()));
        all.sort_by_key(|one| {
            let name = one.name();
            let first = FIRST.iter().position(|known| *known == name).unwrap_or(FIRST.len());
            (first, LAST.contains(&name.as_str()))
        });
        let reads = operations().into_iter().filter(|one| one.method == Method::GET);
        let mut all: Vec<_> = all.into_iter().chain(reads).collect();
        // Nobody is left to read anything once this one is sent.
        all.sort_by_key(|one| one.name() == "DELETE /api/v1/users/me");
        for operation in all {
            let name = operation.name();
            let collection =
                operation.path.split("/{id}").next().unwrap().split("/{test_id}").next().unwrap();
            let id: &str = made.get(collection).map_or("", String::as_str);
            let path = operation.path.replace("{id}", id).replace("{test_id}", id);
            let url =
                format!("{}{}", stage.app.public_url, Operation { path, ..operation.clone() }.address());
            let is_own = operation.about["security"][0]["bearer"].as_array().is_some_and(Vec::is_empty);
            let request = stage.client.request(operation.method.clone(), url);
            let request = request.bearer_auth(if is_own { &person } else { &program });
            let request = match operation.example() {
                Some(example) => request.json(example),
                None => request,
            };
            let (status, told) = operation.is_documented(request.send().await.unwrap()).await;
            assert!((200..300).contains(&status), "{name}: {:?} {told}", operation.example());
            if let Some(token) = told["access_token"].as_str() {
                token.clone_into(&mut person);
                prove(&stage, token, &mut made).await;
            }
            if let Some(id) = told["id"].as_str().or(told["test_id"].as_str()) {
                let of = if name == FIRST[0] { "/api/v1/accounts" } else { collection };
                made.entry(of.to_owned()).or_insert_with(|| id.to_owned());
            }
        }
        stage.end().await;
    }
}

/// Fails unless it is a problem with this status that names no internals.
async fn is_problem(what: &str, status: u16, response: Response) {
    let kind = response.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
    let got = response.status().as_u16();
    let text = response.text().await.unwrap();
    assert_eq!(got, status, "{what}: {text}");
    assert_eq!(kind.as_deref(), Some("application/problem+json"), "{what}: {text}");
    let problem: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(problem["status"], status, "{what}");
    for word in
        ["sqlx", "src/", ".rs", "panicked", "SQLITE", "tokio", "0x", "struct ", "eserialize", " at line "]
    {
        assert!(!text.contains(word), "{what}: {text}");
    }
}

#[tokio::test]
async fn whatever_is_wrong_is_told_as_a_problem() {
    let stage = Stage::new(Scratch::sqlite()).await;
    let token = every_scope(&stage).await;
    let base = &stage.app.public_url;
    let large = format!("\"{}\"", "a".repeat(1024 * 1024));
    for operation in operations() {
        let (name, url) = (operation.name(), format!("{base}{}", operation.address()));
        let call = |method: &Method, url: &str| stage.client.request(method.clone(), url).bearer_auth(&token);
        is_problem(&name, 405, call(&Method::TRACE, &url).send().await.unwrap()).await;
        for (field, word) in [("%FF", "bytes"), ("%00", "NUL")] {
            let url = if url.contains('?') { format!("{url}&x={field}") } else { format!("{url}?x={field}") };
            let what = format!("{name}, {word}");
            is_problem(&what, 400, call(&operation.method, &url).send().await.unwrap()).await;
        }
        let needs_account = operation.about["security"][0]["bearer"].as_array().is_some_and(Vec::is_empty);
        if operation.example().is_none() || needs_account {
            continue;
        }
        let with = |kind: &'static str, body: &str| {
            call(&operation.method, &url).header("content-type", kind).body(body.to_owned()).send()
        };
        is_problem(&name, 415, with("text/plain", "{}").await.unwrap()).await;
        is_problem(&name, 413, with("application/json", &large).await.unwrap()).await;
        for body in ["", "{", "nul", "7", "{\"no_such_field\": 1}", "\u{feff}{}", "{\"\\ud800\": 1}"] {
            if body.is_empty() && operation.about["requestBody"]["required"] == false {
                continue;
            }
            is_problem(&format!("{name} {body}"), 400, with("application/json", body).await.unwrap()).await;
        }
    }
    for path in ["/api/v1", "/api/v1/", "/api/v1/nothing", "/api/v2/messages", "/api"] {
        is_problem(path, 404, stage.client.get(format!("{base}{path}")).send().await.unwrap()).await;
    }
}

#[tokio::test]
async fn the_link_of_a_form_leads_where_the_document_says() {
    let stage = Stage::new(Scratch::sqlite()).await;
    let token = every_scope(&stage).await;
    let link = every_operation().into_iter().find(|operation| operation.path == "/f/{token}").unwrap();
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let follow = async |url: &str| client.get(url).send().await.unwrap();
    let form =
        json!({ "phone_number": "+14155550101", "title": "Intake", "url": "https://example.org/form" });
    let made = stage.client.post(format!("{}/api/v1/forms", stage.app.public_url)).bearer_auth(&token);
    let made: Value = made.json(&form).send().await.unwrap().json().await.unwrap();
    let url = made["link"].as_str().unwrap();
    let example = link.about["parameters"][0]["example"].as_str().unwrap();
    assert_eq!(url.rsplit('/').next().unwrap().len(), example.len());
    let response = follow(url).await;
    assert_eq!(response.headers()["location"], "https://example.org/form");
    assert!(link.answer(302).unwrap()["headers"]["Location"].is_object());
    assert_eq!(link.is_documented(response).await.0, 302);
    let unknown = format!("{}{}", stage.app.public_url, link.address());
    for url in [unknown, format!("{}/f/x", stage.app.public_url)] {
        assert_eq!(link.is_documented(follow(&url).await).await.0, 404);
    }
    stage.app.store.close().await;
    let away = follow(url).await;
    assert_eq!(link.is_documented(away).await.0, 503);
}

#[test]
fn the_command_line_prints_the_same() {
    let output = Command::new(env!("CARGO_BIN_EXE_tidings")).arg("openapi").env_clear().output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(&printed, document());
}

#[tokio::test]
async fn the_document_and_its_page_are_served() {
    let stage = Stage::new(Scratch::sqlite()).await;
    let get = async |path: &str| {
        let response = stage.client.get(format!("{}{path}", stage.app.public_url)).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        response.text().await.unwrap()
    };
    let served: Value = serde_json::from_str(&get("/api/v1/openapi.json").await).unwrap();
    assert_eq!(&served, document());
    let page = get("/api/docs").await;
    for operation in every_operation() {
        let id = operation.about["operationId"].as_str().unwrap();
        assert!(page.contains(&format!("id=\"{id}\"")), "{id}");
    }
    assert!(!page.contains("<script"), "it works without");
    for link in page.split("href=\"").skip(1).chain(page.split("src=\"").skip(1)) {
        assert!(link.starts_with('/') || link.starts_with('#'), "{}", &link[..60]);
    }
}

/// The example of an operation's answer.
fn shown(method: &str, path: &str, status: &str) -> &'static Value {
    &document()["paths"][format!("/api/v1{path}")][method]["responses"][status]["content"]["application/json"]
        ["example"]
}

#[test]
fn examples_agree_with_what_they_are_about() {
    fn look(value: &Value, at: &str) {
        if let Some(method) = value.get("verification_method").and_then(Value::as_str) {
            assert!(["sms", "sms_reply"].contains(&method), "{at}: {method}");
        }
        if value["status"] == "delivered" {
            assert_eq!(value["error_code"], Value::Null, "{at}: {value}");
            let [sent, delivered] = [&value["sent_at"], &value["delivered_at"]].map(Value::as_str);
            assert!(sent <= delivered || value.get("delivered_at").is_none(), "{at}: {value}");
        }
        match value {
            Value::Object(parts) => parts.values().for_each(|part| look(part, at)),
            Value::Array(parts) => parts.iter().for_each(|part| look(part, at)),
            _ => {}
        }
    }
    for operation in operations() {
        for answer in operation.about["responses"].as_object().unwrap().values() {
            for content in answer["content"].as_object().into_iter().flatten() {
                look(&content.1["example"], &operation.name());
            }
        }
    }
    let registered = shown("post", "/auth/register", "201");
    assert_eq!(registered["verification"]["status"], "sent", "{registered}");
    assert_eq!(registered["is_phone_verified"], false, "{registered}");
    let added = shown("post", "/users/me/phone-numbers", "201");
    assert_eq!((&added["is_primary"], &added["is_verified"]), (&json!(false), &json!(false)), "{added}");
    for (method, path, status) in [("post", "/bookings", "201"), ("get", "/bookings/{id}", "200")] {
        let booking = shown(method, path, status);
        assert_eq!((&booking["status"], &booking["answer"]), (&json!("pending"), &Value::Null), "{booking}");
    }
    assert_eq!(shown("post", "/bookings/{id}/cancel", "200")["status"], "cancelled");
    assert_eq!(shown("post", "/messages", "202")["status"], "queued");
    for path in ["/templates", "/sms/test/templates"] {
        assert_eq!(shown("get", path, "200")["items"][0]["name"], "code", "{path}");
    }
    let own = shown("get", "/openapi.json", "200");
    assert_eq!(own["info"]["version"], document()["info"]["version"]);
    assert_ne!(own["paths"], json!({}));
}

#[tokio::test]
async fn the_page_says_how_to_begin_and_keeps_kinds_of_answers_apart() {
    let stage = Stage::new(Scratch::sqlite()).await;
    let page = stage.client.get(format!("{}/api/docs", stage.app.public_url)).send().await.unwrap();
    let page = page.text().await.unwrap();
    let begin = page.split("<h2>Start here</h2>").nth(1).unwrap().split("</header>").next().unwrap();
    for words in ["GET /demo/state?phone=", "POST /demo/texts", "tidings token add", "remind_before_minutes"]
    {
        assert!(begin.contains(words), "{words}: {begin}");
    }
    let about = |id: &str| {
        let rest = page.split(&format!("id=\"{id}\"")).nth(1).unwrap();
        rest.split("class=\"operation\"").next().unwrap()
    };
    let login = about("post_auth_login");
    let (either, or) = (login.find(">Either: ").unwrap(), login.find(">Or: ").unwrap());
    let fields = &login[either..];
    let at = |name: &str| either + fields.find(&format!("<code>{name}</code>")).unwrap();
    assert!(either < at("access_token") && at("access_token") < or && or < at("challenge_id"), "{login}");
    let register = about("post_auth_register");
    assert!(register.contains(">sent<") && register.contains(">not_sent<"), "{register}");
}
