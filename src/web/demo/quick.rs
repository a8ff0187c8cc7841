//! What a person is likely to text next.

use super::bubble::{Author, Bubble};
use super::person::PersonView;

const CODE_DIGITS: usize = 6;

/// The code to text back, if one is on the handset and still good.
pub(super) fn code_on_handset(person: &PersonView, bubbles: &[Bubble]) -> Option<String> {
    person.code.as_ref().filter(|code| !code.expired && code.tries_left > 0)?;
    let carries_code = |bubble: &&Bubble| {
        bubble.from == Author::Tidings && bubble.arrived && bubble.purpose.as_deref() == Some("code")
    };
    six_digits(&bubbles.iter().rev().find(carries_code)?.body)
}

/// The words to offer, most likely first.
pub(super) fn replies(person: &PersonView, code: Option<&str>) -> Vec<String> {
    let words: &[&str] = match (person.consent.as_str(), person.state.as_str()) {
        ("withdrawn", _) => &["START", "HELP"],
        (_, "naming") => &["Asha Rai", "HELP", "STOP"],
        (_, "verifying") => &["RESEND", "STATUS", "STOP"],
        (_, "member") => &["STATUS", "NAME Bina", "HELP", "STOP", "FORGET ME"],
        _ => &["REGISTER", "HELP", "STATUS", "STOP"],
    };
    code.into_iter().chain(words.iter().copied()).map(str::to_owned).collect()
}

/// The first run of exactly six digits.
fn six_digits(body: &str) -> Option<String> {
    let runs = body.split(|character: char| !character.is_ascii_digit());
    runs.into_iter().find(|run| run.len() == CODE_DIGITS).map(str::to_owned)
}

#[test]
fn a_code_is_six_digits_and_no_more() {
    assert_eq!(six_digits("123456 is your code").as_deref(), Some("123456"));
    assert_eq!(six_digits("call 4155550123, code 654321.").as_deref(), Some("654321"));
    assert_eq!(six_digits("****** is your code"), None);
}
