//! Who we are talking to, as far as the conversation needs it.

use super::{Challenge, Choice, Doubts, Guard, Name, TipChoice};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// One number's side of the conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Where the conversation is.
    pub state: State,
    /// Whether we may write.
    pub consent: Consent,
    /// Twilio takes a YES of theirs for START.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub blocked_by_twilio: bool,
    /// What they want to be called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// What they chose about daily tips.
    #[serde(default, skip_serializing_if = "TipChoice::is_blank")]
    pub tips: TipChoice,
    /// The last answer was how the hour of tips is chosen.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hour_asked: bool,
    /// Limits on codes.
    #[serde(default, skip_serializing_if = "Guard::is_blank")]
    pub guard: Guard,
    /// Limits on replies.
    #[serde(default)]
    pub pace: Pace,
    /// The language they chose, by its code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// What is not known for sure, and who is to look at it.
    #[serde(default, skip_serializing_if = "Doubts::is_blank")]
    pub doubts: Doubts,
    /// The bookings they were asked to choose from.
    pub choice: Option<Choice>,
}

impl Person {
    /// Whether they are registered.
    #[must_use]
    pub fn is_member(&self) -> bool {
        matches!(self.state, State::Member { .. })
    }

    /// Who writes once the number is somebody else's: nothing is known of them. An opt-out stays, and
    /// so do the limits of the number.
    #[must_use]
    pub fn passed_on(&self) -> Self {
        let consent = match self.consent {
            Consent::Withdrawn => Consent::Withdrawn,
            Consent::Given | Consent::Unasked => Consent::Unasked,
        };
        let (guard, pace) = (self.guard.clone(), self.pace.clone());
        Self { consent, blocked_by_twilio: self.blocked_by_twilio, guard, pace, ..Self::default() }
    }
}

/// Where a conversation is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Not registered, and not on the way.
    #[default]
    Stranger,
    /// Asked for their name.
    Naming {
        /// How often we asked without an answer we could use.
        asked_again: u8,
    },
    /// Sent a code.
    Verifying(Challenge),
    /// Registered: the number is proven.
    Member {
        /// When the code came back.
        since: Timestamp,
    },
}

impl State {
    /// The state's name in the API and the database.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Stranger => "stranger",
            Self::Naming { .. } => "naming",
            Self::Verifying(_) => "verifying",
            Self::Member { .. } => "member",
        }
    }
}

/// Whether a number may be written to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// Never asked: only answers to their own texts.
    #[default]
    Unasked,
    /// Opted in.
    Given,
    /// Opted out.
    Withdrawn,
}

impl Consent {
    /// The name in the API and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unasked => "unasked",
            Self::Given => "given",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Reads what [`Self::as_str`] wrote. A word it did not write counts as opted out, the safe side.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        let all = [Self::Unasked, Self::Given, Self::Withdrawn];
        all.into_iter().find(|consent| consent.as_str() == name).unwrap_or(Self::Withdrawn)
    }
}

/// Notices a loop with another machine: too many replies, or texts that nobody understands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<Timestamp>,
    #[serde(default)]
    replies: u8,
    #[serde(default)]
    unclear: u8,
}

/// Twilio fails the 31st reply between two numbers in 30 seconds (error 14107); we stop before.
const MAX_REPLIES: u8 = 25;
const WINDOW: SignedDuration = SignedDuration::from_secs(30);
/// How many texts in a row that we don't understand are answered.
const MAX_UNCLEAR: u8 = 3;

impl Pace {
    /// Counts a text that was understood or not; says whether it may be answered.
    pub(super) fn allows(&mut self, understood: bool, now: Timestamp) -> bool {
        let in_window = self.since.is_some_and(|since| {
            let passed = now.duration_since(since);
            !passed.is_negative() && passed < WINDOW
        });
        if !in_window {
            self.since = Some(now);
            self.replies = 0;
        }
        self.unclear = if understood { 0 } else { self.unclear.saturating_add(1) };
        if self.unclear > MAX_UNCLEAR || self.replies >= MAX_REPLIES {
            return false;
        }
        self.replies += 1;
        true
    }
}
