//! Names as people give them: `I'm Asha`, `my name is…`, or nothing but the name.

use super::decide::Finding;
use super::hearing::{Ear, Hearing};
use super::looks::{Ground, Look, NAME_WORDS};
use super::tokens::{Break, Kind, Token};

/// How far into a text one may begin to say one's name.
const LATEST: usize = 12;
/// Commands as long as these may stand anywhere.
const LONG_COMMAND: usize = 3;
/// A full stop after so few letters ends no sentence: "Dr. Moore".
const ABBREVIATION: usize = 2;

/// A name in a text, which `NAME` alone has not, and why we think so.
type Read = (Option<String>, &'static str);

/// The name after `NAME` and the like.
pub(super) fn commanded(hearing: &Hearing, hint: Option<&str>) -> Option<Read> {
    let first = (0..hearing.tokens.len()).find(|at| !hearing.fillers[*at])?;
    let (ear, length) =
        hearing.ears.iter().find_map(|ear| ear.length(first, "#command").map(|length| (ear, length)))?;
    let names = length > 1 || !goes_on(hearing, first + length, hint);
    names.then(|| (rest(hearing, ear, first + length), "begins with \"name\" or the like"))
}

/// The name that answers the question for one.
pub(super) fn answered(hearing: &Hearing, hint: Option<&str>) -> Option<Read> {
    let first = (0..hearing.tokens.len()).find(|at| !hearing.fillers[*at]);
    if let Some(name) = first.and_then(|first| led(hearing, first, hint)) {
        return Some((Some(name), "gives the name that was asked for"));
    }
    let bare = bare(hearing);
    let is_name = Look { hearing: &Hearing::new(bare), hint }.is_name(Ground::Asked);
    is_name.then(|| (Some(bare.to_owned()), "answers the question for a name"))
}

/// Takes out what was found in an answer to the question for a name only because names are words as well: "Grace",
/// and "Wong Smith", which is no misspelt "wrong".
pub(super) fn spare(hearing: &Hearing, hint: Option<&str>, findings: &mut Vec<Finding>) {
    let look = Look { hearing, hint };
    let words = (0..hearing.tokens.len()).filter(|at| hearing.tokens[*at].kind == Kind::Word);
    let words: Vec<usize> = words.take(NAME_WORDS + 1).collect();
    if (Look { hearing: &Hearing::new(bare(hearing)), hint }).is_known_name() {
        findings.clear();
    } else if words.len() <= NAME_WORDS && words.iter().all(|at| look.is_capital(*at)) {
        findings.retain(|finding| !finding.typo);
    }
}

/// "Name of the place?" says more than a name.
fn goes_on(hearing: &Hearing, at: usize, hint: Option<&str>) -> bool {
    let rest = hearing.tokens.get(at..).unwrap_or_default();
    !rest.is_empty() && (rest.iter().any(|token| token.asked) || Look { hearing, hint }.makes_sentence(at))
}

/// The text without politeness around it, unless it is nothing else: "hi, Bob thanks".
fn bare<'t>(hearing: &Hearing<'t>) -> &'t str {
    within_politeness(hearing).unwrap_or_else(|| hearing.text.trim())
}

fn within_politeness<'t>(hearing: &Hearing<'t>) -> Option<&'t str> {
    let mut polite: Vec<bool> = (0..hearing.tokens.len()).map(|at| hearing.is_sign(at)).collect();
    for at in 0..polite.len() {
        let length = hearing.ears.iter().filter_map(|ear| ear.length(at, "#not_name")).max().unwrap_or(0);
        let all = at..at + length;
        if all.clone().all(|at| hearing.fillers[at]) {
            polite[all].fill(true);
        }
    }
    // "Ok, Maria"
    let agrees = |class: &&str| hearing.ears.iter().any(|ear| ear.length(0, class) == Some(1));
    if hearing.tokens.get(1).is_some_and(|token| token.before != Break::None) {
        polite[0] |= ["@yes", "@ok"].iter().any(agrees);
    }
    let (first, last) =
        (polite.iter().position(|polite| !polite)?, polite.iter().rposition(|polite| !polite)?);
    if last + 1 - first == polite.len() {
        return Some(hearing.text.trim());
    }
    hearing.text.get(hearing.tokens[first].start..hearing.tokens[last].end)
}

