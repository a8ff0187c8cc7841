//! What staff see and change of accounts, and the prefixes that get no codes.

use super::super::Api;
use super::super::auth::{AccountsRead, AccountsWrite, Allowed};
use super::super::input::Input;
use super::super::page::{Bounds, Page};
use super::show::{User, time};
use crate::accounts::{Change, StaffChanges};
use crate::problem::Problem;
use crate::store::AccountRow;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// `GET /accounts`.
pub(super) async fn list(
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
pub(super) async fn show(
    _: Allowed<AccountsRead>,
    State(api): State<Arc<Api>>,
    path: Result<Path<i64>, PathRejection>,
) -> Result<Json<User>, Problem> {
    let account = api.inbox.store.account(id(path)?).await?;
    shown(&api, account.ok_or_else(|| Problem::not_found("no such account"))?).await
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Body {
    external_id: Change<String>,
    role: Option<String>,
    second_factor: Option<String>,
    disabled: Option<bool>,
}

/// `PATCH /accounts/{id}`.
pub(super) async fn change(
    _: Allowed<AccountsWrite>,
    State(api): State<Arc<Api>>,
    path: Result<Path<i64>, PathRejection>,
    Input(body): Input<Body>,
) -> Result<Json<User>, Problem> {
    let Body { external_id, role, second_factor, disabled } = body;
    let changes = StaffChanges { external_id, role, second_factor, disabled };
    let account = api.accounts.change_as_staff(id(path)?, &changes).await?;
    shown(&api, account).await
}

/// `GET /verification/paused-prefixes`.
pub(super) async fn paused(
    _: Allowed<AccountsRead>,
    State(api): State<Arc<Api>>,
) -> Result<Json<Value>, Problem> {
    let rows = api.inbox.store.paused_prefixes().await?;
    let items: Vec<Value> = rows
        .into_iter()
        .map(|row| {
            json!({
                "prefix": format!("+{}", row.prefix),
                "codes_sent": row.sent,
                "codes_used": row.used,
                "reason": row.reason,
                "paused_at": row.paused_at.and_then(time),
            })
        })
        .collect();
    Ok(Json(json!({ "items": items, "next_cursor": null })))
}

/// `DELETE /verification/paused-prefixes/{prefix}`.
pub(super) async fn lift(
    _: Allowed<AccountsWrite>,
    State(api): State<Arc<Api>>,
    path: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let Path(prefix) = path.map_err(|_| Problem::field("prefix", "is not UTF-8 text"))?;
    let lifted = api.inbox.store.lift_prefix(prefix.trim_start_matches('+')).await?;
    if lifted { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found("this prefix is not paused")) }
}

fn id(path: Result<Path<i64>, PathRejection>) -> Result<i64, Problem> {
    path.map(|Path(id)| id).map_err(|_| Problem::not_found("no such account"))
}

async fn shown(api: &Api, account: AccountRow) -> Result<Json<User>, Problem> {
    let numbers = api.inbox.store.numbers(account.id).await?;
    Ok(Json(User::new(account, &numbers)))
}
