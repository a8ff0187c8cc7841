//! Rows as the API shows them.

use super::contact_list::STATES;
use super::messages::statuses;
use super::moment::{Time, time};
use crate::dialog::Person;
use crate::sid::Sid;
use crate::store::{ConsentRow, ContactRow, MessageRow};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// A contact.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ContactAlone")]
pub(super) struct Contact {
    phone_number: String,
    name: Option<String>,
    /// How well we know the person.
    #[schemars(extend("enum" = STATES))]
    state: String,
    /// What the person allowed.
    #[schemars(extend("enum" = ["given", "withdrawn", "unasked"]))]
    consent: String,
    /// Whether nothing may be sent.
    #[schemars(example = false)]
    opted_out: bool,
    /// Tips and campaigns wait, because the person may want everything to stop.
    promotion_paused: bool,
    /// The text that a person on our side is to read.
    attention: Option<String>,
    locale: String,
    time_zone: String,
    time_zone_source: String,
    registered_at: Option<Time>,
    /// When another account proved the number; what is older is the earlier holder's.
    #[schemars(extend("examples" = [null]))]
    changed_hands_at: Option<Time>,
    created_at: Option<Time>,
}

impl From<ContactRow> for Contact {
    fn from(row: ContactRow) -> Self {
        let person: Person = serde_json::from_str(&row.person).unwrap_or_default();
        Self {
            promotion_paused: person.doubts.promotion_paused,
            attention: person.doubts.attention,
            phone_number: row.address,
            name: row.name,
            state: row.state,
            opted_out: row.consent == "withdrawn",
            consent: row.consent,
            locale: row.locale,
            time_zone: row.time_zone,
            time_zone_source: row.time_zone_source,
            registered_at: row.registered_at.and_then(time),
            changed_hands_at: row.changed_hands_at.and_then(time),
            created_at: time(row.created_at),
        }
    }
}

/// A message of either direction.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Message {
    id: String,
    /// Which way it went.
    #[schemars(extend("enum" = ["outbound", "inbound"]))]
    direction: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    /// What it is for.
    #[schemars(example = &"reminder")]
    purpose: Option<String>,
    /// What an inbound text asks for first, and all that it asks for.
    intent: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    intents: Vec<String>,
    /// Why we think that it asks for this.
    #[schemars(extend("examples" = [null]))]
    why: Option<String>,
    #[schemars(extend("enum" = statuses()), example = &"delivered")]
    status: String,
    status_reason: Option<String>,
    #[schemars(extend("examples" = [null]))]
    error_code: Option<i64>,
    twilio_sid: Option<String>,
    segments: i64,
    attempts: i64,
    body: String,
    /// What else Twilio said about it: media, a place, a button.
    #[schemars(with = "Option<BTreeMap<String, serde_json::Value>>", extend("examples" = [null]))]
    extra: Option<Box<RawValue>>,
    created_at: Option<Time>,
    sent_at: Option<Time>,
}

impl Message {
    /// A message to or from `address`; none when the person was erased.
    pub(super) fn new(row: MessageRow, address: Option<&str>) -> Self {
        let address = address.map(str::to_owned);
        let left = has_left(&row.status) || row.sid.is_some();
        let intents = row.intent.as_deref().unwrap_or_default();
        let intents: Vec<String> = intents.split_whitespace().map(str::to_owned).collect();
        let (to, from) = if row.outbound { (address, None) } else { (None, address) };
        Self {
            id: row.id.to_string(),
            direction: if row.outbound { "outbound" } else { "inbound" },
            to,
            from,
            purpose: row.purpose,
            intent: intents.first().cloned(),
            intents,
            why: row.why,
            status: row.status,
            status_reason: row.status_reason,
            error_code: row.error_code,
            twilio_sid: row.sid.map(|id| Sid { mms: row.mms, id }.to_string()),
            segments: row.segments,
            attempts: row.attempts,
            body: row.body,
            extra: row.extra.and_then(|text| RawValue::from_string(text).ok()),
            created_at: time(row.created_at),
            sent_at: row.sent_at.filter(|_| left).and_then(time),
        }
    }
}

/// Whether a message of this status that Twilio has not taken has left all the same. A claim notes its
/// time before the gate is asked: what is still here was not sent.
pub(super) fn has_left(status: &str) -> bool {
    !matches!(status, "queued" | "held" | "refused" | "expired" | "skipped")
}

/// A line of the consent ledger.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ConsentEntry {
    id: String,
    given: bool,
    how: String,
    actor: String,
    /// What the person wrote, or the reason that staff gave.
    text: Option<String>,
    message_id: Option<String>,
    evidence: Option<String>,
    at: Option<Time>,
}

impl From<ConsentRow> for ConsentEntry {
    fn from(row: ConsentRow) -> Self {
        Self {
            id: row.id.to_string(),
            given: row.given,
            how: row.how,
            actor: row.actor,
            text: row.body,
            message_id: row.message_id.map(|id| id.to_string()),
            evidence: row.evidence,
            at: time(row.created_at),
        }
    }
}