/// The name in a text that says nothing else, though nobody asked: `My name is Robert`.
pub(super) fn told(hearing: &Hearing, hint: Option<&str>) -> Option<Read> {
    let first = (0..hearing.tokens.len()).find(|at| !hearing.fillers[*at])?;
    // "My name is wrong": nobody asked, so it has to look like one.
    let name = hearing.ears.iter().find_map(|ear| {
        let length = ear.length(first, "#sure_lead")?;
        let ground = ground(hearing, ear, first + length, false);
        named(hearing, ear, first + length, hint, ground)
    })?;
    let end = hearing.text.rfind(&name)? + name.len();
    let rest = (0..hearing.tokens.len()).filter(|at| hearing.tokens[*at].start >= end);
    let is_tail = |at: usize| hearing.ears.iter().any(|ear| ear.is(at, "#tail"));
    let says_no_more = rest.into_iter().all(|at| hearing.fillers[at] || is_tail(at));
    says_no_more.then_some((Some(name), "says nothing but their name"))
}

/// The name after `change my name to` and the like, wherever that begins.
pub(super) fn changed(hearing: &Hearing, hint: Option<&str>) -> Option<String> {
    let starts = (0..hearing.tokens.len().min(LATEST)).filter(|at| is_start(hearing, *at));
    starts.into_iter().find_map(|at| {
        hearing.ears.iter().find_map(|ear| {
            let length = ear.length(at, "#command").filter(|length| *length >= LONG_COMMAND)?;
            named(hearing, ear, at + length, hint, Ground::Named)
        })
    })
}

/// The name that comes with something else, from token `from` on: `yes, I'm Asha`, `sign me up. My name is
/// Asha Rai`.
pub(super) fn beside(hearing: &Hearing, from: usize, hint: Option<&str>) -> Option<String> {
    let starts = (from..hearing.tokens.len().min(LATEST)).filter(|at| is_start(hearing, *at));
    starts.into_iter().find_map(|at| led(hearing, at, hint))
}

/// The name that follows the words by which one registers: `REGISTER John Smith`.
pub(super) fn after_joining(hearing: &Hearing, hint: Option<&str>) -> Option<String> {
    let first = (0..hearing.tokens.len()).find(|at| !hearing.fillers[*at])?;
    hearing.ears.iter().find_map(|ear| {
        let mut after = first + ear.length(first, "@join")?;
        // "Register please, my name is Luc"
        let look = Look { hearing, hint };
        while after < hearing.tokens.len() && hearing.fillers[after] && !look.is_capital(after) {
            after += 1;
        }
        let said = || hearing.ears.iter().any(|ear| ear.length(after, "#lead").is_some());
        let name = named(hearing, ear, after, hint, Ground::Joined);
        name.or_else(|| said().then(|| led(hearing, after, hint)).flatten())
    })
}

/// Whether token `at` begins something new, as after a comma, an "and" or a "yes".
fn is_start(hearing: &Hearing, at: usize) -> bool {
    let Some(before) = at.checked_sub(1) else { return true };
    let is = |class: &str| hearing.ears.iter().any(|ear| ear.is(before, class));
    hearing.tokens[at].before != Break::None || hearing.fillers[before] || is("#joiner") || is("#not_name")
}

/// The name after "my name is" and the like at token `at`.
pub(super) fn led(hearing: &Hearing, at: usize, hint: Option<&str>) -> Option<String> {
    hearing.ears.iter().find_map(|ear| {
        let length = ear.length(at, "#lead").filter(|length| !begins_name(hearing, ear, at + length - 1))?;
        let sure = ear.length(at, "#sure_lead") == Some(length) || ear.is(at, "#not_name");
        named(hearing, ear, at + length, hint, ground(hearing, ear, at + length, sure))
    })
}

