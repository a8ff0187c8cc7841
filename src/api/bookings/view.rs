//! A booking as the API shows it.

use crate::api::moment::{Time, time};
use crate::booking::Status;
use crate::conversation::{reminders_of, status_of};
use crate::store::BookingRow;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

/// A booking.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::api) struct Booking {
    id: String,
    phone_number: String,
    title: String,
    location: Option<String>,
    /// When it begins.
    #[schemars(example = &"2030-01-07T15:30:00Z")]
    starts_at: Option<Time>,
    /// The booking's zone, else the person's.
    time_zone: String,
    #[schemars(extend("enum" = Status::names()))]
    status: &'static str,
    /// Why it stands so, where nobody here said so: `the number changed hands`.
    #[schemars(extend("examples" = [null]))]
    status_reason: Option<String>,
    /// What the person said, also after the booking is past: `confirmed`, `change_requested`, `declined`.
    #[schemars(extend("examples" = [null]))]
    answer: Option<String>,
    /// When to remind of it.
    #[schemars(example = [1440, 120])]
    remind_before_minutes: Vec<i64>,
    /// When the next reminder leaves.
    #[schemars(example = &"2030-01-06T15:30:00Z")]
    next_reminder_at: Option<Time>,
    /// When the person was first asked.
    #[schemars(extend("examples" = [null]))]
    asked_at: Option<Time>,
    /// When the person answered.
    #[schemars(extend("examples" = [null]))]
    answered_at: Option<Time>,
    created_at: Option<Time>,
    updated_at: Option<Time>,
}

impl Booking {
    pub(in crate::api) fn new(row: BookingRow, now: Timestamp) -> Self {
        let answered = !matches!(row.status.as_str(), "pending" | "cancelled");
        Self {
            id: row.id.to_string(),
            status: status_of(&row, now).as_str(),
            remind_before_minutes: reminders_of(&row),
            status_reason: row.status_reason,
            phone_number: row.address,
            title: row.title,
            location: row.location,
            starts_at: time(row.starts_at),
            time_zone: row.time_zone.unwrap_or(row.home_zone),
            answer: answered.then_some(row.status),
            next_reminder_at: row.next_reminder_at.and_then(time),
            asked_at: row.asked_at.and_then(time),
            answered_at: row.answered_at.and_then(time),
            created_at: time(row.created_at),
            updated_at: time(row.updated_at),
        }
    }
}
