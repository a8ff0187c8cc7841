//! What staff see and change of accounts, and the prefixes that get no codes.

use super::super::Api;
use super::super::auth::{AccountsRead, AccountsWrite, Allowed};
use super::super::input::Input;
use super::super::moment::{Time, time};
use super::super::openapi::{NoContent, Routes};
use super::super::page::{Bounds, Page, Part};
use super::show::User;
use crate::accounts::{Change, StaffChanges};
use crate::phone::Address;
use crate::problem::Problem;
use crate::store::AccountRow;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

pub(super) fn routes() -> Routes {
    Routes::about("Accounts", "People with an account, for staff.")
        .get("/accounts", list, "List accounts")
        .get("/accounts/{id}", show, "Read an account")
        .patch("/accounts/{id}", change, "Change an account")
        .more("What is left out stays. To disable an account, change its role or switch its second factor off ends its sessions. The API tokens that it made are revoked where they hold a scope that it has no more. There is always an admin left.")
        .or("last_admin")
        .or("too_many_requests")
        .delete("/accounts/{id}", erase, "Erase an account")
        .more("With its numbers, sessions and the API tokens that it made, for whoever asks for it and can't sign in. What was said by text stays with the number; to erase the contact erases that. One's own is erased by `DELETE /users/me`.")
        .or("last_admin")
        .or("own_account")
        .get("/verification/paused-prefixes", paused, "List numbers that get no codes")
        .delete("/verification/paused-prefixes/{prefix}", lift, "Let numbers get codes again")
        .delete("/verification/locks/{phone}", unlock, "Lift the locks of a number")
        .more("Wrong codes lock a number for an account, and for its texts; this forgets them all.")
}

/// `GET /accounts`.
async fn list(
    _: Allowed<AccountsRead>,
    State(api): State<Arc<Api>>,
    bounds: Bounds,
) -> Result<Json<Page<User>>, Problem> {
    let store = &api.inbox.store;
    let rows = store.accounts(bounds.before, bounds.limit + 1).await?;
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let primary = store.primary_numbers(&ids).await?;
    let show = |row: AccountRow| {
        let own: Vec<_> = primary.iter().filter(|number| number.account_id == row.id).cloned().collect();
        User::new(row, &own)
    };
    Ok(Json(Page::of(rows, bounds, |row| row.id, show)))
}

/// `GET /accounts/{id}`.
async fn show(
    _: Allowed<AccountsRead>,
    State(api): State<Arc<Api>>,
    path: Result<Path<i64>, PathRejection>,
) -> Result<Json<User>, Problem> {
    let account = api.inbox.store.account(id(path)?).await?;
    shown(&api, account.ok_or_else(|| Problem::not_found("no such account"))?).await
}

#[derive(Deserialize, Default, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(example = json!({ "external_id": "patient-4711" }))]
struct Body {
    /// The id that another system of yours has for it; `null` takes it away.
    #[schemars(with = "Option<String>", length(min = 1, max = 100))]
    external_id: Change<String>,
    /// What it may do.
    #[schemars(extend("enum" = ["user", "operator", "admin", null]))]
    role: Option<String>,
    /// Only to switch it off. Whose password is too short to stand alone must then choose another when signing in.
    #[schemars(extend("enum" = ["none", null]))]
    second_factor: Option<String>,
    /// Whether nobody may sign in.
    disabled: Option<bool>,
    /// Your own password: needed where this is your own account, to change its role, disable it or switch its second factor off.
    current_password: Option<String>,
}

/// `PATCH /accounts/{id}`.
async fn change(
    allowed: Allowed<AccountsWrite>,
    State(api): State<Arc<Api>>,
    path: Result<Path<i64>, PathRejection>,
    Input(body): Input<Body>,
) -> Result<Json<User>, Problem> {
    let Body { external_id, role, second_factor, disabled, current_password } = body;
    let by = allowed.account_id();
    let changes = StaffChanges { external_id, role, second_factor, disabled, by, current_password };
    let actor = allowed.actor();
    let account = api.accounts.change_as_staff(id(path)?, &changes, api.witness(&actor)).await?;
    shown(&api, account).await
}

/// `DELETE /accounts/{id}`.
async fn erase(
    allowed: Allowed<AccountsWrite>,
    State(api): State<Arc<Api>>,
    path: Result<Path<i64>, PathRejection>,
) -> Result<NoContent, Problem> {
    let actor = allowed.actor();
    api.accounts.delete_as_staff(id(path)?, allowed.account_id(), api.witness(&actor)).await?;
    Ok(NoContent)
}

/// Numbers that get no codes, because codes to them are not used.
#[derive(Debug, Serialize, JsonSchema)]
struct PausedPrefix {
    /// What the numbers begin with.
    #[schemars(example = &"+97798")]
    prefix: String,
    /// How many codes they were sent.
    codes_sent: i64,
    /// How many of these were used.
    codes_used: i64,
    /// Why they are paused.
    #[schemars(example = &"3 of 120 codes were used")]
    reason: Option<String>,
    /// Since when.
    paused_at: Option<Time>,
}

/// `GET /verification/paused-prefixes`.
async fn paused(
    _: Allowed<AccountsRead>,
    State(api): State<Arc<Api>>,
    part: Part,
) -> Result<Json<Page<PausedPrefix>>, Problem> {
    let rows = api.inbox.store.paused_prefixes().await?;
    let shown = rows.into_iter().map(|row| {
        let prefix = PausedPrefix {
            prefix: format!("+{}", row.prefix),
            codes_sent: row.sent,
            codes_used: row.used,
            reason: row.reason,
            paused_at: row.paused_at.and_then(time),
        };
        (row.prefix, prefix)
    });
    Ok(Json(part.of(shown)))
}

/// `DELETE /verification/paused-prefixes/{prefix}`.
async fn lift(
    _: Allowed<AccountsWrite>,
    State(api): State<Arc<Api>>,
    path: Result<Path<String>, PathRejection>,
) -> Result<NoContent, Problem> {
    let Path(prefix) = path.map_err(|_| Problem::field("prefix", "is not UTF-8 text"))?;
    let lifted = api.inbox.store.lift_prefix(prefix.trim_start_matches('+')).await?;
    if lifted { Ok(NoContent) } else { Err(Problem::not_found("this prefix is not paused")) }
}

/// `DELETE /verification/locks/{phone}`.
async fn unlock(
    _: Allowed<AccountsWrite>,
    State(api): State<Arc<Api>>,
    path: Result<Path<String>, PathRejection>,
) -> Result<NoContent, Problem> {
    let known = path.ok().and_then(|Path(phone)| Address::parse(&phone).ok());
    let lifted = match known {
        Some(address) => api.accounts.lift_locks(&address).await?,
        None => false,
    };
    if lifted { Ok(NoContent) } else { Err(Problem::not_found("no wrong code has come for this number")) }
}

fn id(path: Result<Path<i64>, PathRejection>) -> Result<i64, Problem> {
    path.map(|Path(id)| id).map_err(|_| Problem::not_found("no such account"))
}

async fn shown(api: &Api, account: AccountRow) -> Result<Json<User>, Problem> {
    let numbers = api.inbox.store.numbers(account.id).await?;
    Ok(Json(User::new(account, &numbers)))
}
