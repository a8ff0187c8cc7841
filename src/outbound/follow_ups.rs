//! Reminders of forms that are not filled in yet.

use super::forms::{Forms, LIFETIME};
use super::ticks::{Schedule, Ticked};
use crate::conversation::Queued;
use crate::dialog::Consent;
use crate::forms::{Due, Step, Token, step};
use crate::notice::Notice;
use crate::schedule::QuietHours;
use crate::store::{DueFormRow, FormAdvance};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Requests in a transaction.
const SLICE: i64 = 200;

/// Reminds people of forms until they are done or were reminded often enough.
#[derive(Clone, Debug)]
pub struct FollowUps {
    /// The requests.
    pub forms: Forms,
    /// When nobody is reminded.
    pub quiet_hours: QuietHours,
}

impl Schedule for FollowUps {
    const NAME: &'static str = "forms";

    async fn tick(&self, now: Timestamp) -> sqlx::Result<Ticked> {
        let inbox = &self.forms.inbox;
        let next = inbox.store.next_form().await?;
        let next = next.and_then(|at| Timestamp::from_millisecond(at).ok());
        if next.is_none_or(|at| at > now) {
            return Ok(Ticked::Idle(next));
        }
        let mut tx = inbox.store.begin().await?;
        let rows = tx.due_forms(now.as_millisecond(), SLICE).await?;
        if rows.is_empty() {
            // Another node has them in hand.
            return Ok(Ticked::Idle(None));
        }
        let (mut advances, mut reminders) = (Vec::with_capacity(rows.len()), Vec::new());
        for row in &rows {
            let step = step(&self.due(row, now), now);
            advances.push(advance(row, step));
            if let Step::Remind { number, .. } = step {
                reminders.push((row, number, self.words(row)?));
            }
        }
        let queued: Vec<Queued> =
            reminders.iter().map(|(row, number, body)| queued(row, *number, body, now)).collect();
        let messages: Vec<_> = queued.iter().map(|queued| queued.row(inbox.ids.next(now), now)).collect();
        tx.save_slice(&messages, &[]).await?;
        tx.advance_forms(&advances).await?;
        tx.commit().await?;
        Ok(Ticked::More)
    }
}

impl FollowUps {
    fn due(&self, row: &DueFormRow, now: Timestamp) -> Due {
        let zone = TimeZone::get(&row.time_zone).unwrap_or(TimeZone::UTC);
        Due {
            reminders: row.reminders,
            max_reminders: row.max_reminders,
            remind_after: SignedDuration::from_mins(row.remind_after_minutes),
            opted_out: Consent::from_name(&row.consent) == Consent::Withdrawn,
            waiting: row.waiting,
            open_from: self.quiet_hours.open_from(now, &zone),
        }
    }

    fn words(&self, row: &DueFormRow) -> sqlx::Result<String> {
        let token: Token = row.token.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
        let link = token.link(&self.forms.public_url);
        let notice = Notice::FormReminder { title: row.title.clone(), link };
        let words = self.forms.inbox.texts.render(&notice, &row.locale);
        words.map_err(|error| sqlx::Error::Encode(error.into()))
    }
}

fn queued<'a>(row: &DueFormRow, number: i64, body: &'a str, now: Timestamp) -> Queued<'a> {
    Queued {
        content: None,
        contact_id: row.contact_id,
        purpose: crate::purpose::Purpose::Form,
        body,
        what_for: Some(format!("form:{}:{number}", row.id)),
        source_id: Some(row.id),
        due_at: now,
        expires_at: now + LIFETIME,
    }
}

fn advance(row: &DueFormRow, step: Step) -> FormAdvance {
    let (reminders, next) = match step {
        Step::Remind { number, next } => (number, next),
        Step::Wait(until) => (row.reminders, Some(until)),
        Step::End => (row.reminders, None),
    };
    FormAdvance { id: row.id, reminders, next_at: next.map(Timestamp::as_millisecond) }
}
