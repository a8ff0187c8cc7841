//! `POST …/Messages.json`: the application sends.

use super::params::Params;
use super::{RestError, lost};
use crate::carrier::connection::Target;
use crate::carrier::message::Direction;
use crate::carrier::outbound::Draft;
use crate::carrier::outbound::is_whatsapp;
use crate::carrier::settings::OptOut;
use crate::carrier::{Carrier, Message};
use crate::phone::Address;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};

pub(super) async fn create(State(carrier): State<Carrier>, params: Params) -> Result<Response, RestError> {
    if carrier.fires(|faults| &mut faults.too_many_requests) {
        return Err(RestError::too_many(carrier.faults().retry_after_seconds));
    }
    match carrier.faults().refusal_code {
        0 => {}
        20003 => return Err(RestError::unauthorized()),
        code => return Err(RestError::bad(code, "The carrier was told to refuse this")),
    }
    if carrier.fires(|faults| &mut faults.error_before_accept) {
        return Err(RestError::internal());
    }
    let message = carrier.accept(&params)?;
    if carrier.fires(|faults| &mut faults.answer_lost) {
        return Ok(lost());
    }
    if carrier.fires(|faults| &mut faults.error_after_accept) {
        return Err(RestError::internal());
    }
    let resource = message.resource(&carrier.0.settings.account_sid);
    Ok((StatusCode::CREATED, Json(resource)).into_response())
}

impl Carrier {
    /// Checks a request as Twilio does, and takes its message.
    fn accept(&self, params: &Params) -> Result<Message, RestError> {
        let to = recipient(params)?;
        let from = self.sender(params, &to)?;
        let content_sid = content_sid(params)?;
        let draft = Draft {
            direction: Direction::OutboundApi,
            from,
            to,
            body: match &content_sid {
                // There are no templates here: their name and variables stand for the words.
                Some(sid) => format!("[{sid}] {}", params.get("ContentVariables").unwrap_or("{}")),
                None => params.get("Body").unwrap_or_default().to_owned(),
            },
            content_sid,
            media: media(params)?,
            messaging_service_sid: params.get("MessagingServiceSid").map(str::to_owned),
            status_callback: status_callback(params)?,
            send_at: send_at(params, self.0.clock.now())?,
            in_reply_to: None,
        };
        match draft.content_error() {
            Some(21602) => return Err(RestError::bad(21602, "Message body is required.")),
            Some(code) => {
                let message = "The concatenated message body exceeds the 1600 character limit.";
                return Err(RestError::bad(code, message));
            }
            None => {}
        }
        validity_period(params)?;
        self.check_block(&draft)?;
        Ok(self.take(draft, None))
    }

    /// The `From` number, or none when a messaging service is to choose one.
    fn sender(&self, params: &Params, to: &str) -> Result<Option<String>, RestError> {
        let service = params.get("MessagingServiceSid");
        if let Some(service) = service {
            match self.service_size(service) {
                None => return Err(RestError::bad(21701, "The Messaging Service does not exist.")),
                Some(0) => {
                    let message = "The Messaging Service contains no phone numbers.";
                    return Err(RestError::bad(21703, message));
                }
                Some(_) => {}
            }
        }
        let from = match (params.get("From"), service) {
            (None, None) => return Err(RestError::bad(21603, "A 'From' phone number is required.")),
            (None, Some(_)) => return Ok(None),
            (Some(from), _) => from,
        };
        match from {
            "+15005550001" => {
                Err(RestError::bad(21212, format!("The 'From' number {from} is not a valid phone number.")))
            }
            "+15005550008" => {
                let message = format!("The source 'from' phone number {from} exceeded the queue length");
                Err(RestError::bad(21611, message))
            }
            _ if is_whatsapp(from) != is_whatsapp(to) => {
                let message = "Twilio could not find a Channel with the specified From address";
                Err(RestError::bad(63007, message))
            }
            "+15005550006" => Ok(Some(from.to_owned())),
            _ if self.number(from).is_some() => Ok(Some(from.to_owned())),
            _ => {
                let message = format!(
                    "The 'From' phone number provided ({from}) is not a valid message-capable Twilio phone \
                     number for this destination ({to})."
                );
                Err(RestError::bad(21606, message))
            }
        }
    }

