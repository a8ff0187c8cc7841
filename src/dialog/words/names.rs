//! Names as people give them: `I'm Asha`, `my name is…`, or nothing but the name.

use super::hearing::{Ear, Hearing};
use super::tokens::Kind;

/// More words than these are no bare name.
const MOST_WORDS: usize = 5;

/// The name in the text and why we think so. `NAME` without one is a wish without an argument.
pub(super) fn read(hearing: &Hearing, asked_for: bool) -> Option<(Option<String>, &'static str)> {
    let tokens = &hearing.tokens;
    let first = (0..tokens.len()).find(|at| !hearing.fillers[*at])?;
    for ear in &hearing.ears {
        if let Some(length) = ear.length(first, "#command") {
            let name = rest(hearing, ear, first + length);
            return Some((name, "asks to be called so"));
        }
    }
    if !asked_for {
        return None;
    }
    for ear in &hearing.ears {
        let longest = ear.length(first, "#lead");
        if let Some(name) = longest.and_then(|length| rest(hearing, ear, first + length)) {
            return Some((Some(name), "gives the name that was asked for"));
        }
    }
    let bare = is_bare_name(hearing);
    bare.then(|| (Some(hearing.text.trim().to_owned()), "answers the question for a name"))
}

/// What comes after `start`, without what follows a name in this language.
fn rest(hearing: &Hearing, ear: &Ear, start: usize) -> Option<String> {
    let first = hearing.tokens.get(start)?;
    let tail = (start + 1..hearing.tokens.len()).find(|at| {
        ear.length(*at, "#tail")
            .is_some_and(|length| hearing.nothing_but(0, at + length) || at + length == hearing.tokens.len())
    });
    let end = tail.map_or(hearing.text.len(), |at| hearing.tokens[at - 1].end);
    hearing.text.get(first.start..end).map(|name| name.trim().to_owned())
}

fn is_bare_name(hearing: &Hearing) -> bool {
    let tokens = &hearing.tokens;
    let words = tokens.iter().filter(|token| token.kind == Kind::Word).count();
    let asks = tokens.iter().any(|token| token.asked);
    if words == 0 || words > MOST_WORDS || asks || tokens.iter().any(|token| token.kind == Kind::Number) {
        return false;
    }
    let is = |class: &'static str| move |at: usize| hearing.ears.iter().any(|ear| ear.is(at, class));
    let common = |at: usize| hearing.fillers[at] || hearing.ears.iter().any(|ear| ear.is_common(at));
    let question = is("#question")(0);
    let no_name = (0..tokens.len()).any(is("#not_name"));
    let sentence = tokens.len() > 1 && (0..tokens.len()).all(common);
    !(question || no_name || sentence || (0..tokens.len()).all(|at| hearing.fillers[at]))
}
