//! `/auth`: signing up, in and out, and what can be done about a code without being signed in.

use super::super::Api;
use super::super::auth::{User as SignedInUser, bearer};
use super::super::input::Input;
use super::super::moment::Time;
use super::super::openapi::{Accepted, NoContent, Routes};
use super::super::record::{Actor, account_name};
use super::client::Client;
use super::register::register;
use super::show::{AGREEMENT, User};
use crate::accounts::{NOBODY_SENDS, Request, Session, SignedIn};
use crate::clock::stopwatch;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Answers about a code, asked for or entered, and about a wrong password come at a multiple of this
/// after the question, so that their time does not tell whether there was anything to compare.
const BEAT: Duration = Duration::from_millis(100);

pub(super) fn routes() -> Routes {
    Routes::about("Signing up and in", "Accounts of people, and codes without being signed in.")
        .post("/auth/register", register, "Sign up")
        .more("A code is sent when a number came. Show `verification.agreement` where it is entered: entering it is agreeing to that.")
        .shows(json!({
            "external_id": null,
            "is_phone_verified": false,
            "verification": { "status": "sent", "expires_at": "2026-11-21T12:10:00Z", "agreement": AGREEMENT },
        }))
        .or("email_taken")
        .or("number_taken")
        .post("/auth/verify-sms", verify_sms, "Prove a number with the code")
        .more("Whoever enters the code agrees to get texts, as `agreement` said, and is welcomed by one; an opt-out stays an opt-out.")
        .or("invalid_code")
        .or("too_many_requests")
        .post("/auth/resend-sms", resend_sms, "Ask for another code")
        .more("The answer is the same whether there is such an account or not.")
        .or("too_many_requests")
        .post("/auth/login", login, "Sign in")
        .or("wrong_credentials")
        .or("no_second_factor")
        .or("nothing_sent")
        .or("short_password")
        .or("country_not_served")
        .or("prefix_paused")
        .or("locked_for_good")
        .or("too_soon")
        .or("locked")
        .or("locked_today")
        .or("too_many_requests")
        .post("/auth/login/second-factor", second_factor, "Sign in with the code from the text")
        .or("invalid_code")
        .or("too_many_requests")
        .post("/auth/logout", logout, "Sign out")
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct VerifySms {
    email: String,
    code: String,
}

/// `POST /auth/verify-sms`.
async fn verify_sms(
    State(api): State<Arc<Api>>,
    Client(client): Client,
    Input(body): Input<VerifySms>,
) -> Result<Json<Proven>, Problem> {
    let watch = stopwatch();
    api.accounts.allow(Request::Verify, &client).await?;
    let verified = api.accounts.verify_by_email(&body.email, &body.code).await;
    next_beat(watch).await;
    verified?;
    Ok(Json(Proven { status: "verified" }))
}

/// The number is proven.
#[derive(Debug, Serialize, JsonSchema)]
struct Proven {
    #[schemars(extend("const" = "verified"))]
    status: &'static str,
}

/// Returns at the next multiple of [`BEAT`] after `watch` was started.
async fn next_beat(watch: Instant) {
    let beats = watch.elapsed().as_millis() / BEAT.as_millis() + 1;
    let until = BEAT.saturating_mul(u32::try_from(beats).unwrap_or(u32::MAX));
    tokio::time::sleep(until.saturating_sub(watch.elapsed())).await;
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Resend {
    email: String,
}

/// `POST /auth/resend-sms`: 202, whether there is such an account or not.
async fn resend_sms(
    State(api): State<Arc<Api>>,
    Client(client): Client,
    Input(body): Input<Resend>,
) -> Result<Accepted<Asked>, Problem> {
    let watch = stopwatch();
    api.accounts.allow(Request::Resend, &client).await?;
    api.accounts.resend(&body.email, &client)?;
    next_beat(watch).await;
    // The same for everybody: it tells of this server, and of no account.
    let (status, message) =
        if api.accounts.settings.sends { ("accepted", ON_ITS_WAY) } else { ("skipped", NOBODY_SENDS) };
    Ok(Accepted(Asked { status, message }))
}

const ON_ITS_WAY: &str = "if this account waits for a code and may have another, it is on its way";

/// The question was taken.
#[derive(Debug, Serialize, JsonSchema)]
struct Asked {
    /// `skipped` where there are no Twilio credentials: then no text leaves.
    #[schemars(extend("enum" = ["accepted", "skipped"]), example = &"accepted")]
    status: &'static str,
    #[schemars(example = &ON_ITS_WAY)]
    message: &'static str,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({ "email": "asha@example.org", "password": "seven otters by the lake" }))]
struct Login {
    email: String,
    password: String,
    /// The password from now on: needed where an admin switched off the second factor and the password is too short to stand alone (`short_password`).
    new_password: Option<String>,
}

/// `POST /auth/login`.
async fn login(
    actor: Actor,
    State(api): State<Arc<Api>>,
    Client(client): Client,
    Input(body): Input<Login>,
) -> Result<Json<LoggedIn>, Problem> {
    let watch = stopwatch();
    let new_password = body.new_password.as_deref();
    match api.accounts.sign_in(&body.email, &body.password, new_password, &client).await {
        Ok(SignedIn::Session(session)) => {
            if session.is_password_new {
                actor.is(&account_name(session.account.id));
                actor.about("password");
            }
            Ok(Json(LoggedIn::Through(Box::new(signed_in(&api, *session).await?))))
        }
        Ok(SignedIn::SecondFactor(challenge_id)) => {
            Ok(Json(LoggedIn::Halfway(Halfway { second_factor: "sms", challenge_id })))
        }
        Err(refusal) => {
            next_beat(watch).await;
            Err(refusal.into())
        }
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SecondFactor {
    challenge_id: String,
    code: String,
}

/// `POST /auth/login/second-factor`.
async fn second_factor(
    State(api): State<Arc<Api>>,
    Client(client): Client,
    Input(body): Input<SecondFactor>,
) -> Result<Json<Pass>, Problem> {
    api.accounts.allow(Request::Verify, &client).await?;
    let session = api.accounts.second_factor(&body.challenge_id, &body.code).await?;
    Ok(Json(signed_in(&api, session).await?))
}

/// Signed in, or halfway.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
enum LoggedIn {
    /// Signed in.
    Through(Box<Pass>),
    /// The password was right; the code from the text is needed too.
    Halfway(Halfway),
}

/// The password was right; the code from the text is needed too.
#[derive(Debug, Serialize, JsonSchema)]
struct Halfway {
    /// How the code was sent.
    #[schemars(extend("const" = "sms"))]
    second_factor: &'static str,
    challenge_id: String,
}

/// What to call with from now on.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Token")]
struct Pass {
    access_token: String,
    /// How to use it.
    #[schemars(extend("const" = "bearer"))]
    token_type: &'static str,
    /// When it ends.
    expires_at: Time,
    /// Whose it is.
    user: User,
}

async fn signed_in(api: &Api, session: Session) -> Result<Pass, Problem> {
    let numbers = api.inbox.store.numbers(session.account.id).await?;
    Ok(Pass {
        access_token: session.token,
        token_type: "bearer",
        expires_at: session.expires_at.into(),
        user: User::new(session.account, &numbers),
    })
}

/// `POST /auth/logout`.
async fn logout(
    _: SignedInUser,
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
) -> Result<NoContent, Problem> {
    api.accounts.sign_out(bearer(&headers)?).await?;
    Ok(NoContent)
}
