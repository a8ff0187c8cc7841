//! From what was found in a text to what its writer wants, in the order in which it is safe to act.

use super::hearing::Hearing;
use super::language::Sense;
use super::patterns::Extent;
use super::{Context, Doubt, Intent, Meaning, Understood, arguments, asked, code, halves, noticed};
use std::cmp::Reverse;

/// A pattern that holds.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub(super) sense: Sense,
    /// Which language found it.
    pub(super) ear: usize,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) extent: Extent,
    pub(super) typo: bool,
    pub(super) pattern: usize,
}

/// The order in which wishes are carried out: what protects people comes first.
const ORDER: [Intent; 18] = [
    Intent::Stop,
    Intent::ForgetMe,
    Intent::WrongNumber,
    Intent::TipsOff,
    Intent::Decline,
    Intent::Reschedule,
    Intent::Confirm,
    Intent::Code,
    Intent::TipTime,
    Intent::TipsOn,
    Intent::Language,
    Intent::Name,
    Intent::Start,
    Intent::Register,
    Intent::Resend,
    Intent::Human,
    Intent::Status,
    Intent::Help,
];

/// Says what the text asks for.
pub(super) fn decide(hearing: &Hearing, context: Context, hint: Option<&str>) -> Understood {
    let language = noticed::language(hearing);
    let findings = findings(hearing, context, language.or(hint));
    let mut wishes = Wishes { hearing, hint, findings, meanings: Vec::new(), doubt: None };
    wishes.stop();
    if !wishes.has(Intent::Stop) {
        wishes.code(context);
        wishes.booking(context);
        wishes.rest();
        wishes.name(context);
        wishes.doubt_number(context);
    }
    wishes.sound(context);
    let Wishes { mut meanings, doubt, .. } = wishes;
    let place = |meaning: &Meaning| ORDER.iter().position(|intent| *intent == meaning.intent);
    meanings.sort_by_key(place);
    if meanings.is_empty() {
        let why = match doubt {
            Some(Doubt::Stop) => "perhaps a stop, but not surely",
            Some(Doubt::Confirm) => "perhaps a yes, but not surely",
            Some(Doubt::Reserved) => "a yes with a reservation",
            Some(Doubt::Forget | Doubt::WrongNumber | Doubt::Answer) | None => "nothing we know",
        };
        meanings.push(Meaning { intent: Intent::Other, why: why.to_owned(), argument: None });
    }
    Understood { meanings, language, doubt }
}

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

