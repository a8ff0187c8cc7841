//! `…/IncomingPhoneNumbers`: the account's numbers and where their texts go.

use super::RestError;
use super::params::Params;
use crate::carrier::connection::Target;
use crate::carrier::message::rfc_2822;
use crate::carrier::{Carrier, Number};
use crate::phone::Phone;
use axum::Json;
use axum::extract::{OriginalUri, Path, State};
use axum::http::StatusCode;
use serde_json::{Value, json};

pub(super) async fn list(State(carrier): State<Carrier>, params: Params) -> Json<Value> {
    let wanted = params.get("PhoneNumber");
    let numbers =
        carrier.numbers().into_iter().filter(|n| wanted.is_none_or(|phone| n.phone.contains(phone)));
    let resources: Vec<Value> = numbers.map(|number| carrier.number_resource(&number)).collect();
    let uri = format!("/2010-04-01/Accounts/{}/IncomingPhoneNumbers.json", carrier.0.settings.account_sid);
    Json(json!({
        "page": 0,
        "page_size": resources.len().max(50),
        "start": 0,
        "end": resources.len().saturating_sub(1),
        "incoming_phone_numbers": resources,
        "uri": uri,
        "first_page_uri": uri,
        "next_page_uri": null,
        "previous_page_uri": null,
    }))
}

/// Buys a number: any that is a number and not the account's already.
pub(super) async fn add(
    State(carrier): State<Carrier>,
    params: Params,
) -> Result<(StatusCode, Json<Value>), RestError> {
    let missing = || RestError::bad(21404, "PhoneNumber or AreaCode is required");
    let phone = params.get("PhoneNumber").ok_or_else(missing)?;
    if Phone::from_e164(phone).is_none() || carrier.number(phone).is_some() {
        return Err(RestError::bad(21422, format!("{phone} is not available.")));
    }
    check_addresses(&params)?;
    let number = carrier.set_number(phone, |number| change(number, &params));
    Ok((StatusCode::CREATED, Json(carrier.number_resource(&number))))
}

pub(super) async fn fetch(
    State(carrier): State<Carrier>,
    OriginalUri(uri): OriginalUri,
    Path((_, sid)): Path<(String, String)>,
) -> Result<Json<Value>, RestError> {
    let number = carrier.number_of_sid(&sid).ok_or_else(|| RestError::not_found(uri.path()))?;
    Ok(Json(carrier.number_resource(&number)))
}

pub(super) async fn update(
    State(carrier): State<Carrier>,
    OriginalUri(uri): OriginalUri,
    Path((_, sid)): Path<(String, String)>,
    params: Params,
) -> Result<Json<Value>, RestError> {
    let number = carrier.number_of_sid(&sid).ok_or_else(|| RestError::not_found(uri.path()))?;
    check_addresses(&params)?;
    let number = carrier.set_number(&number.phone, |number| change(number, &params));
    Ok(Json(carrier.number_resource(&number)))
}

/// Twilio's code for each address that isn't one.
fn check_addresses(params: &Params) -> Result<(), RestError> {
    for (name, code) in [("SmsUrl", 21402), ("SmsFallbackUrl", 21402), ("StatusCallback", 21609)] {
        if let Some(url) = params.get(name) {
            Target::parse(url)
                .map_err(|_| RestError::bad(code, format!("{name} {url} is not a valid URL.")))?;
        }
    }
    Ok(())
}

/// An empty value takes the address away; a name that is not given leaves it.
fn change(number: &mut Number, params: &Params) {
    for (name, field) in [
        ("SmsUrl", &mut number.sms_url),
        ("SmsFallbackUrl", &mut number.sms_fallback_url),
        ("StatusCallback", &mut number.status_callback),
    ] {
        if let Some(value) = params.given(name) {
            *field = Some(value.to_owned()).filter(|value| !value.is_empty());
        }
    }
}

impl Carrier {
    fn number_of_sid(&self, sid: &str) -> Option<Number> {
        let sid = sid.strip_suffix(".json")?;
        self.numbers().into_iter().find(|number| number.sid == sid)
    }

    fn number_resource(&self, number: &Number) -> Value {
        let account = &self.0.settings.account_sid;
        let made = rfc_2822(self.0.made_at);
        json!({
            "sid": number.sid,
            "account_sid": account,
            "phone_number": number.phone,
            "friendly_name": number.phone,
            "api_version": "2010-04-01",
            "capabilities": { "sms": true, "mms": true, "voice": true, "fax": false },
            "sms_url": number.sms_url.clone().unwrap_or_default(),
            "sms_method": "POST",
            "sms_fallback_url": number.sms_fallback_url.clone().unwrap_or_default(),
            "sms_fallback_method": "POST",
            "sms_application_sid": "",
            "status_callback": number.status_callback.clone().unwrap_or_default(),
            "status_callback_method": "POST",
            "voice_url": null,
            "voice_method": "POST",
            "origin": "twilio",
            "status": "in-use",
            "beta": false,
            "date_created": made,
            "date_updated": made,
            "uri": format!("/2010-04-01/Accounts/{account}/IncomingPhoneNumbers/{}.json", number.sid),
        })
    }
}
