//! Which of the bookings that were offered a text chooses.

use super::super::words;
use super::{Answer, Booking, Choice};
use crate::booking::Status;
use crate::dialog::Person;
use crate::dialog::step::Ground;
use jiff::{SignedDuration, Timestamp};

/// How long a numbered choice may be answered.
pub(super) const CHOICE_LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// The text without what people put around words.
pub(super) fn plain(body: &str) -> &str {
    body.trim_matches(|c: char| c.is_whitespace() || (c.is_ascii_punctuation() && c != '?'))
}

impl Choice {
    pub(super) fn is_live(&self, now: Timestamp) -> bool {
        // Whoever was asked whether to call it off may not confirm by the same yes a day later.
        self.awaits() && (self.doubtful || now.duration_since(self.at) < CHOICE_LIFETIME)
    }

    /// Whether it is still a question.
    pub(in crate::dialog) fn awaits(&self) -> bool {
        self.taken.is_none()
    }

    /// Whether there is something to choose from.
    pub(super) fn is_list(&self) -> bool {
        !self.doubtful || self.bookings.len() > 1
    }
}

/// Whether a text chooses one of the bookings that were offered.
pub(in crate::dialog) fn chooses(person: &Person, body: &str, ground: &Ground) -> bool {
    let live = person.choice.as_ref().filter(|choice| choice.is_live(ground.now) && choice.is_list());
    live.is_some_and(|choice| !chosen(choice, body, ground.bookings).is_empty())
}

/// The numbers of what somebody chose, in figures or in words; none where that is not clear.
pub(super) fn chosen(choice: &Choice, body: &str, bookings: &[Booking]) -> Vec<usize> {
    let offered: Option<Vec<words::Choice>> = choice
        .bookings
        .iter()
        .map(|id| {
            let booking = bookings.iter().find(|booking| booking.id == *id)?;
            Some(words::Choice { at: booking.at, title: &booking.title })
        })
        .collect();
    match (number(body), offered) {
        (Some(number), _) => vec![number],
        (None, Some(offered)) => words::choice(body, &offered, choice.answer == Answer::Confirm)
            .iter()
            .map(|index| index + 1)
            .collect(),
        (None, None) => Vec::new(),
    }
}

/// The number that a text is, and nothing else: "1", "2.", "#1", "२".
pub(super) fn number(body: &str) -> Option<usize> {
    let mut characters = plain(body).chars();
    let (Some(c), None) = (characters.next(), characters.next()) else { return None };
    let devanagari = u32::from(c).checked_sub(u32::from('\u{966}')).filter(|digit| *digit < 10);
    usize::try_from(c.to_digit(10).or(devanagari)?).ok()
}

/// The bookings that an answer may be about, soonest first as they come.
pub(super) fn open_to(answer: Answer, bookings: &[Booking]) -> Vec<&Booking> {
    let asked = |status: Status| {
        bookings.iter().filter(move |booking| booking.is_asked() && booking.status == status)
    };
    match answer {
        Answer::Confirm => asked(Status::Pending).collect(),
        // Who is asked says no to that, and only else to what they had confirmed.
        Answer::Decline => {
            let pending: Vec<&Booking> = asked(Status::Pending).collect();
            if pending.is_empty() { asked(Status::Confirmed).collect() } else { pending }
        }
        Answer::Reschedule => {
            bookings.iter().filter(|booking| booking.is_asked() && booking.stands()).collect()
        }
    }
}
