//! A message as the carrier knows it, and as Twilio's REST API shows it.

use super::segments;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

/// The version in Twilio's addresses.
pub(super) const API_VERSION: &str = "2010-04-01";

/// Which way a message goes, in Twilio's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// From a handset.
    Inbound,
    /// Sent through the REST API.
    OutboundApi,
    /// Sent in answer to a webhook.
    OutboundReply,
}

/// A message's status, in Twilio's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "these are Twilio's own words, documented by Twilio")]
pub enum Status {
    Received,
    Scheduled,
    Accepted,
    Queued,
    Sent,
    Delivered,
    Undelivered,
    Failed,
    Canceled,
}

impl Status {
    /// The word Twilio writes.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Scheduled => "scheduled",
            Self::Accepted => "accepted",
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Undelivered => "undelivered",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }

    /// Nothing comes after it.
    #[must_use]
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Scheduled | Self::Accepted | Self::Queued | Self::Sent)
    }
}

/// One message, in either direction.
#[derive(Clone, Serialize)]
pub struct Message {
    /// Its place in the ledger, which counts messages and calls together.
    pub sequence: u64,
    /// `SM` (or `MM` with media) and 32 hex digits.
    pub sid: String,
    /// Which way it goes.
    pub direction: Direction,
    /// The sender; not known until a messaging service has chosen one.
    pub from: Option<String>,
    /// The recipient.
    pub to: String,
    /// The text.
    pub body: String,
    /// The template it was made of.
    pub content_sid: Option<String>,
    /// Addresses of its media.
    pub media: Vec<String>,
    /// How far it is.
    pub status: Status,
    /// Why it failed, as one of Twilio's codes.
    pub error_code: Option<u32>,
    /// The service that sent it, or that its number belongs to.
    pub messaging_service_sid: Option<String>,
    /// Where its status is reported.
    pub status_callback: Option<String>,
    /// Not to be sent before this time.
    #[serde(serialize_with = "optional_time")]
    pub send_at: Option<Timestamp>,
    /// When the carrier took it.
    #[serde(serialize_with = "time")]
    pub created_at: Timestamp,
    /// When it last changed.
    #[serde(serialize_with = "time")]
    pub updated_at: Timestamp,
    /// When it left for the handset, or came in.
    #[serde(serialize_with = "optional_time")]
    pub sent_at: Option<Timestamp>,
    /// The carrier's own answer to a reserved word: on the handset, not in the account's lists.
    pub carrier_reply: bool,
    /// The inbound message it answers.
    pub in_reply_to: Option<String>,
}

impl Message {
    /// The handset's number: the sender of an inbound message, the recipient of any other.
    #[must_use]
    pub fn handset(&self) -> &str {
        match (self.direction, &self.from) {
            (Direction::Inbound, Some(from)) => from,
            _ => &self.to,
        }
    }

    /// It is on the handset: typed there, or delivered to it.
    #[must_use]
    pub fn on_handset(&self) -> bool {
        matches!(self.status, Status::Received | Status::Delivered)
    }

    /// The resource as Twilio writes it (twilio-oai 2.6.7, `api.v2010.account.message`).
    pub(super) fn resource(&self, account_sid: &str) -> Value {
        let path = format!("/{API_VERSION}/Accounts/{account_sid}/Messages/{}", self.sid);
        let unsent = matches!(self.status, Status::Accepted | Status::Scheduled);
        let segments = if unsent { 0 } else { segments::count(&self.body) };
        json!({
            "account_sid": account_sid,
            "api_version": API_VERSION,
            "body": self.body,
            "date_created": rfc_2822(self.created_at),
            "date_sent": self.sent_at.map(rfc_2822),
            "date_updated": rfc_2822(self.updated_at),
            "direction": self.direction,
            "error_code": self.error_code,
            "error_message": self.error_code.map(error_message),
            "from": self.from,
            "messaging_service_sid": self.messaging_service_sid,
            "num_media": self.media.len().to_string(),
            "num_segments": segments.to_string(),
            "price": null,
            "price_unit": "USD",
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": { "media": format!("{path}/Media.json") },
            "to": self.to,
            "uri": format!("{path}.json"),
        })
    }
}

/// Twilio's words for the codes that a message can end with here.
pub(super) fn error_message(code: u32) -> &'static str {
    match code {
        21602 => "Message body is required",
        21606 => "The 'From' phone number is not a valid message-capable Twilio number",
        21610 => "Attempt to send to unsubscribed recipient",
        21617 => "The message body exceeds the 1600 character limit",
        30003 => "Unreachable destination handset",
        30004 => "Message blocked",
        30005 => "Unknown destination handset",
        30006 => "Landline or unreachable carrier",
        30007 => "Message filtered",
        63016 => "Failed to send freeform message because you are outside the allowed window",
        30036 => "Validity Period Expired",
        _ => "Unknown error",
    }
}

/// `Sat, 21 Nov 2026 01:36:23 +0000`: the form of dates in Twilio's answers, to the second and in GMT.
pub(super) fn rfc_2822(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

pub(super) fn time<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(time)
}

#[expect(clippy::ref_option, reason = "serde calls it with a reference to the field")]
fn optional_time<S: Serializer>(time: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => serializer.collect_str(time),
        None => serializer.serialize_none(),
    }
}
