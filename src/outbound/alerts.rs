//! Telling groups of staff.

use crate::conversation::{Inbox, Queued, Reach};
use crate::notice::Notice;
use crate::purpose::Purpose;
use crate::store::{AlertRow, GroupMemberRow, GroupRow, NewMessage};
use jiff::{SignedDuration, Timestamp};

/// How long an alert is worth sending.
const LIFETIME: SignedDuration = SignedDuration::from_hours(4);

/// What to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Alert {
    /// With a template, in each member's language.
    Notice(Notice),
    /// In these words.
    Words(String),
}

impl Alert {
    fn words(&self, inbox: &Inbox, locale: &str) -> sqlx::Result<String> {
        match self {
            Self::Words(words) => Ok(words.clone()),
            Self::Notice(notice) => {
                let words = inbox.texts.render(notice, locale);
                words.map_err(|error| sqlx::Error::Encode(error.into()))
            }
        }
    }
}

/// Queues `alert` for every one of `members`, in one transaction; returns its row. Whoever opted out is
/// among them, and the gate says so.
///
/// # Errors
/// The database did not answer; then nothing was queued.
pub async fn raise(
    inbox: &Inbox,
    group: &GroupRow,
    members: &[GroupMemberRow],
    alert: &Alert,
    reach: Reach,
) -> sqlx::Result<AlertRow> {
    let now = inbox.clock.now();
    let row = AlertRow {
        id: inbox.ids.next(now),
        group_id: group.id,
        group_name: group.name.clone(),
        template: match alert {
            Alert::Notice(notice) => Some(notice.template().to_owned()),
            Alert::Words(_) => None,
        },
        body: alert.words(inbox, &inbox.settings.default_locale)?,
        created_at: now.as_millisecond(),
    };
    let words: sqlx::Result<Vec<String>> =
        members.iter().map(|member| alert.words(inbox, &member.locale)).collect();
    let words = words?;
    let queued: Vec<Queued> =
        members.iter().zip(&words).map(|(member, body)| queued(row.id, member.id, body, now)).collect();
    let messages: Vec<NewMessage> = queued.iter().map(|one| one.row(inbox.ids.next(now), now)).collect();
    let mut tx = inbox.store.begin().await?;
    tx.add_alert(&row).await?;
    tx.save_slice(&messages, &[]).await?;
    let ids: Vec<i64> = messages.iter().map(|message| message.id).collect();
    inbox.restrain(&mut tx, &ids, reach).await?;
    tx.commit().await?;
    Ok(row)
}

fn queued(alert_id: i64, contact_id: i64, body: &str, now: Timestamp) -> Queued<'_> {
    Queued {
        content: None,
        contact_id,
        purpose: Purpose::Alert,
        body,
        what_for: Some(format!("alert:{alert_id}:{contact_id}")),
        source_id: Some(alert_id),
        due_at: now,
        expires_at: now + LIFETIME,
    }
}
