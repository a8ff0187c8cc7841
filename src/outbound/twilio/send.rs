//! Sending one message.

use super::{ErrorBody, Twilio, plain};
use crate::outbound::failure::{Class, classify_response, describe};
use crate::outbound::trouble::{Trouble, trouble};
use crate::sid::Sid;
use jiff::SignedDuration;
use reqwest::Response;
use reqwest::header::RETRY_AFTER;
use serde::Deserialize;

/// Twilio's error "sender has opted out": <https://www.twilio.com/docs/api/errors/21610>.
const OPTED_OUT: u32 = 21610;

/// A message to send.
#[derive(Clone, Debug)]
pub struct Outgoing<'a> {
    /// The recipient, as Twilio writes it.
    pub to: &'a str,
    /// The words.
    pub body: &'a str,
    /// Where its fate is reported.
    pub callback: &'a str,
    /// The approved template to send in their place, with its variables as JSON.
    pub content: Option<(&'a str, &'a str)>,
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
    /// It was certainly not processed, and nothing is wrong with the message: send again after a pause.
    #[error("not processed: {words}")]
    Retry {
        /// Twilio's error code.
        code: Option<u32>,
        /// Who can put it right, and what happened.
        words: String,
        /// Whether other messages of the sender would fare alike.
        trouble: Trouble,
    },
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

#[derive(Deserialize)]
struct Created {
    sid: String,
}

impl Twilio {
    /// Sends a message. Twilio has no idempotency key, so this is never repeated by itself.
    ///
    /// # Errors
    /// Says what the failure means for the next attempt.
    pub async fn send(&self, message: &Outgoing<'_>) -> Result<Accepted, SendError> {
        let validity = message.validity_seconds.clamp(1, 36_000).to_string();
        let (from, sender) = self.sender_for(message.to);
        let mut form = vec![
            ("To", message.to),
            (from, sender.as_str()),
            ("StatusCallback", message.callback),
            ("ValidityPeriod", validity.as_str()),
        ];
        match message.content {
            Some((sid, variables)) => form.extend([("ContentSid", sid), ("ContentVariables", variables)]),
            None => form.push(("Body", message.body)),
        }
        let request = self.http.post(self.url("Messages.json")).form(&form);
        let sent = request.basic_auth(&self.user, Some(self.password.expose())).send().await;
        match sent {
            Ok(response) => accepted(response).await,
            Err(error) if error.is_connect() || error.is_builder() => {
                let words = format!(
                    "the operator: Twilio can't be reached ({}). It is tried again by itself; if this lasts, \
                     look at this server's network.",
                    plain(&error)
                );
                Err(SendError::Retry { code: None, words, trouble: Trouble::Perhaps })
            }
            Err(error) => Err(SendError::Uncertain(plain(&error))),
        }
    }
}

async fn accepted(response: Response) -> Result<Accepted, SendError> {
    let status = response.status();
    let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    let retry_after = retry_after.map(SignedDuration::from_secs);
    // A broken body after a 201 means that it was taken: the list will tell its SID.
    let body = response.bytes().await.map_err(|error| SendError::Uncertain(plain(&error)))?;
    if status.is_success() {
        let message: Option<Created> = serde_json::from_slice(&body).ok();
        let sid = message.and_then(|message| message.sid.parse().ok());
        return sid
            .map(|sid| Accepted { sid })
            .ok_or_else(|| SendError::Uncertain("an answer without a SID".into()));
    }
    let code = serde_json::from_slice::<ErrorBody>(&body).ok().and_then(|body| body.code);
    if code == Some(OPTED_OUT) {
        return Err(SendError::OptedOut);
    }
    let words = match code {
        Some(code) => describe(code).reason(),
        None if status.as_u16() == 429 => describe(20429).reason(),
        None if status.as_u16() == 401 => describe(20003).reason(),
        None => format!("the operator: Twilio answered {status} without a reason."),
    };
    let class = classify_response(status.as_u16(), code);
    Err(match class {
        Class::Ambiguous => SendError::Uncertain(format!("HTTP {status}, code {code:?}")),
        Class::RetrySafe | Class::RetryLater | Class::Config => {
            SendError::Retry { code, words, trouble: trouble(class, code, retry_after) }
        }
        Class::RetryLimited | Class::PermanentRecipient | Class::PermanentContent => {
            SendError::Permanent { code, words }
        }
    })
}
