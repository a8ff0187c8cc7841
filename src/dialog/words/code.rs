//! Codes as people type them: `it's 123 456`, `G-123456`, `one two three four five six`.

use super::hearing::{Ear, Hearing};
use super::tokens::{Break, Kind};

/// How many digits a code has.
const LENGTH: usize = 6;

/// The six digits in the text; the last ones, where there are several times six. Digits stand together,
/// or else there are six of them in all between full stops: `five five seven, two three zero`.
pub(super) fn read(hearing: &Hearing) -> Option<String> {
    let has_digits = (0..hearing.tokens.len()).any(|at| digits(hearing, at).is_some());
    let code = || within(hearing, Break::Weak).or_else(|| within(hearing, Break::Strong));
    has_digits.then(code).flatten()
}

/// The six digits between which there is nothing as great as `end`.
fn within(hearing: &Hearing, end: Break) -> Option<String> {
    let (mut run, mut code) = (String::new(), None);
    let mut times = 1;
    for (at, token) in hearing.tokens.iter().enumerate() {
        // "+481920481920" is a telephone number.
        let called = hearing.text[..token.start].ends_with('+');
        let digits = digits(hearing, at).filter(|_| !called);
        let repeats = if digits.is_none() { repeats(hearing, at) } else { None };
        if (digits.is_none() && repeats.is_none()) || token.before >= end {
            keep_code(&mut run, &mut code);
        }
        if let Some(digits) = digits {
            run.extend(std::iter::repeat_n(digits.as_str(), times));
        }
        times = repeats.unwrap_or(1);
    }
    keep_code(&mut run, &mut code);
    code
}

/// Whether there is nothing in the text but six digits.
pub(super) fn is_alone(hearing: &Hearing) -> bool {
    hearing.tokens.iter().enumerate().all(|(at, token)| token.kind == Kind::Number || hearing.fillers[at])
}

/// Keeps `run` if it is a code, also one written twice, and begins anew. More digits are a telephone number.
fn keep_code(run: &mut String, code: &mut Option<String>) {
    if run.split_at_checked(LENGTH).is_some_and(|(once, again)| once == again) {
        run.truncate(LENGTH);
    }
    if run.len() == LENGTH {
        *code = Some(std::mem::take(run));
    }
    run.clear();
}

/// How often the next digit is meant: `double five`, `triple five`.
fn repeats(hearing: &Hearing, at: usize) -> Option<usize> {
    let is = |class: &str| hearing.ears.iter().any(|ear| ear.is(at, class));
    if is("#double") {
        Some(2)
    } else if is("#triple") {
        Some(3)
    } else {
        None
    }
}

/// The digits of a number, or of a number word below ten.
fn digits(hearing: &Hearing, at: usize) -> Option<String> {
    let token = &hearing.tokens[at];
    if token.kind == Kind::Number {
        return Some(token.word.chars().filter(char::is_ascii_digit).collect());
    }
    let value = |ear: &Ear| ear.language.number(&ear.readings[at]).filter(|value| *value < 10);
    hearing.ears.iter().find_map(value).map(|value| value.to_string())
}
