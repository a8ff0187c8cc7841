//! The REST API, `/api/v1`: for staff and programs, behind tokens with scopes.

mod auth;
mod campaign_view;
mod campaigns;
mod contact_list;
mod contacts;
mod input;
mod messages;
mod optional;
mod page;
mod render;
mod send;

pub use auth::{SCOPES, hash_token, new_token, require_scope};

use crate::conversation::Inbox;
use crate::outbound::Wake;
use crate::outbound::campaigns::Campaigns;
use crate::phone::Region;
use crate::problem::Problem;
use axum::Router;
use axum::http::{StatusCode, Uri};
use axum::routing::{get, post};
use std::sync::Arc;

/// What the API needs.
#[derive(Debug)]
pub struct Api {
    /// Store, clock, ids and words.
    pub inbox: Arc<Inbox>,
    /// Wakes the sender when something was queued.
    pub wake: Wake,
    /// Campaigns, and what staff may do with them.
    pub campaigns: Campaigns,
    /// Country of numbers written without a country code.
    pub default_region: Region,
}

/// The API's routes.
pub fn router(api: Arc<Api>) -> Router {
    let routes = Router::new()
        .route("/contacts/{phone}", get(contacts::show).patch(contact_list::change))
        .route("/contacts", get(contact_list::list))
        .route("/contacts/{phone}/messages", get(contacts::messages))
        .route("/contacts/{phone}/consent", get(contacts::consent))
        .route("/messages", get(messages::list).post(send::send))
        .route("/messages/{id}", get(send::show))
        .route("/messages/{id}/cancel", post(send::cancel))
        .route("/campaigns", get(campaigns::list).post(campaigns::create))
        .route("/campaigns/{id}", get(campaigns::show))
        .route("/campaigns/{id}/dry-run", post(campaigns::dry_run))
        .route("/campaigns/{id}/{action}", post(campaigns::act))
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
