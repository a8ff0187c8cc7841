//! Codes as people type them: `it's 123 456`, `G-123456`, `one two three four five six`.

use super::hearing::Hearing;
use super::tokens::{Break, Kind};

/// How many digits a code has.
const LENGTH: usize = 6;

/// The six digits in the text; the last ones, where there are several times six.
pub(super) fn read(hearing: &Hearing) -> Option<String> {
    let (mut run, mut code) = (String::new(), None);
    let mut doubled = false;
    for (at, token) in hearing.tokens.iter().enumerate() {
        let digits = digits(hearing, at);
        let double = digits.is_none() && hearing.ears.iter().any(|ear| ear.is(at, "#double"));
        if (digits.is_none() && !double) || token.before >= Break::Weak {
            keep_code(&mut run, &mut code);
        }
        match digits {
            Some(digits) if doubled => run.extend(std::iter::repeat_n(digits.as_str(), 2)),
            Some(digits) => run.push_str(&digits),
            None => {}
        }
        doubled = double;
    }
    keep_code(&mut run, &mut code);
    code
}

/// Whether there is nothing in the text but six digits.
pub(super) fn is_alone(hearing: &Hearing) -> bool {
    hearing.tokens.iter().enumerate().all(|(at, token)| token.kind == Kind::Number || hearing.fillers[at])
}

/// Keeps `run` if it is a code, and begins anew. More digits are a telephone number.
fn keep_code(run: &mut String, code: &mut Option<String>) {
    if run.len() == LENGTH {
        *code = Some(std::mem::take(run));
    }
    run.clear();
}

/// The digits of a number, or of a number word below ten.
fn digits(hearing: &Hearing, at: usize) -> Option<String> {
    let token = &hearing.tokens[at];
    if token.kind == Kind::Number {
        return Some(token.word.chars().filter(char::is_ascii_digit).collect());
    }
    let value =
        |ear: &super::hearing::Ear| ear.language.number(&ear.readings[at]).filter(|value| *value < 10);
    hearing.ears.iter().find_map(value).map(|value| value.to_string())
}
