//! `GET /2010-04-01/Accounts/{sid}.json`: what a client asks to see whether its credentials are right.

use super::RestError;
use crate::carrier::Carrier;
use crate::carrier::message::rfc_2822;
use axum::Json;
use axum::extract::{OriginalUri, Path, State};
use serde_json::{Value, json};

pub(super) async fn fetch(
    State(carrier): State<Carrier>,
    OriginalUri(uri): OriginalUri,
    Path(account): Path<String>,
) -> Result<Json<Value>, RestError> {
    let sid = account.strip_suffix(".json").ok_or_else(|| RestError::not_found(uri.path()))?;
    let path = format!("/2010-04-01/Accounts/{sid}");
    let made = rfc_2822(carrier.0.made_at);
    Ok(Json(json!({
        "sid": sid,
        "owner_account_sid": sid,
        "friendly_name": "Simulated account",
        "status": "active",
        "type": "Full",
        "auth_token": carrier.0.settings.auth_token,
        "date_created": made,
        "date_updated": made,
        "uri": format!("{path}.json"),
        "subresource_uris": {
            "messages": format!("{path}/Messages.json"),
            "incoming_phone_numbers": format!("{path}/IncomingPhoneNumbers.json"),
        },
    })))
}
