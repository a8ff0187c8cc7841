//! Answers about bookings. Each is bound to the question last asked: a booking that nobody was asked
//! about, or was asked about before it was moved, is asked about first, and of two the person chooses.

mod amends;
mod apart;
mod chosen;
mod doubtful;
mod open;
mod reply;
mod settle;
mod told;

pub(super) use chosen::chooses;
pub use reply::BookingReply;

use super::question::is_thanks;
use super::step::{Ground, Turn};
use super::words::{Intent, asks_when, asks_where, chooses_all, chooses_none, says_mistake, weighty_words};
use super::{Reply, State};
use crate::booking::Status;
use chosen::{CHOICE_LIFETIME, chosen, number, open_to, plain};
use jiff::Timestamp;
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

/// Most bookings to choose from in one text.
const MAX_CHOICES: usize = 4;

/// A booking as the conversation sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booking {
    /// Our id of it.
    pub id: i64,
    /// What it is.
    pub title: String,
    /// Where, as staff wrote it; empty where they did not.
    pub place: String,
    /// When, as people say it.
    pub when: String,
    /// When it begins.
    pub starts_at: Timestamp,
    /// The same as its clock shows it.
    pub at: DateTime,
    /// Where it is now, [`Status::Past`] included.
    pub status: Status,
    /// When the person was last asked about it.
    pub asked_at: Option<Timestamp>,
    /// It was moved since they were asked.
    pub is_moved: bool,
}

/// What a person says about a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// They come.
    Confirm,
    /// They can't come.
    Decline,
    /// They want another time.
    Reschedule,
}

/// A numbered choice that was put to a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What they said about one of them.
    pub answer: Answer,
    /// The bookings, in the order of their numbers.
    pub bookings: Vec<i64>,
    /// When they were asked.
    pub at: Timestamp,
    /// They were asked whether they mean that answer at all, for what they said was not plain.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub doubtful: bool,
    /// The one that was chosen; then it is no question any more, but may be corrected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken: Option<i64>,
}

/// What a turn does to a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BookingChange {
    /// Which.
    pub id: i64,
    /// Its new status; none when the reply asks about it.
    pub status: Option<Status>,
}

impl Turn {
    /// Takes a text as an answer about a booking; false if it is about something else.
    pub(super) fn answer_booking(&mut self, body: &str, ground: &Ground) -> bool {
        let bookings = ground.bookings;
        if bookings.is_empty() {
            return false;
        }
        if is_thanks(&self.person, body, ground) {
            return true;
        }
        if self.answer_doubtful(body, ground) {
            return true;
        }
        let choice = self.person.choice.clone();
        let choice = choice.filter(|choice| choice.is_live(ground.now));
        let answers = matches!(
            self.intent,
            Intent::Other | Intent::Confirm | Intent::Decline | Intent::Reschedule | Intent::TipTime
        );
        if let Some(choice) = choice.as_ref().filter(|choice| answers && choice.is_list()) {
            if chooses_none(body) {
                return self.choose_none(choice, ground);
            }
            let numbers = chosen(choice, body, bookings);
            if !numbers.is_empty() {
                self.pick(choice, &numbers, ground);
                return true;
            }
        }
        // A mere "ok" turns no refusal into a yes.
        if let Some(choice) = choice.as_ref().filter(|choice| choice.answer != Answer::Confirm)
            && self.intent == Intent::Confirm
            && weighty_words(body) <= 1
            && number(body).is_none()
        {
            return self.offer_again(choice, ground);
        }
        let idle = matches!(self.person.state, State::Stranger | State::Member { .. });
        self.read_letter(body, bookings);
        let answer = Answer::of(self.intent);
        if let Some(answer) = answer.filter(|_| number(body).is_some()) {
            return self.answer_by_number(answer, ground);
        }
        if idle && self.intent == Intent::Other {
            let open = bookings.iter().filter(|booking| booking.is_open()).count();
            let all_or_none = open > 1 && (chooses_all(body, open) || chooses_none(body));
            if all_or_none || says_mistake(body) && self.take_back(body, ground) {
                return !all_or_none || self.question_again(bookings, ground);
            }
        }
        match self.intent {
            // "Yes?" is a question, and so is "no?".
            Intent::Confirm | Intent::Decline if body.contains(['?', '\u{ff1f}', '\u{61f}', '\u{bf}']) => {
                self.question_again(bookings, ground)
            }
            Intent::Other | Intent::Status if asks_where(body) => self.tell_where(body, bookings),
            Intent::Other | Intent::Status if asks_when(body) => self.tell_when(bookings),
            Intent::Other if idle => match &choice {
                Some(choice) => self.offer_again(choice, ground),
                None => self.not_understood(bookings),
            },
            _ => answer.is_some_and(|answer| self.answer(answer, body, ground)),
        }
    }

    /// The reminder offers a "C", and alone it says nothing else.
    fn read_letter(&mut self, body: &str, bookings: &[Booking]) {
        let letter = self.intent == Intent::Other && plain(body).eq_ignore_ascii_case("c");
        if letter && bookings.iter().any(|booking| booking.asked_at.is_some() || booking.stands()) {
            self.intent = Intent::Confirm;
            "\"C\", as the reminder says".clone_into(&mut self.why);
        }
    }

