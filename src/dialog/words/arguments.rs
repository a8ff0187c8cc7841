//! What comes with a wish: the time for tips, the language.

use super::Intent;
use super::decide::Finding;
use super::hearing::Hearing;
use super::lexicon::LANGUAGES;
use super::times;

/// The argument of `intent`, found in or after `finding`.
pub(super) fn of(hearing: &Hearing, finding: &Finding, intent: Intent) -> Option<String> {
    match intent {
        Intent::TipTime => time(hearing, finding).map(times::written),
        Intent::Language => language(hearing, finding),
        _ => None,
    }
}

/// The first time within the words that were understood, else anywhere, else a part of the day.
fn time(hearing: &Hearing, finding: &Finding) -> Option<times::Minutes> {
    let ear = &hearing.ears[finding.ear];
    let number = |at: usize| ear.language.number(&ear.readings[at]);
    let clock = &ear.language.clock;
    let text = hearing.times(ear);
    let at_time = |at: usize| clock.read(text, &number, at).map(|(time, _)| time);
    let at_part = |at: usize| clock.part(text, at);
    let (within, anywhere) = (finding.start..finding.end, 0..hearing.tokens.len().min(60));
    let time = within.clone().find_map(at_time).or_else(|| anywhere.clone().find_map(at_time));
    time.or_else(|| within.clone().find_map(at_part)).or_else(|| anywhere.clone().find_map(at_part))
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
