//! Answers to several things at once: "no to the first, yes to the second"; and what corrects a choice: "not that,
//! the other".

use super::super::Intent;
use super::super::hearing::Hearing;
use super::{Break, Choice, Said, choice};

/// Classes of words that answer, and what they say.
const ANSWERS: [(&str, Intent); 7] = [
    ("@cant", Intent::Decline),
    ("@no", Intent::Decline),
    ("@cancel", Intent::Decline),
    ("@move", Intent::Reschedule),
    ("@confirm", Intent::Confirm),
    ("@yes", Intent::Confirm),
    ("@ok", Intent::Confirm),
];

/// What `text` says about which of `options`, part by part; nothing where a part is about none of them, or two
/// are about the same.
#[must_use]
pub fn answers_apart(text: &str, options: &[Choice]) -> Vec<(Intent, usize)> {
    let hearing = Hearing::new(text);
    let said = Said { hearing: &hearing, options, agrees: false };
    let mut answers: Vec<(Intent, usize)> = Vec::new();
    for part in said.parts() {
        match said.answer(part) {
            Some((_, option)) if answers.iter().any(|(_, other)| *other == option) => return Vec::new(),
            Some(answer) => answers.push(answer),
            None => return Vec::new(),
        }
    }
    if answers.len() > 1 { answers } else { Vec::new() }
}

/// What `text` answers about the one of `options` that it names, and says no more than that: "yes to the dentist". A
/// number names none before there is a list.
#[must_use]
pub fn answer_named(text: &str, options: &[Choice]) -> Option<(Intent, usize)> {
    let hearing = Hearing::new(text);
    let said = Said { hearing: &hearing, options, agrees: false };
    let [part] = &said.parts()[..] else { return None };
    let (intent, option) =
        said.answer(part.clone()).filter(|_| !hearing.tokens.iter().any(|token| token.asked))?;
    let ways = [Said::ordinal, Said::weekday, Said::title, Said::time];
    let named: Vec<usize> = ways.iter().filter_map(|way| way(&said)).collect();
    let agree = !named.is_empty() && named.iter().all(|one| *one == option);
    (agree && matches!(intent, Intent::Confirm | Intent::Decline)).then_some((intent, option))
}

/// Which of `options` `text` chooses in the place of the one that was `taken`.
#[must_use]
pub fn choice_instead(text: &str, options: &[Choice], taken: usize) -> Option<usize> {
    let hearing = Hearing::new(text);
    let said = Said { hearing: &hearing, options, agrees: false };
    let refuses = (0..hearing.tokens.len()).any(|at| said.refuses(at) || said.is(at, "@the_other"));
    if !refuses || hearing.tokens.iter().any(|token| token.asked) {
        return None;
    }
    if options.len() == 2 && said.is_other() {
        return Some(1 - taken);
    }
    let [instead] = choice(text, options, false)[..] else { return None };
    (said.last_part() > 0 && instead != taken).then_some(instead)
}

impl Said<'_, '_> {
    /// Whether it says no more than that another one is meant.
    fn is_other(&self) -> bool {
        let mut covered: Vec<bool> =
            (0..self.hearing.tokens.len()).map(|at| self.hearing.is_light(at)).collect();
        for at in 0..covered.len() {
            let length = ["@the_other", "@pick", "@no", "@not"]
                .iter()
                .filter_map(|class| self.length(at, class))
                .max();
            covered[at..at + length.unwrap_or(0)].fill(true);
        }
        self.hearing.says("@the_other") && covered.iter().all(|covered| *covered)
    }

    /// The tokens between breaks, joiners and reservations.
    fn parts(&self) -> Vec<std::ops::Range<usize>> {
        let count = self.hearing.tokens.len();
        let mut parts = Vec::new();
        let mut start = 0;
        for at in 0..count {
            let joins = self.is(at, "#joiner") || self.is(at, "#reservation");
            if at > start && (joins || self.hearing.tokens[at].before != Break::None) {
                parts.push(start..at);
                start = at;
            }
            if joins {
                start = at + 1;
            }
        }
        parts.push(start..count);
        parts.retain(|part| part.clone().any(|at| !self.hearing.fillers[at]));
        parts
    }

    /// What one part answers, and about which.
    fn answer(&self, part: std::ops::Range<usize>) -> Option<(Intent, usize)> {
        let (at, length, intent) = part.clone().find_map(|at| {
            let phrase = |(class, intent): &(&str, Intent)| Some((at, self.length(at, class)?, *intent));
            // "La" agrees in one language, and stands before a number in others.
            if self.is(at, "@pick") && !self.is(at, "@no") {
                return None;
            }
            ANSWERS.iter().find_map(phrase)
        })?;
        let before = part.start..at;
        let after = (at + length).min(part.end)..part.end;
        // "No to the first": what joins the two says nothing.
        let joined = after.start + usize::from(after.len() > 1);
        let about = |rest: Vec<usize>| {
            let words: Vec<&str> = rest.iter().map(|at| self.hearing.tokens[*at].word.as_str()).collect();
            let chosen = choice(&words.join(" "), self.options, false);
            (chosen.len() == 1).then(|| chosen[0])
        };
        let whole = about(before.clone().chain(after.clone()).collect());
        let chosen = whole.or_else(|| about(before.chain(joined..after.end).collect()))?;
        Some((intent, chosen))
    }
}
