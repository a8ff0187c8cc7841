//! `/calls`: whom a caller reaches, and the token that a browser's phone signs in with.

use super::Api;
use super::accounts::Client;
use super::auth::User;
use super::input::Input;
use super::moment::Time;
use super::openapi::{Limited, NoStore, Routes};
use crate::accounts::Request;
use crate::config::{self, Secret};
use crate::problem::Problem;
use crate::store::AccountRow;
use crate::voice::{Destination, House, Plan, TokenKey, VoiceGrant, access_token, plan};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How long a token is good; whoever talks longer is not cut off.
const LIFETIME: SignedDuration = SignedDuration::from_hours(1);

/// How calls are made from here.
#[derive(Debug)]
pub struct Calls {
    /// Twilio's voice; without it calls go by WebRTC.
    pub twilio: Option<VoiceAccount>,
    /// Who may be called.
    pub house: House,
}

/// What signs voice tokens.
#[derive(Debug)]
pub struct VoiceAccount {
    account_sid: String,
    key_sid: String,
    secret: Secret,
    application_sid: String,
}

impl VoiceAccount {
    /// The account's, if it has an API key and a `TwiML` app.
    #[must_use]
    pub fn of(twilio: &config::Twilio) -> Option<Self> {
        let (key_sid, secret) = twilio.api_key.clone()?;
        let application_sid = twilio.twiml_app_sid.clone()?;
        Some(Self { account_sid: twilio.account_sid.clone(), key_sid, secret, application_sid })
    }
}

pub(super) fn routes() -> Routes {
    Routes::about("Calls", "Calls between people, by Twilio or WebRTC.")
        .post("/calls/resolve", resolve, "Find out whom a number reaches, and by what")
        .or("not_found")
        .post("/calls/token", token, "Have a browser's phone sign in to Twilio's voice")
        .or("voice_off")
}

/// Whom somebody wants to call.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// A number, or the identity of a person.
    #[schemars(example = &"+14155550101")]
    destination: String,
}

/// By what a call goes.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Mode {
    Twilio,
    WebRtc,
}

/// Whom to call, and by what.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Resolved {
    /// By what.
    mode: Mode,
    /// A number, or a client's identity.
    #[schemars(example = &"+14155550101")]
    target: String,
}

/// A voice token.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct VoiceToken {
    /// What to sign in with.
    #[schemars(example = &"eyJhbGciOiJIUzI1NiJ9.eyJncmFudHMiOnt9fQ.c2lnbmF0dXJl")]
    token: String,
    /// By which the holder is called.
    #[schemars(example = &"patient-4711")]
    identity: String,
    /// Whether its holder may call others, and not only be called.
    outgoing: bool,
    /// When it ends.
    expires_at: Time,
}

/// `POST /calls/resolve`. It counts with the look-ups of numbers, and says no more than they do: a number
/// that nobody has proven and one whose owner has no `external_id` are told apart by nothing.
async fn resolve(
    User(account): User,
    State(api): State<Arc<Api>>,
    Client(client): Client,
    Input(wanted): Input<Wanted>,
) -> Result<Limited<Json<Resolved>>, Problem> {
    let standing = api.accounts.allow_look(account.id, &client).await?;
    let (house, text) = (&api.calls.house, wanted.destination.as_str());
    let resolved = if api.calls.twilio.is_some() {
        let caller = format!("client:{}", identity(&account));
        match plan(&caller, text, house) {
            Plan::Dial(Destination::Number(phone), _) => {
                Resolved { mode: Mode::Twilio, target: phone.to_string() }
            }
            Plan::Dial(Destination::Client(identity), _) => Resolved { mode: Mode::Twilio, target: identity },
            Plan::Say(words) => return Err(Problem::field("destination", words)),
        }
    } else {
        let target = match Destination::parse(text, house.default_region) {
            None => {
                let words = "must be a phone number or an identity";
                return Err(Problem::field("destination", words));
            }
            Some(Destination::Client(identity)) => Some(identity),
            Some(Destination::Number(phone)) => {
                api.accounts.owner(phone).await?.and_then(|owner| owner.external_id)
            }
        };
        let target = target.ok_or_else(|| Problem::not_found("nobody can be called at this number"))?;
        Resolved { mode: Mode::WebRtc, target }
    };
    Ok(Limited(standing, Json(resolved)))
}

/// `POST /calls/token`. Calls to phones cost money, so only those may make them who proved a number.
async fn token(
    User(account): User,
    State(api): State<Arc<Api>>,
) -> Result<Limited<NoStore<Json<VoiceToken>>>, Problem> {
    let standing = api.accounts.allow(Request::Call, &account.id.to_string()).await?;
    let twilio = api.calls.twilio.as_ref().ok_or_else(|| {
        Problem::new(
            StatusCode::CONFLICT,
            "voice_off",
            "Twilio's voice is not set up here; calls go by WebRTC",
        )
    })?;
    let numbers = api.inbox.store.numbers(account.id).await?;
    let outgoing = numbers.iter().any(|number| number.is_verified);
    let grant = VoiceGrant {
        incoming: true,
        application_sid: outgoing.then(|| twilio.application_sid.clone()),
        ..VoiceGrant::default()
    };
    let key = TokenKey {
        account_sid: &twilio.account_sid,
        key_sid: &twilio.key_sid,
        secret: twilio.secret.expose().as_bytes(),
    };
    let now = api.inbox.clock.now();
    let identity = identity(&account);
    let token = access_token(key, &identity, &grant, now, LIFETIME);
    Ok(Limited(
        standing,
        NoStore(Json(VoiceToken { token, identity, outgoing, expires_at: (now + LIFETIME).into() })),
    ))
}

/// By which a person is called: the id they have elsewhere, else one of ours.
fn identity(account: &AccountRow) -> String {
    account.external_id.clone().unwrap_or_else(|| format!("user_{}", account.id))
}
