//! What people do with their accounts, and staff with them.

mod auth;
mod client;
mod me;
mod numbers;
mod phone;
mod register;
mod show;
mod staff;

pub(super) use client::Client;

use super::openapi::Routes;

/// The routes of accounts.
pub(super) fn routes() -> Routes {
    auth::routes().merge(me::routes()).merge(numbers::routes()).merge(phone::routes()).merge(staff::routes())
}
