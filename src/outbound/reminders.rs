//! Reminders of bookings: queued when they come due, and worded from the booking once more right
//! before they leave. One whose booking was moved, answered or called off meanwhile does not leave.

use super::ticks::{Schedule, Ticked};
use crate::booking::{Plan, Status};
use crate::conversation::{Inbox, Queued, reminders_of, status_of, when};
use crate::notice::Notice;
use crate::purpose::Purpose;
use crate::segments;
use crate::store::{BookingRow, NextReminder, OutgoingRow, ReminderRow, Rewording, Tx};
use jiff::Timestamp;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Reminders queued in one transaction.
const SLICE: usize = 200;

/// Queues reminders of bookings when they come due.
#[derive(Clone, Debug)]
pub struct Reminders(pub Arc<Inbox>);

impl Schedule for Reminders {
    const NAME: &'static str = "reminders";

    async fn tick(&self, now: Timestamp) -> sqlx::Result<Ticked> {
        let inbox = &*self.0;
        // A look without a transaction, so that a tick on which nothing is due costs next to nothing.
        let next = inbox.store.next_reminder().await?.and_then(|at| Timestamp::from_millisecond(at).ok());
        if next.is_none_or(|next| next > now) {
            return Ok(Ticked::Idle(next));
        }
        let mut tx = inbox.store.begin().await?;
        let due = tx.due_reminders(now.as_millisecond(), i64::try_from(SLICE).unwrap_or(i64::MAX)).await?;
        let reminders: Vec<Reminder> = due.iter().filter_map(|row| Reminder::of(inbox, row, now)).collect();
        let queued: Vec<Queued> = reminders.iter().map(|reminder| reminder.queued(now)).collect();
        let messages: Vec<_> = queued.iter().map(|queued| queued.row(inbox.ids.next(now), now)).collect();
        let next: Vec<NextReminder> = due.iter().map(|row| next_of(row, now)).collect();
        tx.save_slice(&messages, &[]).await?;
        tx.schedule_reminders(&next).await?;
        tx.commit().await?;
        if due.len() == SLICE {
            return Ok(Ticked::More);
        }
        let next = inbox.store.next_reminder().await?;
        Ok(Ticked::Idle(next.and_then(|at| Timestamp::from_millisecond(at).ok())))
    }
}

/// A reminder that is to be queued.
struct Reminder<'a> {
    row: &'a BookingRow,
    body: String,
    minutes: i64,
}

impl<'a> Reminder<'a> {
    /// The reminder that goes now; none if its time is over or nobody is to be reminded.
    fn of(inbox: &Inbox, row: &'a BookingRow, now: Timestamp) -> Option<Self> {
        let minutes = reminders_of(row);
        let plan = Plan { starts_at: starts_at(row), before_minutes: &minutes };
        let planned = Timestamp::from_millisecond(row.next_reminder_at?).ok()?;
        let minutes = plan.due(planned, now)?;
        Some(Self { row, body: words(inbox, row, now)?, minutes })
    }

    fn queued(&self, now: Timestamp) -> Queued<'_> {
        Queued {
            content: None,
            contact_id: self.row.contact_id,
            purpose: Purpose::Reminder,
            body: &self.body,
            what_for: Some(self.row.what_for(self.minutes)),
            source_id: Some(self.row.id),
            due_at: now,
            expires_at: starts_at(self.row),
        }
    }
}

fn next_of(row: &BookingRow, now: Timestamp) -> NextReminder {
    let minutes = reminders_of(row);
    let next = Plan { starts_at: starts_at(row), before_minutes: &minutes }.next_after(now);
    NextReminder { id: row.id, next_reminder_at: next.map(Timestamp::as_millisecond) }
}

/// The words of a reminder that leaves at `now`; none if there is nothing to be reminded of.
fn words(inbox: &Inbox, row: &BookingRow, now: Timestamp) -> Option<String> {
    let status = status_of(row, now);
    let notice = Notice::Reminder {
        title: row.title.clone(),
        place: row.location.clone().unwrap_or_default(),
        when: when(row, now),
        asks: status == Status::Pending,
    };
    if !status.is_reminded_of() {
        return None;
    }
    let words = inbox.texts.render(&notice, &row.locale);
    words.inspect_err(|error| tracing::error!(booking = row.id, %error, "a reminder has no words")).ok()
}

/// Words the claimed reminders of bookings anew, for what was true when they were queued may be so no
/// longer. Returns those that must not leave.
pub(super) async fn refresh(
    inbox: &Inbox,
    tx: &mut Tx,
    rows: &mut [OutgoingRow],
    now: Timestamp,
) -> sqlx::Result<HashSet<i64>> {
    let ids: Vec<i64> = rows.iter().filter(|row| is_reminder(row)).map(|row| row.id).collect();
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let found = tx.bookings_of_messages(&ids).await?.into_iter();
    let found: HashMap<i64, ReminderRow> = found.map(|row| (row.message_id, row)).collect();
    let (mut outdated, mut rewordings) = (HashSet::new(), Vec::new());
    for row in rows.iter_mut().filter(|row| is_reminder(row)) {
        match found.get(&row.id).and_then(|reminder| current_words(inbox, reminder, now)) {
            None => drop(outdated.insert(row.id)),
            Some(body) if body == row.body => {}
            Some(body) => {
                let segments = i64::try_from(segments::count(&body).segments).unwrap_or(i64::MAX);
                rewordings.push(Rewording { id: row.id, body: body.clone(), segments });
                row.body = body;
            }
        }
    }
    if !rewordings.is_empty() {
        tx.reword(&rewordings).await?;
    }
    Ok(outdated)
}

/// The words that a queued reminder leaves with; none if its booking is no longer what it was.
fn current_words(inbox: &Inbox, reminder: &ReminderRow, now: Timestamp) -> Option<String> {
    let what_for = reminder.what_for.as_deref()?;
    let current = reminder.booking.is_what_for(what_for);
    current.then(|| words(inbox, &reminder.booking, now)).flatten()
}

/// Whether a message reminds of a booking.
pub(super) fn is_reminder(row: &OutgoingRow) -> bool {
    row.source_id.is_some() && row.purpose.as_deref() == Some(Purpose::Reminder.as_str())
}

fn starts_at(row: &BookingRow) -> Timestamp {
    Timestamp::from_millisecond(row.starts_at).unwrap_or(Timestamp::UNIX_EPOCH)
}
