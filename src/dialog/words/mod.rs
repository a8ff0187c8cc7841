//! From a text to what its writer wants: rules first, so that every reading can be explained, and weights of
//! words for what no rule knows.
//!
//! A text is cut into `tokens`, every language looks up its words (`vocabulary`) and patterns
//! (`patterns`), and `decide` puts together what was found, safest wish first. What a language
//! says is in its file in `languages/`; nothing of it is in Rust.

mod answers;
mod arguments;
mod asked;
mod choice;
mod code;
mod decide;
mod dictionary;
mod endings;
mod findings;
mod foreign;
mod forgetting;
mod glue;
mod halves;
mod hearing;
#[cfg(test)]
mod hours;
mod keywords;
mod language;
mod letters;
mod lexicon;
mod looks;
mod names;
mod naming;
mod noticed;
mod patterns;
mod phrases;
mod plain;
mod quick;
#[cfg(test)]
mod refused;
mod said_day;
mod said_time;
mod search;
#[cfg(test)]
mod slips;
mod sounds;
mod spelling;
mod times;
mod tokens;
mod typos;
mod unsure;
mod vocabulary;
pub mod weights;
mod why;

pub use choice::{Choice, answer_named, answers_apart, choice, choice_instead, chooses_all, chooses_none};
pub use keywords::OptOutWord;
pub use looks::is_sentence_like;
pub use plain::{YesOrNo, comes_beside_yes, yes_or_no};

use serde::Serialize;
use std::sync::LazyLock;

/// Reads the language files, which the first text would have to wait for: 0.1 s.
pub fn prepare() {
    LazyLock::force(&dictionary::DICTIONARY);
    foreign::prepare();
}

/// What a text asks for. The names are those of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the field's own words")]
pub enum Intent {
    Stop,
    Start,
    Help,
    Register,
    Confirm,
    Decline,
    Reschedule,
    Code,
    Resend,
    TipsOn,
    TipsOff,
    TipTime,
    Language,
    Status,
    Name,
    ForgetMe,
    WrongNumber,
    Human,
    Other,
}

impl Intent {
    /// The intent's name in the API and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Start => "start",
            Self::Help => "help",
            Self::Register => "register",
            Self::Confirm => "confirm",
            Self::Decline => "decline",
            Self::Reschedule => "reschedule",
            Self::Code => "code",
            Self::Resend => "resend",
            Self::TipsOn => "tips_on",
            Self::TipsOff => "tips_off",
            Self::TipTime => "tip_time",
            Self::Language => "language",
            Self::Status => "status",
            Self::Name => "name",
            Self::ForgetMe => "forget_me",
            Self::WrongNumber => "wrong_number",
            Self::Human => "human",
            Self::Other => "other",
        }
    }

    /// The name of each.
    #[must_use]
    pub fn names() -> Vec<&'static str> {
        ALL.into_iter().map(Self::as_str).collect()
    }

    /// Reads what [`Self::as_str`] wrote.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        ALL.into_iter().find(|intent| intent.as_str() == name)
    }
}

/// What the server asked last; it decides how a bare word is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Context {
    /// Nothing is open.
    #[default]
    Nothing,
    /// A name was asked for.
    AskedName,
    /// A code was sent.
    CodeSent,
    /// A booking waits for an answer.
    BookingOpen,
}

/// Every intent, in the order of the API's description.
pub const ALL: [Intent; 19] = [
    Intent::Stop,
    Intent::Start,
    Intent::Help,
    Intent::Register,
    Intent::Confirm,
    Intent::Decline,
    Intent::Reschedule,
    Intent::Code,
    Intent::Resend,
    Intent::TipsOn,
    Intent::TipsOff,
    Intent::TipTime,
    Intent::Language,
    Intent::Status,
    Intent::Name,
    Intent::ForgetMe,
    Intent::WrongNumber,
    Intent::Human,
    Intent::Other,
];

/// One thing that a text asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// What.
    pub intent: Intent,
    /// Why we think so, for staff.
    pub why: String,
    /// What comes with it: a code's digits, a name, a time as `HH:MM`, a language's code.
    pub argument: Option<String>,
}

