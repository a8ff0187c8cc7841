//! `…/Messages/{sid}.json`: one message, fetched, redacted, cancelled or deleted.

use super::RestError;
use super::params::Params;
use crate::carrier::{Carrier, Message, Status, locked};
use axum::Json;
use axum::extract::{OriginalUri, Path, State};
use axum::http::StatusCode;
use serde_json::Value;

pub(super) async fn fetch(
    State(carrier): State<Carrier>,
    OriginalUri(uri): OriginalUri,
    Path((account, sid)): Path<(String, String)>,
) -> Result<Json<Value>, RestError> {
    let state = locked(&carrier.0.state);
    let message = sid.strip_suffix(".json").and_then(|sid| state.book.get(sid)).filter(|m| !m.carrier_reply);
    let message = message.ok_or_else(|| RestError::not_found(uri.path()))?;
    Ok(Json(message.resource(&account)))
}

pub(super) async fn update(
    State(carrier): State<Carrier>,
    OriginalUri(uri): OriginalUri,
    Path((account, sid)): Path<(String, String)>,
    params: Params,
) -> Result<Json<Value>, RestError> {
    let now = carrier.0.clock.now();
    let resource = {
        let mut state = locked(&carrier.0.state);
        let message = sid.strip_suffix(".json").and_then(|sid| state.book.get_mut(sid));
        let message = message.filter(|m| !m.carrier_reply).ok_or_else(|| RestError::not_found(uri.path()))?;
        change(message, &params)?;
        message.updated_at = now;
        message.resource(&account)
    };
    carrier.tell();
    Ok(Json(resource))
}

/// Redacts or cancels, not both. What was cancelled is not reported to the status callback here.
fn change(message: &mut Message, params: &Params) -> Result<(), RestError> {
    match (params.given("Body"), params.given("Status")) {
        (Some(""), None) if message.status.is_final() => {
            message.body.clear();
            Ok(())
        }
        (Some(""), None) => Err(RestError::bad(20009, "Cannot redact this resource before it is complete")),
        (None, Some("canceled")) if message.status == Status::Scheduled => {
            message.status = Status::Canceled;
            Ok(())
        }
        (None, Some("canceled")) => Err(RestError::conflict(30409, "Message cannot be canceled")),
        _ => Err(RestError::bad(30400, "Parameters are not valid")),
    }
}

pub(super) async fn delete(
    State(carrier): State<Carrier>,
    OriginalUri(uri): OriginalUri,
    Path((_, sid)): Path<(String, String)>,
) -> Result<StatusCode, RestError> {
    {
        let mut state = locked(&carrier.0.state);
        let sid = sid.strip_suffix(".json").unwrap_or_default();
        let message = state.book.get(sid).filter(|m| !m.carrier_reply);
        let message = message.ok_or_else(|| RestError::not_found(uri.path()))?;
        if !message.status.is_final() {
            return Err(RestError::conflict(20009, "Cannot delete this resource before it is complete"));
        }
        state.book.delete(sid);
    }
    carrier.tell();
    Ok(StatusCode::NO_CONTENT)
}
