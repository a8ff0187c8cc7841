//! What an answer does to the bookings that it is about.

use super::{Answer, Booking, BookingChange, BookingReply, Choice};
use crate::booking::Status;
use crate::dialog::step::{Ground, Turn};
use crate::dialog::words::Intent;

impl Turn {
    /// The numbers that somebody chose. They count only while nothing was asked after the choice.
    pub(super) fn pick(&mut self, choice: &Choice, numbers: &[usize], ground: &Ground) {
        let booking = |number: &usize| {
            let id = choice.bookings.get(number.checked_sub(1)?)?;
            ground.bookings.iter().find(|booking| booking.id == *id)
        };
        let picked: Option<Vec<&Booking>> = numbers.iter().map(booking).collect();
        let overtaken = ground.bookings.iter().any(|booking| booking.asked_at > Some(choice.at));
        if let Some(picked) = picked.filter(|_| !overtaken)
            && self.settle(choice.answer, &picked)
        {
            if let [one] = picked[..] {
                let taken = Some(one.id);
                self.person.choice =
                    Some(Choice { taken, doubtful: false, at: ground.now, ..choice.clone() });
            }
            self.intent = choice.answer.intent();
            self.why = format!("chooses {numbers:?}");
            return;
        }
        self.offer_again(choice, ground);
    }

    /// Neither of what was offered: what was to be confirmed is perhaps called off, and all else stays as it is.
    pub(super) fn choose_none(&mut self, choice: &Choice, ground: &Ground) -> bool {
        let offered = ground.bookings.iter().filter(|booking| choice.bookings.contains(&booking.id));
        let standing: Vec<&Booking> = offered.filter(|booking| booking.stands()).collect();
        match choice.answer {
            Answer::Confirm if !standing.is_empty() => self.ask_whether(Answer::Decline, &standing, ground),
            _ => self.keep(&standing),
        }
        "chooses none".clone_into(&mut self.why);
        true
    }

    /// Asks once more which is meant, of what is left; false if nothing is.
    pub(super) fn offer_again(&mut self, choice: &Choice, ground: &Ground) -> bool {
        let offered = ground.bookings.iter().filter(|booking| choice.bookings.contains(&booking.id));
        let left: Vec<&Booking> = offered.filter(|booking| !booking.is_gone()).collect();
        if choice.doubtful && !left.is_empty() {
            self.ask_whether(choice.answer, &left, ground);
        } else {
            self.offer(choice.answer, &left, ground);
        }
        self.reply.is_some()
    }

    /// Does what was said about one or several bookings. False, with nothing done, if one of several is
    /// not as they were asked about it.
    pub(super) fn settle(&mut self, answer: Answer, bookings: &[&Booking]) -> bool {
        if let [booking] = bookings {
            self.settle_booking(answer, booking);
            return true;
        }
        if !bookings.iter().all(|booking| booking.is_asked() && booking.stands()) {
            return false;
        }
        self.person.choice = None;
        for booking in bookings {
            self.set_status(booking, answer.status());
        }
        let options = bookings.iter().map(|booking| booking.line()).collect();
        self.say(BookingReply::Several { answer, options });
        true
    }

    pub(super) fn set_status(&mut self, booking: &Booking, status: Status) {
        if booking.status != status {
            self.bookings.push(BookingChange { id: booking.id, status: Some(status) });
        }
    }

    /// Does what was said about `booking`, if it is the booking they were asked about.
    pub(super) fn settle_booking(&mut self, answer: Answer, booking: &Booking) {
        self.person.choice = None;
        let (title, when) = (booking.title.clone(), booking.when.clone());
        if booking.is_gone() {
            return self.say(booking.gone(None));
        }
        if !booking.is_asked() {
            self.ask_about([booking].into_iter());
            return self.say(BookingReply::Question { title, when, moved: booking.is_moved });
        }
        // Staff may have given the time away since: only they can say.
        if answer == Answer::Confirm && booking.is_with_staff() {
            return self.say(BookingReply::WithStaff { title, when, comes: true });
        }
        self.set_status(booking, answer.status());
        self.say(match answer {
            Answer::Confirm => BookingReply::Confirmed { title, when },
            Answer::Decline => BookingReply::Declined { title, when },
            Answer::Reschedule => BookingReply::ChangeNoted { title, when },
        });
    }
}

impl Answer {
    pub(super) fn of(intent: Intent) -> Option<Self> {
        [Self::Confirm, Self::Decline, Self::Reschedule].into_iter().find(|answer| answer.intent() == intent)
    }

    pub(super) fn intent(self) -> Intent {
        match self {
            Self::Confirm => Intent::Confirm,
            Self::Decline => Intent::Decline,
            Self::Reschedule => Intent::Reschedule,
        }
    }

    /// What a booking is after it.
    pub(super) fn status(self) -> Status {
        match self {
            Self::Confirm => Status::Confirmed,
            Self::Decline => Status::Declined,
            Self::Reschedule => Status::ChangeRequested,
        }
    }
}
