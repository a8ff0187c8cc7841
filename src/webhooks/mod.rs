//! Twilio calls in.

mod inbound;
mod signed;
mod status;
mod twiml;
mod voice;

pub use signed::{MAX_BODY_BYTES, MAX_PARAMETERS, Signed};
pub use twiml::Twiml;

use crate::batch::Batch;
use crate::conversation::{Handed, InboundText, Reported};
use crate::metrics::Metrics;
use crate::signature::AuthToken;
use crate::store::Store;
use crate::voice::House;
use axum::Router;
use axum::routing::post;
use std::sync::Arc;

/// What webhooks need.
#[derive(Debug)]
pub struct Webhooks {
    /// Twilio signs with one of these.
    pub tokens: Vec<AuthToken>,
    /// Base of the URLs that Twilio signs; no slash at its end.
    pub public_url: String,
    /// Our number, not worth noting on each message.
    pub our_number: Option<String>,
    /// Takes inbound texts.
    pub inbox: Batch<InboundText, Option<Handed>>,
    /// Takes status reports.
    pub reports: Batch<Reported, ()>,
    /// Finds the message of a report that does not name it.
    pub store: Option<Store>,
    /// How calls are handled.
    pub house: House,
    /// Counts.
    pub metrics: Metrics,
}

/// The webhook routes.
pub fn router(webhooks: Arc<Webhooks>) -> Router {
    Router::new()
        .route("/webhooks/twilio/sms", post(inbound::sms))
        .route("/webhooks/twilio/status", post(status::status))
        .route("/webhooks/twilio/voice", post(voice::voice))
        .with_state(webhooks)
}
