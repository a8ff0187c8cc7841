//! `/users/me/phone-numbers`: the numbers of one's own account.

use super::super::Api;
use super::super::auth::User;
use super::super::input::Input;
use super::super::moment::Time;
use super::super::openapi::{Accepted, Created, NoContent, Routes};
use super::super::page::{Page, Part};
use super::client::Client;
use super::show::PhoneNumber;
use crate::accounts::{Entry, NOBODY_SENDS, NumberChange};
use crate::left_out;
use crate::phone::Phone;
use crate::problem::Problem;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

/// The id in the path.
type Id = Result<Path<i64>, PathRejection>;

fn id(path: Id) -> Result<i64, Problem> {
    path.map(|Path(id)| id).map_err(|_| Problem::not_found("your account has no such number"))
}

pub(super) fn routes() -> Routes {
    Routes::about("My account", "One's own profile and numbers.")
        .get("/users/me/phone-numbers", list, "List my numbers")
        .post("/users/me/phone-numbers", add, "Add a number")
        .shows(json!({ "is_primary": false, "is_verified": false, "verification_method": null }))
        .or("number_taken")
        .or("number_already_added")
        .or("number_not_verified")
        .or("too_many_numbers")
        .or("too_many_requests")
        .more("The first number is the primary one, whatever is asked. No code is sent by this.")
        .post("/users/me/phone-numbers/verify", send_code, "Have a code sent to one of my numbers")
        .more("Show `agreement` where the code is entered: entering it is agreeing to that.")
        .shows(json!({ "expires_at": "2026-11-21T12:10:00Z" }))
        .or("not_found")
        .or("country_not_served")
        .or("prefix_paused")
        .or("locked_for_good")
        .or("already_verified")
        .or("too_soon")
        .or("locked")
        .or("locked_today")
        .or("too_many_requests")
        .post("/users/me/phone-numbers/verify-code", verify, "Prove a number with the code")
        .more("Whoever enters the code agrees to get texts, as `agreement` said, and is welcomed by one; an opt-out stays an opt-out.")
        .or("not_found")
        .or("wrong_code")
        .or("expired_code")
        .or("no_code_sent")
        .or("number_taken")
        .or("locked_for_good")
        .or("already_verified")
        .or("locked")
        .or("locked_today")
        .put("/users/me/phone-numbers/{id}", change, "Change a number")
        .more("What is left out stays; give `phone_number`, `is_primary` or both. A number that replaces another is to be verified anew, so none replaces a primary one that is verified: add it, verify it and make it primary, or remove the old one first.")
        .or("is_primary")
        .or("number_taken")
        .or("number_already_added")
        .or("number_not_verified")
        .or("second_factor_number")
        .or("too_many_requests")
        .delete("/users/me/phone-numbers/{id}", remove, "Remove a number")
        .or("second_factor_number")
        .post("/users/me/phone-numbers/{id}/set-primary", set_primary, "Have texts go to this number")
        .more("With a second factor, the codes of sign-ins go there, too.")
        .or("number_not_verified")
        .or("too_many_requests")
}

/// `GET /users/me/phone-numbers`.
async fn list(
    User(account): User,
    State(api): State<Arc<Api>>,
    part: Part,
) -> Result<Json<Page<PhoneNumber>>, Problem> {
    let numbers = api.inbox.store.numbers(account.id).await?;
    Ok(Json(part.of(numbers.into_iter().map(|row| (format!("{:018}", row.id), row.into())))))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Add {
    #[schemars(example = &"+14155550102")]
    phone_number: String,
    /// Whether texts are to go here.
    #[serde(default, deserialize_with = "left_out::or_default")]
    is_primary: bool,
}

/// `POST /users/me/phone-numbers`.
async fn add(
    User(account): User,
    State(api): State<Arc<Api>>,
    Client(client): Client,
    Input(body): Input<Add>,
) -> Result<Created<PhoneNumber>, Problem> {
    let phone = api.accounts.phone(&body.phone_number, None)?;
    api.accounts.allow_look(account.id, &client).await?;
    let entry = Entry { phone, is_primary: body.is_primary };
    let row = api.accounts.add_number(account.id, &entry).await?;
    Ok(Created(row.into()))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({ "is_primary": true }))]
