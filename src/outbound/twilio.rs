//! Twilio's REST API: <https://www.twilio.com/docs/messaging/api/message-resource>.

use super::failure::{Class, classify_response, describe};
use crate::config::{self, Secret};
use crate::delivery::Status;
use crate::sid::Sid;
use jiff::{SignedDuration, Timestamp};
use reqwest::{Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// How long a call may take in all. Twilio answers in well under a second.
const TIMEOUT: Duration = Duration::from_secs(15);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Most pages of the message list that one look reads.
const MAX_PAGES: usize = 5;
/// Twilio's error "sender has opted out": <https://www.twilio.com/docs/api/errors/21610>.
const OPTED_OUT: u32 = 21610;

/// A client for one account.
#[derive(Clone, Debug)]
pub struct Twilio {
    http: reqwest::Client,
    account: String,
    user: String,
    password: Secret,
    sender: config::Sender,
    base: String,
}

/// A message to send.
#[derive(Clone, Debug)]
pub struct Outgoing<'a> {
    /// The recipient, as Twilio writes it.
    pub to: &'a str,
    /// The words.
    pub body: &'a str,
    /// Where its fate is reported.
    pub callback: &'a str,
    /// After how many seconds it is no longer worth delivering, 1 to 36,000.
    pub validity_seconds: i64,
}

/// Twilio took the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Its name for it.
    pub sid: Sid,
}

/// Why a message was not sent, in the terms in which the sender decides.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It was certainly not processed: send again after a pause.
    #[error("not processed: {0}")]
    Retry(String),
    /// It never will be.
    #[error("refused by Twilio with {code:?}: {words}")]
    Permanent {
        /// Twilio's error code.
        code: Option<u32>,
        /// The same in plain words.
        words: String,
    },
    /// The recipient has opted out at Twilio.
    #[error("the recipient has opted out")]
    OptedOut,
    /// It may have been sent or not: Twilio's list will tell.
    #[error("no answer to be trusted: {0}")]
    Uncertain(String),
}

/// A message in Twilio's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub sid: Sid,
    /// How far it got.
    pub status: Status,
    /// Its words.
    pub body: String,
    /// When Twilio took it.
    pub created_at: Timestamp,
    /// Why it failed.
    pub error_code: Option<u32>,
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

#[derive(Deserialize)]
struct MessageBody {
    sid: String,
    status: String,
    body: Option<String>,
    direction: String,
    date_created: Option<String>,
    error_code: Option<u32>,
}

#[derive(Deserialize)]
struct Page {
    messages: Vec<MessageBody>,
    next_page_uri: Option<String>,
}

/// An account, as far as `doctor` asks.
#[derive(Debug, Deserialize)]
pub struct Account {
    /// What its owner calls it.
    pub friendly_name: String,
    /// `active`, `suspended` or `closed`.
    pub status: String,
    /// How far Twilio's clock is ahead of `now` at the answer; in seconds.
    #[serde(skip)]
    pub clock_ahead_seconds: Option<i64>,
}

/// A number of the account, as far as `doctor` asks.
#[derive(Clone, Debug, Deserialize)]
pub struct IncomingNumber {
    /// In E.164 form.
    pub phone_number: String,
    /// Where its texts are sent.
    #[serde(default)]
    pub sms_url: String,
    /// How: `POST` or `GET`.
    #[serde(default)]
    pub sms_method: String,
}

