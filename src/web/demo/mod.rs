//! `/demo`: a phone in the browser, the conversation's state beside it, a clock that can be moved and
//! carrier faults that can be switched on. Exists in demo mode only, so it needs no sign-in.

mod actions;
mod bubble;
mod events;
mod faults;
mod filled;
mod handset;
mod linked;
mod page;
mod person;
mod quick;
mod view;

use super::Pages;
use super::same_site::{KnownHost, guard};
use crate::carrier::Carrier;
use crate::clock::Clock;
use crate::conversation::SuppressionKey;
use crate::phone::{Phone, Region};
use crate::store::Store;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::response::Redirect;
use axum::routing::{get, post};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// The handset that is shown first: a number that belongs to nobody.
pub const FIRST_HANDSET: &str = "+14155550123";
/// A form: a number and a text of 1,600 characters, each of which may take twelve bytes.
const MAX_BODY: usize = 32 * 1024;
/// How many pages and terminals may follow conversations at once.
const MAX_FOLLOWERS: usize = 64;

/// What the demo's pages are made from.
#[derive(Debug)]
pub struct Demo {
    /// Where texts are typed and arrive.
    pub carrier: Carrier,
    /// The clock that can be moved.
    pub clock: Clock,
    /// What the server knows.
    pub store: Store,
    /// Finds out whether a number was forgotten.
    pub suppression_key: SuppressionKey,
    /// The number that the handsets text to.
    pub our_number: Phone,
    /// Who they text to.
    pub organisation: String,
    /// Country of numbers without a country code.
    pub default_region: Region,
    /// Zone of handsets that have not texted yet.
    pub default_time_zone: String,
    /// Cancelled when the server is told to stop.
    pub stopping: CancellationToken,
    /// How people reach this server.
    pub public_url: String,
    /// The templates.
    pub pages: Pages,
}

/// The demo and what its requests share.
struct Shared {
    demo: Demo,
    followers: Arc<Semaphore>,
}

/// The routes.
pub fn router(demo: Demo) -> Router {
    let known = KnownHost::of(&demo.public_url);
    let shared = Shared { demo, followers: Arc::new(Semaphore::new(MAX_FOLLOWERS)) };
    Router::new()
        .route("/", get(async || Redirect::to("/demo")))
        .route("/demo", get(page::show).post(actions::send_from_page))
        .route("/demo/texts", post(actions::send_from_program))
        .route("/demo/state", get(events::state))
        .route("/demo/events", get(events::follow))
        .route("/demo/clock", post(actions::move_clock))
        .route("/demo/faults", post(actions::switch_fault))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(from_fn_with_state(known, guard))
        .with_state(Arc::new(shared))
}
