//! `POST /auth/register`: signing up, with a number or without.

use super::super::Api;
use super::super::input::Input;
use super::super::moment::Time;
use super::super::openapi::{Created, Limited};
use super::client::Client;
use super::show::{AGREEMENT, User};
use crate::accounts::{NOBODY_SENDS, NewUser, Request, Role};
use crate::problem::Problem;
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Register {
    email: String,
    /// At least 15 characters, and none that many people have.
    password: String,
    #[schemars(length(min = 1, max = 100))]
    full_name: String,
    phone_number: Option<String>,
    region: Option<String>,
    time_zone: Option<String>,
    /// A language that there are texts in, such as `en`; a country behind it, as browsers tell it, is left out.
    locale: Option<String>,
}

/// `POST /auth/register`.
pub(super) async fn register(
    State(api): State<Arc<Api>>,
    Client(client): Client,
    Input(body): Input<Register>,
) -> Result<Limited<Created<Registered>>, Problem> {
    let standing = api.accounts.allow(Request::SignUp, &client).await?;
    let new = NewUser {
        email: body.email,
        password: body.password,
        full_name: body.full_name,
        phone_number: body.phone_number.filter(|text| !text.trim().is_empty()),
        region: body.region,
        time_zone: body.time_zone,
        locale: body.locale,
        role: Role::User,
    };
    let (account, sent) = api.accounts.register(&new, &client).await?;
    let numbers = api.inbox.store.numbers(account.id).await?;
    let verification = sent.map(|sent| match sent {
        Ok(_) if !api.accounts.settings.sends => Verification::Skipped { reason: NOBODY_SENDS },
        Ok(sent) => Verification::Sent {
            expires_at: sent.expires_at.into(),
            agreement: api.accounts.agreement(&account),
        },
        Err(refusal) => Verification::NotSent { reason: refusal.to_string() },
    });
    Ok(Limited(standing, Created(Registered { user: User::new(account, &numbers), verification })))
}

/// A new account.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Registered {
    #[serde(flatten)]
    user: User,
    /// What became of the code; `null` where no number came.
    verification: Option<Verification>,
}

/// What became of a code.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "status", rename_all = "snake_case")]
enum Verification {
    /// It is on its way.
    Sent {
        /// When it is of no use any more.
        expires_at: Time,
        /// What the person agrees to by entering the code: show it where they enter it.
        #[schemars(example = &AGREEMENT)]
        agreement: String,
    },
    /// There is nobody to send it by.
    Skipped {
        /// Why.
        #[schemars(example = NOBODY_SENDS)]
        reason: &'static str,
    },
    /// It was not sent.
    NotSent {
        /// Why not.
        reason: String,
    },
}
