//! From a text to what its writer wants. So far by keywords, English only; each further way of
//! understanding adds to [`understand`] and nothing outside this module changes.

use serde::Serialize;

/// What a text asks for. The names are those of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
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

/// A text, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Understood {
    /// What it asks for.
    pub intent: Intent,
    /// Why we think so, for staff.
    pub why: String,
    /// What comes with it: a code's digits, a name.
    pub argument: Option<String>,
}

/// Whole-message keywords. Carrier words always opt out and mean nothing else.
const KEYWORDS: [(Intent, &[&str]); 16] = [
    (Intent::Stop, &STOP_WORDS),
    (Intent::Stop, &["opt out", "opt-out", "stop all", "unsub"]),
    (Intent::Start, &["start", "unstop"]),
    (Intent::Help, &["help", "info"]),
    (
        Intent::Register,
        &["register", "join", "sign up", "signup", "sign me up", "subscribe", "enroll", "enrol"],
    ),
    (Intent::Resend, &["resend", "resend code", "new code", "send code", "send again"]),
    (Intent::Status, &["status"]),
    (Intent::ForgetMe, &["forget me", "delete me", "erase me", "delete my data"]),
    (Intent::Confirm, &["confirm", "confirmed", "yes", "y", "yep", "yeah", "ok", "okay", "\u{1f44d}"]),
    (Intent::Decline, &["no", "n", "nope", "decline"]),
    (Intent::Reschedule, &["change", "reschedule"]),
    (Intent::TipsOn, &["tips on"]),
    (Intent::TipsOff, &["tips off"]),
    (Intent::WrongNumber, &["wrong number"]),
    (Intent::Human, &["agent", "human", "operator"]),
    (Intent::Name, &["name"]),
];

/// The words that Twilio takes as an opt-out (its Advanced Opt-Out page, standard list); the same
/// words, with "opt out", are the ones 47 CFR 64.1200(a)(10) names.
const STOP_WORDS: [&str; 8] = ["stop", "unsubscribe", "end", "quit", "stopall", "revoke", "optout", "cancel"];

/// Who said what about opting out: Twilio's `OptOutType`, or a word Twilio answers by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are Twilio's")]
pub enum OptOutWord {
    Stop,
    Start,
    Help,
}

impl OptOutWord {
    /// Reads Twilio's `OptOutType` parameter.
    #[must_use]
    pub fn from_parameter(value: &str) -> Option<Self> {
        match value {
            "STOP" => Some(Self::Stop),
            "START" => Some(Self::Start),
            "HELP" => Some(Self::Help),
            _ => None,
        }
    }

    /// The word that Twilio's default handling sees in `text`: the whole message, in any case.
    ///
    /// `YES` counts only from somebody who is opted out; from others it is an ordinary answer.
    #[must_use]
    pub fn seen_by_twilio(text: &str, opted_out: bool) -> Option<Self> {
        let word = text.trim();
        let is = |list: &[&str]| list.iter().any(|keyword| keyword.eq_ignore_ascii_case(word));
        if is(&STOP_WORDS) {
            Some(Self::Stop)
        } else if is(&["start", "unstop"]) || (opted_out && is(&["yes"])) {
            Some(Self::Start)
        } else if is(&["help", "info"]) {
            Some(Self::Help)
        } else {
            None
        }
    }

    /// The intent this stands for.
    #[must_use]
    pub fn intent(self) -> Intent {
        match self {
            Self::Stop => Intent::Stop,
            Self::Start => Intent::Start,
            Self::Help => Intent::Help,
        }
    }
}

