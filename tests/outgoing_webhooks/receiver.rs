//! Somebody else's server: it notes what it gets and answers as it is told.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use tidings::events::{SigningSecret, verify};
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// One webhook that came.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    pub(crate) id: String,
    pub(crate) seconds: i64,
    pub(crate) signatures: String,
    pub(crate) body: String,
}

impl Got {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn kind(&self) -> String {
        self.json()["type"].as_str().unwrap().to_owned()
    }

    /// Whether it was signed with `secret` at the time it says.
    pub(crate) fn is_signed_with(&self, secret: &SigningSecret) -> bool {
        let now = jiff::Timestamp::from_second(self.seconds).unwrap();
        verify(secret, &self.id, self.seconds, &self.signatures, &self.body, now)
    }
}

/// How to answer the next webhook.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Status(u16),
    Redirect(String),
    /// Never.
    Hang,
}

#[derive(Default)]
struct Desk {
    got: Mutex<Vec<Got>>,
    plan: Mutex<VecDeque<Answer>>,
    came: Notify,
}

#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) url: String,
    desk: Arc<Desk>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks", listener.local_addr().unwrap());
        let desk = Arc::new(Desk::default());
        let router = Router::new().fallback(take).with_state(desk.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, desk }
    }

    /// Answers the next webhooks like this, and those after them with 204.
    pub(crate) fn answer(&self, answers: impl IntoIterator<Item = Answer>) {
        self.desk.plan.lock().unwrap().extend(answers);
    }

    pub(crate) fn got(&self) -> Vec<Got> {
        self.desk.got.lock().unwrap().clone()
    }

    /// Returns once `count` webhooks have come in all.
    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Got> {
        let wait = async {
            loop {
                let came = self.desk.came.notified();
                let got = self.got();
                if got.len() >= count {
                    return got;
                }
                came.await;
            }
        };
        let patience = std::time::Duration::from_secs(30);
        let waited = tokio::time::timeout(patience, wait).await;
        waited.unwrap_or_else(|_| panic!("only {} of {count} webhooks came", self.got().len()))
    }
}

async fn take(State(desk): State<Arc<Desk>>, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/json");
    let got = Got {
        id: header("webhook-id"),
        seconds: header("webhook-timestamp").parse().unwrap(),
        signatures: header("webhook-signature"),
        body: String::from_utf8(body.to_vec()).unwrap(),
    };
    desk.got.lock().unwrap().push(got);
    desk.came.notify_waiters();
    let answer = desk.plan.lock().unwrap().pop_front();
    match answer {
        None => StatusCode::NO_CONTENT.into_response(),
        Some(Answer::Status(status)) => StatusCode::from_u16(status).unwrap().into_response(),
        Some(Answer::Redirect(to)) => (StatusCode::FOUND, [(LOCATION, to)]).into_response(),
        Some(Answer::Hang) => std::future::pending().await,
    }
}
