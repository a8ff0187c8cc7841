//! `Idempotency-Key`: a request that is sent again within 24 hours gets the answer it got, and does
//! nothing again (draft-ietf-httpapi-idempotency-key-header). Fifty at once are carried out once.

use super::Api;
use super::input::MAX_BYTES;
use crate::problem::Problem;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use http_body_util::BodyExt as _;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
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
/// How long a request waits for its twin that is being carried out, and how often it looks.
const PATIENCE: SignedDuration = SignedDuration::from_secs(10);
const LOOK: Duration = Duration::from_millis(20);
/// Headers of an answer that are kept with it.
const KEPT_HEADERS: [HeaderName; 2] = [CONTENT_TYPE, LOCATION];
/// With these a request was not looked at; it may be sent again when that has changed.
const TURNED_AWAY: [StatusCode; 3] =
    [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::TOO_MANY_REQUESTS];
/// Answers that carry a fresh secret are never written down.
const SECRET: [&str; 3] = ["/auth/", "/tokens", "/calls/token"];

/// Whether a key counts at this path.
pub(super) fn covers(path: &str) -> bool {
    !SECRET.iter().any(|secret| path.contains(secret))
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

async fn carry_out(api: &Api, key: &HeaderValue, request: Request, next: Next) -> Result<Response, Problem> {
    let fits =
        (1..=MAX_KEY).contains(&key.len()) && key.as_bytes().iter().all(|byte| matches!(byte, b' '..=b'~'));
    if !fits {
        return Err(Problem::field(
            "Idempotency-Key",
            format!("must be 1 to {MAX_KEY} printable ASCII characters"),
        ));
    }
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, MAX_BYTES).await.map_err(|_| Problem::too_large())?;
    let caller = parts.headers.get(AUTHORIZATION).map(HeaderValue::as_bytes).unwrap_or_default();
    let key = hash(&[caller, parts.uri.path().as_bytes(), key.as_bytes()]);
    let fingerprint = hash(&[&body]);
    let store = &api.inbox.store;
    let deadline = api.inbox.clock.now() + PATIENCE;
    loop {
        let now = api.inbox.clock.now();
        let (at, abandoned) = (now.as_millisecond(), (now - ABANDONED).as_millisecond());
        if store.claim_key(&key, &fingerprint, at, abandoned).await? {
            let response = next.run(Request::from_parts(parts, Body::from(body))).await;
            return keep(api, &key, now, response).await;
        }
        let earlier = store.earlier(&key).await?;
        if earlier.as_ref().is_some_and(|earlier| earlier.request != fingerprint) {
            let detail = "this Idempotency-Key was used for a request with another body";
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused", detail));
        }
        if let Some(answer) =
            earlier.and_then(|earlier| replay(earlier.status?, earlier.headers, earlier.body))
        {
            return Ok(answer);
        }
        if api.inbox.clock.now() > deadline {
            let detail = "the first request with this Idempotency-Key is still being carried out";
            return Err(Problem::new(StatusCode::CONFLICT, "idempotency_key_in_use", detail));
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Writes the answer down, unless the request failed here or was turned away: then it may be tried again.
async fn keep(api: &Api, key: &str, began: Timestamp, response: Response) -> Result<Response, Problem> {
    let (parts, body) = response.into_parts();
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let began = began.as_millisecond();
    match std::str::from_utf8(&body) {
        Ok(text) if !parts.status.is_server_error() && !TURNED_AWAY.contains(&parts.status) => {
            let status = i64::from(parts.status.as_u16());
            api.inbox.store.keep_answer(key, began, (status, &kept_headers(&parts.headers), text)).await?;
        }
        _ => api.inbox.store.free_key(key, began).await?,
    }
    Ok(Response::from_parts(parts, Body::from(body)))
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
