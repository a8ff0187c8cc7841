//! What a slice's texts are about: the bookings of those people who have any, and what becomes of them.

use super::Inbox;
use super::bookings::{REMEMBERED, at, status_of, when};
use super::seat::Seat;
use crate::booking::Status;
use crate::dialog::{Booking, BookingChange};
use crate::events::{Event, EventKind};
use crate::notice::Notice;
use crate::store::{AnswerRow, BookingRow, SpeakerRow, Tx};
use jiff::Timestamp;
use std::collections::HashMap;

/// The bookings that texts of these people may be about, by person: one statement, and none where
/// nobody of the slice has any.
pub(super) async fn load(
    tx: &mut Tx,
    rows: &[SpeakerRow],
    now: Timestamp,
) -> sqlx::Result<HashMap<i64, Vec<Booking>>> {
    let booked = rows.iter().filter(|row| is_booked(row, now));
    let contacts: Vec<i64> = booked.map(|row| row.id).collect();
    let mut bookings: HashMap<i64, Vec<Booking>> = HashMap::new();
    if !contacts.is_empty() {
        let since = now.saturating_sub(REMEMBERED).unwrap_or(Timestamp::MIN).as_millisecond();
        for row in tx.bookings_to_answer(&contacts, since).await? {
            bookings.entry(row.contact_id).or_default().push(booking(&row, now));
        }
    }
    Ok(bookings)
}

/// Whether a text of theirs may be about a booking.
pub(super) fn is_booked(row: &SpeakerRow, now: Timestamp) -> bool {
    row.booked_until.is_some_and(|until| until > now.as_millisecond())
}

fn booking(row: &BookingRow, now: Timestamp) -> Booking {
    Booking {
        id: row.id,
        title: row.title.clone(),
        place: row.location.clone().unwrap_or_default(),
        when: when(row, now),
        starts_at: Timestamp::from_millisecond(row.starts_at).unwrap_or(Timestamp::UNIX_EPOCH),
        at: at(row),
        status: status_of(row, now),
        asked_at: row.asked_at.and_then(|at| Timestamp::from_millisecond(at).ok()),
        is_moved: row.asked_starts_at.is_some_and(|asked| asked != row.starts_at),
    }
}

/// Whether a text is a bare number, and the reminder that its writer gets asks for one: "Reply 1 to confirm, 2 …".
pub(super) fn offers_numbers(inbox: &Inbox, seat: &Seat, body: &str) -> bool {
    if seat.bookings.is_empty() || !body.chars().all(|c| c.is_numeric() || !c.is_alphanumeric()) {
        return false;
    }
    let blank = || String::from("…");
    let reminder = Notice::Reminder { title: blank(), place: blank(), when: blank(), asks: true };
    asks_for_number(&inbox.texts.render(&reminder, &seat.row.locale).unwrap_or_default())
}

fn asks_for_number(words: &str) -> bool {
    let says = |number: &str| words.split(|c: char| !c.is_alphanumeric()).any(|word| word == number);
    says("1") && says("2")
}

/// What there is to tell of a change, if it is an answer.
pub(super) fn event(bookings: &[Booking], change: BookingChange, row: &SpeakerRow) -> Option<Event> {
    let kind = match change.status? {
        Status::Confirmed => EventKind::BookingConfirmed,
        Status::Declined => EventKind::BookingDeclined,
        Status::ChangeRequested => EventKind::BookingChangeRequested,
        Status::Pending => EventKind::BookingPending,
        Status::Cancelled | Status::Past => return None,
    };
    let booking = bookings.iter().find(|booking| booking.id == change.id)?;
    Some(Event::booking(kind, booking.id, row.id, &row.address, &booking.title, booking.starts_at))
}

/// Carries out `change` on the bookings in hand, for the person's next text, and returns its row.
pub(super) fn change(bookings: &mut [Booking], change: BookingChange, now: Timestamp) -> AnswerRow {
    if let Some(booking) = bookings.iter_mut().find(|booking| booking.id == change.id) {
        if let Some(status) = change.status {
            booking.status = status;
        } else {
            (booking.asked_at, booking.is_moved) = (Some(now), false);
        }
    }
    AnswerRow {
        id: change.id,
        status: change.status.map(crate::booking::Status::as_str),
        asked: change.status.is_none(),
        at: now.as_millisecond(),
    }
}

/// Writes what was answered, and ends reminders of what the person no longer wants.
pub(super) async fn save(
    inbox: &Inbox,
    tx: &mut Tx,
    answers: Vec<AnswerRow>,
    now: Timestamp,
) -> sqlx::Result<()> {
    if answers.is_empty() {
        return Ok(());
    }
    let refused = |answer: &&AnswerRow| matches!(answer.status, Some("change_requested" | "declined"));
    let void: Vec<i64> = answers.iter().filter(refused).map(|answer| answer.id).collect();
    // A statement changes a row once: several texts of a slice are written one after the other.
    for answer in fold(answers) {
        tx.apply_answers(&answer).await?;
    }
    if void.is_empty() {
        return Ok(());
    }
    inbox.void_reminders(tx, &void, "the person asked for another time or declined", now).await
}

/// Splits `answers` into groups in which no booking is named twice, in their order.
fn fold(answers: Vec<AnswerRow>) -> Vec<Vec<AnswerRow>> {
    let mut groups: Vec<Vec<AnswerRow>> = Vec::new();
    for answer in answers {
        let after = groups.iter().rposition(|group| group.iter().any(|other| other.id == answer.id));
        let at = after.map_or(0, |index| index + 1);
        if at == groups.len() {
            groups.push(Vec::new());
        }
        groups[at].push(answer);
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reminder_asks_for_a_number_in_its_words() {
        assert!(asks_for_number("… …. Reply 1 to confirm, 2 if you can't come."));
        assert!(!asks_for_number("… …. Reply C or YES to confirm, 24 hours ahead, CHANGE to move it."));
    }

    #[test]
    fn no_group_names_a_booking_twice_and_all_are_there_in_order() {
        let answer = |id, at| AnswerRow { id, status: None, asked: true, at };
        let groups = fold(vec![answer(1, 1), answer(2, 2), answer(1, 3), answer(3, 4), answer(1, 5)]);
        let seen: Vec<Vec<(i64, i64)>> =
            groups.iter().map(|group| group.iter().map(|answer| (answer.id, answer.at)).collect()).collect();
        assert_eq!(seen, [vec![(1, 1), (2, 2), (3, 4)], vec![(1, 3)], vec![(1, 5)]]);
    }
}
