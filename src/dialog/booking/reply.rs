//! What is said about bookings. Each variant has a template.

use super::{Answer, Booking, Status};
use serde::Serialize;

/// Longest title in a list, in characters: a list of four is to stay short.
const MAX_TITLE_IN_LIST: usize = 24;

/// One thing to say about bookings. The fields are the template's variables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "title is what the booking is, when is its time as people say it")]
pub enum BookingReply {
    /// Asks about a booking.
    Question {
        title: String,
        when: String,
        /// It was moved since they were asked.
        moved: bool,
    },
    /// Says how to answer, because we did not understand.
    Unclear { title: String, when: String },
    /// They come.
    Confirmed { title: String, when: String },
    /// They want another time; staff see it.
    ChangeNoted { title: String, when: String },
    /// They can't come; staff see it.
    Declined { title: String, when: String },
    /// They had asked for another time or declined, and staff have not answered yet.
    WithStaff {
        title: String,
        when: String,
        /// Now they say that they come after all; staff read it.
        comes: bool,
    },
    /// Which one is meant.
    Choice {
        /// The bookings, in the order of their numbers.
        options: Vec<String>,
    },
    /// Asks whether they mean it, for what they said was no plain no and no plain wish to move.
    AskFirst {
        answer: Answer,
        title: String,
        when: String,
        /// The bookings, if it may be about several; then the title is empty.
        options: Vec<String>,
    },
    /// The same about several at once.
    Several {
        answer: Answer,
        /// The bookings.
        options: Vec<String>,
    },
    /// What was noted about each of several.
    Each {
        confirmed: Vec<String>,
        declined: Vec<String>,
        to_move: Vec<String>,
        /// Waits for an answer still.
        open: Vec<String>,
        /// Staff will be in touch about it.
        with_staff: Vec<String>,
    },
    /// When what they have booked is, because they asked.
    Upcoming {
        /// The bookings, soonest first.
        options: Vec<String>,
    },
    /// The booking they were asked about was called off, or has begun.
    Gone {
        title: String,
        when: String,
        /// It has begun.
        past: bool,
        /// Another that waits for an answer; empty if none does.
        next: String,
    },
}

impl BookingReply {
    /// The template that says this.
    #[must_use]
    pub fn template(&self) -> &'static str {
        match self {
            Self::Question { .. } => "booking_question",
            Self::Unclear { .. } => "booking_unclear",
            Self::Confirmed { .. } => "booking_confirmed",
            Self::ChangeNoted { .. } => "booking_change_noted",
            Self::Declined { .. } => "booking_declined",
            Self::WithStaff { .. } => "booking_with_staff",
            Self::Choice { .. } => "booking_choice",
            Self::AskFirst { .. } => "booking_ask_first",
            Self::Several { .. } => "booking_several",
            Self::Each { .. } => "booking_each",
            Self::Upcoming { .. } => "booking_upcoming",
            Self::Gone { .. } => "booking_gone",
        }
    }

    /// One of each, with values such as a booking may have.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let title = || "Check-up with Dr. Karki".to_owned();
        let when = || "on Wednesday, September 30 at 12:30 PM".to_owned();
        let line = || "Check-up tomorrow at 2:00 PM".to_owned();
        vec![
            Self::Question { title: title(), when: when(), moved: false },
            Self::Question { title: title(), when: when(), moved: true },
            Self::Unclear { title: title(), when: when() },
            Self::Confirmed { title: title(), when: when() },
            Self::ChangeNoted { title: title(), when: when() },
            Self::Declined { title: title(), when: when() },
            Self::WithStaff { title: title(), when: when(), comes: false },
            Self::WithStaff { title: title(), when: when(), comes: true },
            Self::Choice { options: vec![line(), line()] },
            Self::AskFirst { answer: Answer::Decline, title: title(), when: when(), options: vec![] },
            Self::AskFirst { answer: Answer::Reschedule, title: title(), when: when(), options: vec![] },
            Self::AskFirst {
                answer: Answer::Decline,
                title: String::new(),
                when: String::new(),
                options: vec![line(), line()],
            },
            Self::AskFirst {
                answer: Answer::Reschedule,
                title: String::new(),
                when: String::new(),
                options: vec![line(), line()],
            },
            Self::Several { answer: Answer::Confirm, options: vec![line(), line()] },
            Self::Several { answer: Answer::Decline, options: vec![line(), line()] },
            Self::Several { answer: Answer::Reschedule, options: vec![line(), line()] },
            Self::Each {
                confirmed: vec![line()],
                declined: vec![line()],
                to_move: vec![],
                open: vec![],
                with_staff: vec![],
            },
            Self::Each {
                confirmed: vec![line()],
                declined: vec![],
                to_move: vec![],
                open: vec![line()],
                with_staff: vec![],
            },
            Self::Each {
                confirmed: vec![],
                declined: vec![],
                to_move: vec![line()],
                open: vec![],
                with_staff: vec![line()],
            },
            Self::Upcoming { options: vec![line()] },
            Self::Upcoming { options: vec![line(), line()] },
            Self::Gone { title: title(), when: when(), past: true, next: String::new() },
            Self::Gone { title: title(), when: when(), past: false, next: line() },
        ]
    }
}

impl Booking {
    /// What and when, short enough for a list.
    pub(super) fn line(&self) -> String {
        let short: String = self.title.chars().take(MAX_TITLE_IN_LIST).collect();
        format!("{} {}", short.trim_end(), self.when)
    }

    /// The same, and where.
    pub(super) fn line_with_place(&self) -> String {
        if self.place.is_empty() { self.line() } else { format!("{}, {}", self.line(), self.place) }
    }

    /// Says that it was called off or has begun, and which other one waits for an answer.
    pub(super) fn gone(&self, next: Option<&Self>) -> BookingReply {
        BookingReply::Gone {
            title: self.title.clone(),
            when: self.when.clone(),
            past: self.status == Status::Past,
            next: next.map(Self::line).unwrap_or_default(),
        }
    }
}
