//! `POST /webhooks/twilio/status`: what became of a message.

use super::{Signed, Twiml, Webhooks};
use crate::conversation::Reported;
use crate::delivery::Status;
use crate::outbound::failure;
use crate::problem::Problem;
use crate::sid::Sid;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// Takes one report. Those that are about no message of ours are answered and forgotten.
pub(super) async fn status(
    State(webhooks): State<Arc<Webhooks>>,
    signed: Result<Signed, Problem>,
) -> Response {
    let answer = match signed {
        Ok(signed) => take(&webhooks, &signed).await,
        Err(problem) => Err(problem),
    };
    let response = answer.into_response();
    webhooks.metrics.webhook("status", response.status().as_u16());
    response
}

async fn take(webhooks: &Webhooks, signed: &Signed) -> Result<Twiml, Problem> {
    // `action` requests, unlike `statusCallback` ones, may carry only the older names.
    let either =
        |name, older| signed.get(name).or_else(|| signed.get(older)).filter(|value| !value.is_empty());
    let sid = either("MessageSid", "SmsSid").ok_or_else(|| Problem::field("MessageSid", "is missing"))?;
    let sid: Sid = sid.parse().map_err(|expected| Problem::field("MessageSid", expected))?;
    let word = either("MessageStatus", "SmsStatus");
    let word = word.ok_or_else(|| Problem::field("MessageStatus", "is missing"))?;
    let error_code = match signed.get("ErrorCode").filter(|code| !code.is_empty()) {
        Some(code) => Some(code.parse().map_err(|_| Problem::field("ErrorCode", "must be a whole number"))?),
        None => None,
    };
    let Some(status) = Status::from_twilio(word) else { return Ok(Twiml::empty()) };
    let Some(message_id) = message_of(webhooks, signed, sid).await? else { return Ok(Twiml::empty()) };
    let reported = Reported {
        message_id,
        sid,
        status,
        twilio_status: word.to_owned(),
        error_code,
        reason: error_code.map(|code| failure::describe(code).reason()),
        told: signed.query("m").is_some(),
    };
    webhooks.reports.submit(reported).await.map_err(|error| Problem::unavailable(error.to_string()))?;
    Ok(Twiml::empty())
}

/// The message a report is about: named in the query we gave Twilio, else found by its SID.
async fn message_of(webhooks: &Webhooks, signed: &Signed, sid: Sid) -> Result<Option<i64>, Problem> {
    if let Some(id) = signed.query("m") {
        return id.parse().map(Some).map_err(|_| Problem::field("m", "must be a message id"));
    }
    match &webhooks.store {
        Some(store) => Ok(store.message_of_sid(sid.id).await?),
        None => Ok(None),
    }
}