/// Says what `text` asks for, given what the server asked last.
#[must_use]
pub fn understand(text: &str, context: Context) -> Understood {
    let plain = normalise(text);
    if let Some((intent, word)) = keyword(&plain) {
        return Understood { intent, why: format!("keyword \"{word}\""), argument: None };
    }
    if let Some(digits) = code_digits(text) {
        let why = "six digits".to_owned();
        return Understood { intent: Intent::Code, why, argument: Some(digits) };
    }
    if let Some(time) = super::tips::time_argument(&plain) {
        let argument = (!time.is_empty()).then(|| time.to_owned());
        return Understood { intent: Intent::TipTime, why: "begins with \"tips\"".to_owned(), argument };
    }
    let bare = text.trim_start_matches(|c: char| c.is_whitespace() || is_edge(c));
    let after_name = plain.strip_prefix("name ").and_then(|_| bare.get("name ".len()..));
    if let Some(name) = after_name {
        let argument = Some(name.trim().to_owned());
        return Understood { intent: Intent::Name, why: "begins with \"name\"".to_owned(), argument };
    }
    if context == Context::AskedName && super::Name::parse(text).is_some() {
        let why = "answers the question for a name".to_owned();
        return Understood { intent: Intent::Name, why, argument: Some(text.trim().to_owned()) };
    }
    Understood { intent: Intent::Other, why: "no keyword".to_owned(), argument: None }
}

fn keyword(plain: &str) -> Option<(Intent, &'static str)> {
    KEYWORDS
        .iter()
        .find_map(|(intent, words)| words.iter().find(|word| **word == plain).map(|word| (*intent, *word)))
}

/// Lower case, single spaces, no punctuation at the ends.
fn normalise(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !plain.is_empty() {
            plain.push(' ');
        }
        plain.extend(word.chars().flat_map(char::to_lowercase));
    }
    plain.trim_matches(is_edge).trim().to_owned()
}

/// What people put around words that does not change them.
fn is_edge(c: char) -> bool {
    c.is_ascii_punctuation() || matches!(c, '\u{2026}' | '\u{201c}'..='\u{201d}' | '\u{fe0f}')
}

/// The six digits of a text that is nothing but a code, as people type it: `123 456`, `123-456.`
fn code_digits(text: &str) -> Option<String> {
    let mut digits = String::with_capacity(6);
    for c in text.trim().trim_end_matches(['.', '!']).chars() {
        match c {
            '0'..='9' if digits.len() < 6 => digits.push(c),
            ' ' | '-' | '\u{2011}' | '\u{2013}' | '\u{a0}' => {}
            _ => return None,
        }
    }
    (digits.len() == 6).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_in_any_dress() {
        for (text, intent) in [
            ("REGISTER", Intent::Register),
            (" register. ", Intent::Register),
            ("Sign  up!", Intent::Register),
            ("Stop.", Intent::Stop),
            ("OPT OUT", Intent::Stop),
            ("cancel", Intent::Stop),
            ("\"START\"", Intent::Start),
            ("forget me", Intent::ForgetMe),
            ("123 456", Intent::Code),
            ("123-456.", Intent::Code),
            ("NAME Asha Rai", Intent::Name),
            ("12345", Intent::Other),
            ("1234567", Intent::Other),
            ("bus stop", Intent::Other),
            ("", Intent::Other),
        ] {
            assert_eq!(understand(text, Context::Nothing).intent, intent, "{text}");
        }
        assert_eq!(understand("123-456", Context::CodeSent).argument.as_deref(), Some("123456"));
        assert_eq!(understand("Name Asha", Context::Nothing).argument.as_deref(), Some("Asha"));
        assert_eq!(understand("...NAME Zoe", Context::Nothing).argument.as_deref(), Some("Zoe"));
        assert_eq!(understand("Asha", Context::AskedName).intent, Intent::Name);
    }

    #[test]
    fn twilio_sees_whole_words_only() {
        assert_eq!(OptOutWord::seen_by_twilio(" sToP\n", false), Some(OptOutWord::Stop));
        assert_eq!(OptOutWord::seen_by_twilio("Stop.", false), None);
        assert_eq!(OptOutWord::seen_by_twilio("yes", false), None);
        assert_eq!(OptOutWord::seen_by_twilio("yes", true), Some(OptOutWord::Start));
    }
}
