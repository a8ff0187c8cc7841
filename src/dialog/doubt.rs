//! What a text leaves in doubt: one question, then a person reads it; never a loop.

use super::step::{Ground, Turn};
use super::words::{Context, Intent, Understood};
use super::{Booking, BookingReply, Consent, Person, Reply, State, words};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The longest text kept for whoever is to read it, in characters.
const MAX_KEPT: usize = 1600;

/// What is not known for sure about somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubts {
    /// Perhaps they want all messages to stop: nothing that promotes is sent until they say.
    #[serde(default, skip_serializing_if = "is_false")]
    pub promotion_paused: bool,
    /// They were asked whether all messages are to stop.
    #[serde(default, skip_serializing_if = "is_false")]
    asked_to_stop: bool,
    /// When; a question asked since then is the one that their answer is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    asked_to_stop_at: Option<Timestamp>,
    /// How many texts in a row we did not understand.
    #[serde(default, skip_serializing_if = "is_none_yet")]
    unsure: u8,
    /// The text that a person on our side is to read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attention: Option<String>,
    /// They were just told that a person will read it.
    #[serde(default, skip_serializing_if = "is_false")]
    told: bool,
    /// The language that was offered, so that it is offered once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) offered: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_false(flag: &bool) -> bool {
    !flag
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_none_yet(count: &u8) -> bool {
    *count == 0
}

impl Doubts {
    pub(super) fn is_blank(&self) -> bool {
        *self == Self::default()
    }

    /// Whether their yes or no answers the question about stopping: nothing was asked since.
    pub(super) fn is_asked_to_stop(&self, ground: &Ground) -> bool {
        let asked_at = ground.bookings.iter().filter_map(|booking| booking.asked_at).max();
        self.asked_to_stop && self.asked_to_stop_at.is_none_or(|at| asked_at.is_none_or(|asked| asked <= at))
    }

    /// A person on our side has read what was to be read.
    pub(super) fn answered(&mut self) {
        self.attention = None;
        self.told = false;
        self.unsure = 0;
    }
}

/// What the server asked last.
pub(super) fn context(person: &Person, ground: &Ground) -> Context {
    let may_be_answered = |one: &Booking| one.may_be_answered() || one.may_be_answered_late(ground.now);
    match person.state {
        State::Naming { .. } => Context::AskedName,
        State::Verifying(_) => Context::CodeSent,
        // Their yes or no answers the question about stopping.
        _ if person.doubts.is_asked_to_stop(ground) => Context::BookingOpen,
        _ if ground.bookings.iter().any(may_be_answered) => Context::BookingOpen,
        State::Stranger | State::Member { .. } => Context::Nothing,
    }
}

impl Turn {
    /// Whether the text answers the question about stopping, or raises it.
    pub(super) fn settle_doubt(&mut self, understood: &Understood, body: &str, ground: &Ground) -> bool {
        let asked = self.person.doubts.is_asked_to_stop(ground);
        self.person.doubts.asked_to_stop = false;
        self.person.doubts.asked_to_stop_at = None;
        if !asked && self.answer_apart(body, ground) {
            return true;
        }
        match self.intent {
            Intent::Confirm if asked => self.stop("plain_words"),
            Intent::Decline if asked && !self.doubtful => {
                self.person.doubts.promotion_paused = false;
                self.reply = Some(Reply::Resumed { state: self.person.state.as_str() });
            }
            _ if matches!(understood.doubt, Some(words::Doubt::Stop | words::Doubt::WrongNumber)) => {
                self.person.doubts.promotion_paused = true;
                if asked {
                    self.call_a_person(body);
                } else {
                    self.person.doubts.asked_to_stop = true;
                    self.person.doubts.asked_to_stop_at = Some(ground.now);
                    self.reply = Some(Reply::AskStop);
                }
            }
            _ if understood.doubt == Some(words::Doubt::Confirm) => {
                return self.question_again(ground.bookings, ground) || self.unsure_with_staff(body, ground);
            }
            _ if understood.doubt == Some(words::Doubt::Reserved) => {
                return self.not_understood(ground.bookings) || self.unsure_with_staff(body, ground);
            }
            _ => return false,
        }
        true
    }

    /// A doubtful yes after a no is for staff, unless another question is open.
    fn unsure_with_staff(&mut self, body: &str, ground: &Ground) -> bool {
        let idle = matches!(self.person.state, State::Stranger | State::Member { .. });
        idle && self.leave_to_staff(body, ground.bookings)
    }

    /// Asks for a person to read this; says so, but not twice in a row.
    pub(super) fn call_a_person(&mut self, body: &str) {
        self.show_staff(body);
        let doubts = &mut self.person.doubts;
        self.reply = (!doubts.told).then_some(Reply::PersonWillRead);
        doubts.told = true;
    }

    /// Keeps a text for a person on our side to read.
    pub(super) fn show_staff(&mut self, body: &str) {
        let hide = self.holds_code;
        let kept = body.chars().take(MAX_KEPT).map(|c| if hide && c.is_numeric() { '*' } else { c });
        self.person.doubts.attention = Some(kept.collect());
    }

    /// Notes that something else was said since a person was called.
    pub(super) fn note_said(&mut self) {
        if !matches!(self.reply, None | Some(Reply::PersonWillRead)) {
            self.person.doubts.told = false;
        }
    }

    /// Counts what we did not understand; the second such text in a row goes to a person.
    pub(super) fn count_unsure(&mut self, body: &str) {
        let unclear = self.reply.as_ref().is_some_and(|reply| {
            let asks_again =
                matches!(reply, Reply::Booking(BookingReply::Choice { .. } | BookingReply::AskFirst { .. }));
            reply.is_unclear() || asks_again
        });
        let unclear = unclear && self.intent == Intent::Other;
        let doubts = &mut self.person.doubts;
        doubts.unsure = if unclear { doubts.unsure.saturating_add(1) } else { 0 };
        if doubts.unsure > 1 {
            self.call_a_person(body);
        }
    }

    /// Opting in again ends every doubt about it.
    pub(super) fn end_doubt(&mut self) {
        self.person.doubts.promotion_paused = false;
        self.person.doubts.asked_to_stop = false;
        self.person.doubts.asked_to_stop_at = None;
    }
}

impl Person {
    /// Whether tips and campaigns may be sent.
    #[must_use]
    pub fn may_be_promoted_to(&self) -> bool {
        self.consent == Consent::Given && !self.doubts.promotion_paused
    }
}
