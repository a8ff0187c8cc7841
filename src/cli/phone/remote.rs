//! The demo's side of the terminal phone, over HTTP.

use reqwest::header::ACCEPT;
use reqwest::{Client, Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

const CONNECT: Duration = Duration::from_secs(5);
/// More than any event is long; what exceeds it is no demo.
const LONGEST_EVENT: usize = 4 * 1024 * 1024;

/// Why the demo could not be asked, for the person at the terminal.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error("no demo answers at {0}; start it with: tidings")]
    Nobody(String),
    #[error("the server at {0} runs no demo: it has Twilio credentials, or it is not Tidings")]
    NoDemo(String),
    #[error("{0}")]
    Refused(String),
    /// What was asked with can't be used.
    #[error("{0}")]
    Wrong(String),
    #[error("--url: {0:?} is no address such as http://127.0.0.1:8080")]
    Address(String),
    #[error("the connection broke: {0}")]
    Broken(reqwest::Error),
}

/// What the terminal shows of a handset.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct State {
    pub(super) phone: Number,
    pub(super) to: Number,
    pub(super) organisation: String,
    pub(super) messages: Vec<Message>,
    pub(super) code: Option<String>,
    pub(super) quick_replies: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Number {
    pub(super) shown: String,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) from: String,
    pub(super) body: String,
    pub(super) time: String,
    pub(super) status: String,
    pub(super) status_reason: Option<String>,
    pub(super) arrived: bool,
    pub(super) purpose: Option<String>,
}

/// The answer to a text.
#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    pub(super) replies: Vec<String>,
    pub(super) carrier_reply: Option<String>,
}

#[derive(Deserialize)]
struct Problem {
    detail: String,
}

/// One handset of the demo at one address.
#[derive(Clone, Debug)]
pub(super) struct Remote {
    client: Client,
    url: String,
    phone: String,
}

impl Remote {
    pub(super) fn new(url: &str, phone: &str) -> Result<Self, Trouble> {
        let wrong = || Trouble::Address(url.to_owned());
        let parsed = url::Url::parse(url).map_err(|_| wrong())?;
        if !matches!(parsed.scheme(), "http" | "https") {
            return Err(wrong());
        }
        // Already installed is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client =
            Client::builder().no_proxy().connect_timeout(CONNECT).build().map_err(Trouble::Broken)?;
        Ok(Self { client, url: url.trim_end_matches('/').to_owned(), phone: phone.to_owned() })
    }

    /// The handset as it is now.
    pub(super) async fn state(&self) -> Result<State, Trouble> {
        let request = self.client.get(format!("{}/demo/state", self.url)).query(&[("phone", &self.phone)]);
        self.read(request.send().await).await
    }

    /// Sends a text; the answer holds the replies that came at once.
    pub(super) async fn text(&self, body: &str) -> Result<Answer, Trouble> {
        let form = [("from", self.phone.as_str()), ("body", body)];
        let request = self.client.post(format!("{}/demo/texts", self.url)).form(&form);
        self.read(request.header(ACCEPT, "application/json").send().await).await
    }

    /// Begins to follow the handset.
    pub(super) async fn follow(&self) -> Result<Events, Trouble> {
        let request = self.client.get(format!("{}/demo/events", self.url)).query(&[("phone", &self.phone)]);
        let response = self.checked(request.send().await).await?;
        Ok(Events { response, held: Vec::new() })
    }

    async fn read<T: DeserializeOwned>(&self, answer: reqwest::Result<Response>) -> Result<T, Trouble> {
        let response = self.checked(answer).await?;
        response.json().await.map_err(|_| Trouble::NoDemo(self.url.clone()))
    }

    async fn checked(&self, answer: reqwest::Result<Response>) -> Result<Response, Trouble> {
        let response = answer.map_err(|_| Trouble::Nobody(self.url.clone()))?;
        match response.status() {
            StatusCode::NOT_FOUND => Err(Trouble::NoDemo(self.url.clone())),
            status if status.is_success() => Ok(response),
            status => {
                let problem = response.json::<Problem>().await;
                let detail = problem.map_or_else(|_| status.to_string(), |problem| problem.detail);
                let wrong = status == StatusCode::BAD_REQUEST;
                Err(if wrong { Trouble::Wrong(detail) } else { Trouble::Refused(detail) })
            }
        }
    }
}

/// A stream of server-sent events.
pub(super) struct Events {
    response: Response,
    held: Vec<u8>,
}

impl Events {
    /// The next state; `None` when the server has ended the stream.
    pub(super) async fn next(&mut self) -> Option<State> {
        loop {
            if let Some(end) = self.held.windows(2).position(|pair| pair == b"\n\n") {
                let event: Vec<u8> = self.held.drain(..end + 2).collect();
                match state_of(&String::from_utf8_lossy(&event)) {
                    Some(state) => return Some(state),
                    None => continue,
                }
            }
            let chunk = self.response.chunk().await.ok()??;
            self.held.extend_from_slice(&chunk);
            if self.held.len() > LONGEST_EVENT {
                return None;
            }
        }
    }
}

fn state_of(event: &str) -> Option<State> {
    let data: String = event.lines().filter_map(|line| line.strip_prefix("data:")).collect();
    serde_json::from_str(data.trim_start()).ok()
}
