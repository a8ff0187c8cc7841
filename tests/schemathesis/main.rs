//! Schemathesis asks the API whatever its document allows, and much that it does not, as each role.

#[path = "../harness/mod.rs"]
mod harness;
mod python;
mod stock;

use harness::callers::{PASSWORD, member, sign_in};
use harness::{Scratch, Stage, eventually};
use serde_json::{Value, json};
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tidings::api::{SCOPES, document, hash_token, new_token};

/// Every run draws the same.
const SEED: &str = "20261121";
/// How long one role's run may take before it is stuck.
const LONGEST: Duration = Duration::from_mins(10);
/// Cases that all roles must come to.
const CASES: u64 = 2000;

const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance,unsupported_method,\
                      allow_header_conformance,ignored_auth,negative_data_rejection";

/// Somebody who calls.
struct Role {
    name: &'static str,
    token: Option<String>,
    /// What is tried.
    phases: &'static str,
    /// Most drawn cases of one kind for one operation.
    depth: &'static str,
}

/// A token of a program.
async fn program(stage: &Stage, id: i64, test: bool) -> String {
    let scopes: Vec<&str> = SCOPES.iter().map(|(name, _)| *name).collect();
    let token = new_token().unwrap();
    let hash = hash_token(&token);
    stage.app.store.add_token(id, "program", &hash, &scopes.join(" "), 0).await.unwrap();
    if test {
        stage.app.store.make_test_token(&hash).await.unwrap();
    }
    token
}

/// The session of somebody who has this role.
async fn person(stage: &Stage, program: &str, role: &str) -> String {
    let email = format!("{role}@example.org");
    let person = member(stage, &email, None).await;
    let (_, me) = person.get("/users/me").await;
    let url = format!("{}/api/v1/accounts/{}", stage.app.public_url, me["id"].as_str().unwrap());
    let change = stage.client.patch(url).bearer_auth(program).json(&json!({ "role": role }));
    assert_eq!(change.send().await.unwrap().status(), 200);
    sign_in(stage, &email, PASSWORD).await.token
}

async fn roles(stage: &Stage) -> Vec<Role> {
    let (live, test) = (program(stage, 1, false).await, program(stage, 2, true).await);
    let few = |name, token, depth| Role { name, token, phases: "fuzzing", depth };
    let mut roles = vec![few("anonymous", None, "2"), few("test token", Some(test), "4")];
    for (name, depth) in [("user", "4"), ("operator", "4"), ("admin", "6")] {
        roles.push(few(name, Some(person(stage, &live, name).await), depth));
    }
    roles.push(Role { name: "token", token: Some(live), phases: "examples,coverage,fuzzing", depth: "10" });
    roles
}

/// One role's run; returns what was printed if something is wrong, and how many cases there were.
async fn run(
    stage: &Stage,
    program: &Path,
    schema: &Path,
    number: usize,
    role: &Role,
) -> (Option<String>, u64) {
    let folder = schema.parent().unwrap();
    let (report, log) = (folder.join(format!("report-{number}.json")), folder.join(format!("log-{number}")));
    let mut command = Command::new(program);
    command.current_dir(folder).arg("run").arg(schema);
    command.args(["--url", &stage.app.public_url, "--seed", SEED, "--checks", CHECKS, "--workers", "1"]);
    command.args(["--phases", role.phases, "--max-examples", role.depth, "--no-color"]);
    command.args([
        "--generation-database",
        "none",
        "--continue-on-failure",
        "--no-shrink",
        "--warnings",
        "off",
    ]);
    command.args(["--suppress-health-check", "all", "--request-timeout", "20", "--report", "json"]);
    command.arg("--report-json-path").arg(&report);
    // Limits by address are each role's own.
    command.args(["-H", &format!("X-Forwarded-For: 198.51.100.{number}")]);
    if let Some(token) = &role.token {
        command.args(["-H", &format!("Authorization: Bearer {token}")]);
        // It would end the session that the rest is asked in.
        command.args(["--exclude-path", "/api/v1/auth/logout"]);
    }
    let file = File::create(&log).unwrap();
    let mut child = command.stdout(file.try_clone().unwrap()).stderr(file).spawn().unwrap();
    let mut status = None;
    eventually("the end of its run", LONGEST, async || {
        status = child.try_wait().unwrap();
        status.is_some()
    })
    .await;
    let report = fs::read(&report).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    let fault = (!status.unwrap().success()).then(|| fs::read_to_string(&log).unwrap());
    (fault, python::cases(&report.unwrap_or_default()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_asked_is_answered_as_documented() {
    let program = python::schemathesis();
    let more = [("TIDINGS_TRUSTED_PROXIES", "127.0.0.1"), ("TIDINGS_CODES_PER_COUNTRY", "100000")];
    let stage = Stage::with_ours(Scratch::sqlite(), &more).await;
    let roles = roles(&stage).await;
    let live = roles.last().and_then(|role| role.token.clone()).unwrap();
    let schema = stage.scratch.folder.path().join("openapi.json");
    let (mut faults, mut cases) = (Vec::new(), 0);
    for (number, role) in roles.iter().enumerate() {
        let mut document = document().clone();
        stock::fill(&stage, &live, number, &mut document).await;
        fs::write(&schema, serde_json::to_vec(&document).unwrap()).unwrap();
        let (fault, count) = run(&stage, &program, &schema, number, role).await;
        println!("{}: {count} cases", role.name);
        cases += count;
        faults.extend(fault.map(|text| format!("as {}:\n{text}", role.name)));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(cases >= CASES, "only {cases} cases");
}
