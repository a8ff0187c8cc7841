//! What the organisation's own systems are told: events, how they are signed, when a delivery is
//! tried again, and where it may go. See `docs/WEBHOOKS.md`.

mod destination;
mod retry;
mod signature;

pub use destination::{DestinationError, check_url, is_public};
pub use retry::{DISABLE_AFTER, Next, after_failure};
pub use signature::{SigningKey, SigningSecret, verify};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use std::fmt;

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// A number was proven: its person is a member now.
    ContactRegistered,
    /// Somebody opted in, also again.
    ContactOptedIn,
    /// Somebody opted out.
    ContactOptedOut,
    /// Somebody was erased, and is to be forgotten elsewhere too.
    ContactErased,
    /// A booking was confirmed by its person.
    BookingConfirmed,
    /// A booking was declined by its person.
    BookingDeclined,
    /// A booking's person asks for another time.
    BookingChangeRequested,
    /// A booking's person took back that they come, and it waits for an answer again.
    BookingPending,
    /// A carrier reports a message delivered.
    MessageDelivered,
    /// A carrier reports a message undelivered.
    MessageUndelivered,
    /// A message was not sent and won't be.
    MessageFailed,
    /// A form was filled in.
    FormCompleted,
    /// A campaign has come to its end.
    CampaignDone,
    /// An endpoint is being tried out.
    Test,
}

/// The kinds that an endpoint may ask for. A test needs no asking.
const WANTED: [EventKind; 13] = [
    EventKind::ContactRegistered,
    EventKind::ContactOptedIn,
    EventKind::ContactOptedOut,
    EventKind::ContactErased,
    EventKind::BookingConfirmed,
    EventKind::BookingDeclined,
    EventKind::BookingChangeRequested,
    EventKind::BookingPending,
    EventKind::MessageDelivered,
    EventKind::MessageUndelivered,
    EventKind::MessageFailed,
    EventKind::FormCompleted,
    EventKind::CampaignDone,
];

impl EventKind {
    /// Every kind that an endpoint may ask for.
    #[must_use]
    pub fn all() -> [Self; 13] {
        WANTED
    }

    /// The name in payloads, the API and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ContactRegistered => "contact.registered",
            Self::ContactOptedIn => "contact.opted_in",
            Self::ContactOptedOut => "contact.opted_out",
            Self::ContactErased => "contact.erased",
            Self::BookingConfirmed => "booking.confirmed",
            Self::BookingDeclined => "booking.declined",
            Self::BookingChangeRequested => "booking.change_requested",
            Self::BookingPending => "booking.pending",
            Self::MessageDelivered => "message.delivered",
            Self::MessageUndelivered => "message.undelivered",
            Self::MessageFailed => "message.failed",
            Self::FormCompleted => "form.completed",
            Self::CampaignDone => "campaign.done",
            Self::Test => "test",
        }
    }

    /// Reads what [`Self::as_str`] wrote of a kind that may be asked for.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        WANTED.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// One thing that happened. `Debug` shows its kind only, for it holds numbers and names.
#[derive(Clone, PartialEq)]
pub struct Event {
    /// What kind of thing.
    pub kind: EventKind,
    /// Whom it is about; it goes when they are erased.
    pub contact_id: Option<i64>,
    /// Tells it from every other event: it is told once, whoever tries again.
    pub once: Option<String>,
    data: Value,
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Event({})", self.kind.as_str())
    }
}

/// A message whose fate is known.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names of the API's messages")]
pub struct MessageFate<'a> {
    pub id: i64,
    pub contact_id: i64,
    pub phone_number: &'a str,
    pub purpose: Option<&'a str>,
    pub status: &'a str,
    pub status_reason: Option<&'a str>,
    pub error_code: Option<i64>,
}

impl Event {
    /// Something about a person: registered, opted in or opted out, and `how`.
    #[must_use]
    pub fn contact(
        kind: EventKind,
        contact_id: i64,
        phone_number: &str,
        name: Option<&str>,
        how: Option<&str>,
    ) -> Self {
        let data = json!({
            "contact_id": contact_id.to_string(), "phone_number": phone_number, "name": name, "how": how,
        });
        Self { kind, contact_id: Some(contact_id), once: None, data }
    }

    /// A person was erased. The number is told as its keyed hash; the id is that of earlier events.
    #[must_use]
    pub fn erased(contact_id: i64, phone_number_hash: &str) -> Self {
        let data = json!({"contact_id": contact_id.to_string(), "phone_number_hash": phone_number_hash});
        // It is about nobody any more, so it outlives the erasure.
        Self { kind: EventKind::ContactErased, contact_id: None, once: None, data }
    }

    /// A booking was confirmed, declined, is to be changed or waits for an answer again, by its person.
    #[must_use]
    pub fn booking(
        kind: EventKind,
        booking_id: i64,
        contact_id: i64,
        phone_number: &str,
        title: &str,
        starts_at: Timestamp,
    ) -> Self {
        let data = json!({
            "booking_id": booking_id.to_string(), "contact_id": contact_id.to_string(),
            "phone_number": phone_number, "title": title, "starts_at": format!("{starts_at:.0}"),
        });
        Self { kind, contact_id: Some(contact_id), once: None, data }
    }

