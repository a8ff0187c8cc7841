//! `Idempotency-Key`: a request that is sent again within 24 hours gets the answer it got, and does
//! nothing again (draft-ietf-httpapi-idempotency-key-header). Fifty at once are carried out once.

use super::Api;
use super::auth::{Caller, bearer};
use super::input::MAX_BYTES;
use crate::accounts::hash_token;
use crate::problem::Problem;
use crate::store::{self, Stale};
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue, LOCATION};
use axum::http::{HeaderMap, Method, StatusCode, Uri, request, response::Parts};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use futures_util::FutureExt as _;
use http_body_util::BodyExt as _;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;
use std::time::Duration;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// The longest key.
const MAX_KEY: usize = 255;
/// How long answers are kept.
pub const KEPT: SignedDuration = SignedDuration::from_hours(24);
/// No request takes longer: one without an answer after this was cut short by a crash.
const ABANDONED: SignedDuration = SignedDuration::from_secs(60);
/// How long a request waits for its twin that is being carried out; how soon it looks again, and then
/// less and less often.
const PATIENCE: SignedDuration = SignedDuration::from_secs(10);
const LOOK: Duration = Duration::from_millis(20);
const SELDOM: Duration = Duration::from_millis(200);
/// Headers of an answer that are kept with it.
const KEPT_HEADERS: [HeaderName; 2] = [CONTENT_TYPE, LOCATION];
/// With these a request was not looked at; it may be sent again when that has changed.
const TURNED_AWAY: [StatusCode; 3] =
    [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::TOO_MANY_REQUESTS];
/// Signing up, the one thing that anybody may do who shows no token.
const SIGN_UP: &str = "/auth/register";
/// What may be asked again and again: nothing is made by it, and its answer is a secret.
const NOT_KEPT: [&str; 2] = ["/auth/", "/calls/token"];
/// What makes something whose secret is told once. The secret is never written down, not even here.
const TELLS_SECRET: [&str; 3] = ["/tokens", "/webhook-endpoints", "/rotate-secret"];

/// What a request is known by.
#[derive(Clone)]
struct Known {
    key: String,
    /// A keyed hash of query and body: one that holds a password can't be guessed at in the database.
    request: String,
    tells_secret: bool,
}

/// Whether a key counts at this path.
pub(super) fn covers(path: &str) -> bool {
    path.ends_with(SIGN_UP) || !NOT_KEPT.iter().any(|part| path.contains(part))
}

/// Whether what is made at this path has a secret, which is told once.
pub(super) fn tells_secret(path: &str) -> bool {
    TELLS_SECRET.iter().any(|part| path.ends_with(part))
}

/// Carries out a POST once for each key.
pub(super) async fn once(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    let asked = request
        .headers()
        .get(KEY)
        .filter(|_| request.method() == Method::POST && covers(request.uri().path()));
    let Some(key) = asked.cloned() else { return next.run(request).await };
    carry_out(&api, &key, request, next).await.unwrap_or_else(Problem::into_response)
}

async fn carry_out(
    api: &Arc<Api>,
    key: &HeaderValue,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let fits =
        (1..=MAX_KEY).contains(&key.len()) && key.as_bytes().iter().all(|byte| matches!(byte, b' '..=b'~'));
    if !fits {
        return Err(Problem::field(
            "Idempotency-Key",
            format!("must be 1 to {MAX_KEY} printable ASCII characters"),
        ));
    }
    // Nobody gets an answer that they would not get today: a token may have ended since.
    let Some(caller) = caller(api, request.uri(), request.headers()).await else {
        return Ok(next.run(request).await);
    };
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, MAX_BYTES).await.map_err(|_| Problem::too_large())?;
    answer_once(api, &Known::of(api, &caller, key, &parts.uri, &body), (parts, body), next).await
}

/// The answer that an equal request got, or else this one's.
async fn answer_once(
    api: &Arc<Api>,
    known: &Known,
    (parts, body): (request::Parts, Bytes),
    next: Next,
) -> Result<Response, Problem> {
    let deadline = api.inbox.clock.now() + PATIENCE;
    loop {
        if let Some(answer) = earlier(api, known, deadline).await? {
            return Ok(answer);
        }
        let request = Request::from_parts(parts.clone(), Body::from(body.clone()));
        let work = claim_and_answer(api.clone(), known.clone(), request, next.clone());
        // On its own, so that a caller who hangs up leaves no half-done work and no key without answer.
        let answer = match tokio::spawn(work).await.map_err(tokio::task::JoinError::try_into_panic) {
            Ok(answer) => answer?,
            Err(Ok(panic)) => std::panic::resume_unwind(panic),
            Err(Err(_)) => return Err(Problem::unavailable("the server is stopping; try again")),
        };
        if let Some(answer) = answer {
            return Ok(answer);
        }
    }
}

impl Known {
    fn of(api: &Api, caller: &str, key: &HeaderValue, uri: &Uri, body: &[u8]) -> Self {
        let request = hash(&[uri.query().unwrap_or_default().as_bytes(), body]);
        Self {
            key: hash(&[caller.as_bytes(), uri.path().as_bytes(), key.as_bytes()]),
            request: api.inbox.suppression_key.hash(&format!("request:{request}")),
            tells_secret: tells_secret(uri.path()),
        }
    }
}

/// Who calls, if they may call here at all.
async fn caller(api: &Api, uri: &Uri, headers: &HeaderMap) -> Option<String> {
    if uri.path().ends_with(SIGN_UP) {
        return Some(String::new());
    }
    Caller::of(headers, api).await.ok()?;
    bearer(headers).ok().map(hash_token)
}

