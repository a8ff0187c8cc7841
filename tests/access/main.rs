//! Every route against everybody who may come: nobody, people of each role, tokens of each scope,
//! sessions that are over, and ids of somebody else.

#[path = "../harness/mod.rs"]
mod harness;
mod table;

use futures_util::future::join_all;
use harness::callers::{Caller, PASSWORD, anybody, codes, member, sign_in};
use harness::{Scratch, Stage};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use table::{NOT_AN_OPERATORS, NOT_FOR_TESTS, ROUTES, Route, Who, declared};
use tidings::api::{SCOPES, hash_token, new_token};

/// Nobody has these.
const UNKNOWN_ID: &str = "1999999999999999999";
const UNKNOWN_PHONE: &str = "+14155559999";

/// What a caller is, and so what they may do.
enum Role {
    /// Nobody we know, or no longer.
    Nobody,
    User,
    Operator,
    Admin,
    /// A program with one scope.
    Program(&'static str),
    /// A test token with every scope.
    Test,
}

struct Subject<'a> {
    name: String,
    role: Role,
    caller: Caller<'a>,
}

impl Subject<'_> {
    /// Whether the route is for this caller; else the status and the code they are turned away with.
    fn may(&self, who: Who) -> Result<(), (u16, &'static str)> {
        let has = |scope: &str| match &self.role {
            Role::Admin | Role::Test => true,
            Role::Operator => !NOT_AN_OPERATORS.contains(&scope),
            Role::Program(own) => scope == *own,
            Role::User | Role::Nobody => false,
        };
        match (who, &self.role) {
            (Who::Anybody, _) => Ok(()),
            (_, Role::Nobody) => Err((401, "unauthorized")),
            (Who::Person, Role::Program(_) | Role::Test) => Err((403, "no_account")),
            (Who::Holder(scope), _) if !has(scope) => Err((403, "missing_scope")),
            (Who::OwnOr(scope), Role::Program(_)) if !has(scope) => Err((403, "missing_scope")),
            (Who::Person | Who::Holder(_) | Who::OwnOr(_), _) => Ok(()),
        }
    }

    /// Calls a route and says what is wrong with the answer.
    async fn try_out(&self, route: &Route) -> Option<String> {
        let (method, path, who, answer) = *route;
        let (status, body) = self.caller.call(verb(method), &fill(path), sent(method, path)).await;
        let code = body["code"].as_str().unwrap_or_default();
        let right = match self.may(who) {
            Ok(()) if matches!(self.role, Role::Test) && NOT_FOR_TESTS.contains(&(method, path)) => {
                (status, code) == (403, "test_token")
            }
            Ok(()) => status == answer,
            Err(refusal) => (status, code) == refusal,
        };
        (!right).then(|| format!("{method} {path} as {}: {status} {body}", self.name))
    }
}

fn verb(name: &str) -> Method {
    name.parse().unwrap()
}

fn sent(method: &str, path: &str) -> Option<Value> {
    // An account is erased with its password.
    let has_body = !matches!(method, "GET" | "DELETE") || (method, path) == ("DELETE", "/users/me");
    has_body.then(|| json!({}))
}

fn fill(path: &str) -> String {
    let with_ids = path.replace("{id}", UNKNOWN_ID).replace("{test_id}", UNKNOWN_ID);
    let with_ids = with_ids.replace("{name}", "unknown").replace("{locale}", "en");
    with_ids.replace("{phone}", UNKNOWN_PHONE).replace("{prefix}", "1415999").replace("{action}", "start")
}

/// A program with these scopes.
async fn program<'a>(stage: &'a Stage, id: i64, scopes: &str, is_test: bool) -> Caller<'a> {
    let token = new_token().unwrap();
    let hash = hash_token(&token);
    stage.app.store.add_token(id, "program", &hash, scopes, 0).await.unwrap();
    if is_test {
        stage.app.store.make_test_token(&hash).await.unwrap();
    }
    Caller { stage, token }
}

