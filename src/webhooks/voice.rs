//! `POST /webhooks/twilio/voice`: a call comes in, from a phone or a browser.

use super::{Signed, Twiml, Webhooks};
use crate::problem::Problem;
use crate::voice::plan;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use std::sync::Arc;

/// Says whom to connect the caller with.
pub(super) async fn voice(
    State(webhooks): State<Arc<Webhooks>>,
    signed: Result<Signed, Problem>,
) -> Response {
    let answer = signed.and_then(|signed| take(&webhooks, &signed));
    let response = answer.into_response();
    webhooks.metrics.webhook("voice", response.status().as_u16());
    response
}

fn take(webhooks: &Webhooks, signed: &Signed) -> Result<Twiml, Problem> {
    let field = |name: &'static str| signed.get(name).ok_or_else(|| Problem::field(name, "is missing"));
    field("CallSid")?;
    Ok(Twiml::call(&plan(field("From")?, field("To")?, &webhooks.house)))
}
