//! Questions about numbers, for whoever is signed in and does not ask too often.

use super::super::Api;
use super::super::auth::User;
use super::super::input::Input;
use super::super::openapi::{Limited, Routes};
use super::super::query::Asked;
use super::client::Client;
use crate::accounts::Availability as Found;
use crate::phone::Phone;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub(super) fn routes() -> Routes {
    Routes::about("Numbers", "Questions about numbers, for whoever is signed in.")
        .post("/users/phone/check", check, "Ask whether I may add a number")
        .patch("/users/phone", change, "Set my number")
        .more("A verified number stays primary until the new one is verified and made primary.")
        .or("number_taken")
        .or("number_not_verified")
        .or("second_factor_number")
        .or("too_many_requests")
        .or("number_already_added")
        .or("too_many_numbers")
        .get("/users/lookup/phone", look_up, "Find out whose verified number this is")
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Number {
    #[schemars(example = &"+14155550104")]
    phone_number: String,
}

/// What the number is from now on.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Own {
    phone_number: String,
    /// Needed to make another number primary while there is a second factor.
    current_password: Option<String>,
}

/// Whose a number is, as far as that matters for adding it.
#[derive(Debug, Serialize, JsonSchema)]
struct Availability {
    /// Whether no other account has verified it, or one that counts as the same.
    available: bool,
    /// Whether I may add it; if not, `message` says why, in the words of the refusal. One that another account has verified is lost to whoever verifies it next.
    can_be_added: bool,
    #[schemars(example = &"+14155550104")]
    phone_number: Phone,
    #[schemars(example = &"this number is available")]
    message: String,
}

const HELD: &str =
    "this number belongs to another account; if it is yours now, add it and verify it, and it moves to you";

/// One's own number from now on.
#[derive(Debug, Serialize, JsonSchema)]
struct OwnNumber {
    phone_number: String,
    /// Whether it was proven.
    #[schemars(example = false)]
    is_verified: bool,
}

/// Whose a number is.
#[derive(Debug, Serialize, JsonSchema)]
struct Owner {
    /// Whether it is anybody's.
    exists: bool,
    /// The id that another system of yours has for the owner.
    #[schemars(example = &"patient-4711")]
    external_id: Option<String>,
    /// The owner's name.
    #[schemars(example = &"Asha Rai")]
    display_name: Option<String>,
}

/// `POST /users/phone/check`.
async fn check(
    User(account): User,
    State(api): State<Arc<Api>>,
    Client(client): Client,
    Input(body): Input<Number>,
) -> Result<Limited<Json<Availability>>, Problem> {
    let standing = api.accounts.allow_look(account.id, &client).await?;
    let phone_number = api.accounts.phone(&body.phone_number, None)?;
    let Found { is_free: available, refusal } = api.accounts.availability(account.id, phone_number).await?;
    let can_be_added = refusal.is_none();
    let message = match refusal {
        Some(refusal) => refusal.to_string(),
        None if available => "this number is available".to_owned(),
        None => HELD.to_owned(),
    };
    Ok(Limited(standing, Json(Availability { available, can_be_added, phone_number, message })))
}

/// `PATCH /users/phone`: one's own number.
async fn change(
    User(account): User,
    State(api): State<Arc<Api>>,
    Client(client): Client,
    Input(body): Input<Own>,
) -> Result<Json<OwnNumber>, Problem> {
    let phone = api.accounts.phone(&body.phone_number, None)?;
    api.accounts.allow_look(account.id, &client).await?;
    let row = api.accounts.set_own_number(&account, phone, body.current_password).await?;
    Ok(Json(OwnNumber { phone_number: row.address, is_verified: row.is_verified }))
}

/// `GET /users/lookup/phone?phone_number=`: whose a verified number is.
async fn look_up(
    User(account): User,
    State(api): State<Arc<Api>>,
    Client(client): Client,
    Asked(query): Asked<Number>,
) -> Result<Limited<Json<Owner>>, Problem> {
    let standing = api.accounts.allow_look(account.id, &client).await?;
    // A `+` that was not escaped arrives as a space.
    let text = query.phone_number.strip_prefix(' ').map(|rest| format!("+{rest}"));
    let phone = api.accounts.phone(&text.unwrap_or(query.phone_number), None)?;
    let (exists, external_id, display_name) = match api.accounts.owner(phone).await? {
        Some(owner) => (true, owner.external_id, Some(owner.full_name)),
        None => (false, None, None),
    };
    Ok(Limited(standing, Json(Owner { exists, external_id, display_name })))
}
