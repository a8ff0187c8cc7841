//! The answer to whoever asks for an address that leads nowhere: a page for people, a problem for programs.

use super::Pages;
use super::pages::accepts;
use crate::problem::Problem;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use std::sync::Arc;

const HEADING: &str = "There is no page at this address";
const ADVICE: &str = "The address may be mistyped, or what was here is gone. This is where you can go on:";
const UNKNOWN_LINK: &str = "This link is not known";
const ASK_THE_SENDER: &str = "It may be mistyped or no longer valid. Open it from the message that brought it, \
                              or ask whoever sent it for a new one.";

const DEMO: Way = Way { to: "/", words: "The demo phone" };
const DOCS: Way = Way { to: "/api/docs", words: "The API’s documentation" };

/// Where a page leads.
#[derive(Clone, Copy, Debug, Serialize)]
struct Way {
    to: &'static str,
    words: &'static str,
}

#[derive(Serialize)]
struct Model<'a> {
    heading: &'a str,
    advice: &'a str,
    ways: &'a [Way],
}

#[derive(Debug)]
struct Nowhere {
    pages: Pages,
    ways: Vec<Way>,
}

/// Takes every address that no other route takes.
pub fn router(pages: Pages, has_demo: bool) -> Router {
    let ways = has_demo.then_some(DEMO).into_iter().chain([DOCS]).collect();
    Router::new().fallback(nowhere).with_state(Arc::new(Nowhere { pages, ways }))
}

async fn nowhere(State(here): State<Arc<Nowhere>>, headers: HeaderMap, uri: Uri) -> Response {
    if uri.path().starts_with("/api/") || !accepts(&headers, "text/html") {
        return Problem::not_found(format!("there is no {}", uri.path())).into_response();
    }
    let model = Model { heading: HEADING, advice: ADVICE, ways: &here.ways };
    here.pages.render(StatusCode::NOT_FOUND, "nowhere.html", &model)
}

/// What somebody sees whose link to a form is not known.
pub(super) fn unknown_link(pages: &Pages) -> Response {
    let model = Model { heading: UNKNOWN_LINK, advice: ASK_THE_SENDER, ways: &[] };
    pages.render(StatusCode::NOT_FOUND, "nowhere.html", &model)
}