#[derive(Deserialize)]
struct Numbers {
    incoming_phone_numbers: Vec<IncomingNumber>,
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
            base: settings.api_base.clone(),
        })
    }

    /// Sends a message. Twilio has no idempotency key, so this is never repeated by itself.
    ///
    /// # Errors
    /// Says what the failure means for the next attempt.
    pub async fn send(&self, message: &Outgoing<'_>) -> Result<Accepted, SendError> {
        let validity = message.validity_seconds.clamp(1, 36_000).to_string();
        let from = match &self.sender {
            config::Sender::Number(phone) => ("From", channel_of(message.to) + &phone.to_string()),
            config::Sender::Service(sid) => ("MessagingServiceSid", sid.clone()),
        };
        let form = [
            ("To", message.to),
            (from.0, from.1.as_str()),
            ("Body", message.body),
            ("StatusCallback", message.callback),
            ("ValidityPeriod", validity.as_str()),
        ];
        let request = self.http.post(self.url("Messages.json")).form(&form);
        let sent = request.basic_auth(&self.user, Some(self.password.expose())).send().await;
        match sent {
            Ok(response) => accepted(response).await,
            Err(error) if error.is_connect() || error.is_builder() => Err(SendError::Retry(plain(&error))),
            Err(error) => Err(SendError::Uncertain(plain(&error))),
        }
    }

    /// The messages sent to `to` since `since`, oldest first.
    ///
    /// Filtered by recipient only: `DateSent` goes by days and misses what was not sent yet.
    ///
    /// # Errors
    /// No answer, or not a list.
    pub async fn list(&self, to: &str, since: Timestamp) -> Result<Vec<Listed>, TwilioError> {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("To", to)
            .append_pair("PageSize", "200")
            .finish();
        let mut url = format!("{}?{query}", self.url("Messages.json"));
        let mut found = Vec::new();
        for _ in 0..MAX_PAGES {
            let page: Page = read(self.get(&url).await?).await?;
            let mut reached_older = false;
            for message in &page.messages {
                match listed(message) {
                    Some(message) if message.created_at >= since => found.push(message),
                    Some(_) => reached_older = true,
                    None => {}
                }
            }
            match page.next_page_uri {
                Some(next) if !reached_older => url = format!("{}{next}", self.base),
                _ => break,
            }
        }
        found.sort_by_key(|message| message.created_at);
        Ok(found)
    }

    /// The account itself; asked at `now`.
    ///
    /// # Errors
    /// Wrong credentials, or no answer.
    pub async fn account(&self, now: Timestamp) -> Result<Account, TwilioError> {
        let url = format!("{}/2010-04-01/Accounts/{}.json", self.base, self.account);
        let response = self.get(&url).await?;
        let date = response.headers().get("date").and_then(|value| value.to_str().ok());
        let twilio_now = date.and_then(parse_date);
        let mut account: Account = read(response).await?;
        account.clock_ahead_seconds = twilio_now.map(|twilio_now| twilio_now.duration_since(now).as_secs());
        Ok(account)
    }

    /// The account's number `phone`, if it has it.
    ///
    /// # Errors
    /// Wrong credentials, or no answer.
    pub async fn incoming_number(&self, phone: &str) -> Result<Option<IncomingNumber>, TwilioError> {
        let query =
            form_urlencoded::Serializer::new(String::new()).append_pair("PhoneNumber", phone).finish();
        let url = format!("{}?{query}", self.url("IncomingPhoneNumbers.json"));
        let numbers: Numbers = read(self.get(&url).await?).await?;
        Ok(numbers.incoming_phone_numbers.into_iter().find(|number| number.phone_number == phone))
    }

    fn url(&self, resource: &str) -> String {
        format!("{}/2010-04-01/Accounts/{}/{resource}", self.base, self.account)
    }

    async fn get(&self, url: &str) -> Result<Response, TwilioError> {
        let request = self.http.get(url).basic_auth(&self.user, Some(self.password.expose()));
        request.send().await.map_err(|error| TwilioError::Unreachable(plain(&error)))
    }
}

/// `whatsapp:` for a recipient on WhatsApp, because sender and recipient must be on one channel.
fn channel_of(to: &str) -> String {
    if to.starts_with("whatsapp:") { "whatsapp:".to_owned() } else { String::new() }
}

async fn accepted(response: Response) -> Result<Accepted, SendError> {
    let status = response.status();
    // A broken body after a 201 means that it was taken: the list will tell its SID.
    let body = response.bytes().await.map_err(|error| SendError::Uncertain(plain(&error)))?;
    if status.is_success() {
        let message: Option<MessageBody> = serde_json::from_slice(&body).ok();
        let sid = message.and_then(|message| message.sid.parse().ok());
        return sid
            .map(|sid| Accepted { sid })
            .ok_or_else(|| SendError::Uncertain("an answer without a SID".into()));
    }
    let code = serde_json::from_slice::<ErrorBody>(&body).ok().and_then(|body| body.code);
    if code == Some(OPTED_OUT) {
        return Err(SendError::OptedOut);
    }
    Err(match classify_response(status.as_u16(), code) {
        Class::RetrySafe | Class::RetryLater => SendError::Retry(format!("HTTP {status}, code {code:?}")),
        Class::Ambiguous => SendError::Uncertain(format!("HTTP {status}, code {code:?}")),
        Class::RetryLimited | Class::PermanentRecipient | Class::PermanentContent | Class::Config => {
            let words = match code {
                Some(code) => describe(code).words.to_owned(),
                None => format!("Twilio answered {status}"),
            };
            SendError::Permanent { code, words }
        }
    })
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

/// A list entry, if it is a message of ours that we can make sense of.
fn listed(message: &MessageBody) -> Option<Listed> {
    if !message.direction.starts_with("outbound") {
        return None;
    }
    Some(Listed {
        sid: message.sid.parse().ok()?,
        status: Status::from_twilio(&message.status)?,
        body: message.body.clone().unwrap_or_default(),
        created_at: message.date_created.as_deref().and_then(parse_date)?,
        error_code: message.error_code,
    })
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
    let mut source = std::error::Error::source(error);
    let mut deepest = None;
    while let Some(inner) = source {
        deepest = Some(inner.to_string());
        source = inner.source();
    }
    deepest.map_or_else(|| kind.to_owned(), |inner| format!("{kind}: {inner}"))
}

/// How far back before a message was made its copy in Twilio's list may be dated: clocks differ,
/// and Twilio's dates have no fractions.
pub(super) const CLOCK_SKEW: SignedDuration = SignedDuration::from_secs(30);