/// What a text perhaps asks for, but not surely enough to do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// Perhaps all messages are to stop.
    Stop,
    /// Perhaps it is a yes.
    Confirm,
    /// It is a yes, but to something else: `yes but later`.
    Reserved,
    /// They speak of forgetting or erasing, perhaps not of what we know about them; it is among the meanings.
    Forget,
    /// Perhaps they are not whom we mean; it is among the meanings.
    WrongNumber,
    /// They perhaps can't come, or want another time; it is among the meanings.
    Answer,
}

/// A text, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Understood {
    /// What it asks for, in the order to act on; at least one, which may be [`Intent::Other`].
    pub meanings: Vec<Meaning>,
    /// The code of the language it is in, where that is clear.
    pub language: Option<&'static str>,
    /// What it perhaps asks for.
    pub doubt: Option<Doubt>,
    /// They were asked for a name or a code, and would rather not register.
    pub leaves: bool,
}

/// The languages that are understood, by code and by their own name, in the order of offering.
#[must_use]
pub fn languages() -> Vec<(&'static str, &'static str)> {
    lexicon::LANGUAGES.iter().map(|language| (language.code, language.file.name.as_str())).collect()
}

/// The codes of the languages that are understood. It reads none of their files.
#[must_use]
pub fn language_codes() -> Vec<&'static str> {
    language::files().into_iter().map(|(code, _)| code).collect()
}

/// Says what `text` asks for, given what the server asked last and the writer's language as far as
/// it is known. All languages are understood whatever the hint; it only settles ties.
#[must_use]
pub fn understand(text: &str, context: Context, locale_hint: Option<&str>) -> Understood {
    let understood = decide::decide(&hearing::Hearing::new(text), context, locale_hint);
    // With a full stop or an emoji no carrier sees it; whoever asks "Stop?" wants to know something.
    let bare = text.trim_matches(|c: char| !c.is_alphanumeric() && c != '?');
    if OptOutWord::seen_by_twilio(bare, false) != Some(OptOutWord::Stop) {
        return understood;
    }
    // A carrier's word opts out whatever was asked, also where no carrier sees it: CANCEL is no answer to a booking.
    let why = "a word that always opts out".to_owned();
    Understood {
        meanings: vec![Meaning { intent: Intent::Stop, why, argument: None }],
        doubt: None,
        ..understood
    }
}

/// Whether a text asks when a booking is: "what time is my appointment?".
#[must_use]
pub fn asks_when(text: &str) -> bool {
    hearing::Hearing::new(text).says("@asks_when")
}

/// Whether a text asks where a booking is: "where do I go?".
#[must_use]
pub fn asks_where(text: &str) -> bool {
    hearing::Hearing::new(text).says("@asks_where")
}

/// Whether a text names a time or a day, and none that is that of `at`, when it is `today`.
#[must_use]
pub fn says_another_time(text: &str, at: jiff::civil::DateTime, today: jiff::civil::Date) -> bool {
    let hearing = hearing::Hearing::new(text);
    said_time::is_another_time(&hearing, at.time()) || said_day::is_another_day(&hearing, at.date(), today)
}

/// Whether a text that says that it came to the wrong person says so by a name that is not theirs.
#[must_use]
pub fn denies_name(text: &str) -> bool {
    naming::denies_name(&hearing::Hearing::new(text))
}

/// Whether a text says no more than that what was said before was a slip: "oops", "wrong button".
#[must_use]
pub fn says_mistake(text: &str) -> bool {
    hearing::Hearing::new(text).is_mistake()
}

/// How many words of a text carry weight: "no thanks" has one.
#[must_use]
pub fn weighty_words(text: &str) -> usize {
    hearing::Hearing::new(text).unexplained(&[])
}

/// Whether a text says no more than that it was read: "ok thanks", a thumb.
#[must_use]
pub fn acknowledges(text: &str) -> bool {
    hearing::Hearing::new(text).is_acknowledgement()
}

#[cfg(test)]
mod tests;
