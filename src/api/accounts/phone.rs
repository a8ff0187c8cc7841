//! Questions about numbers, for whoever is signed in and does not ask too often.

use super::super::Api;
use super::super::auth::User;
use super::super::input::Input;
use super::rate_limit;
use crate::accounts::Request;
use crate::problem::Problem;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Number {
    phone_number: String,
}

/// `POST /users/phone/check`.
pub(super) async fn check(
    User(account): User,
    State(api): State<Arc<Api>>,
    Input(body): Input<Number>,
) -> Result<(HeaderMap, Json<Value>), Problem> {
    let standing = api.accounts.allow(Request::Look, &account.id.to_string()).await?;
    let phone = api.accounts.phone(&body.phone_number, None)?;
    let available = api.accounts.is_available(account.id, phone).await?;
    let message =
        if available { "this number is available" } else { "this number belongs to another account" };
    let answer = json!({ "available": available, "phone_number": phone, "message": message });
    Ok((rate_limit(standing), Json(answer)))
}

/// `PATCH /users/phone`: one's own number.
pub(super) async fn change(
    User(account): User,
    State(api): State<Arc<Api>>,
    Input(body): Input<Number>,
) -> Result<Json<Value>, Problem> {
    let phone = api.accounts.phone(&body.phone_number, None)?;
    let row = api.accounts.set_own_number(account.id, phone).await?;
    Ok(Json(json!({ "phone_number": row.address, "is_verified": row.is_verified })))
}

/// `GET /users/lookup/phone?phone_number=`: whose a verified number is.
pub(super) async fn look_up(
    User(account): User,
    State(api): State<Arc<Api>>,
    query: Result<Query<Number>, QueryRejection>,
) -> Result<(HeaderMap, Json<Value>), Problem> {
    let standing = api.accounts.allow(Request::Look, &account.id.to_string()).await?;
    let Query(query) = query.map_err(|error| Problem::field("phone_number", error.body_text()))?;
    // A `+` that was not escaped arrives as a space.
    let text = query.phone_number.strip_prefix(' ').map(|rest| format!("+{rest}"));
    let phone = api.accounts.phone(&text.unwrap_or(query.phone_number), None)?;
    let owner = api.accounts.owner(phone).await?;
    let answer = json!({
        "exists": owner.is_some(),
        "external_id": owner.as_ref().and_then(|owner| owner.external_id.as_ref()),
        "display_name": owner.as_ref().map(|owner| &owner.full_name),
    });
    Ok((rate_limit(standing), Json(answer)))
}
