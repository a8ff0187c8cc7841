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
mod messages;
mod opt_outs;
mod optional;
mod page;
mod record;
mod render;
mod send;
mod sms_test;
mod template_view;
mod templates;
mod tips;
mod tips_import;
mod tokens;
mod webhook_deliveries;
mod webhook_endpoints;

pub use crate::accounts::{hash_token, new_token};
pub use auth::{SCOPES, require_scope};
pub use calls::{Calls, VoiceAccount};
pub use idempotency::KEPT as ANSWERS_KEPT;

use crate::accounts::Accounts;
use crate::audit::AuditKey;
use crate::conversation::Inbox;
use crate::events::SigningKey;
use crate::outbound::campaigns::Campaigns;
use crate::outbound::{Forms, Wake};
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
}

/// The API's routes.
pub fn router(api: Arc<Api>) -> Router {
    let routes = Router::new()
        .route("/bookings", get(bookings::list).post(bookings::create))
        .route("/bookings/{id}", get(bookings::show).patch(bookings::change))
        .route("/bookings/{id}/cancel", post(bookings::cancel))
        .route("/contacts/{phone}/messages", get(contacts::messages).post(answers::answer))
        .route("/contacts/{phone}/export", get(export::export))
        .route("/contacts/{phone}/consent", get(contacts::consent).post(consent::change))
        .route("/contacts/{phone}/messages/{id}/correction", post(corrections::correct))
        .route("/corrections", get(corrections::list))
        .route("/analytics/summary", get(analytics::summary))
        .route("/audit", get(audit::list))
        .merge(webhook_endpoints::routes())
        .merge(webhook_deliveries::routes())
        .merge(sms_test::routes())
        .merge(templates::routes())
        .merge(forms::routes())
        .merge(groups::routes())
        .merge(alerts::routes())
        .merge(tokens::routes())
        .merge(opt_outs::routes())
        .merge(calls::routes())
        .route("/contacts/{phone}/tips", get(tips::subscription))
        .route("/tips", get(tips::list).post(tips::create))
        .route("/tips/{id}", get(tips::show).patch(tips::change).delete(tips::deactivate))
        .route("/tips/import", post(tips_import::import))
        .route("/tips/subscriptions/summary", get(tips::summary))
        .route("/contacts/{phone}", get(contacts::show).patch(contact_list::change).delete(consent::erase))
        .route("/contacts", get(contact_list::list))
        .route("/messages", get(messages::list).post(send::send))
        .route("/messages/{id}", get(send::show))
        .route("/messages/{id}/cancel", post(send::cancel))
        .route("/campaigns", get(campaigns::list).post(campaigns::create))
        .route("/campaigns/{id}", get(campaigns::show))
        .route("/campaigns/{id}/dry-run", post(campaigns::dry_run))
        .route("/campaigns/{id}/{action}", post(campaigns::act))
        .merge(accounts::routes())
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .layer(axum::middleware::from_fn_with_state(api.clone(), record::acts))
        .layer(axum::middleware::from_fn_with_state(api.clone(), idempotency::once))
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