/// The answer that an equal request got, if there was one. Waits for one that is being carried out, until `deadline`.
async fn earlier(api: &Api, known: &Known, deadline: Timestamp) -> Result<Option<Response>, Problem> {
    let mut pause = LOOK;
    loop {
        let stale = stale(api.inbox.clock.now());
        // Looking first: those who wait must not get into the way of the one they wait for.
        match api.inbox.store.earlier(&known.key).await?.filter(|earlier| !earlier.is_stale(stale)) {
            None => return Ok(None),
            Some(earlier) if earlier.request != known.request => {
                let detail = "this Idempotency-Key was used for a request with another body";
                return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused", detail));
            }
            Some(earlier) => {
                let status = earlier.status;
                if let Some(answer) = status.and_then(|status| replay(status, earlier.headers, earlier.body))
                {
                    return Ok(Some(answer));
                }
            }
        }
        if api.inbox.clock.now() > deadline {
            let detail = "the first request with this Idempotency-Key is still being carried out";
            return Err(Problem::new(StatusCode::CONFLICT, "idempotency_key_in_use", detail));
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(SELDOM);
    }
}

fn stale(now: Timestamp) -> Stale {
    Stale { abandoned: (now - ABANDONED).as_millisecond(), forgotten: (now - KEPT).as_millisecond() }
}

/// Carries the request out, unless another one has claimed the key.
async fn claim_and_answer(
    api: Arc<Api>,
    known: Known,
    request: Request,
    next: Next,
) -> Result<Option<Response>, Problem> {
    let now = api.inbox.clock.now();
    let claimed =
        api.inbox.store.claim_key(&known.key, &known.request, now.as_millisecond(), stale(now)).await?;
    if !claimed {
        return Ok(None);
    }
    let free = async || {
        if let Err(error) = api.inbox.store.free_key(&known.key, now.as_millisecond()).await {
            tracing::warn!(error = %store::explain(&error), "an idempotency key stays in use for a minute");
        }
    };
    let response = unless_it_panics(next.run(request), free).await;
    keep(&api, &known, now, response).await.map(Some)
}

/// What comes of `work`; should it panic, so does this, after `clean_up`.
async fn unless_it_panics<T>(work: impl Future<Output = T>, clean_up: impl AsyncFnOnce()) -> T {
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(done) => done,
        Err(panic) => {
            clean_up().await;
            resume_unwind(panic)
        }
    }
}

/// Writes the answer down, unless the request failed here or was turned away: then it may be tried again.
async fn keep(api: &Api, known: &Known, began: Timestamp, response: Response) -> Result<Response, Problem> {
    let (parts, body) = whole(response).await;
    let began = began.as_millisecond();
    let store = &api.inbox.store;
    if parts.status.is_server_error() || TURNED_AWAY.contains(&parts.status) {
        store.free_key(&known.key, began).await?;
    } else {
        let once = known.tells_secret && parts.status.is_success();
        let (kept, text) =
            if once { whole(told_once().into_response()).await } else { (parts.clone(), body.clone()) };
        let (status, text) = (i64::from(kept.status.as_u16()), String::from_utf8_lossy(&text));
        store.keep_answer(&known.key, began, (status, &kept_headers(&kept.headers), &text)).await?;
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}

async fn whole(response: Response) -> (Parts, Bytes) {
    let (parts, body) = response.into_parts();
    (parts, body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default())
}

fn told_once() -> Problem {
    let detail = "this was carried out already; its answer held a secret, which is told once";
    Problem::new(StatusCode::CONFLICT, "answer_not_kept", detail)
}

fn kept_headers(headers: &HeaderMap) -> String {
    let kept: Vec<(&str, &str)> = KEPT_HEADERS
        .iter()
        .filter_map(|name| Some((name.as_str(), headers.get(name)?.to_str().ok()?)))
        .collect();
    serde_json::to_string(&kept).unwrap_or_default()
}

fn replay(status: i64, headers: Option<String>, body: Option<String>) -> Option<Response> {
    let status = u16::try_from(status).ok().and_then(|status| StatusCode::from_u16(status).ok())?;
    let mut response = (status, Bytes::from(body.unwrap_or_default())).into_response();
    response.headers_mut().remove(CONTENT_TYPE);
    let kept: Vec<(String, String)> = serde_json::from_str(&headers.unwrap_or_default()).unwrap_or_default();
    for (name, value) in kept {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    Some(response)
}

/// A hash of the parts, each with its length, so that no two lists of parts look alike.
fn hash(parts: &[&[u8]]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.len().to_be_bytes());
        digest.update(part);
    }
    BASE64_URL_SAFE_NO_PAD.encode(digest.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[tokio::test]
    async fn what_panics_is_cleaned_up_after_and_nothing_else() {
        let cleaned = Cell::new(0);
        let clean_up = async || cleaned.set(cleaned.get() + 1);
        assert_eq!(unless_it_panics(async { 7 }, clean_up).await, 7);
        assert_eq!(cleaned.get(), 0);

        let broken = std::future::poll_fn(|_| -> std::task::Poll<()> { panic!("in the middle of it") });
        let ended = AssertUnwindSafe(unless_it_panics(broken, clean_up)).catch_unwind().await;
        assert_eq!(ended.unwrap_err().downcast_ref(), Some(&"in the middle of it"));
        assert_eq!(cleaned.get(), 1);
    }
}
