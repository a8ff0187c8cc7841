//! `/users/me/phone-numbers`: the numbers of one's own account.

use super::super::Api;
use super::super::auth::User;
use super::super::input::Input;
use super::client::Client;
use super::show::PhoneNumber;
use crate::accounts::Entry;
use crate::problem::Problem;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// The id in the path.
type Id = Result<Path<i64>, PathRejection>;

fn id(path: Id) -> Result<i64, Problem> {
    path.map(|Path(id)| id).map_err(|_| Problem::not_found("your account has no such number"))
}

/// `GET /users/me/phone-numbers`: all there are, for they are few.
pub(super) async fn list(User(account): User, State(api): State<Arc<Api>>) -> Result<Json<Value>, Problem> {
    let numbers = api.inbox.store.numbers(account.id).await?;
    let items: Vec<PhoneNumber> = numbers.into_iter().map(PhoneNumber::from).collect();
    Ok(Json(json!({ "items": items, "next_cursor": null })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Add {
    phone_number: String,
    #[serde(default)]
    is_primary: bool,
}

/// `POST /users/me/phone-numbers`.
pub(super) async fn add(
    User(account): User,
    State(api): State<Arc<Api>>,
    Input(body): Input<Add>,
) -> Result<(StatusCode, Json<PhoneNumber>), Problem> {
    let phone = api.accounts.phone(&body.phone_number, None)?;
    let entry = Entry { phone, is_primary: body.is_primary };
    let row = api.accounts.add_number(account.id, &entry).await?;
    Ok((StatusCode::CREATED, Json(row.into())))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    phone_number: Option<String>,
    #[serde(default)]
    is_primary: bool,
}

/// `PUT /users/me/phone-numbers/{id}`.
pub(super) async fn change(
    User(account): User,
    State(api): State<Arc<Api>>,
    path: Id,
    Input(body): Input<Change>,
) -> Result<Json<PhoneNumber>, Problem> {
    let phone = body.phone_number.map(|text| api.accounts.phone(&text, None)).transpose()?;
    let row = api.accounts.change_number(account.id, id(path)?, phone, body.is_primary).await?;
    Ok(Json(row.into()))
}

/// `DELETE /users/me/phone-numbers/{id}`.
pub(super) async fn remove(
    User(account): User,
    State(api): State<Arc<Api>>,
    path: Id,
) -> Result<StatusCode, Problem> {
    api.accounts.remove_number(account.id, id(path)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /users/me/phone-numbers/{id}/set-primary`.
pub(super) async fn set_primary(
    User(account): User,
    State(api): State<Arc<Api>>,
    path: Id,
) -> Result<Json<PhoneNumber>, Problem> {
    Ok(Json(api.accounts.change_number(account.id, id(path)?, None, true).await?.into()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SendCode {
    phone_number: String,
}

/// `POST /users/me/phone-numbers/verify`.
pub(super) async fn send_code(
    User(account): User,
    State(api): State<Arc<Api>>,
    Client(client): Client,
    Input(body): Input<SendCode>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let phone = api.accounts.phone(&body.phone_number, None)?;
    let sent = api.accounts.send_code(account.id, phone, Some(&client)).await?;
    let answer = json!({
        "status": "sent",
        "phone_number": phone,
        "expires_at": sent.expires_at,
        "resend_after_seconds": sent.pause,
    });
    Ok((StatusCode::ACCEPTED, Json(answer)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VerifyCode {
    phone_number: String,
    code: String,
}

/// The number, and that it is verified.
#[derive(serde::Serialize)]
pub(super) struct Verified {
    status: &'static str,
    #[serde(flatten)]
    number: PhoneNumber,
}

/// `POST /users/me/phone-numbers/verify-code`.
pub(super) async fn verify(
    User(account): User,
    State(api): State<Arc<Api>>,
    Input(body): Input<VerifyCode>,
) -> Result<Json<Verified>, Problem> {
    let phone = api.accounts.phone(&body.phone_number, None)?;
    let row = api.accounts.verify(account.id, phone, &body.code).await?;
    Ok(Json(Verified { status: "verified", number: row.into() }))
}
