//! The REST API, `/api/v1`: for staff and programs, behind tokens with scopes.

mod accounts;
mod alerts;
mod analytics;
mod answers;
mod audit;
mod auth;
mod bookings;
mod calls;
mod campaign_view;
mod campaigns;
mod consent;
mod contact_list;
mod contacts;
mod corrections;
mod export;
mod forms;
mod groups;
mod idempotency;
mod input;
mod kept;
mod messages;
mod moment;
mod openapi;
mod opt_outs;
mod optional;
mod page;
mod query;
mod record;
mod render;
mod send;
mod sms_test;
mod template_view;
mod templates;
mod tip_summary;
mod tips;
mod tips_import;
mod tokens;
mod webhook_deliveries;
mod webhook_endpoints;

pub use crate::accounts::{hash_token, new_token};
pub use auth::{SCOPES, require_scope};
pub use calls::{Calls, VoiceAccount};
pub use idempotency::KEPT as ANSWERS_KEPT;
pub use openapi::document;
pub use tokens::check_token_name;

use crate::accounts::{Accounts, Witness};
use crate::audit::AuditKey;
use crate::conversation::Inbox;
use crate::events::SigningKey;
use crate::outbound::campaigns::Campaigns;
use crate::outbound::{Forms, Wake};
use crate::phone::Region;
use crate::problem::Problem;
use axum::extract::{OriginalUri, State};
use axum::{Json, Router};
use openapi::{Document, Routes};
use std::sync::Arc;

/// What the API needs.
#[derive(Debug)]
pub struct Api {
    /// Store, clock, ids and words.
    pub inbox: Arc<Inbox>,
    /// People with an account.
    pub accounts: Accounts,
    /// Chains the audit log.
    pub audit_key: AuditKey,
    /// Wakes the sender when something was queued.
    pub wake: Wake,
    /// Wakes the schedule of reminders when a booking was made or changed.
    pub reminders: Wake,
    /// Campaigns, and what staff may do with them.
    pub campaigns: Campaigns,
    /// Country of numbers written without a country code.
    pub default_region: Region,
    /// What the secrets of webhook endpoints follow from.
    pub webhook_key: SigningKey,
    /// Whether webhooks may go to private addresses and over `http://`.
    pub webhook_allow_private: bool,
    /// Asks people to fill in forms.
    pub forms: Forms,
    /// How calls are made.
    pub calls: Calls,
    /// Counts over many rows.
    pub counts: Counts,
}

impl Api {
    /// Who acts, for what leaves entries in the audit log beside the act's own.
    fn witness<'a>(&'a self, actor: &'a str) -> Witness<'a> {
        Witness { key: &self.audit_key, actor }
    }
}

/// Counts over many rows, kept for some seconds.
#[derive(Debug, Default)]
pub struct Counts {
    spans: kept::Kept<analytics::InSpan>,
    subscriptions: kept::Kept<tip_summary::Subscriptions>,
    campaigns: kept::Kept<campaigns::Fate>,
}

/// Every route, with what the document says about it.
fn routes() -> Routes {
    Routes::about("This document", "What the API takes and gives, for programs.")
        .get("/openapi.json", self_description, "Read this document")
        .merge(accounts::routes())
        .merge(contact_list::routes())
        .merge(messages::routes())
        .merge(bookings::routes())
        .merge(forms::routes())
        .merge(groups::routes())
        .merge(alerts::routes())
        .merge(campaigns::routes())
        .merge(tips::routes())
        .merge(corrections::routes())
        .merge(sms_test::routes())
        .merge(webhook_endpoints::routes())
        .merge(webhook_deliveries::routes())
        .merge(analytics::routes())
        .merge(audit::routes())
        .merge(templates::routes())
        .merge(tokens::routes())
        .merge(opt_outs::routes())
        .merge(calls::routes())
}

/// The API's routes.
pub fn router(api: Arc<Api>) -> Router {
    let routes = routes()
        .into_router()
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .layer(axum::middleware::from_fn_with_state(api.clone(), record::acts))
        .layer(axum::middleware::from_fn_with_state(api.clone(), idempotency::once))
        .layer(axum::middleware::from_fn(openapi::only_known))
        .layer(axum::middleware::from_fn(openapi::documented))
        .with_state(api);
    Router::new().nest("/api/v1", routes)
}

/// `GET /openapi.json`.
async fn self_description(State(_): State<Arc<Api>>) -> Json<Document> {
    Json(Document::whole())
}

async fn unknown(OriginalUri(uri): OriginalUri) -> Problem {
    Problem::not_found(format!("there is no {}", uri.path()))
}

async fn wrong_method() -> Problem {
    Problem::wrong_method()
}
