//! Whether a no, or a wish to move, is plain. What was called off comes back by staff only, so it takes two
//! witnesses, a rule and the weights of the words; what has only one of them is asked about first.

use super::decide::{Finding, Wishes, is_all};
use super::hearing::Hearing;
use super::language::Sense;
use super::weights::{self, Likely};
use super::{Context, Doubt, Intent, understand};

/// How likely the weights must find that it is a no or a wish to move. Of 110 texts that ask for nothing, seen for
/// the first time with a booking open, rules take 22 for one of the two, and one of them is as likely as this; of
/// 58 plain ones all are.
const ENOUGH: f32 = 0.85;
/// How likely where the rule itself says it in full.
const ENOUGH_IN_FULL: f32 = 0.5;
/// How likely that it is a wrong number, or a wish to hear no more.
const ENOUGH_FOR_NUMBER: f32 = 0.7;
/// What changes a booking so that only staff can change it back.
const LASTING: [Intent; 2] = [Intent::Decline, Intent::Reschedule];
/// Words that do so when nothing else is said.
const KEYWORDS: [&str; 4] = ["@no", "@cant", "@cancel", "@move"];
/// What they are said of.
const COMING: [&str; 4] = ["@make_it", "@come_inf", "@appointment", "@slot"];

impl Wishes<'_, '_> {
    /// A no, or a wish to move, that a rule found. Where a booking waits for an answer, it is in doubt if it does
    /// not sound like either, neither all of it nor, if nothing else is said, the words that the rule found.
    pub(super) fn change(&mut self, finding: &Finding, intent: Intent, context: Context) {
        self.wish(finding, intent);
        if context != Context::BookingOpen || self.doubt.is_some() {
            return;
        }
        if let Some(why) = self.unsure_of(finding) {
            return self.ask_first(intent, &format!("for {why}"));
        }
        if self.is_keyword(finding) {
            return;
        }
        let whole = lasting(weights::likely(self.hearing, context));
        let spans: Vec<(usize, usize)> = self.findings.iter().map(|one| (one.start, one.end)).collect();
        let part = || lasting(weights::likely_part(self.hearing, finding.start..finding.end, context));
        let says_no_more = self.hearing.unexplained(&spans) == 0;
        let enough = if self.is_full(finding) { ENOUGH_IN_FULL } else { ENOUGH };
        let likely = if whole < enough && says_no_more { part() } else { whole };
        if likely < enough {
            self.ask_first(intent, &sounds_so_by(likely));
        }
    }

    /// It is done only after a question; `why` says so, with the reason.
    fn ask_first(&mut self, intent: Intent, reason: &str) {
        self.doubt = Some(Doubt::Answer);
        for meaning in self.meanings.iter_mut().filter(|meaning| meaning.intent == intent) {
            meaning.why.extend(["; asked first, ", reason]);
        }
    }

    /// A wrong number ends all messages, so that takes two witnesses as well: "she moved away last year" is asked about.
    pub(super) fn doubt_number(&mut self, context: Context) {
        if self.doubt.is_some() || !self.has(Intent::WrongNumber) {
            return;
        }
        let heard = weights::likely(self.hearing, context);
        let likely = heard.of(Intent::WrongNumber) + heard.of(Intent::Stop);
        // "I'm not Bob", and nothing else.
        let denies = |rule: &Finding| {
            let text = &self.hearing.ears[rule.ear].language.tree.patterns[rule.pattern].text;
            is_all(self.hearing, rule) && (text.contains("#name") || text.contains("@given"))
        };
        let says_so = self.first(Sense::Intent(Intent::WrongNumber)).is_some_and(denies);
        // Whoever has just asked to be registered from this number hardly says that it is another's.
        let registers = matches!(context, Context::AskedName | Context::CodeSent);
        if says_so && registers {
            self.ask_first(Intent::WrongNumber, "for they are registering");
            self.doubt = Some(Doubt::WrongNumber);
        } else if !says_so && likely < ENOUGH_FOR_NUMBER {
            self.ask_first(Intent::WrongNumber, &sounds_so_by(likely));
            self.doubt = Some(Doubt::WrongNumber);
        }
    }

    /// Whether nothing stands in it but words that refuse and words that say what: "can't come".
    fn is_full(&self, finding: &Finding) -> bool {
        let ear = &self.hearing.ears[finding.ear];
        let refusal = KEYWORDS.iter().filter_map(|class| ear.length(finding.start, class)).max();
        let Some(refusal) = refusal else { return false };
        let rest = finding.start + refusal;
        let is_what =
            |class: &&str| ear.length(rest, class).is_some_and(|length| rest + length == finding.end);
        rest < finding.end && COMING.iter().any(is_what)
    }

    /// Whether all of it is one phrase that refuses by itself.
    fn is_keyword(&self, finding: &Finding) -> bool {
        let length = finding.end - finding.start;
        let is = |class: &&str| self.hearing.ears[finding.ear].length(finding.start, class) == Some(length);
        is_all(self.hearing, finding) && KEYWORDS.iter().any(is)
    }
}

fn sounds_so_by(likely: f32) -> String {
    format!("for it sounds so by {:.0} % only", likely * 100.0)
}

fn lasting(likely: Likely) -> f32 {
    LASTING.iter().map(|intent| likely.of(*intent)).sum()
}

/// What is said to a question that is answered by a yes or a no, and by nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum YesOrNo {
    /// "Yes please".
    Yes,
    /// "No", also "no, keep it": nothing after it refuses by itself.
    No,
}

/// Reads a text as a bare yes or no; "no, I can't come" and "yes I'll be there" are neither.
#[must_use]
pub fn yes_or_no(text: &str, hint: Option<&str>) -> Option<YesOrNo> {
    let hearing = Hearing::new(text);
    // "No thanks" is a phrase of its own, and no more than a no.
    let alone = |at: usize, length: usize| (at + 1..at + length).all(|at| hearing.is_light(at));
    let is = |at: usize, class: &str| {
        hearing.ears.iter().any(|ear| ear.length(at, class).is_some_and(|length| alone(at, length)))
    };
    let weighty: Vec<usize> = (0..hearing.tokens.len()).filter(|at| !hearing.is_light(*at)).collect();
    let first = *weighty.first()?;
    if hearing.tokens.iter().any(|token| token.asked) {
        return None;
    }
    if weighty.iter().all(|at| is(*at, "@yes")) {
        return Some(YesOrNo::Yes);
    }
    // A word such as "sakdina" is a no to coming.
    let refuses = is(first, "@no") && !is(first, "@cant");
    let rest = weighty.get(1).map_or("", |next| &text[hearing.tokens[*next].start..]);
    let goes_on = || understand(rest, Context::BookingOpen, hint).meanings[0].intent;
    (refuses && (rest.is_empty() || !LASTING.contains(&goes_on()))).then_some(YesOrNo::No)
}

/// Whether `text` says that they come beside every yes in it: "yes I'll be there", but not "yes, unfortunately".
#[must_use]
pub fn comes_beside_yes(text: &str, hint: Option<&str>) -> bool {
    let hearing = Hearing::new(text);
    let is_yes = |at: usize| hearing.ears.iter().any(|ear| ear.length(at, "@yes").is_some());
    let rest: Vec<&str> = (0..hearing.tokens.len())
        .filter(|at| !is_yes(*at))
        .map(|at| hearing.tokens[at].word.as_str())
        .collect();
    let rest = understand(&rest.join(" "), Context::BookingOpen, hint);
    rest.doubt.is_none() && rest.meanings[0].intent == Intent::Confirm
}

#[cfg(test)]
mod tests;
