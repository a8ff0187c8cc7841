//! `/tokens`: API tokens for programs. A token is shown once, when it is made; only its hash is kept.

use super::Api;
use super::auth::{Allowed, SCOPES, TokensRead, TokensWrite, missing_scope};
use super::campaigns::Id;
use super::input::Input;
use super::moment::{Time, time};
use super::openapi::{Created, NoContent, NoStore, Routes};
use super::page::{Bounds, Page};
use crate::accounts::{hash_token, new_token};
use crate::conversation::Reach;
use crate::left_out;
use crate::problem::{FieldError, Problem};
use crate::store::TokenEntry;
use crate::visible::{self, NameError};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The longest name, in characters.
const MAX_NAME: usize = 100;

pub(super) fn routes() -> Routes {
    Routes::about("API tokens", "Tokens that programs call with.")
        .get("/tokens", list, "List API tokens")
        .post("/tokens", create, "Make an API token")
        .more("This is the only answer with the token. Nobody hands out more than they may do themselves.")
        .or("test_token")
        .delete("/tokens/{id}", revoke, "Revoke an API token")
}

/// What tokens there may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "TokenKind")]
pub(super) enum Kind {
    /// It does what it says.
    #[default]
    Live,
    /// What it sends never reaches a phone.
    Test,
}

/// A token to make.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewToken {
    #[schemars(length(min = 1, max = MAX_NAME), example = &"clinic")]
    name: String,
    /// What it may do.
    #[schemars(length(min = 1), example = ["bookings:read"])]
    scopes: Vec<String>,
    /// Whether what it sends may reach a phone.
    #[serde(default, deserialize_with = "left_out::or_default")]
    kind: Kind,
}

/// A token as it is listed.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ApiToken")]
pub(super) struct Token {
    id: String,
    name: String,
    /// `live`, or `test`.
    #[schemars(example = &"live")]
    kind: String,
    /// What it may do.
    #[schemars(example = ["bookings:read"])]
    scopes: Vec<String>,
    created_by: Option<String>,
    created_at: Option<Time>,
    revoked_at: Option<Time>,
}

/// A token that was just made, with what its holder sends.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "NewApiToken")]
pub(super) struct Made {
    #[serde(flatten)]
    entry: Token,
    /// What its holder sends.
    #[schemars(example = &"tid_kQ0v3bJ5tXn8r2Lz")]
    token: String,
}

impl From<TokenEntry> for Token {
    fn from(row: TokenEntry) -> Self {
        Self {
            id: row.id.to_string(),
            name: row.name,
            kind: row.kind,
            scopes: row.scopes.split(' ').map(str::to_owned).collect(),
            created_by: row.created_by,
            created_at: time(row.created_at),
            revoked_at: row.revoked_at.and_then(time),
        }
    }
}

/// `GET /tokens`.
async fn list(
    _: Allowed<TokensRead>,
    State(api): State<Arc<Api>>,
    bounds: Bounds,
) -> Result<Json<Page<Token>>, Problem> {
    let rows = api.inbox.store.tokens(bounds.before, bounds.limit + 1).await?;
    Ok(Json(Page::of(rows, bounds, |row| row.id, Token::from)))
}

/// `POST /tokens`. Nobody hands out more than they may do themselves.
async fn create(
    allowed: Allowed<TokensWrite>,
    State(api): State<Arc<Api>>,
    Input(input): Input<NewToken>,
) -> Result<NoStore<Created<Made>>, Problem> {
    let scopes = input.check()?;
    for scope in &scopes {
        allowed.also(scope)?;
    }
    if input.kind == Kind::Live && allowed.reach == Reach::Nobody {
        let detail = "a test token makes test tokens only";
        return Err(Problem::new(StatusCode::FORBIDDEN, "test_token", detail).about("kind"));
    }
    let now = api.inbox.clock.now();
    let token = new_token().map_err(|_| Problem::unavailable("the system has no random bytes to give"))?;
    let kind = match input.kind {
        Kind::Live => "live",
        Kind::Test => "test",
    };
    let row = TokenEntry {
        id: api.inbox.ids.next(now),
        name: check_token_name(&input.name).unwrap_or_default(),
        scopes: scopes.join(" "),
        kind: kind.to_owned(),
        created_by: Some(allowed.maker()),
        created_at: now.as_millisecond(),
        revoked_at: None,
    };
    put(&api, &row, &hash_token(&token), &allowed, &scopes).await?;
    let made = Made { entry: row.into(), token };
    Ok(NoStore(Created(made)))
}

/// Adds a token, unless its maker has lost one of its scopes since they were let in.
async fn put(
    api: &Api,
    row: &TokenEntry,
    hash: &str,
    maker: &Allowed<TokensWrite>,
    scopes: &[&'static str],
) -> Result<(), Problem> {
    let mut tx = api.inbox.store.begin().await?;
    if let Some(account_id) = maker.account_id() {
        let needed: Vec<&str> = scopes.iter().copied().chain(["tokens:write"]).collect();
        if !api.accounts.still_has(&mut tx, account_id, &needed).await? {
            return Err(missing_scope("tokens:write"));
        }
    }
    tx.put_token(row, hash).await?;
    Ok(tx.commit().await?)
}

/// `DELETE /tokens/{id}`.
async fn revoke(_: Allowed<TokensWrite>, State(api): State<Arc<Api>>, id: Id) -> Result<NoContent, Problem> {
    let none = || Problem::not_found("there is no such token");
    let id = id.ok().and_then(|Path(id)| id.parse().ok()).ok_or_else(none)?;
    let now = api.inbox.clock.now().as_millisecond();
    if api.inbox.store.revoke_token(id, now).await? { Ok(NoContent) } else { Err(none()) }
}

/// The name of a token as it is kept.
///
/// # Errors
/// What it must be.
pub fn check_token_name(name: &str) -> Result<String, NameError> {
    visible::name(name, MAX_NAME)
}

impl NewToken {
    /// The scopes, each once, in the order of [`SCOPES`].
    fn check(&self) -> Result<Vec<&'static str>, Problem> {
        let mut errors = Vec::new();
        let mut wrong = |field: String, message: String| {
            errors.push(FieldError { field: field.into(), message: message.into() });
        };
        if let Err(error) = check_token_name(&self.name) {
            wrong("name".to_owned(), error.to_string());
        }
        if self.scopes.is_empty() {
            wrong("scopes".to_owned(), "must name one scope at least".to_owned());
        }
        for (index, scope) in self.scopes.iter().enumerate() {
            if SCOPES.iter().all(|(known, _)| known != scope) {
                let known: Vec<&str> = SCOPES.iter().map(|(known, _)| *known).collect();
                wrong(format!("scopes[{index}]"), format!("must be one of {}", known.join(", ")));
            }
        }
        if !errors.is_empty() {
            return Err(Problem::fields(errors));
        }
        let asked = |known: &&str| self.scopes.iter().any(|scope| scope == known);
        Ok(SCOPES.iter().map(|(known, _)| *known).filter(asked).collect())
    }
}