    /// With the default handling a blocked pair is refused at once; with Advanced Opt-Out it fails later.
    fn check_block(&self, draft: &Draft) -> Result<(), RestError> {
        let sender = draft.from.as_deref().or(draft.messaging_service_sid.as_deref()).unwrap_or_default();
        if self.0.settings.opt_out == OptOut::Default && self.is_blocked(sender, &draft.to) {
            return Err(RestError::bad(21610, "Attempt to send to unsubscribed recipient"));
        }
        Ok(())
    }
}

/// The `To` number; Twilio's magic numbers are refused as with test credentials.
fn recipient(params: &Params) -> Result<String, RestError> {
    let to = params.get("To").ok_or_else(|| RestError::bad(21604, "A 'To' phone number is required."))?;
    let invalid = || RestError::bad(21211, format!("The 'To' number {to} is not a valid phone number."));
    Address::parse(to).ok().filter(|address| !matches!(address, Address::Other(_))).ok_or_else(invalid)?;
    let (code, message) = match to {
        "+15005550001" => return Err(invalid()),
        "+15005550002" => (21612, format!("The 'To' phone number {to} is not currently reachable.")),
        "+15005550003" => {
            (21408, format!("Permission to send an SMS has not been enabled for the region of {to}"))
        }
        "+15005550004" => (21610, "The message From/To pair violates a blacklist rule.".to_owned()),
        "+15005550009" => (21614, format!("To number: {to}, is not a mobile number")),
        _ => return Ok(to.to_owned()),
    };
    Err(RestError::bad(code, message))
}

/// `HX` and 32 hex digits.
fn content_sid(params: &Params) -> Result<Option<String>, RestError> {
    let Some(sid) = params.get("ContentSid") else { return Ok(None) };
    let hex = sid.strip_prefix("HX").unwrap_or_default();
    if hex.len() == 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(Some(sid.to_owned()));
    }
    Err(RestError::bad(21655, "The ContentSid is Invalid"))
}

fn media(params: &Params) -> Result<Vec<String>, RestError> {
    let media = params.all("MediaUrl");
    match media.iter().find(|url| Target::parse(url).is_err()) {
        Some(url) => Err(RestError::bad(21620, format!("Invalid media URL(s): {url}"))),
        None if media.len() > 10 => {
            Err(RestError::bad(21623, "Number of media files exceeds allowed limit."))
        }
        None => Ok(media),
    }
}

fn status_callback(params: &Params) -> Result<Option<String>, RestError> {
    let Some(url) = params.get("StatusCallback") else { return Ok(None) };
    match Target::parse(url) {
        Ok(target) if !target.url.host_str().unwrap_or_default().contains('_') => Ok(Some(url.to_owned())),
        _ => Err(RestError::bad(21609, format!("The 'StatusCallback' URL {url} is not a valid URL."))),
    }
}

/// Seconds from 1 to 36000. The code for others is not confirmed: this is Twilio's general one.
fn validity_period(params: &Params) -> Result<(), RestError> {
    let Some(seconds) = params.get("ValidityPeriod") else { return Ok(()) };
    match seconds.parse::<u32>() {
        Ok(1..=36_000) => Ok(()),
        _ => Err(RestError::bad(20001, "Invalid parameter ValidityPeriod: must be from 1 to 36000")),
    }
}

/// More than 300 seconds and at most 35 days ahead, with a messaging service only (Twilio: 35111 to 35118).
fn send_at(params: &Params, now: Timestamp) -> Result<Option<Timestamp>, RestError> {
    if params.get("ScheduleType") != Some("fixed") {
        return Ok(None);
    }
    if params.get("MessagingServiceSid").is_none() {
        return Err(RestError::bad(35118, "MessagingServiceSid is required to schedule a message"));
    }
    let given = params.get("SendAt").ok_or_else(|| RestError::bad(35111, "SendAt is required"))?;
    let time: Timestamp = given.parse().map_err(|_| RestError::bad(35114, "SendAt is not a valid time"))?;
    let ahead = time.duration_since(now);
    if ahead <= SignedDuration::from_secs(300) || ahead > SignedDuration::from_hours(35 * 24) {
        return Err(RestError::bad(35115, "SendAt must be more than 300 seconds and at most 35 days ahead"));
    }
    Ok(Some(time))
}
