//! `/auth`: signing up, in and out, and what can be done about a code without being signed in.

use super::super::Api;
use super::super::auth::{User as SignedInUser, bearer};
use super::super::input::Input;
use super::client::Client;
use super::rate_limit;
use super::show::User;
use crate::accounts::{NewUser, Request, Role, Session, SignedIn};
use crate::clock::stopwatch;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Answers about a code, asked for or entered, and about a wrong password come at a multiple of this
/// after the question, so that their time does not tell whether there was anything to compare.
const BEAT: Duration = Duration::from_millis(100);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Register {
    email: String,
    password: String,
    full_name: String,
    phone_number: Option<String>,
    region: Option<String>,
    time_zone: Option<String>,
    locale: Option<String>,
}

/// `POST /auth/register`.
pub(super) async fn register(
    State(api): State<Arc<Api>>,
    Client(client): Client,
    Input(body): Input<Register>,
) -> Result<Response, Problem> {
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
    let mut shown = serde_json::to_value(User::new(account, &numbers)).unwrap_or_default();
    shown["verification"] = match sent {
        None => Value::Null,
        Some(Ok(sent)) => json!({ "status": "sent", "expires_at": sent.expires_at }),
        Some(Err(refusal)) => json!({ "status": "not_sent", "reason": refusal.to_string() }),
    };
    Ok((StatusCode::CREATED, rate_limit(standing), Json(shown)).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VerifySms {
    email: String,
    code: String,
}

/// `POST /auth/verify-sms`.
pub(super) async fn verify_sms(
    State(api): State<Arc<Api>>,
    Client(client): Client,
    Input(body): Input<VerifySms>,
) -> Result<Json<Value>, Problem> {
    let watch = stopwatch();
    api.accounts.allow(Request::Verify, &client).await?;
    let verified = api.accounts.verify_by_email(&body.email, &body.code).await;
    next_beat(watch).await;
    verified?;
    Ok(Json(json!({ "status": "verified" })))
}

/// Returns at the next multiple of [`BEAT`] after `watch` was started.
async fn next_beat(watch: Instant) {
    let beats = watch.elapsed().as_millis() / BEAT.as_millis() + 1;
    let until = BEAT.saturating_mul(u32::try_from(beats).unwrap_or(u32::MAX));
    tokio::time::sleep(until.saturating_sub(watch.elapsed())).await;
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Resend {
    email: String,
}

/// `POST /auth/resend-sms`: 202, whether there is such an account or not.
pub(super) async fn resend_sms(
    State(api): State<Arc<Api>>,
    Client(client): Client,
    Input(body): Input<Resend>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let watch = stopwatch();
    api.accounts.allow(Request::Resend, &client).await?;
    api.accounts.resend(&body.email, &client)?;
    next_beat(watch).await;
    let message = "if this account waits for a code and may have another, it is on its way";
    Ok((StatusCode::ACCEPTED, Json(json!({ "status": "accepted", "message": message }))))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Login {
    email: String,
    password: String,
}

/// `POST /auth/login`.
pub(super) async fn login(
    State(api): State<Arc<Api>>,
    Client(client): Client,
    Input(body): Input<Login>,
) -> Result<Json<Value>, Problem> {
    let watch = stopwatch();
    match api.accounts.sign_in(&body.email, &body.password, &client).await {
        Ok(SignedIn::Session(session)) => signed_in(&api, *session).await,
        Ok(SignedIn::SecondFactor(id)) => Ok(Json(json!({ "second_factor": "sms", "challenge_id": id }))),
        Err(refusal) => {
            next_beat(watch).await;
            Err(refusal.into())
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SecondFactor {
    challenge_id: String,
    code: String,
}

/// `POST /auth/login/second-factor`.
pub(super) async fn second_factor(
    State(api): State<Arc<Api>>,
    Client(client): Client,
    Input(body): Input<SecondFactor>,
) -> Result<Json<Value>, Problem> {
    api.accounts.allow(Request::Verify, &client).await?;
    let session = api.accounts.second_factor(&body.challenge_id, &body.code).await?;
    signed_in(&api, session).await
}

async fn signed_in(api: &Api, session: Session) -> Result<Json<Value>, Problem> {
    let numbers = api.inbox.store.numbers(session.account.id).await?;
    Ok(Json(json!({
        "access_token": session.token,
        "token_type": "bearer",
        "expires_at": session.expires_at,
        "user": User::new(session.account, &numbers),
    })))
}

/// `POST /auth/logout`.
pub(super) async fn logout(
    _: SignedInUser,
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    api.accounts.sign_out(bearer(&headers)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
