//! `/users/me`: one's own account.

use super::super::Api;
use super::super::auth::User as SignedInUser;
use super::super::input::Input;
use super::show::{Notice, User};
use crate::accounts::{Change, Changes};
use crate::problem::Problem;
use crate::store::AccountRow;
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// One's own account, with what one is to be told.
#[derive(Debug, Serialize)]
pub(super) struct Me {
    #[serde(flatten)]
    user: User,
    notices: Vec<Notice>,
}

/// `GET /users/me`.
pub(super) async fn show(
    SignedInUser(account): SignedInUser,
    State(api): State<Arc<Api>>,
) -> Result<Json<Me>, Problem> {
    me(&api, account).await
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Profile {
    full_name: Option<String>,
    locale: Change<String>,
    time_zone: Change<String>,
    second_factor: Option<String>,
    phone_prompt_dismissed: Option<bool>,
    current_password: Option<String>,
    new_password: Option<String>,
}

/// `PATCH /users/me`.
pub(super) async fn change(
    SignedInUser(account): SignedInUser,
    State(api): State<Arc<Api>>,
    Input(body): Input<Profile>,
) -> Result<Json<Me>, Problem> {
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

async fn me(api: &Api, account: AccountRow) -> Result<Json<Me>, Problem> {
    let numbers = api.inbox.store.numbers(account.id).await?;
    let notices = api.inbox.store.notices(account.id).await?;
    let notices = notices.into_iter().map(Notice::from).collect();
    Ok(Json(Me { user: User::new(account, &numbers), notices }))
}
