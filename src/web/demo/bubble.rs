//! The bubbles on a handset: what the carrier has seen, joined with what the server knows of it.

use super::linked::{Piece, pieces};
use crate::carrier::{Direction, Message};
use crate::sid::Sid;
use crate::store::MessageRow;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use std::collections::HashMap;
use url::Url;

/// Who wrote a bubble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Author {
    /// Whoever holds the handset.
    Person,
    /// This server.
    Tidings,
    /// The carrier by itself, in answer to STOP, START or HELP.
    Carrier,
}

/// One message, as the handset and the server see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Bubble {
    pub(super) id: String,
    pub(super) from: Author,
    pub(super) body: String,
    /// The body again, with what can be followed told from what is only read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) pieces: Vec<Piece>,
    pub(super) at: Timestamp,
    /// The time on the person's clock, and the day when it differs from the bubble before.
    pub(super) time: String,
    pub(super) day: Option<String>,
    /// The server's word for where it is; the carrier's when the server knows nothing of it.
    pub(super) status: String,
    pub(super) status_reason: Option<String>,
    pub(super) error_code: Option<i64>,
    /// It is on the handset: typed there, or delivered.
    pub(super) arrived: bool,
    pub(super) purpose: Option<String>,
    pub(super) segments: Option<i64>,
    pub(super) intent: Option<String>,
    pub(super) why: Option<String>,
}

/// Joins both sides, oldest first; `rows` come newest first. What only the server knows is among them: messages
/// that wait, and those of before the demo's last start, which its carrier has forgotten.
pub(super) fn join(seen: Vec<Message>, rows: Vec<MessageRow>, zone: &TimeZone) -> Vec<Bubble> {
    let mut bubbles = Vec::with_capacity(seen.len().max(rows.len()));
    let places: HashMap<String, usize> =
        rows.iter().enumerate().map(|(place, row)| (key(row), place)).collect();
    let mut rows: Vec<Option<MessageRow>> = rows.into_iter().map(Some).collect();
    for message in seen {
        let by_callback = || places.get(&message.status_callback.as_deref().and_then(callback_id)?);
        let place = places.get(&message.sid).or_else(by_callback);
        bubbles.push(of_message(message, place.and_then(|place| rows[*place].take())));
    }
    bubbles.extend(rows.into_iter().rev().flatten().map(of_row));
    // By the millisecond, for the server knows no finer times. Stable: a text and its answer may have come in the
    // same one, and then each side's order stands.
    bubbles.sort_by_key(|bubble| bubble.at.as_millisecond());
    date(&mut bubbles, zone);
    bubbles
}

/// What the carrier calls a message; our own id where it has none.
fn key(row: &MessageRow) -> String {
    row.sid.map_or_else(|| row.id.to_string(), |id| Sid { mms: row.mms, id }.to_string())
}

/// Our id of a message, which its callback address carries.
fn callback_id(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    url.query_pairs().find(|(name, _)| name == "m").map(|(_, id)| id.into_owned())
}

fn of_message(message: Message, row: Option<MessageRow>) -> Bubble {
    let from = match message.direction {
        Direction::Inbound => Author::Person,
        _ if message.carrier_reply => Author::Carrier,
        _ => Author::Tidings,
    };
    let mut bubble = Bubble {
        arrived: message.on_handset(),
        id: message.sid,
        from,
        pieces: pieces(&message.body),
        // The carrier's copy has the code in it; the server's does not.
        body: message.body,
        at: message.created_at,
        time: String::new(),
        day: None,
        status: message.status.word().to_owned(),
        status_reason: None,
        error_code: message.error_code.map(i64::from),
        purpose: None,
        segments: None,
        intent: None,
        why: None,
    };
    if let Some(row) = row {
        bubble.learn(row);
    }
    bubble
}

fn of_row(row: MessageRow) -> Bubble {
    let mut bubble = Bubble {
        id: row.id.to_string(),
        from: if row.outbound { Author::Tidings } else { Author::Person },
        arrived: !row.outbound || matches!(row.status.as_str(), "delivered" | "read"),
        pieces: pieces(&row.body),
        body: row.body.clone(),
        at: Timestamp::from_millisecond(row.created_at).unwrap_or(Timestamp::UNIX_EPOCH),
        time: String::new(),
        day: None,
        status: String::new(),
        status_reason: None,
        error_code: None,
        purpose: None,
        segments: None,
        intent: None,
        why: None,
    };
    bubble.learn(row);
    bubble
}

impl Bubble {
    /// Takes over what the server knows.
    fn learn(&mut self, row: MessageRow) {
        self.status = row.status;
        self.status_reason = row.status_reason;
        self.error_code = row.error_code.or(self.error_code);
        self.purpose = row.purpose;
        self.segments = Some(row.segments);
        self.intent = row.intent;
        self.why = row.why;
    }
}

/// Writes the times, and the day where a new one begins.
fn date(bubbles: &mut [Bubble], zone: &TimeZone) {
    let mut last = None;
    for bubble in bubbles {
        let local = bubble.at.to_zoned(zone.clone());
        bubble.time = local.strftime("%-I:%M %p").to_string();
        if last.replace(local.date()) != Some(local.date()) {
            bubble.day = Some(local.strftime("%A, %B %-d").to_string());
        }
    }
}
