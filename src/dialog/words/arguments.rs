//! What comes with a wish: the time for tips, the language.

use super::Intent;
use super::decide::Finding;
use super::hearing::Hearing;
use super::language::Sense;
use super::lexicon::LANGUAGES;
use super::times;

/// No time is looked for behind so many words.
const FAR: usize = 60;

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

/// The first time within the words that were understood, else anywhere, else a part of the day; none that they
/// name because they don't want it: "change my tips from 7 to 9".
fn time(hearing: &Hearing, finding: &Finding, findings: &[Finding]) -> Option<times::Minutes> {
    let ear = &hearing.ears[finding.ear];
    let number = |at: usize| ear.language.number(&ear.readings[at]);
    let clock = &ear.language.clock;
    let text = hearing.times(ear);
    let refused = |at: usize| {
        let mut not_then = findings.iter().filter(|one| one.sense == Sense::NotThen);
        not_then.any(|one| (one.start..one.end).contains(&at))
    };
    let (mut wanted, mut at) = (Vec::new(), 0);
    while at < hearing.tokens.len().min(FAR) {
        let (read, length) = match clock.read(text, &number, at) {
            Some((time, length)) => (Some((false, time)), length),
            None => (clock.part(text, at).map(|time| (true, time)), 1),
        };
        if let Some((is_part, time)) = read.filter(|_| !refused(at)) {
            let within = (finding.start..finding.end).contains(&at);
            wanted.push((is_part, !within, at, time));
        }
        at += length;
    }
    wanted.into_iter().min().map(|(.., time)| time)
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
