//! `/users/me`: one's own account.

use super::super::Api;
use super::super::auth::User as SignedInUser;
use super::super::input::Input;
use super::super::openapi::{NoContent, Routes};
use super::super::record::{Actor, account_name};
use super::show::{Notice, User};
use crate::accounts::{Change, Changes};
use crate::problem::Problem;
use crate::store::AccountRow;
use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

pub(super) fn routes() -> Routes {
    Routes::about("My account", "One's own profile and numbers.")
        .get("/users/me", show, "Read my account")
        .patch("/users/me", change, "Change my account")
        .more("What is left out stays; `null` takes `locale` and `time_zone` away, and nothing else. A new password ends every session.")
        .or("too_many_requests")
        .delete("/users/me", leave, "Erase my account")
        .more("With its numbers, sessions and the API tokens that it made. What was said by text stays with the number; FORGET ME erases that.")
        .or("last_admin")
        .or("too_many_requests")
}

/// One's own account, with what one is to be told.
#[derive(Debug, Serialize, JsonSchema)]
struct Me {
    #[serde(flatten)]
    user: User,
    /// What one is to be told.
    notices: Vec<Notice>,
}

/// `GET /users/me`.
async fn show(SignedInUser(account): SignedInUser, State(api): State<Arc<Api>>) -> Result<Json<Me>, Problem> {
    me(&api, account).await
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(example = json!({ "full_name": "Asha Rai", "time_zone": "Asia/Kathmandu" }))]
struct Profile {
    #[schemars(length(min = 1, max = 100))]
    full_name: Option<String>,
    /// A language that there are texts in, such as `en`; a country behind it is left out.
    #[schemars(with = "Option<String>", length(min = 2, max = 12))]
    locale: Change<String>,
    #[schemars(with = "Option<String>")]
    time_zone: Change<String>,
    /// What is asked for beside the password.
    #[schemars(extend("enum" = ["none", "sms", null]))]
    second_factor: Option<String>,
    /// Whether not to be asked for a number.
    phone_prompt_dismissed: Option<bool>,
    /// Needed for a new password, and to switch the second factor on or off.
    current_password: Option<String>,
    /// The password from now on; needed where the second factor goes and the password is too short to stand alone.
    new_password: Option<String>,
}

/// `PATCH /users/me`.
async fn change(
    actor: Actor,
    SignedInUser(account): SignedInUser,
    State(api): State<Arc<Api>>,
    Input(body): Input<Profile>,
) -> Result<Json<Me>, Problem> {
    if body.new_password.is_some() {
        actor.about("password");
    }
    let changes = Changes {
        full_name: body.full_name,
        locale: body.locale,
        time_zone: body.time_zone,
        second_factor: body.second_factor,
        phone_prompt_dismissed: body.phone_prompt_dismissed,
        current_password: body.current_password,
        new_password: body.new_password,
    };
    let account = api.accounts.change(account.id, &changes).await?;
    me(&api, account).await
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Leave {
    /// What you sign in with.
    current_password: String,
}

/// `DELETE /users/me`.
async fn leave(
    SignedInUser(account): SignedInUser,
    State(api): State<Arc<Api>>,
    Input(body): Input<Leave>,
) -> Result<NoContent, Problem> {
    let actor = account_name(account.id);
    api.accounts.delete(account.id, &body.current_password, api.witness(&actor)).await?;
    Ok(NoContent)
}

async fn me(api: &Api, account: AccountRow) -> Result<Json<Me>, Problem> {
    let numbers = api.inbox.store.numbers(account.id).await?;
    let notices = api.inbox.store.notices(account.id).await?;
    let notices = notices.into_iter().map(Notice::from).collect();
    Ok(Json(Me { user: User::new(account, &numbers), notices }))
}