/// A person with this role, signed in since they have it.
async fn person<'a>(stage: &'a Stage, root: &Caller<'_>, role: &str) -> (Caller<'a>, String) {
    let email = format!("{role}@example.org");
    let (_, me) = member(stage, &email, None).await.get("/users/me").await;
    let id = me["id"].as_str().unwrap().to_owned();
    let (status, changed) = root.patch(&format!("/accounts/{id}"), json!({ "role": role })).await;
    assert_eq!((status, changed["role"].as_str()), (200, Some(role)), "{changed}");
    (sign_in(stage, &email, PASSWORD).await, id)
}

/// Everybody there is.
async fn everybody(stage: &Stage) -> Vec<Subject<'_>> {
    let mut all = Vec::new();
    let mut add = |name: &str, role, caller| all.push(Subject { name: name.to_owned(), role, caller });
    let every: Vec<&str> = SCOPES.iter().map(|(name, _)| *name).collect();
    let root = program(stage, 1, &every.join(" "), false).await;
    add("nobody", Role::Nobody, anybody(stage));
    add("an unknown token", Role::Nobody, Caller { stage, token: new_token().unwrap() });
    let (user, id) = person(stage, &root, "user").await;
    let signed_out = sign_in(stage, "user@example.org", PASSWORD).await;
    assert_eq!(signed_out.call(Method::POST, "/auth/logout", None).await.0, 204);
    add("a session that was signed out", Role::Nobody, signed_out);
    let expired = new_token().unwrap();
    let mut tx = stage.app.store.begin().await.unwrap();
    tx.add_session(&hash_token(&expired), id.parse().unwrap(), 0, 1).await.unwrap();
    tx.commit().await.unwrap();
    add("a session that has expired", Role::Nobody, Caller { stage, token: expired });
    add("a user", Role::User, user);
    add("an operator", Role::Operator, person(stage, &root, "operator").await.0);
    add("an admin", Role::Admin, person(stage, &root, "admin").await.0);
    for (index, scope) in every.iter().copied().enumerate() {
        let id = i64::try_from(index).unwrap() + 2;
        add(&format!("a token for {scope}"), Role::Program(scope), program(stage, id, scope, false).await);
    }
    add("a test token for everything", Role::Test, program(stage, 99, &every.join(" "), true).await);
    all
}

#[test]
fn the_table_has_every_route_once() {
    let listed: Vec<(String, String)> =
        ROUTES.iter().map(|(method, path, ..)| ((*method).to_owned(), (*path).to_owned())).collect();
    let once: BTreeSet<_> = listed.iter().cloned().collect();
    assert_eq!(once.len(), listed.len(), "a route is listed twice");
    let declared = declared();
    assert!(declared.len() >= 80, "{} routes were found in the sources", declared.len());
    let (missing, gone) = (declared.difference(&once), once.difference(&declared));
    assert_eq!((missing.collect::<Vec<_>>(), gone.collect::<Vec<_>>()), (vec![], vec![]), "missing, gone");
    assert_eq!(ROUTES.last().unwrap().1, "/auth/logout");
}

#[tokio::test]
async fn every_route_lets_in_whom_it_is_for_and_nobody_else() {
    for scratch in Scratch::each().await {
        let engine = scratch.engine();
        let stage = Stage::new(scratch).await;
        let everybody = everybody(&stage).await;
        let mut wrong = Vec::new();
        let mut calls = 0;
        for route in ROUTES {
            calls += everybody.len();
            wrong
                .extend(join_all(everybody.iter().map(|one| one.try_out(route))).await.into_iter().flatten());
        }
        println!("{engine}: {calls} calls to {} routes as {} callers", ROUTES.len(), everybody.len());
        assert!(wrong.is_empty(), "{engine}, {} of {calls}:\n{}", wrong.len(), wrong.join("\n"));
        stage.end().await;
    }
}

