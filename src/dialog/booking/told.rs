//! What people ask about their bookings: when, and where.

use super::{Booking, BookingReply, MAX_CHOICES};
use crate::dialog::step::Turn;

impl Turn {
    /// Says what is to come; false if nothing is.
    pub(super) fn tell_when(&mut self, bookings: &[Booking]) -> bool {
        "asks when it is".clone_into(&mut self.why);
        self.tell_upcoming(bookings)
    }

    /// Says where that is; staff read it if nobody wrote that down. False if nothing is to come.
    pub(super) fn tell_where(&mut self, body: &str, bookings: &[Booking]) -> bool {
        "asks where it is".clone_into(&mut self.why);
        let mut standing = bookings.iter().filter(|booking| booking.stands()).peekable();
        if standing.peek().is_some() && standing.all(|booking| booking.place.is_empty()) {
            self.call_a_person(body);
            return true;
        }
        self.tell_upcoming(bookings)
    }

    fn tell_upcoming(&mut self, bookings: &[Booking]) -> bool {
        let standing = bookings.iter().filter(|booking| booking.stands());
        let options: Vec<String> = standing.take(MAX_CHOICES).map(Booking::line_with_place).collect();
        let found = !options.is_empty();
        if found {
            self.say(BookingReply::Upcoming { options });
        }
        found
    }
}