    /// A bare number answers our last question if that was about one booking and asked for a number. After a
    /// list it may be the choice once more, sent twice.
    fn answer_by_number(&mut self, answer: Answer, ground: &Ground) -> bool {
        let bookings = ground.bookings;
        let last = bookings.iter().filter_map(|booking| booking.asked_at).max();
        let mut asked = bookings.iter().filter(|booking| last.is_some() && booking.asked_at == last);
        match (asked.next(), asked.next()) {
            (Some(booking), None) if ground.numbers_offered || booking.is_gone() || booking.is_moved => {
                self.settle_booking(answer, booking);
            }
            (Some(booking), None) if booking.stands() => self.offer(Answer::Confirm, &[booking], ground),
            _ => return self.question_again(bookings, ground) || self.not_understood(bookings),
        }
        true
    }

    /// Finds the booking that an answer is about; false if there is none.
    fn answer(&mut self, answer: Answer, body: &str, ground: &Ground) -> bool {
        let bookings = ground.bookings;
        let asked = bookings.iter().filter(|booking| booking.asked_at.is_some());
        let Some(last) = asked.max_by_key(|booking| (booking.asked_at, booking.id)) else {
            let standing: Vec<&Booking> = bookings.iter().filter(|booking| booking.stands()).collect();
            match standing.first() {
                Some(first) if self.doubtful => self.ask_first(answer, &standing, first, body, ground),
                _ => self.offer(answer, &standing, ground),
            }
            return self.reply.is_some();
        };
        let open = open_to(answer, bookings);
        if last.is_gone() {
            let next = open.first().copied();
            self.ask_about(next.into_iter());
            self.say(last.gone(next));
        } else if last.is_moved {
            self.settle_booking(answer, last);
        } else if self.doubtful {
            self.ask_first(answer, &open, last, body, ground);
        } else if answer == Answer::Confirm && self.is_elsewhere(&open, last, body, ground) {
            self.why.push_str("; but at another time");
        } else if let Some(booking) = at_said_time(answer, &open, body, ground.now) {
            self.settle_booking(answer, booking);
        } else if open.len() > 1 {
            if !(chooses_all(body, open.len()) && self.settle(answer, &open)) {
                self.offer(answer, &open, ground);
            }
        } else {
            self.settle_booking(answer, open.first().unwrap_or(&last));
        }
        true
    }

    /// Whether a yes names a time at which none of what it may be about is; then that is asked again.
    fn is_elsewhere(&mut self, open: &[&Booking], last: &Booking, body: &str, ground: &Ground) -> bool {
        let about = if open.is_empty() { &[last][..] } else { open };
        if !about.iter().all(|booking| booking.is_elsewhere(body, ground.now)) {
            return false;
        }
        self.offer(Answer::Confirm, about, ground);
        true
    }

    /// Asks which of `bookings` is meant; of one, asks about that one.
    fn offer(&mut self, answer: Answer, bookings: &[&Booking], ground: &Ground) {
        let mut bookings = bookings.to_vec();
        bookings.truncate(MAX_CHOICES);
        self.person.choice = None;
        if let [booking] = bookings[..] {
            let (title, when) = (booking.title.clone(), booking.when.clone());
            self.ask_about([booking].into_iter());
            return self.say(BookingReply::Question { title, when, moved: booking.is_moved });
        }
        if bookings.is_empty() {
            return;
        }
        self.ask_about(bookings.iter().copied());
        let ids = bookings.iter().map(|booking| booking.id).collect();
        self.person.choice =
            Some(Choice { answer, bookings: ids, at: ground.now, doubtful: false, taken: None });
        self.say(BookingReply::Choice { options: bookings.iter().map(|booking| booking.line()).collect() });
    }

    /// An answer in doubt: the question again, nothing else.
    pub(super) fn question_again(&mut self, bookings: &[Booking], ground: &Ground) -> bool {
        let open: Vec<&Booking> = bookings.iter().filter(|booking| booking.is_open()).collect();
        self.offer(Answer::Confirm, &open, ground);
        self.reply.is_some()
    }

    /// What we don't understand is taken for an answer only as far as to say how to answer.
    pub(super) fn not_understood(&mut self, bookings: &[Booking]) -> bool {
        let mut open = bookings.iter().filter(|booking| booking.is_open());
        let (Some(booking), None) = (open.next(), open.next()) else { return false };
        self.say(BookingReply::Unclear { title: booking.title.clone(), when: booking.when.clone() });
        true
    }

    fn ask_about<'a>(&mut self, bookings: impl Iterator<Item = &'a Booking>) {
        self.bookings.extend(bookings.map(|booking| BookingChange { id: booking.id, status: None }));
    }

    fn say(&mut self, reply: BookingReply) {
        self.reply = Some(Reply::Booking(reply));
    }
}

/// The one of several bookings that is at the time that a yes names.
fn at_said_time<'a>(answer: Answer, open: &[&'a Booking], body: &str, now: Timestamp) -> Option<&'a Booking> {
    let mut fitting = open.iter().filter(|booking| !booking.is_elsewhere(body, now));
    let (Some(booking), None) = (fitting.next(), fitting.next()) else { return None };
    (answer == Answer::Confirm && open.len() > 1).then_some(*booking)
}

#[cfg(test)]
mod tests;
