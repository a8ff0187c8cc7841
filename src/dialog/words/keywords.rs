//! The words that Twilio itself understands, and what it says about those it has answered.

use super::Intent;

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
    /// `YES` counts only from somebody whom Twilio has stopped; from others, also from those who opted out in a
    /// way that it does not see, it is an ordinary answer.
    #[must_use]
    pub fn seen_by_twilio(text: &str, blocked_by_twilio: bool) -> Option<Self> {
        let word = text.trim();
        let is = |list: &[&str]| list.iter().any(|keyword| keyword.eq_ignore_ascii_case(word));
        if is(&STOP_WORDS) {
            Some(Self::Stop)
        } else if is(&["start", "unstop"]) || (blocked_by_twilio && is(&["yes"])) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twilio_sees_whole_words_only() {
        assert_eq!(OptOutWord::seen_by_twilio(" sToP\n", false), Some(OptOutWord::Stop));
        assert_eq!(OptOutWord::seen_by_twilio("Stop.", false), None);
        assert_eq!(OptOutWord::seen_by_twilio("yes", false), None);
        assert_eq!(OptOutWord::seen_by_twilio("yes", true), Some(OptOutWord::Start));
    }
}
