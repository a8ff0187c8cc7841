//! From what was found in a text to what its writer wants, in the order in which it is safe to act.

use super::findings::findings;
use super::hearing::Hearing;
use super::language::Sense;
use super::looks::Look;
use super::patterns::Extent;
use super::{Context, Doubt, Intent, Meaning, Understood, arguments, code, names, noticed};

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
pub(super) const ORDER: [Intent; 18] = [
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
    let language = noticed::language(hearing, None);
    let mut findings = findings(hearing, context, language.or(hint));
    if context == Context::AskedName {
        names::spare(hearing, hint, &mut findings);
    }
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
    wishes.foreign_stop();
    let leaves = wishes.meanings.is_empty() && wishes.doubt.is_none() && wishes.first(Sense::Leave).is_some();
    let Wishes { mut meanings, doubt, .. } = wishes;
    let place = |meaning: &Meaning| ORDER.iter().position(|intent| *intent == meaning.intent);
    meanings.sort_by_key(place);
    if meanings.is_empty() {
        let why = match doubt {
            None if leaves => "would rather not register",
            Some(Doubt::Stop) => "perhaps a stop, but not surely",
            Some(Doubt::Confirm) => "perhaps a yes, but not surely",
            Some(Doubt::Reserved) => "a yes with a reservation",
            Some(Doubt::Forget | Doubt::WrongNumber | Doubt::Answer) | None => "nothing we know",
        };
        meanings.push(Meaning { intent: Intent::Other, why: why.to_owned(), argument: None });
    }
    let bring_names = [Intent::Register, Intent::Name];
    let mut bring_one = meanings.iter().filter(|one| bring_names.contains(&one.intent));
    let name = bring_one.find_map(|one| one.argument.as_deref());
    let language = if name.is_some() { noticed::language(hearing, name) } else { language };
    Understood { meanings, language, doubt, leaves }
}

/// Whether a finding is the whole message.
pub(super) fn is_all(hearing: &Hearing, finding: &Finding) -> bool {
    finding.extent == Extent::Message || hearing.nothing_but(finding.start, finding.end)
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
            let argument = arguments::of(self.hearing, finding, intent, &self.findings);
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
        let sure = stops.iter().find(|finding| self.is_sure(finding, unexplained, doubled));
        if let Some(finding) = sure.cloned() {
            self.wish(&finding, Intent::Stop);
        } else if let Some(why) = self.both_halves() {
            self.meanings.push(Meaning { intent: Intent::Stop, why, argument: None });
        } else if (!stops.is_empty() || self.first(Sense::PerhapsStop).is_some()) && !self.hearing.welcomes()
        {
            self.doubt = Some(Doubt::Stop);
        }
    }

    /// Whether a stop is meant beyond doubt, beside so many words that nothing explains.
    fn is_sure(&self, finding: &Finding, unexplained: usize, doubled: bool) -> bool {
        let alone = is_all(self.hearing, finding);
        let last = self.hearing.nothing_but(0, finding.end);
        let ear = &self.hearing.ears[finding.ear];
        let keyword = ear.is(finding.start, "@surely_stop");
        let first = keyword && finding.extent == Extent::Clause && self.hearing.nothing_before(finding.start);
        let short = finding.end - finding.start == 1 && finding.extent != Extent::Phrase;
        // "Thanks, Hart" is signed, and no misspelt "halt"; so is "Thanks, Kat", which stops in Nepali. But "Merci, Stop".
        let foreign = self.hint.is_some_and(|code| code != ear.language.code);
        let look = Look { hearing: self.hearing, hint: self.hint };
        let a_name = (finding.typo && finding.start > 0) || (foreign && look.is_name_too(finding.start));
        let signed = short && a_name && look.is_capital(finding.start);
        let clear = unexplained <= 3 || first || last || doubled;
        !signed && (alone || !short || (!finding.typo && clear))
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
