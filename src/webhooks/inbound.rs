//! `POST /webhooks/twilio/sms`: a text comes in, its answer goes back as TwiML.

use super::{Signed, Twiml, Webhooks};
use crate::clock::stopwatch;
use crate::conversation::{AnswerBy, InboundText};
use crate::dialog::words::OptOutWord;
use crate::outbound::callback_url;
use crate::phone::Address;
use crate::problem::Problem;
use crate::sid::Sid;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// The longest SMS body Twilio sends, in characters; WhatsApp's is longer.
const MAX_SMS_CHARACTERS: usize = 1600;
const MAX_WHATSAPP_CHARACTERS: usize = 4096;
const MAX_MEDIA: i64 = 10;

/// Takes one text.
pub(super) async fn sms(State(webhooks): State<Arc<Webhooks>>, signed: Result<Signed, Problem>) -> Response {
    let watch = stopwatch();
    let answer = match signed {
        Ok(signed) => take(&webhooks, &signed).await,
        Err(problem) => Err(problem),
    };
    let response = answer.into_response();
    webhooks.metrics.turn(watch.elapsed());
    webhooks.metrics.webhook("sms", response.status().as_u16());
    response
}

async fn take(webhooks: &Webhooks, signed: &Signed) -> Result<Twiml, Problem> {
    let text = read(signed, webhooks.our_number.as_deref())?;
    let handed =
        webhooks.inbox.submit(text).await.map_err(|error| Problem::unavailable(error.to_string()))?;
    Ok(match handed {
        None => Twiml::empty(),
        Some(handed) => Twiml::message(
            &handed.body,
            &callback_url(&webhooks.public_url, handed.message_id, handed.attempt),
        ),
    })
}

/// Reads a text out of Twilio's parameters: <https://www.twilio.com/docs/messaging/guides/webhook-request>.
fn read(signed: &Signed, our_number: Option<&str>) -> Result<InboundText, Problem> {
    let sid = signed.get("MessageSid").ok_or_else(|| Problem::field("MessageSid", "is missing"))?;
    let sid: Sid = sid.parse().map_err(|expected| Problem::field("MessageSid", expected))?;
    let from = signed.get("From").ok_or_else(|| Problem::field("From", "is missing"))?;
    let from = Address::parse(from).map_err(|error| Problem::field("From", error.to_string()))?;
    let to = signed.get("To").ok_or_else(|| Problem::field("To", "is missing"))?;
    Address::parse(to).map_err(|error| Problem::field("To", error.to_string()))?;
    let body = signed.get("Body").ok_or_else(|| Problem::field("Body", "is missing"))?;
    let limit = if from.is_whatsapp() { MAX_WHATSAPP_CHARACTERS } else { MAX_SMS_CHARACTERS };
    if body.chars().count() > limit {
        return Err(Problem::field("Body", format!("must have at most {limit} characters")));
    }
    whole_number(signed, "NumMedia", 0..=MAX_MEDIA)?;
    Ok(InboundText {
        sid,
        from,
        body: storable(body),
        opt_out_type: signed.get("OptOutType").and_then(OptOutWord::from_parameter),
        segments: whole_number(signed, "NumSegments", 0..=100)?.unwrap_or(1),
        extra: extra(signed, our_number),
        taken_at: None,
        answer_by: AnswerBy::Webhook,
    })
}

fn whole_number(
    signed: &Signed,
    name: &'static str,
    range: std::ops::RangeInclusive<i64>,
) -> Result<Option<i64>, Problem> {
    let Some(text) = signed.get(name) else { return Ok(None) };
    let number = text.parse().ok().filter(|number| range.contains(number));
    let expected = || format!("must be a whole number from {} to {}", range.start(), range.end());
    number.map(Some).ok_or_else(|| Problem::field(name, expected()))
}

/// Media, place, buttons and the like, as JSON; `None` when there is nothing.
fn extra(signed: &Signed, our_number: Option<&str>) -> Option<String> {
    const KEPT: [&str; 12] = [
        "Latitude",
        "Longitude",
        "Address",
        "Label",
        "ButtonText",
        "ButtonPayload",
        "ButtonType",
        "InteractiveData",
        "FlowData",
        "ProfileName",
        "OriginalRepliedMessageSid",
        "MessagingServiceSid",
    ];
    let kept = |name: &str| {
        KEPT.contains(&name) || name.starts_with("MediaUrl") || name.starts_with("MediaContentType")
    };
    let mut map = serde_json::Map::new();
    for (name, value) in signed.fields().filter(|(name, value)| !value.is_empty() && kept(name)) {
        map.insert(storable(name), storable(value).into());
    }
    if let Some(to) = signed.get("To").filter(|to| Some(*to) != our_number) {
        map.insert("To".to_owned(), to.into());
    }
    (!map.is_empty()).then(|| serde_json::Value::Object(map).to_string())
}

/// PostgreSQL's text can't hold the character zero.
fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}
