//! `/f/{token}`: the link of a form request. It counts the click and leads to the form.

use crate::conversation::Inbox;
use crate::forms::{Token, is_preview};
use crate::store;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, LOCATION, REFERRER_POLICY, USER_AGENT,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;
use std::sync::Arc;

/// The link is a secret between us and its reader: nobody stores it, and the form is not told of it.
const HEADERS: [(HeaderName, &str); 5] = [
    (CACHE_CONTROL, "no-store"),
    (REFERRER_POLICY, "no-referrer"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
];

const UNKNOWN: &str = "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">\
    <meta name=\"viewport\" content=\"width=device-width\">\
    <meta name=\"color-scheme\" content=\"light dark\"><title>Link not found</title>\n\
    <h1>This link is not known</h1>\n<p>It may be mistyped or no longer valid. Open it from the message \
    that we sent you, or ask us for a new one.</p></html>\n";
const AWAY: &str = "This link can't be opened just now. Please try again in a minute.\n";

/// The routes.
pub fn router(inbox: Arc<Inbox>) -> Router {
    Router::new().route("/f/{token}", get(follow)).with_state(inbox)
}

async fn follow(
    State(inbox): State<Arc<Inbox>>,
    method: Method,
    token: Result<Path<String>, axum::extract::rejection::PathRejection>,
    headers: HeaderMap,
) -> Response {
    let token = token.ok().and_then(|Path(text)| text.parse::<Token>().ok());
    let Some(token) = token.map(|token| token.to_string()) else { return unknown() };
    let url = match inbox.store.form_url(&token).await {
        Ok(Some(url)) => url,
        Ok(None) => return unknown(),
        Err(error) => {
            tracing::error!(error = %store::explain(&error), "a form's link could not be looked up");
            return (StatusCode::SERVICE_UNAVAILABLE, about(), AWAY).into_response();
        }
    };
    if is_click(&method, &headers) {
        let counted = inbox.store.count_click(&token, inbox.clock.now().as_millisecond()).await;
        if let Err(error) = counted {
            // The person came for the form, not for our numbers.
            tracing::warn!(error = %store::explain(&error), "a click was not counted");
        }
    }
    let Ok(location) = HeaderValue::from_str(&url) else { return unknown() };
    (StatusCode::FOUND, about(), [(LOCATION, location)]).into_response()
}

/// Whether a person looks, not a program that makes a preview, and not a browser that guesses ahead.
fn is_click(method: &Method, headers: &HeaderMap) -> bool {
    let text =
        |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let ahead = ["purpose", "sec-purpose", "x-moz"]
        .iter()
        .any(|name| text(&HeaderName::from_static(name)).contains("prefetch"));
    method == Method::GET && !ahead && !is_preview(text(&USER_AGENT))
}

fn unknown() -> Response {
    (StatusCode::NOT_FOUND, about(), Html(UNKNOWN)).into_response()
}

fn about() -> HeaderMap {
    HEADERS.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect()
}
