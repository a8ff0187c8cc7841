//! What comes with a wish: the time for tips, the language.

use super::Intent;
use super::decide::Finding;
use super::hearing::{Ear, Hearing};
use super::language::Sense;
use super::lexicon::LANGUAGES;
use super::times;

/// No time is looked for behind so many words.
const FAR: usize = 60;
/// The earliest part of the day at which a seven is one in the evening.
const EVENING: times::Minutes = 17 * 60;

/// The argument of `intent`, found in or after `finding`, one of `findings`.
pub(super) fn of(
    hearing: &Hearing,
    finding: &Finding,
    intent: Intent,
    findings: &[Finding],
) -> Option<String> {
    match intent {
        Intent::TipTime => time(hearing, finding, findings).map(times::written),
        Intent::Language => language(hearing, finding),
        _ => None,
    }
}

/// A time of day, or a part of the day, in a text.
struct Named {
    at: usize,
    time: times::Minutes,
    is_part: bool,
    /// Nothing says which half of the day it is in.
    open: bool,
}

/// The time at which they want tips: the last where one takes the place of another ("change my tips from 7 to 9"), else
/// the first within the words that were understood, else anywhere, else a part of the day; none that they name
/// because they don't want it.
fn time(hearing: &Hearing, finding: &Finding, findings: &[Finding]) -> Option<times::Minutes> {
    let within = |sense: Sense, at: usize| {
        let mut such = findings.iter().filter(|one| one.sense == sense);
        such.any(|one| (one.start..one.end).contains(&at))
    };
    let mut wanted = named(hearing, &hearing.ears[finding.ear]);
    let refused = |one: &Named| within(Sense::NotThen, one.at);
    let parts = || wanted.iter().filter(|one| one.is_part && !refused(one)).map(|one| one.time >= EVENING);
    let late = parts().any(|late| late) && parts().all(|late| late);
    let last = wanted.iter().rposition(|one| within(Sense::Then, one.at));
    if let Some(last) = last {
        wanted.drain(..last);
        wanted.truncate(1);
    } else {
        wanted.retain(|one| !refused(one));
    }
    let covered = |at: usize| (finding.start..finding.end).contains(&at);
    let chosen = wanted.iter().min_by_key(|one| (one.is_part, !covered(one.at), one.at))?;
    // "Every evening at 7"
    let half = if chosen.open && late && chosen.time < times::NOON { times::NOON } else { 0 };
    Some(chosen.time + half)
}

/// All that are in the text.
fn named(hearing: &Hearing, ear: &Ear) -> Vec<Named> {
    let number = |at: usize| ear.language.number(&ear.readings[at]);
    let (clock, text) = (&ear.language.clock, hearing.times(ear));
    let (mut all, mut at) = (Vec::new(), 0);
    while at < hearing.tokens.len().min(FAR) {
        let mut length = 1;
        if let Some((time, tokens)) = clock.read(text, &number, at) {
            length = tokens;
            let half = |at: usize| ear.is(at, "#morning") || ear.is(at, "#evening");
            all.push(Named { at, time, is_part: false, open: !(at..at + length).any(half) });
        } else if let Some(time) = clock.part(text, at) {
            all.push(Named { at, time, is_part: true, open: false });
        }
        at += length;
    }
    all
}

/// The code of the language named, or the word if it is none that we have; not one that somebody does
/// not speak.
fn language(hearing: &Hearing, finding: &Finding) -> Option<String> {
    let ear = &hearing.ears[finding.ear];
    let denied = |at: usize| {
        let before = (at.saturating_sub(4)..at).rev().take_while(|before| !ear.is(*before, "@language"));
        before.into_iter().any(|before| ear.is(before, "@not"))
    };
    for at in finding.start..finding.end {
        if denied(at) {
            continue;
        }
        let named = |code: &&str| ear.says(at, &format!("@language_{code}"));
        if let Some(code) = LANGUAGES.iter().map(|language| language.code).find(|code| named(code)) {
            return Some(code.to_owned());
        }
    }
    let pattern = &ear.language.tree.patterns[finding.pattern];
    let foreign = (finding.start..finding.end).find(|at| ear.is(*at, "@language") && !denied(*at));
    let at = foreign.or_else(|| pattern.text.ends_with("#any").then_some(finding.end - 1))?;
    let token = &hearing.tokens[at];
    hearing.text.get(token.start..token.end).map(str::to_lowercase)
}
