//! A no, or a wish to move, that is not plain: one question, and it is done only on a yes.

use super::{Answer, Booking, BookingReply, Choice, MAX_CHOICES, Status};
use crate::dialog::step::{Ground, Turn};
use crate::dialog::words::{Intent, YesOrNo, comes_beside_yes, yes_or_no};

impl Turn {
    /// Asks whether they mean it. Who was asked already, and says no yes and no no, is read by a person.
    pub(super) fn ask_first(
        &mut self,
        answer: Answer,
        open: &[&Booking],
        last: &Booking,
        body: &str,
        ground: &Ground,
    ) {
        if self.person.choice.take_if(|choice| choice.doubtful).is_some() {
            return self.call_a_person(body);
        }
        if open.is_empty() {
            // Staff have an answer of theirs already, and read what may change it.
            if answer != Answer::Decline {
                self.show_staff(body);
            }
            let (title, when) = (last.title.clone(), last.when.clone());
            return self.say(BookingReply::WithStaff { title, when, comes: false });
        }
        self.ask_whether(answer, open, ground);
    }

    /// The question whether they mean it, about one of `bookings`, of which there is at least one.
    pub(super) fn ask_whether(&mut self, answer: Answer, bookings: &[&Booking], ground: &Ground) {
        let bookings = &bookings[..bookings.len().min(MAX_CHOICES)];
        self.ask_about(bookings.iter().copied());
        let ids = bookings.iter().map(|booking| booking.id).collect();
        self.person.choice =
            Some(Choice { answer, bookings: ids, at: ground.now, doubtful: true, taken: None });
        let (title, when, options) = match bookings {
            [booking] => (booking.title.clone(), booking.when.clone(), Vec::new()),
            _ => (String::new(), String::new(), bookings.iter().map(|booking| booking.line()).collect()),
        };
        self.say(BookingReply::AskFirst { answer, title, when, options });
    }

    /// Takes a yes or a no as the answer to that question; false if the text is none. What was asked since has
    /// overtaken it.
    pub(super) fn answer_doubtful(&mut self, body: &str, ground: &Ground) -> bool {
        let Some(choice) = self.person.choice.clone().filter(|choice| choice.doubtful) else { return false };
        if ground.bookings.iter().any(|booking| booking.asked_at > Some(choice.at)) {
            self.person.choice = None;
            return false;
        }
        let is_meant = |booking: &&Booking| choice.bookings.contains(&booking.id);
        let meant: Vec<&Booking> = ground.bookings.iter().filter(is_meant).collect();
        match (yes_or_no(body, Some(ground.locale)), &meant[..]) {
            (Some(YesOrNo::Yes), [booking]) => {
                "yes to the question whether they mean it".clone_into(&mut self.why);
                self.intent = choice.answer.intent();
                self.settle_booking(choice.answer, booking);
            }
            (Some(YesOrNo::No), _) => self.keep(&meant),
            // A yes with something behind it, "yes, unfortunately", is none to coming.
            _ if self.intent == Intent::Confirm && !comes_beside_yes(body, Some(ground.locale)) => {
                return self.offer_again(&choice, ground);
            }
            _ => return false,
        }
        true
    }

    /// They did not mean it: all is as it was.
    pub(super) fn keep(&mut self, bookings: &[&Booking]) {
        "no to the question whether they mean it".clone_into(&mut self.why);
        self.person.choice = None;
        if let [booking] = bookings
            && (booking.status == Status::Pending || booking.is_gone())
        {
            let (title, when) = (booking.title.clone(), booking.when.clone());
            return self.say(if booking.is_gone() {
                booking.gone(None)
            } else {
                BookingReply::Question { title, when, moved: booking.is_moved }
            });
        }
        let standing = bookings.iter().filter(|booking| booking.stands());
        self.say(BookingReply::Upcoming { options: standing.map(|booking| booking.line()).collect() });
    }
}

#[cfg(test)]
mod tests;