/// Of findings that share words, the first stays. Another time, and what is wanted back, are only ever told
/// beside something else, and what tells no more than half of a stop is hidden by other wishes, but hides none.
fn drop_covered(hearing: &Hearing, all: &mut Vec<Finding>) {
    let mut taken = vec![false; hearing.tokens.len()];
    let mut other_wish = taken.clone();
    all.retain(|finding| {
        if [Sense::AnotherTime, Sense::WantedBack].contains(&finding.sense) {
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
    if foreign && matches!(finding.extent, Extent::Phrase | Extent::Opening | Extent::Closing) {
        let own = hearing.ears.iter().find(|ear| Some(ear.language.code) == language);
        let known = |at: usize| own.is_some_and(|ear| ear.readings[at].exact.is_some());
        if (finding.start..finding.end).all(known) {
            return false;
        }
    }
    let alone = finding.end - finding.start == 1;
    !finding.typo || (!foreign && (!alone || is_all(hearing, finding)))
}

/// Whether a finding is the whole message.
pub(super) fn is_all(hearing: &Hearing, finding: &Finding) -> bool {
    finding.extent == Extent::Message || hearing.nothing_but(finding.start, finding.end)
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
        Sense::Intent(intent) => 1 + ORDER.iter().position(|one| *one == intent).unwrap_or(ORDER.len()),
        Sense::PerhapsStop => 1,
        Sense::Reason => weight(Sense::Intent(Intent::Decline)),
        Sense::Hedge | Sense::AnotherTime | Sense::OurMessages | Sense::Enough | Sense::WantedBack => {
            ORDER.len() + 2
        }
    }
}

/// What is wanted, as it becomes clear.
pub(super) struct Wishes<'a, 't> {
    pub(super) hearing: &'a Hearing<'t>,
    /// The writer's language, as far as it is known.
    pub(super) hint: Option<&'a str>,
    pub(super) findings: Vec<Finding>,
    pub(super) meanings: Vec<Meaning>,
    pub(super) doubt: Option<Doubt>,
}

impl Wishes<'_, '_> {
    pub(super) fn has(&self, intent: Intent) -> bool {
        self.meanings.iter().any(|meaning| meaning.intent == intent)
    }

    pub(super) fn first(&self, sense: Sense) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.sense == sense)
    }

    pub(super) fn wish(&mut self, finding: &Finding, intent: Intent) {
        if !self.has(intent) {
            let argument = arguments::of(self.hearing, finding, intent);
            self.meanings.push(Meaning { intent, why: self.why(finding), argument });
        }
    }

    /// Stopping comes before everything else. One word in a longer text, or a misspelt one, is doubtful.
    fn stop(&mut self) {
        let stops: Vec<Finding> = self.of(Sense::Intent(Intent::Stop));
        let explains = self.findings.iter().filter(|finding| finding.sense != Sense::WantedBack);
        let spans: Vec<(usize, usize)> = explains.map(|finding| (finding.start, finding.end)).collect();
        let unexplained = self.hearing.unexplained(&spans);
        let doubled = self.first(Sense::PerhapsStop).is_some();
        let sure = stops.iter().find(|finding| {
            let alone = is_all(self.hearing, finding);
            let last = self.hearing.nothing_but(0, finding.end);
            let keyword = self.hearing.ears[finding.ear].is(finding.start, "@surely_stop");
            let first =
                keyword && finding.extent == Extent::Clause && self.hearing.nothing_before(finding.start);
            let short = finding.end - finding.start == 1 && finding.extent != Extent::Phrase;
            let clear = unexplained <= 3 || first || last || doubled;
            alone || if short { !finding.typo && clear } else { true }
        });
        if let Some(finding) = sure.cloned() {
            self.wish(&finding, Intent::Stop);
        } else if let Some(why) = self.both_halves() {
            self.meanings.push(Meaning { intent: Intent::Stop, why, argument: None });
        } else if (!stops.is_empty() || self.first(Sense::PerhapsStop).is_some()) && !self.hearing.welcomes()
        {
            self.doubt = Some(Doubt::Stop);
        }
    }

    pub(super) fn of(&self, sense: Sense) -> Vec<Finding> {
        self.findings.iter().filter(|finding| finding.sense == sense).cloned().collect()
    }

    fn code(&mut self, context: Context) {
        let Some(digits) = code::read(self.hearing) else { return };
        let asked_for = context == Context::CodeSent;
        let given =
            asked_for || code::is_alone(self.hearing) || self.first(Sense::Intent(Intent::Code)).is_some();
        if given {
            let why = if asked_for { "six digits, and a code was sent" } else { "six digits" };
            self.meanings.push(Meaning { intent: Intent::Code, why: why.to_owned(), argument: Some(digits) });
        }
    }

    fn rest(&mut self) {
        let handled =
            [Intent::Stop, Intent::Confirm, Intent::Decline, Intent::Reschedule, Intent::Code, Intent::Other];
        let mut findings = self.findings.clone();
        findings.sort_by_key(|finding| finding.start);
        for finding in findings {
            match finding.sense {
                // "Will you delete my data?" asks. What can't be undone is done when it is asked for.
                Sense::Intent(Intent::ForgetMe)
                    if self.hearing.is_asked(finding.start) && !self.hearing.says("@politely") => {}
                Sense::Intent(intent) if !handled.contains(&intent) => {
                    if intent == Intent::ForgetMe && !self.is_plain(&finding) {
                        self.doubt = Some(Doubt::Forget);
                    }
                    self.wish(&finding, intent);
                }
                _ => {}
            }
        }
        self.tips_back();
        // Whoever says what they want needs no list of what they could want.
        let wants_more = self.meanings.iter().any(|meaning| meaning.intent != Intent::Help);
        self.meanings.retain(|meaning| meaning.intent != Intent::Help || !wants_more);
    }
}
