//! A carrier and a small application, each on a port of its own.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use reqwest::{Client, StatusCode};
use serde_json::Value;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use tidings::carrier::{Carrier, Number, Settings};
use tidings::clock::Clock;
use tidings::{listen, signature};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub(crate) const OURS: &str = "+15550100000";
pub(crate) const ADA: &str = "+15550100001";
pub(crate) const BOB: &str = "+15550100002";
pub(crate) const EMPTY: &str = "<Response/>";

/// A webhook or callback as the application got it; its signature was checked.
#[derive(Clone, Debug)]
pub(crate) struct Hook {
    pub(crate) path: String,
    pub(crate) params: HashMap<String, String>,
    pub(crate) token: String,
}

impl Hook {
    pub(crate) fn get(&self, name: &str) -> &str {
        self.params.get(name).map_or("", String::as_str)
    }
}

/// An application that writes down what it gets and answers what it is told to.
pub(crate) struct App {
    pub(crate) url: String,
    auth_token: String,
    hooks: Mutex<Vec<Hook>>,
    answers: Mutex<VecDeque<(u16, &'static str, String)>>,
}

impl App {
    pub(crate) fn answer(&self, status: u16, content_type: &'static str, body: &str) {
        self.answers.lock().unwrap().push_back((status, content_type, body.to_owned()));
    }

    pub(crate) fn twiml(&self, body: &str) {
        self.answer(200, "text/xml", body);
    }

    pub(crate) fn hooks(&self, path: &str) -> Vec<Hook> {
        self.hooks.lock().unwrap().iter().filter(|hook| hook.path == path).cloned().collect()
    }
}

pub(crate) struct Stage {
    pub(crate) carrier: Carrier,
    pub(crate) clock: Clock,
    pub(crate) app: Arc<App>,
    pub(crate) base: String,
    pub(crate) client: Client,
    stop: CancellationToken,
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

pub(crate) async fn stage() -> Stage {
    stage_with(|_| {}).await
}

/// A carrier whose number `OURS` posts to `/sms`, with a standing clock; `change` may change its settings.
pub(crate) async fn stage_with(change: impl FnOnce(&mut Settings)) -> Stage {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let stop = CancellationToken::new();
    let mut settings = Settings::random();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let app = Arc::new(App {
        url: format!("http://{}", listener.local_addr().unwrap()),
        auth_token: settings.auth_token.clone(),
        hooks: Mutex::default(),
        answers: Mutex::default(),
    });
    let router = Router::new().fallback(record).with_state(app.clone());
    tokio::spawn(listen::serve(listener, router, stop.clone(), std::time::Duration::ZERO));

    settings.numbers.push(Number::new(OURS, Some(&format!("{}/sms", app.url))));
    change(&mut settings);
    let clock = Clock::standing_at("2026-11-20T23:59:30Z".parse::<Timestamp>().unwrap());
    let carrier = Carrier::new(settings, clock.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    carrier.spawn(listener, stop.clone());
    Stage { carrier, clock, app, base, client: Client::builder().no_proxy().build().unwrap(), stop }
}

async fn record(State(app): State<Arc<App>>, request: Request) -> Response {
    let target = request.uri().path_and_query().unwrap().to_string();
    let headers: HeaderMap = request.headers().clone();
    let body = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap_or(Bytes::new());
    let params: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
    let signed = signature::sign(&app.auth_token, &format!("{}{target}", app.url), &params);
    assert_eq!(headers["X-Twilio-Signature"], signed, "the signature of {target}");
    let token = headers["I-Twilio-Idempotency-Token"].to_str().unwrap().to_owned();
    let path = target.split('?').next().unwrap().to_owned();
    let is_status = params.iter().any(|(name, _)| name == "MessageStatus");
    app.hooks.lock().unwrap().push(Hook { path, params: params.into_iter().collect(), token });
    if is_status {
        return StatusCode::NO_CONTENT.into_response();
    }
    let answer = app.answers.lock().unwrap().pop_front();
    let (status, kind, body) = answer.unwrap_or((200, "text/xml", EMPTY.to_owned()));
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    if !kind.is_empty() {
        response.headers_mut().insert("content-type", kind.parse().unwrap());
    }
    response
}

impl Stage {
    /// The address of a path under the account.
    pub(crate) fn account(&self, path: &str) -> String {
        format!("{}/2010-04-01/Accounts/{}{path}", self.base, self.carrier.settings().account_sid)
    }

    pub(crate) async fn get(&self, url: &str) -> (u16, Value) {
        answer(self.authorised(self.client.get(url)).send().await.unwrap()).await
    }

    pub(crate) async fn post(&self, url: &str, params: &[(&str, &str)]) -> (u16, Value) {
        answer(self.try_post(url, params).await.unwrap()).await
    }

    pub(crate) async fn try_post(
        &self,
        url: &str,
        params: &[(&str, &str)],
    ) -> reqwest::Result<reqwest::Response> {
        self.authorised(self.client.post(url)).form(params).send().await
    }

    pub(crate) async fn send(&self, params: &[(&str, &str)]) -> (u16, Value) {
        self.post(&self.account("/Messages.json"), params).await
    }

    pub(crate) fn authorised(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        let settings = self.carrier.settings();
        request.basic_auth(&settings.account_sid, Some(&settings.auth_token))
    }

    /// The bodies on a handset, oldest first.
    pub(crate) fn on_handset(&self, phone: &str) -> Vec<String> {
        self.carrier.conversation(phone).into_iter().map(|message| message.body).collect()
    }

    /// The statuses reported to `/status`, in order of arrival.
    pub(crate) fn statuses(&self) -> Vec<String> {
        self.app.hooks("/status").iter().map(|hook| hook.get("MessageStatus").to_owned()).collect()
    }

    pub(crate) fn status_url(&self) -> String {
        format!("{}/status?id=7&attempt=a%2Fb", self.app.url)
    }
}

pub(crate) async fn answer(response: reqwest::Response) -> (u16, Value) {
    let status = response.status().as_u16();
    (status, serde_json::from_str(&response.text().await.unwrap()).unwrap_or(Value::Null))
}
