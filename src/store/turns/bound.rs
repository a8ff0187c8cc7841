//! The rows of a slice, bound to SQLite's statements.

use super::super::rows::{MOST, Script, Trip, Values};
use super::super::{ContactChange, Lent, NewMessage, Was, json, sql};
use super::{NewSpeaker, Parts, Turns};
use serde::Serialize;

/// What writes the slice on SQLite, in as few trips as its size allows.
///
/// # Errors
/// A value can't be given to SQLite.
pub(super) fn scripts(turns: &Turns<'_, '_>, parts: &Parts<'_, '_>, trip: Trip) -> sqlx::Result<Vec<Script>> {
    let Parts { inbound, outbound } = parts;
    let (moved, speakers): (Vec<_>, Vec<_>) =
        turns.changes.iter().partition(|change| change.standing.is_some());
    // Who is locked can't have changed.
    let checks = trip.first;
    let new: Vec<_> = turns.new.iter().collect();
    let most = inbound.len().max(outbound.len()).max(speakers.len()).max(1);
    let script = |from: usize| {
        let trip = Trip { first: trip.first && from == 0, last: trip.last && from + MOST >= most };
        let mut script = Script::for_rows((most - from).min(MOST), trip);
        // First those who may have changed: if any has, nothing was done in vain.
        let checked = script.rows(sql::UPDATE_SPEAKERS, chunk(&speakers, from), bind_speaker);
        if checks && checked > 0 {
            script.count(sql::ALL_CHANGED, checked);
        }
        if from == 0 && !moved.is_empty() {
            let moved: Vec<_> = moved.iter().map(|change| Moved { change, was: change.was }).collect();
            script.json(sql::UPDATE_CONTACTS, json(&moved)?);
            if checks {
                script.count(sql::ALL_CHANGED, moved.len());
            }
        }
        if from == 0 && !turns.unasked.addresses.is_empty() {
            script.json(sql::NONE_ASKED, json(turns.unasked.addresses)?).bind(turns.unasked.since);
        }
        script.rows(sql::INSERT_SPEAKERS, chunk(&new, from), bind_new);
        script.rows(sql::INSERT_INBOUND, chunk(inbound, from), bind_inbound);
        script.rows(sql::INSERT_OUTBOUND, chunk(outbound, from), bind_outbound);
        if from == 0 && !turns.consents.is_empty() {
            script.json(sql::INSERT_CONSENT, json(turns.consents)?);
        }
        script.end()
    };
    (0..most).step_by(MOST).map(script).collect()
}

/// Carries out `scripts` in order.
pub(super) async fn run(scripts: Vec<Script>, lent: &mut Lent) -> sqlx::Result<()> {
    for script in scripts {
        script.run(lent).await?;
    }
    Ok(())
}

/// A change with who they were.
#[derive(Serialize)]
struct Moved<'t, 'a> {
    #[serde(flatten)]
    change: &'t ContactChange<'a>,
    #[serde(flatten)]
    was: Option<Was<'a>>,
}

/// Those of `rows` that go with the script that begins at `from`.
fn chunk<T>(rows: &[T], from: usize) -> &[T] {
    &rows[from.min(rows.len())..(from + MOST).min(rows.len())]
}

fn bind_new(row: &mut Values, new: &NewSpeaker<'_>) {
    let contact = &new.contact;
    row.bind(contact.id)
        .text(contact.address)
        .text(contact.state)
        .text(contact.consent)
        .text(&*contact.person)
        .text(contact.locale)
        .text(contact.time_zone)
        .text(contact.time_zone_source)
        .bind(contact.created_at)
        .text(new.name)
        .bind(new.promotion_paused)
        .bind(new.last_heard_at);
}

fn bind_inbound(row: &mut Values, message: &NewMessage<'_>) {
    row.bind(message.id)
        .bind(message.contact_id)
        .bind(message.sid)
        .bind(message.mms)
        .text(&*message.body)
        .bind(message.segments)
        .bind(message.created_at)
        .text(message.intent.as_deref())
        .text(message.why.as_deref())
        .bind(message.reply_id)
        .text(message.extra.as_deref())
        .text(message.status);
}

fn bind_outbound(row: &mut Values, message: &NewMessage<'_>) {
    row.bind(message.id)
        .bind(message.contact_id)
        .text(&*message.body)
        .bind(message.segments)
        .bind(message.created_at)
        .text(message.purpose)
        .text(message.nonce.as_deref())
        .text(message.status)
        .bind(message.rank)
        .bind(message.priority)
        .bind(message.due_at)
        .bind(message.expires_at)
        .bind(message.attempts)
        .bind(message.sent_at)
        .bind(message.by_rest)
        .text(message.what_for.as_deref())
        .bind(message.source_id)
        .text(message.content_sid)
        .text(message.content_variables);
}

fn bind_speaker(row: &mut Values, change: &ContactChange<'_>) {
    row.bind(change.id).text(change.locale).text(&*change.person).bind(change.last_heard_at);
    row.text(change.was.map(|was| was.was_person)).text(change.was.map(|was| was.was_locale));
    row.bind(change.was.and_then(|was| was.was_booked));
}