/// Whether `Im` at token `at` is a name's beginning, as in "Im Yoona", and no hasty "I'm", as before small
/// letters or a first name that we know: "Im asha", "Im Robert".
fn begins_name(hearing: &Hearing, ear: &Ear, at: usize) -> bool {
    let token = &hearing.tokens[at];
    let next = hearing.tokens.get(at + 1).filter(|next| next.before == Break::None);
    let look = Look { hearing, hint: None };
    hearing.text.get(token.start..token.end) == Some("Im")
        && next.is_some()
        && look.is_capital(at + 1)
        && !ear.is(at + 1, "@given")
}

/// Why a name may begin at token `start`. Where a language ends what it says of names with a word of its
/// own, that word tells more than the one before: "mero naam lekhdinus" says no name.
fn ground(hearing: &Hearing, ear: &Ear, start: usize, sure: bool) -> Ground {
    let has_tail = (start + 1..hearing.tokens.len()).any(|at| ear.is(at, "#tail"));
    let needs_tail = !ear.language.file.naming.tails.is_empty();
    if has_tail || (sure && !needs_tail) { Ground::Named } else { Ground::Led }
}

/// What begins at token `start`, as far as the next break or a word that makes a sentence, if it looks
/// like a name.
fn named(hearing: &Hearing, ear: &Ear, start: usize, hint: Option<&str>, ground: Ground) -> Option<String> {
    let tokens = &hearing.tokens;
    let all = Look { hearing, hint };
    let ends = |at: &usize| {
        let says_more = ear.is(*at, "#joiner") || ear.is(*at, "#tail") || all.makes_sentence(*at);
        says_more && !all.joins_names(*at) || breaks(&all, *at)
    };
    let end = (start + 1..tokens.len()).find(ends);
    // "REGISTER Asha Rai thanks"
    let mut last = end.unwrap_or(tokens.len()).checked_sub(1)?;
    while last > start && hearing.fillers[last] && !all.is_capital(last) {
        last -= 1;
    }
    let (first, last) = (tokens.get(start)?, tokens.get(last)?);
    let name = hearing.text.get(first.start..last.end)?.trim();
    let asked = tokens[start..].iter().any(|token| token.asked);
    // "It's raining today"
    let goes_on = end.is_some_and(|end| all.makes_sentence(end)) && !all.is_capital(start);
    if asked || (goes_on && ground == Ground::Led) {
        return None;
    }
    let alone = Hearing::new(name);
    Look { hearing: &alone, hint }.is_name(ground).then(|| name.to_owned())
}

/// Whether a name ends before token `at`: it goes on after "Dr." and after the comma of "Rai, Asha".
fn breaks(look: &Look, at: usize) -> bool {
    let written = |token: &Token| look.hearing.text.get(token.start..token.end).unwrap_or_default();
    let goes_on = look.is_capital(at) && !look.hearing.fillers[at];
    match look.hearing.tokens[at].before {
        Break::None => false,
        Break::Weak => !goes_on,
        Break::Strong => !goes_on || written(&look.hearing.tokens[at - 1]).chars().count() > ABBREVIATION,
    }
}

/// What comes after `start`, without what follows a name in this language.
fn rest(hearing: &Hearing, ear: &Ear, start: usize) -> Option<String> {
    let first = hearing.tokens.get(start)?;
    let tail = (start + 1..hearing.tokens.len()).find(|at| {
        let length = ear.length(*at, "#tail");
        length.is_some_and(|length| (*at + length..hearing.tokens.len()).all(|at| hearing.fillers[at]))
    });
    let mut end = tail.unwrap_or(hearing.tokens.len());
    // "NAME Bob Ray please"
    let look = Look { hearing, hint: None };
    while end > start + 1 && hearing.fillers[end - 1] && !look.is_capital(end - 1) {
        end -= 1;
    }
    // What is no word stays where nothing is taken off: "J.R."
    let end = if end < hearing.tokens.len() { hearing.tokens[end - 1].end } else { hearing.text.len() };
    hearing.text.get(first.start..end).map(|name| name.trim().to_owned())
}
