//! `/api/docs`: the API's document as a page to read. It needs no script and nothing from elsewhere.

mod curl;
mod fields;
mod view;

use super::Pages;
use crate::api;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use std::sync::{Arc, OnceLock};
use view::View;

/// What the page is made of.
#[derive(Debug)]
struct Docs {
    pages: Pages,
    public_url: String,
    /// Made when somebody first asks.
    view: OnceLock<View>,
}

/// The route.
pub fn router(pages: Pages, public_url: &str) -> Router {
    let docs = Docs { pages, public_url: public_url.to_owned(), view: OnceLock::new() };
    Router::new().route("/api/docs", get(page)).with_state(Arc::new(docs))
}

async fn page(State(docs): State<Arc<Docs>>) -> Response {
    let view = docs.view.get_or_init(|| View::of(api::document(), &docs.public_url));
    docs.pages.render(StatusCode::OK, "docs.html", view)
}
