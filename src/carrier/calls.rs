//! Calling the application: signed, patient as its address asks, and written down.

use super::connection::Target;
use super::ledger::{Call, Purpose};
use super::message::Status;
use super::{Carrier, chance};
use crate::clock;
use crate::signature;
use reqwest::{Client, Response, header};
use std::time::Duration;

/// The longest document Twilio takes (code 11750).
const ANSWER_BYTES: usize = 64 * 1024;

/// The parameters of a call, in the order they are posted.
pub(super) type Params = Vec<(String, String)>;

/// What a call is about.
pub(super) struct About<'a> {
    pub(super) purpose: Purpose,
    pub(super) message_sid: &'a str,
    pub(super) message_status: Option<Status>,
}

/// An answer that counts: its status is below 400.
pub(super) struct Answer {
    pub(super) http_status: u16,
    pub(super) content_type: Option<String>,
    pub(super) body: Vec<u8>,
}

/// Why a call came to nothing.
pub(super) struct Failure {
    pub(super) http_status: Option<u16>,
    /// Twilio's code: 11200, 11205 or 11750.
    pub(super) error_code: u32,
    kind: Kind,
    problem: String,
    fault: Option<&'static str>,
}

/// The classes that a retry policy tells apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    ClientError,
    ServerError,
    Connect,
    Read,
    /// Tried once, whatever the policy.
    Hopeless,
}

impl Carrier {
    /// Posts `params` to `url` as often as its policy allows, and writes every try down.
    ///
    /// Returns the outcome of the last try and the number of tries.
    pub(super) async fn call(
        &self,
        url: &str,
        params: &Params,
        about: &About<'_>,
    ) -> (Result<Answer, Failure>, u32) {
        let target = match Target::parse(url) {
            Ok(target) => target,
            Err(problem) => {
                let failure = Failure::new(Kind::Hopeless, 11200, problem);
                self.write_down(url, about, 0, Err(&failure));
                return (Err(failure), 0);
            }
        };
        let token = chance::sid("");
        let begun = clock::stopwatch();
        let mut attempt = 1;
        loop {
            let remaining = target.total.saturating_sub(begun.elapsed());
            let outcome = self.call_once(&target, params, &token, remaining, about.purpose).await;
            self.write_down(target.url.as_str(), about, attempt, outcome.as_ref());
            match outcome {
                Err(failure) if failure.is_tried_again(attempt, &target, begun.elapsed()) => attempt += 1,
                outcome => return (outcome, attempt),
            }
        }
    }

    async fn call_once(
        &self,
        target: &Target,
        params: &Params,
        token: &str,
        remaining: Duration,
        purpose: Purpose,
    ) -> Result<Answer, Failure> {
        let client = self.client(target.connect)?;
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish();
        let signature = signature::sign(&self.0.settings.auth_token, &target.signed_url(), params);
        let request = client
            .post(target.url.clone())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded; charset=UTF-8")
            .header("X-Twilio-Signature", signature)
            .header("I-Twilio-Idempotency-Token", token)
            .body(form);
        let patience = (target.connect + target.read).min(remaining);
        let late = |_| Failure::new(Kind::Read, 11200, "no answer in time".to_owned());
        let answer = tokio::time::timeout(patience, read(request)).await.map_err(late)??;
        if purpose != Purpose::Status && self.fires(|faults| &mut faults.webhook_answer_lost) {
            let problem = "the connection broke before the answer was read".to_owned();
            let fault = Some("webhook_answer_lost");
            return Err(Failure { fault, ..Failure::new(Kind::Read, 11200, problem) });
        }
        Ok(answer)
    }

    /// A client whose connections open within `connect`; there is one for each such time in use.
    fn client(&self, connect: Duration) -> Result<Client, Failure> {
        let mut clients = super::locked(&self.0.clients);
        if let Some(client) = clients.get(&connect) {
            return Ok(client.clone());
        }
        // Another part of the program may have chosen a provider already: then that one serves.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let built =
            Client::builder().connect_timeout(connect).no_proxy().user_agent("TwilioProxy/1.1").build();
        let client = built.map_err(|error| Failure::new(Kind::Hopeless, 11200, error.to_string()))?;
        clients.insert(connect, client.clone());
        Ok(client)
    }

    fn write_down(&self, url: &str, about: &About<'_>, attempt: u32, outcome: Result<&Answer, &Failure>) {
        let failure = outcome.err();
        self.enter_call(Call {
            sequence: 0,
            purpose: about.purpose,
            message_sid: about.message_sid.to_owned(),
            message_status: about.message_status,
            url: url.to_owned(),
            attempt,
            at: self.0.clock.now(),
            http_status: outcome
                .map_or_else(|failure| failure.http_status, |answer| Some(answer.http_status)),
            error_code: failure.map(|failure| failure.error_code),
            fault: failure.and_then(|failure| failure.fault),
            problem: failure.map(|failure| failure.problem.clone()),
        });
    }
}

impl Failure {
    fn new(kind: Kind, error_code: u32, problem: String) -> Self {
        Self { http_status: None, error_code, kind, problem, fault: None }
    }

    fn from_request(error: &reqwest::Error) -> Self {
        if error.is_connect() {
            Self::new(Kind::Connect, 11205, "no connection".to_owned())
        } else {
            Self::new(Kind::Read, 11200, format!("the connection failed: {error}"))
        }
    }

    /// Whether a call that failed so on its try number `attempt`, `elapsed` after the first, is tried again.
    fn is_tried_again(&self, attempt: u32, target: &Target, elapsed: Duration) -> bool {
        attempt <= target.retries && self.kind.is_tried_again(target) && elapsed < target.total
    }
}

impl Kind {
    fn is_tried_again(self, target: &Target) -> bool {
        match self {
            Self::ClientError => target.policy.client_error,
            Self::ServerError => target.policy.server_error,
            Self::Connect => target.policy.connect,
            Self::Read => target.policy.read,
            Self::Hopeless => false,
        }
    }
}

async fn read(request: reqwest::RequestBuilder) -> Result<Answer, Failure> {
    let mut response: Response = request.send().await.map_err(|error| Failure::from_request(&error))?;
    let status = response.status();
    if !status.is_success() {
        let kind = if status.is_server_error() { Kind::ServerError } else { Kind::ClientError };
        let failure = Failure::new(kind, 11200, format!("the answer was {status}"));
        return Err(Failure { http_status: Some(status.as_u16()), ..failure });
    }
    let content_type = response.headers().get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok()).map(str::to_owned);
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| Failure::from_request(&error))? {
        body.extend_from_slice(&chunk);
        if body.len() > ANSWER_BYTES {
            let failure = Failure::new(Kind::Hopeless, 11750, "the answer is longer than 64 kB".to_owned());
            return Err(Failure { http_status: Some(status.as_u16()), ..failure });
        }
    }
    Ok(Answer { http_status: status.as_u16(), content_type, body })
}
