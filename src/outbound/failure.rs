//! Why a message was not sent or not delivered: what to do next, and how to say it.
//!
//! The codes are in `failure/codes.txt`. Their meanings are Twilio's (error dictionary and help pages);
//! class, blame and wording are ours. Twilio warns that codes may change, so an unknown one is judged by
//! the HTTP status.

use serde::Serialize;
use std::sync::LazyLock;

/// What a failure means for the next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Twilio never processed it: send again after a pause.
    RetrySafe,
    /// It may have been processed: settle with Twilio's list before anything is sent again.
    Ambiguous,
    /// Send again when the named condition has passed, not before.
    RetryLater,
    /// Perhaps a passing trouble: a few tries with long pauses.
    RetryLimited,
    /// Never again to this recipient (or from this sender to them) until something changes there.
    PermanentRecipient,
    /// Never again with this content.
    PermanentContent,
    /// Nothing helps until an operator has changed something.
    Config,
}

/// Who can put a failure right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// The person the message was for.
    Person,
    /// Staff who wrote or sent it.
    Staff,
    /// Whoever runs the server and the Twilio account.
    Operator,
    /// Twilio or a carrier.
    Twilio,
    /// Nobody has to: it passes by itself, or is past.
    Nobody,
}

/// A failure explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// Twilio's error code.
    pub code: u32,
    /// What it means for the next attempt; `None` for a code we don't know.
    pub class: Option<Class>,
    /// What happened and what can be done, in plain words for staff.
    pub words: &'static str,
    /// Who can put it right.
    pub who: Who,
}

impl Who {
    /// Them in words, at the beginning of a reason.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Person => "the person",
            Self::Staff => "staff",
            Self::Operator => "the operator",
            Self::Twilio => "Twilio or the carrier",
            Self::Nobody => "nobody needs to act",
        }
    }
}

impl Failure {
    /// Who can put it right, and what happened: as it is stored beside a message.
    #[must_use]
    pub fn reason(&self) -> String {
        format!("{}: {}", self.who.words(), self.words)
    }
}

/// The class of an answer to a send request that was not a success.
///
/// The status goes first where it is decisive: 429 was never processed, and after any 5xx the message
/// may be on its way whatever the body says.
#[must_use]
pub fn classify_response(http_status: u16, code: Option<u32>) -> Class {
    match http_status {
        429 => Class::RetrySafe,
        500..=599 => Class::Ambiguous,
        _ => code.and_then(class_of).unwrap_or_else(|| class_of_status(http_status)),
    }
}

/// The class of a code as it comes in a status callback or a fetched message; `None` if it is unknown.
#[must_use]
pub fn class_of(code: u32) -> Option<Class> {
    find(code)?.class
}

/// What a code means, in words for staff. An unknown one gets words as well.
#[must_use]
pub fn describe(code: u32) -> Failure {
    let unknown = "Twilio gave a reason that we have no words for. Its error dictionary explains the code.";
    find(code).copied().unwrap_or(Failure { code, class: None, words: unknown, who: Who::Operator })
}

fn class_of_status(http_status: u16) -> Class {
    match http_status {
        401..=407 | 410 => Class::Config,
        // A request timeout says nothing about what was done, nor does a status that is no refusal.
        408 => Class::Ambiguous,
        400..=499 => Class::PermanentContent,
        _ => Class::Ambiguous,
    }
}

fn find(code: u32) -> Option<&'static Failure> {
    let found = CODES.binary_search_by_key(&code, |failure| failure.code).ok()?;
    Some(&CODES[found])
}

/// The table by code. A test reads every line, so none is left out here.
static CODES: LazyLock<Vec<Failure>> =
    LazyLock::new(|| include_str!("failure/codes.txt").lines().filter_map(parse_line).collect());

fn parse_line(line: &'static str) -> Option<Failure> {
    let mut fields = line.splitn(4, '|').map(str::trim);
    let code = fields.next()?.parse().ok()?;
    let class = Some(parse_class(fields.next()?)?);
    let who = parse_who(fields.next()?)?;
    Some(Failure { code, class, words: fields.next()?, who })
}

fn parse_class(name: &str) -> Option<Class> {
    Some(match name {
        "retry_safe" => Class::RetrySafe,
        "ambiguous" => Class::Ambiguous,
        "retry_later" => Class::RetryLater,
        "retry_limited" => Class::RetryLimited,
        "permanent_recipient" => Class::PermanentRecipient,
        "permanent_content" => Class::PermanentContent,
        "config" => Class::Config,
        _ => return None,
    })
}

fn parse_who(name: &str) -> Option<Who> {
    Some(match name {
        "person" => Who::Person,
        "staff" => Who::Staff,
        "operator" => Who::Operator,
        "twilio" => Who::Twilio,
        "nobody" => Who::Nobody,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn every_known_code_has_its_class_and_words() {
        let file: Value = serde_json::from_str(include_str!("../../tests/vectors/error_codes.json")).unwrap();
        let codes = file["codes"].as_array().unwrap();
        for row in codes {
            let code = u32::try_from(row[0].as_u64().unwrap()).unwrap();
            assert_eq!(serde_json::to_value(class_of(code)).unwrap(), row[3], "{code}");
            let failure = describe(code);
            assert!(failure.words.ends_with('.') && failure.words.len() > 20, "{code}");
            assert_eq!(failure.reason(), format!("{}: {}", failure.who.words(), failure.words), "{code}");
            // What nobody but the operator can put right is never blamed on the person.
            let config = failure.class == Some(Class::Config);
            assert!(!config || failure.who == Who::Operator, "{code}");
            let person = matches!(failure.class, Some(Class::PermanentRecipient));
            assert!(!person || matches!(failure.who, Who::Person | Who::Operator), "{code}");
        }
        assert_eq!(CODES.len(), codes.len());
        assert!(CODES.is_sorted_by_key(|failure| failure.code));
        let lines = include_str!("failure/codes.txt").lines().filter(|line| !line.starts_with('#'));
        assert_eq!(lines.count(), CODES.len());
    }

    #[test]
    fn a_response_is_judged_by_status_then_by_code() {
        assert_eq!(classify_response(429, None), Class::RetrySafe);
        assert_eq!(classify_response(429, Some(21211)), Class::RetrySafe);
        for status in [500, 502, 503, 504, 599] {
            assert_eq!(classify_response(status, Some(21211)), Class::Ambiguous);
        }
        assert_eq!(classify_response(400, Some(21610)), Class::PermanentRecipient);
        assert_eq!(classify_response(400, Some(21611)), Class::RetryLater);
        assert_eq!(classify_response(400, Some(99_999)), Class::PermanentContent);
        assert_eq!(classify_response(400, None), Class::PermanentContent);
        assert_eq!(classify_response(401, None), Class::Config);
        assert_eq!(classify_response(404, Some(20404)), Class::Config);
        assert_eq!(classify_response(408, None), Class::Ambiguous);
        assert_eq!(classify_response(302, None), Class::Ambiguous);
    }

    #[test]
    fn an_unknown_code_has_words_too() {
        let failure = describe(1);
        assert_eq!((failure.code, failure.class, failure.who), (1, None, Who::Operator));
        assert_eq!(describe(21610).who, Who::Person);
    }
}
