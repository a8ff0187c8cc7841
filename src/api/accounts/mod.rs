//! What people do with their accounts, and staff with them.

mod auth;
mod client;
mod me;
mod numbers;
mod phone;
mod show;
mod staff;

use super::Api;
use axum::Router;
use axum::http::{HeaderMap, HeaderValue};
use axum::routing::{delete, get, patch, post, put};
use std::sync::Arc;

/// The routes of accounts.
pub(super) fn routes() -> Router<Arc<Api>> {
    Router::new()
        .route("/auth/register", post(auth::register))
        .route("/auth/verify-sms", post(auth::verify_sms))
        .route("/auth/resend-sms", post(auth::resend_sms))
        .route("/auth/login", post(auth::login))
        .route("/auth/login/second-factor", post(auth::second_factor))
        .route("/auth/logout", post(auth::logout))
        .route("/users/me", get(me::show).patch(me::change))
        .route("/users/me/phone-numbers", get(numbers::list).post(numbers::add))
        .route("/users/me/phone-numbers/verify", post(numbers::send_code))
        .route("/users/me/phone-numbers/verify-code", post(numbers::verify))
        .route("/users/me/phone-numbers/{id}", put(numbers::change).delete(numbers::remove))
        .route("/users/me/phone-numbers/{id}/set-primary", post(numbers::set_primary))
        .route("/users/phone/check", post(phone::check))
        .route("/users/phone", patch(phone::change))
        .route("/users/lookup/phone", get(phone::look_up))
        .route("/accounts", get(staff::list))
        .route("/accounts/{id}", get(staff::show).patch(staff::change))
        .route("/verification/paused-prefixes", get(staff::paused))
        .route("/verification/paused-prefixes/{prefix}", delete(staff::lift))
}

/// The headers that say how a limit stands.
pub(super) fn rate_limit(standing: crate::accounts::Standing) -> HeaderMap {
    let headers = crate::accounts::rate_headers(standing);
    headers.into_iter().map(|(name, value)| (name, HeaderValue::from(value))).collect()
}
