//! The REST API, `/api/v1`: for staff and programs, behind tokens with scopes.

mod accounts;
mod auth;
mod contacts;
mod input;
mod messages;
mod page;
mod render;

pub use crate::accounts::{hash_token, new_token};
pub use auth::{SCOPES, require_scope};

use crate::accounts::Accounts;
use crate::conversation::Inbox;
use crate::outbound::Wake;
use crate::phone::Region;
use crate::problem::Problem;
use axum::Router;
use axum::http::{StatusCode, Uri};
use axum::routing::get;
use std::sync::Arc;

/// What the API needs.
#[derive(Debug)]
pub struct Api {
    /// Store, clock, ids and words.
    pub inbox: Arc<Inbox>,
    /// People with an account.
    pub accounts: Accounts,
    /// Wakes the sender when something was queued.
    pub wake: Wake,
    /// Country of numbers written without a country code.
    pub default_region: Region,
}

/// The API's routes.
pub fn router(api: Arc<Api>) -> Router {
    let routes = Router::new()
        .route("/contacts/{phone}", get(contacts::show))
        .route("/contacts/{phone}/messages", get(contacts::messages))
        .route("/contacts/{phone}/consent", get(contacts::consent))
        .route("/messages", get(messages::list))
        .merge(accounts::routes())
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .with_state(api);
    Router::new().nest("/api/v1", routes)
}

async fn unknown(uri: Uri) -> Problem {
    Problem::not_found(format!("there is no {}", uri.path()))
}

async fn wrong_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "this address does not take that method",
    )
}
