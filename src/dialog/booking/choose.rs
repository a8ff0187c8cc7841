//! Which of several bookings somebody means.

use super::{Booking, Choice};
use crate::dialog::words;

/// The number of what somebody chose, in figures or in words.
pub(super) fn chosen(choice: &Choice, body: &str, bookings: &[Booking]) -> Option<usize> {
    let offered: Option<Vec<words::Choice>> = choice
        .bookings
        .iter()
        .map(|id| {
            let booking = bookings.iter().find(|booking| booking.id == *id)?;
            Some(words::Choice { at: booking.at, title: &booking.title })
        })
        .collect();
    number(body).or_else(|| words::choice(body, &offered?).map(|index| index + 1))
}

/// The number that a text is, and nothing else: "1", "2.", "#1", "२".
pub(super) fn number(body: &str) -> Option<usize> {
    let mut characters = plain(body).chars();
    let (Some(c), None) = (characters.next(), characters.next()) else { return None };
    let devanagari = u32::from(c).checked_sub(u32::from('\u{966}')).filter(|digit| *digit < 10);
    usize::try_from(c.to_digit(10).or(devanagari)?).ok()
}

/// The text without what people put around words.
pub(super) fn plain(body: &str) -> &str {
    body.trim_matches(|c: char| c.is_whitespace() || (c.is_ascii_punctuation() && c != '?'))
}