#[tokio::test]
async fn a_path_takes_the_methods_of_the_table_and_no_other() {
    let stage = Stage::new(Scratch::sqlite()).await;
    let paths: BTreeSet<&str> = ROUTES.iter().map(|(_, path, ..)| *path).collect();
    for path in paths {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            if ROUTES.iter().any(|route| (route.0, route.1) == (method, path)) {
                continue;
            }
            let (status, body) = anybody(&stage).call(verb(method), &fill(path), sent(method, path)).await;
            assert_eq!(
                (status, body["code"].as_str()),
                (405, Some("method_not_allowed")),
                "{method} {path}: {body}"
            );
        }
    }
    stage.end().await;
}

#[tokio::test]
async fn what_is_somebody_elses_looks_as_if_it_were_not_there() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let phone = "+14155550101";
        let owner = member(&stage, "owner@example.org", Some(phone)).await;
        codes(&stage, phone, 1).await;
        let other = member(&stage, "other@example.org", None).await;
        let (_, before) = owner.get("/users/me/phone-numbers").await;
        let id = before["items"][0]["id"].as_str().unwrap();
        for (method, path) in [
            ("PUT", "/users/me/phone-numbers/{id}"),
            ("DELETE", "/users/me/phone-numbers/{id}"),
            ("POST", "/users/me/phone-numbers/{id}/set-primary"),
        ] {
            let foreign = other.call(verb(method), &path.replace("{id}", id), sent(method, path)).await;
            let unknown = other.call(verb(method), &fill(path), sent(method, path)).await;
            assert_eq!(foreign.0, 404, "{method} {path}");
            assert_eq!(foreign, unknown, "{method} {path}");
        }
        for (path, code) in [("verify", None), ("verify-code", Some("000000"))] {
            let asked = async |phone: &str| {
                let mut body = json!({ "phone_number": phone });
                if let Some(code) = code {
                    body["code"] = code.into();
                }
                let path = format!("/users/me/phone-numbers/{path}");
                let (status, answer) = other.post(&path, body).await;
                (status, answer.to_string().replace(phone, "the number"))
            };
            let foreign = asked(phone).await;
            assert_eq!(foreign, asked(UNKNOWN_PHONE).await, "{path}");
            assert!((400..500).contains(&foreign.0), "{path}: {foreign:?}");
        }
        assert_eq!(owner.get("/users/me/phone-numbers").await.1, before, "nothing was changed");
        let (status, kept) = owner
            .call(Method::PUT, &format!("/users/me/phone-numbers/{id}"), Some(json!({ "is_primary": true })))
            .await;
        assert_eq!((status, kept["id"].as_str()), (200, Some(id)), "{kept}");
        stage.end().await;
    }
}

/// A refusal must not tell whether there is something to be refused.
#[tokio::test]
async fn whoever_lacks_a_scope_does_not_learn_what_is_there() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let phone = "+14155550101";
        let user = member(&stage, "user@example.org", None).await;
        let (_, me) = user.get("/users/me").await;
        let account = me["id"].as_str().unwrap();
        let scopes = "bookings:write groups:write";
        let (program, stranger) = (program(&stage, 1, scopes, false).await, anybody(&stage));
        let body = json!({ "phone_number": phone, "title": "Check-up", "starts_at": "2030-01-01T12:00:00Z" });
        let (status, booking) = program.post("/bookings", body).await;
        assert_eq!(status, 201, "{booking}");
        let booking = booking["id"].as_str().unwrap();
        for (path, there) in [
            ("/accounts/{id}", account),
            ("/bookings/{id}", booking),
            ("/contacts/{phone}", phone),
            ("/contacts/{phone}/messages", phone),
            ("/contacts/{phone}/consent", phone),
        ] {
            let known = path.replace("{id}", there).replace("{phone}", there);
            for caller in [&user, &program, &stranger] {
                let answer = caller.get(&known).await;
                assert!(matches!(answer.0, 401 | 403), "{path}: {answer:?}");
                assert_eq!(answer, caller.get(&fill(path)).await, "{path}");
            }
        }
        stage.end().await;
    }
}
