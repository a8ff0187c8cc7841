//! Which of the patterns that hold count, where several share words.

use super::decide::{Finding, ORDER, is_all};
use super::hearing::Hearing;
use super::language::Sense;
use super::patterns::Extent;
use super::tokens::Kind;
use super::{Context, Intent, asked, code, halves};
use std::cmp::Reverse;

/// Everything found, without what lies within or across something longer.
pub(super) fn findings(hearing: &Hearing, context: Context, language: Option<&str>) -> Vec<Finding> {
    let mut all = heard(hearing, context);
    let has_code = code::read(hearing).is_some();
    all.retain(|finding| holds(hearing, finding, language) && (has_code || !tells_code(finding)));
    asked::of_the_past(hearing, &mut all);
    asked::supposed(hearing, &mut all);
    drop_denied(hearing, &mut all);
    all.sort_by_cached_key(|finding| rank(hearing, finding, language));
    drop_covered(hearing, &mut all);
    all
}

/// What each language finds that may be said in this context.
fn heard(hearing: &Hearing, context: Context) -> Vec<Finding> {
    let mut all = Vec::new();
    for (ear_at, ear) in hearing.ears.iter().enumerate() {
        for found in hearing.find(ear) {
            let pattern = &ear.language.tree.patterns[found.pattern];
            if pattern.when.is_some_and(|when| when != context) {
                continue;
            }
            all.push(Finding {
                sense: pattern.sense,
                ear: ear_at,
                start: found.start,
                end: found.end,
                extent: pattern.extent,
                typo: found.typo,
                pattern: found.pattern,
            });
        }
    }
    all
}

/// "Can't stop laughing at your tips": what begins within words that ask for nothing is part of them.
fn drop_denied(hearing: &Hearing, all: &mut Vec<Finding>) {
    let other = Sense::Intent(Intent::Other);
    let mut denied = vec![false; hearing.tokens.len()];
    for finding in all.iter().filter(|finding| finding.sense == other) {
        denied[finding.start + 1..finding.end].fill(true);
    }
    all.retain(|finding| finding.sense == other || !denied[finding.start]);
}

/// The smaller, the sooner a finding holds against another of the same words.
fn rank(hearing: &Hearing, finding: &Finding, language: Option<&str>) -> impl Ord + use<> {
    let foreign = language.is_some_and(|code| hearing.ears[finding.ear].language.code != code);
    // "Delete my number from your system" asks for more than "take my number off your list".
    let forgets = finding.sense == Sense::Intent(Intent::ForgetMe);
    (
        Reverse(finding.end - finding.start),
        !forgets,
        finding.typo,
        Reverse(finding.extent),
        foreign,
        !answers(hearing, finding),
        weight(finding.sense),
        (finding.ear, finding.start, finding.pattern),
    )
}

/// Of findings that share words, the first stays. Another time, which one is meant, and what is wanted back, are only
/// ever told beside something else, and what tells no more than half of a stop is hidden by other wishes, but hides none.
fn drop_covered(hearing: &Hearing, all: &mut Vec<Finding>) {
    let mut taken = vec![false; hearing.tokens.len()];
    let mut other_wish = taken.clone();
    all.retain(|finding| {
        if [Sense::AnotherTime, Sense::NotThen, Sense::Then, Sense::WantedBack].contains(&finding.sense) {
            return true;
        }
        let span = finding.start..finding.end;
        if halves::is_half(finding.sense) {
            return !other_wish[span].contains(&true);
        }
        let free = !taken[span.clone()].contains(&true);
        if free {
            let stops = [Sense::PerhapsStop, Sense::Intent(Intent::Stop)].contains(&finding.sense);
            other_wish[span.clone()].fill(!stops);
            taken[span].fill(true);
        }
        free
    });
}

/// Whether a finding can be trusted: a misspelt word of another language is a word that we don't know,
/// and words of the text's own language are not those of another.
fn holds(hearing: &Hearing, finding: &Finding, language: Option<&str>) -> bool {
    let foreign = language.is_some_and(|code| hearing.ears[finding.ear].language.code != code);
    if foreign
        && matches!(finding.extent, Extent::Phrase | Extent::Opening | Extent::Leading | Extent::Closing)
    {
        let own = hearing.ears.iter().find(|ear| Some(ear.language.code) == language);
        let is_number = |at: usize| hearing.tokens[at].kind == Kind::Number;
        let known = |at: usize| own.is_some_and(|ear| is_number(at) || ear.readings[at].exact.is_some());
        if (finding.start..finding.end).all(known) {
            return false;
        }
    }
    let alone = finding.end - finding.start == 1;
    !finding.typo || (!foreign && (!alone || is_all(hearing, finding)))
}

/// "Need a new one": without six digits, nothing tells a code.
fn tells_code(finding: &Finding) -> bool {
    finding.sense == Sense::Intent(Intent::Code)
}

/// Whether a finding is about what was asked.
fn answers(hearing: &Hearing, finding: &Finding) -> bool {
    hearing.ears[finding.ear].language.tree.patterns[finding.pattern].when.is_some()
}

/// Which of two equally long findings holds.
fn weight(sense: Sense) -> usize {
    match sense {
        Sense::Intent(Intent::Other) => 0,
        // Tips are less than all, and named: "don't send tips anymore".
        Sense::Intent(Intent::TipsOff) => 1,
        Sense::Intent(intent) => 2 + ORDER.iter().position(|one| *one == intent).unwrap_or(ORDER.len()),
        Sense::PerhapsStop => 2,
        Sense::Reason => weight(Sense::Intent(Intent::Decline)),
        Sense::Hedge
        | Sense::AnotherTime
        | Sense::OurMessages
        | Sense::Enough
        | Sense::Leave
        | Sense::NotThen
        | Sense::Then
        | Sense::WantedBack => ORDER.len() + 3,
    }
}
