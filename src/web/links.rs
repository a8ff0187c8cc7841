//! `/f/{token}`: the link of a form request. It counts the click and leads to the form.

use super::Pages;
use super::nowhere::unknown_link;
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
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use std::sync::Arc;

/// The link is a secret between us and its reader: nobody stores it, and the form is not told of it.
const SECRET: [(HeaderName, &str); 3] = [
    (CACHE_CONTROL, "no-store"),
    (REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
];
/// Besides, of answers that are no page; a page has its own.
const NO_PAGE: [(HeaderName, &str); 2] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
];

const AWAY: &str = "This link can't be opened just now. Please try again in a minute.\n";

/// What an answer is made from.
#[derive(Debug)]
struct Links {
    pages: Pages,
    inbox: Arc<Inbox>,
}

/// The routes.
pub fn router(pages: Pages, inbox: Arc<Inbox>) -> Router {
    Router::new().route("/f/{token}", get(follow)).with_state(Arc::new(Links { pages, inbox }))
}

async fn follow(
    State(links): State<Arc<Links>>,
    method: Method,
    token: Result<Path<String>, axum::extract::rejection::PathRejection>,
    headers: HeaderMap,
) -> Response {
    let Links { pages, inbox } = &*links;
    let unknown = || (of(&SECRET), unknown_link(pages)).into_response();
    let token = token.ok().and_then(|Path(text)| text.parse::<Token>().ok());
    let Some(token) = token.map(|token| token.to_string()) else { return unknown() };
    let url = match inbox.store.form_url(&token).await {
        Ok(Some(url)) => url,
        Ok(None) => return unknown(),
        Err(error) => {
            tracing::error!(error = %store::explain(&error), "a form's link could not be looked up");
            return (StatusCode::SERVICE_UNAVAILABLE, of(&NO_PAGE), of(&SECRET), AWAY).into_response();
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
    (StatusCode::FOUND, of(&NO_PAGE), of(&SECRET), [(LOCATION, location)]).into_response()
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

fn of(headers: &[(HeaderName, &'static str)]) -> HeaderMap {
    headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
}