    /// What became of a message; none while that is open.
    #[must_use]
    pub fn message(fate: &MessageFate<'_>) -> Option<Self> {
        let kind = match fate.status {
            "delivered" => EventKind::MessageDelivered,
            "undelivered" => EventKind::MessageUndelivered,
            "failed" | "refused" | "expired" => EventKind::MessageFailed,
            _ => return None,
        };
        let data = json!({
            "message_id": fate.id.to_string(), "contact_id": fate.contact_id.to_string(),
            "phone_number": fate.phone_number, "purpose": fate.purpose, "status": fate.status,
            "status_reason": fate.status_reason, "error_code": fate.error_code,
        });
        // Reports are repeated; each end of a message is told once.
        let once = Some(format!("message:{}:{}", fate.id, fate.status));
        Some(Self { kind, contact_id: Some(fate.contact_id), once, data })
    }

    /// A form was filled in.
    #[must_use]
    pub fn form_completed(form_id: i64, contact_id: i64, phone_number: &str, title: &str) -> Self {
        let data = json!({
            "form_id": form_id.to_string(), "contact_id": contact_id.to_string(),
            "phone_number": phone_number, "title": title,
        });
        let once = Some(format!("form:{form_id}"));
        Self { kind: EventKind::FormCompleted, contact_id: Some(contact_id), once, data }
    }

    /// A campaign has come to its end, with its counts as an object.
    #[must_use]
    pub fn campaign_done(
        campaign_id: i64,
        name: &str,
        status: &str,
        status_reason: Option<&str>,
        counts: &impl Serialize,
    ) -> Self {
        let data = json!({
            "campaign_id": campaign_id.to_string(),
            "name": name,
            "status": status,
            "status_reason": status_reason,
            "counts": serde_json::to_value(counts).unwrap_or_default(),
        });
        let once = Some(format!("campaign:{campaign_id}"));
        Self { kind: EventKind::CampaignDone, contact_id: None, once, data }
    }

    /// An endpoint is being tried out.
    #[must_use]
    pub fn test(endpoint_id: i64) -> Self {
        let data = json!({"endpoint_id": endpoint_id.to_string(), "message": "This is a test."});
        Self { kind: EventKind::Test, contact_id: None, once: None, data }
    }

    /// The payload: `{type, timestamp, data}`.
    #[must_use]
    pub fn body(&self, at: Timestamp) -> String {
        #[derive(Serialize)]
        struct Body<'a> {
            r#type: &'a str,
            timestamp: String,
            data: &'a Value,
        }
        let body = Body { r#type: self.kind.as_str(), timestamp: format!("{at:.0}"), data: &self.data };
        serde_json::to_string(&body).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for kind in EventKind::all() {
            assert_eq!(EventKind::from_name(kind.as_str()), Some(kind));
        }
        assert_eq!(EventKind::from_name("test"), None);
    }

    #[test]
    fn a_payload_has_type_time_and_data_and_debug_hides_it() {
        let event =
            Event::contact(EventKind::ContactRegistered, 7, "+14155550123", Some("Asha"), Some("code"));
        let body = event.body("2026-11-21T12:00:00Z".parse().unwrap());
        assert!(
            body.starts_with(r#"{"type":"contact.registered","timestamp":"2026-11-21T12:00:00Z","data":{"#)
        );
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(body["data"]["contact_id"], "7");
        assert_eq!(body["data"]["phone_number"], "+14155550123");
        assert!(!format!("{event:?}").contains("415"));
        let erased = Event::erased(7, "abc").body(Timestamp::UNIX_EPOCH);
        assert!(erased.contains(r#""phone_number_hash":"abc""#) && !erased.contains("phone_number\""));
    }

    #[test]
    fn every_kind_of_event_names_what_it_is_about() {
        let at = Timestamp::UNIX_EPOCH;
        let booking = Event::booking(EventKind::BookingDeclined, 5, 7, "+14155550123", "Dentist", at);
        assert!(booking.body(at).contains(r#""booking_id":"5""#));
        let form = Event::form_completed(6, 7, "+14155550123", "Intake");
        assert!(form.body(at).contains(r#""form_id":"6""#) && form.once.is_some());
        let done = Event::campaign_done(8, "Spring", "done", None, &json!({"sent": 3}));
        assert!(done.body(at).contains(r#""counts":{"sent":3}"#));
        let fate = MessageFate {
            id: 9,
            contact_id: 7,
            phone_number: "+14155550123",
            purpose: Some("tip"),
            status: "sent",
            status_reason: None,
            error_code: None,
        };
        assert_eq!(Event::message(&fate), None);
        let failed = Event::message(&MessageFate { status: "expired", ..fate }).unwrap();
        assert_eq!(failed.kind, EventKind::MessageFailed);
    }
}
