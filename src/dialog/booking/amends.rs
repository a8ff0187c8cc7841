//! What is said after an answer was given: that it was a slip, or a yes that is not plain after a no.

use super::{Answer, Booking, BookingReply, Status};
use crate::dialog::step::{Ground, Turn};

impl Turn {
    /// "Wrong button": what was answered last is asked about, or left to staff if they have it; false if nothing
    /// was answered.
    pub(super) fn take_back(&mut self, body: &str, ground: &Ground) -> bool {
        let answered = |booking: &&Booking| booking.may_be_answered() && booking.status != Status::Pending;
        let last =
            ground.bookings.iter().filter(answered).max_by_key(|booking| (booking.asked_at, booking.id));
        match last {
            Some(booking) if booking.status == Status::Confirmed => {
                "says that the yes was a slip".clone_into(&mut self.why);
                self.ask_whether(Answer::Decline, &[booking], ground);
                true
            }
            _ => self.leave_to_staff(body, ground.bookings),
        }
    }

    /// A yes that is not plain, to what staff have an answer about already: they read it. False if they have none.
    pub(in crate::dialog) fn leave_to_staff(&mut self, body: &str, bookings: &[Booking]) -> bool {
        let with_staff = bookings.iter().filter(|booking| booking.is_with_staff());
        let Some(booking) = with_staff.max_by_key(|booking| (booking.asked_at, booking.id)) else {
            return false;
        };
        self.show_staff(body);
        let (title, when) = (booking.title.clone(), booking.when.clone());
        self.say(BookingReply::WithStaff { title, when, comes: false });
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::Play;
    use super::Status;

    #[test]
    fn a_no_that_was_a_slip_reaches_staff() {
        for (no, text) in [
            ("no", "oops I meant yes"),
            ("no", "sorry wrong button, I'm coming"),
            ("no", "no wait, yes"),
            ("no", "wrong button"),
            ("can't make it", "sorry that was a mistake"),
            ("no puedo", "perdón, quise decir sí"),
            ("no puedo", "me equivoqué"),
            ("je ne peux pas", "pardon je voulais dire oui"),
            ("je ne peux pas", "non attendez, oui"),
            ("aaudina", "galti bhayo, aauchu"),
            ("आउँदिनँ", "गल्ती भयो"),
        ] {
            let mut play = Play::new(1);
            play.remind(0);
            assert_eq!(play.says(no), "booking_declined", "{no}");
            assert_eq!(play.says(text), "booking_with_staff", "{text}");
            assert_eq!(play.person.doubts.attention.as_deref(), Some(text));
            assert_eq!(play.statuses(), [Status::Declined], "{text}");
        }
    }

    #[test]
    fn a_yes_that_was_a_slip_is_asked_about() {
        for text in ["wrong button", "oops", "me equivoqué", "je me suis trompé", "galti bhayo"] {
            let mut play = Play::new(1);
            play.remind(0);
            play.says("yes");
            assert_eq!(play.says(text), "booking_ask_first", "{text}");
            assert_eq!(play.statuses(), [Status::Confirmed], "{text}");
            assert_eq!(play.says("yes"), "booking_declined", "{text}");
        }
    }
}
