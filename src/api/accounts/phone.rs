//! Questions about numbers, for whoever is signed in and does not ask too often.

use super::super::Api;
use super::super::auth::User;
use super::super::input::Input;
use super::super::openapi::{Limited, Routes};
use super::super::query::Asked;
use crate::accounts::Request;
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
        .or("number_taken")
        .or("number_already_added")
        .or("too_many_numbers")
        .get("/users/lookup/phone", look_up, "Find out whose verified number this is")
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Number {
    phone_number: String,
}

/// Whether a number may be added.
#[derive(Debug, Serialize, JsonSchema)]
struct Availability {
    /// Whether it may.
    available: bool,
    #[schemars(example = &"+14155550101")]
    phone_number: Phone,
    #[schemars(example = &"this number is available")]
    message: &'static str,
}

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
    Input(body): Input<Number>,
) -> Result<Limited<Json<Availability>>, Problem> {
    let standing = api.accounts.allow(Request::Look, &account.id.to_string()).await?;
    let phone_number = api.accounts.phone(&body.phone_number, None)?;
    let available = api.accounts.is_available(account.id, phone_number).await?;
    let message =
        if available { "this number is available" } else { "this number belongs to another account" };
    Ok(Limited(standing, Json(Availability { available, phone_number, message })))
}

/// `PATCH /users/phone`: one's own number.
async fn change(
    User(account): User,
    State(api): State<Arc<Api>>,
    Input(body): Input<Number>,
) -> Result<Json<OwnNumber>, Problem> {
    let phone = api.accounts.phone(&body.phone_number, None)?;
    let row = api.accounts.set_own_number(account.id, phone).await?;
    Ok(Json(OwnNumber { phone_number: row.address, is_verified: row.is_verified }))
}

/// `GET /users/lookup/phone?phone_number=`: whose a verified number is.
async fn look_up(
    User(account): User,
    State(api): State<Arc<Api>>,
    Asked(query): Asked<Number>,
) -> Result<Limited<Json<Owner>>, Problem> {
    let standing = api.accounts.allow(Request::Look, &account.id.to_string()).await?;
    // A `+` that was not escaped arrives as a space.
    let text = query.phone_number.strip_prefix(' ').map(|rest| format!("+{rest}"));
    let phone = api.accounts.phone(&text.unwrap_or(query.phone_number), None)?;
    let (exists, external_id, display_name) = match api.accounts.owner(phone).await? {
        Some(owner) => (true, owner.external_id, Some(owner.full_name)),
        None => (false, None, None),
    };
    Ok(Limited(standing, Json(Owner { exists, external_id, display_name })))
}
