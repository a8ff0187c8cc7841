//! Twilio's REST API: <https://www.twilio.com/docs/messaging/api/message-resource>.

mod account;
mod list;
mod send;

pub use account::{Account, IncomingNumber};
pub(super) use list::CLOCK_SKEW;
pub use list::{Listed, Received};
pub use send::{Accepted, Outgoing, SendError};

use crate::config::{self, Secret};
use crate::outbound::lines;
use crate::phone::Phone;
use crate::problem::why_broken;
use jiff::Timestamp;
use reqwest::{Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// How long a call may take in all. Twilio answers in well under a second.
const TIMEOUT: Duration = Duration::from_secs(15);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A client for one account.
#[derive(Clone, Debug)]
pub struct Twilio {
    http: reqwest::Client,
    account: String,
    user: String,
    password: Secret,
    sender: config::Sender,
    whatsapp: Option<Phone>,
    base: String,
    simulated: bool,
}

/// Why a question to Twilio was not answered.
#[derive(Debug, thiserror::Error)]
pub enum TwilioError {
    /// No connection, or no answer in time.
    #[error("Twilio can't be reached: {0}")]
    Unreachable(String),
    /// An answer, but not the one hoped for.
    #[error("Twilio answered {status}: {message}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Twilio's words.
        message: String,
    },
}

#[derive(Deserialize)]
struct ErrorBody {
    code: Option<u32>,
    message: Option<String>,
}

impl Twilio {
    /// A client for the account and sender of `settings`.
    ///
    /// # Errors
    /// No certificates to be had on this machine.
    pub fn new(settings: &config::Twilio) -> Result<Self, reqwest::Error> {
        // A second call finds the provider in place, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("tidings/", env!("CARGO_PKG_VERSION")))
            .build()?;
        let (user, password) = match &settings.api_key {
            Some((key, secret)) => (key.clone(), secret.clone()),
            None => (settings.account_sid.clone(), settings.auth_token.clone()),
        };
        let account = settings.account_sid.clone();
        Ok(Self {
            http,
            account,
            user,
            password,
            sender: settings.sender.clone(),
            whatsapp: settings.whatsapp,
            base: settings.api_base.clone(),
            simulated: false,
        })
    }

    /// The same client, told whether it is the demo's carrier that it calls: that one forgets all when the server
    /// ends, and nobody must blame Twilio for it.
    #[must_use]
    pub fn simulated(self, simulated: bool) -> Self {
        Self { simulated, ..self }
    }

    /// Whether it is the demo's carrier.
    pub(super) fn is_simulated(&self) -> bool {
        self.simulated
    }

    /// The parameter that names the sender for a message to `to`, and its value.
    fn sender_for(&self, to: &str) -> (&'static str, String) {
        lines::sender_for(&self.sender, self.whatsapp, to.starts_with("whatsapp:"))
    }

    fn url(&self, resource: &str) -> String {
        format!("{}/2010-04-01/Accounts/{}/{resource}", self.base, self.account)
    }

    async fn get(&self, url: &str) -> Result<Response, TwilioError> {
        let request = self.http.get(url).basic_auth(&self.user, Some(self.password.expose()));
        request.send().await.map_err(|error| TwilioError::Unreachable(plain(&error)))
    }
}

async fn read<T: DeserializeOwned>(response: Response) -> Result<T, TwilioError> {
    let status = response.status();
    let body = response.bytes().await.map_err(|error| TwilioError::Unreachable(plain(&error)))?;
    let refused = |message: String| TwilioError::Refused { status: status.as_u16(), message };
    if status != StatusCode::OK {
        let message = serde_json::from_slice::<ErrorBody>(&body).ok().and_then(|body| body.message);
        return Err(refused(message.unwrap_or_else(|| "no reason given".to_owned())));
    }
    serde_json::from_slice(&body).map_err(|_| refused("not the JSON that its documentation shows".to_owned()))
}

/// Twilio's time when it answered.
fn told_at(response: &Response) -> Option<Timestamp> {
    parse_date(response.headers().get("date")?.to_str().ok()?)
}

fn parse_date(text: &str) -> Option<Timestamp> {
    let zoned = jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_zoned(text).ok()?;
    Some(zoned.timestamp())
}

/// The error without its URL, which holds phone numbers.
fn plain(error: &reqwest::Error) -> String {
    let kind = if error.is_connect() {
        "no connection"
    } else if error.is_timeout() {
        "no answer in time"
    } else {
        "the connection broke"
    };
    why_broken(error).map_or_else(|| kind.to_owned(), |why| format!("{kind}: {why}"))
}