struct Change {
    phone_number: Option<String>,
    /// `true`: texts are to go here. The primary number stays it until another one is.
    is_primary: Option<bool>,
    /// Needed to make another number primary while there is a second factor.
    current_password: Option<String>,
}

/// `PUT /users/me/phone-numbers/{id}`.
async fn change(
    User(account): User,
    State(api): State<Arc<Api>>,
    Client(client): Client,
    path: Id,
    Input(body): Input<Change>,
) -> Result<Json<PhoneNumber>, Problem> {
    let phone = body.phone_number.map(|text| api.accounts.phone(&text, None)).transpose()?;
    if phone.is_some() {
        api.accounts.allow_look(account.id, &client).await?;
    }
    let change = NumberChange { phone, is_primary: body.is_primary, current_password: body.current_password };
    let row = api.accounts.change_number(&account, id(path)?, change).await?;
    Ok(Json(row.into()))
}

/// `DELETE /users/me/phone-numbers/{id}`.
async fn remove(User(account): User, State(api): State<Arc<Api>>, path: Id) -> Result<NoContent, Problem> {
    api.accounts.remove_number(account.id, id(path)?).await?;
    Ok(NoContent)
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Consent {
    /// Needed while there is a second factor.
    current_password: Option<String>,
}

/// `POST /users/me/phone-numbers/{id}/set-primary`.
async fn set_primary(
    User(account): User,
    State(api): State<Arc<Api>>,
    path: Id,
    body: Option<Input<Consent>>,
) -> Result<Json<PhoneNumber>, Problem> {
    let current_password = body.and_then(|Input(body)| body.current_password);
    let change = NumberChange { phone: None, is_primary: Some(true), current_password };
    Ok(Json(api.accounts.change_number(&account, id(path)?, change).await?.into()))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SendCode {
    #[schemars(example = &"+14155550102")]
    phone_number: String,
}

/// `POST /users/me/phone-numbers/verify`.
async fn send_code(
    User(account): User,
    State(api): State<Arc<Api>>,
    Client(client): Client,
    Input(body): Input<SendCode>,
) -> Result<Accepted<CodeSent>, Problem> {
    let phone_number = api.accounts.phone(&body.phone_number, None)?;
    let sent = api.accounts.send_code(account.id, phone_number, Some(&client)).await?;
    let (expires_at, resend_after_seconds) = (sent.expires_at.into(), sent.pause);
    let (status, reason) =
        if api.accounts.settings.sends { ("sent", None) } else { ("skipped", Some(NOBODY_SENDS)) };
    let agreement = api.accounts.agreement(&account);
    Ok(Accepted(CodeSent { status, reason, phone_number, expires_at, resend_after_seconds, agreement }))
}

/// A code is on its way.
#[derive(Debug, Serialize, JsonSchema)]
struct CodeSent {
    /// `skipped` where there are no Twilio credentials: then no text leaves.
    #[schemars(extend("enum" = ["sent", "skipped"]), example = &"sent")]
    status: &'static str,
    /// Why it was skipped.
    #[schemars(extend("examples" = [null]))]
    reason: Option<&'static str>,
    #[schemars(example = &"+14155550101")]
    phone_number: Phone,
    /// When the code is of no use any more.
    expires_at: Time,
    /// How long until there may be another: 60 seconds at first, and longer with each; none where nothing is sent.
    #[schemars(example = 60)]
    resend_after_seconds: i64,
    /// What the person agrees to by entering the code: show it where they enter it.
    #[schemars(example = &super::show::AGREEMENT)]
    agreement: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct VerifyCode {
    #[schemars(example = &"+14155550102")]
    phone_number: String,
    code: String,
}

/// The number, and that it is verified.
#[derive(Serialize, JsonSchema)]
struct Verified {
    #[schemars(extend("const" = "verified"))]
    status: &'static str,
    #[serde(flatten)]
    number: PhoneNumber,
}

/// `POST /users/me/phone-numbers/verify-code`.
async fn verify(
    User(account): User,
    State(api): State<Arc<Api>>,
    Input(body): Input<VerifyCode>,
) -> Result<Json<Verified>, Problem> {
    let phone = api.accounts.phone(&body.phone_number, None)?;
    let row = api.accounts.verify(account.id, phone, &body.code).await?;
    Ok(Json(Verified { status: "verified", number: row.into() }))
}
