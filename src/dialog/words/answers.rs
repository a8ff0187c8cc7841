//! Answers about a booking: yes, no, another time, or a yes that is none.

use super::decide::{Finding, Wishes, is_all};
use super::language::Sense;
use super::patterns::Extent;
use super::{Context, Doubt, Intent};

impl Wishes<'_, '_> {
    /// Yes, no, or another time. What is unclear confirms nothing.
    pub(super) fn booking(&mut self, context: Context) {
        let open = context == Context::BookingOpen;
        let first = |wishes: &Self, intent| wishes.first(Sense::Intent(intent)).cloned();
        if let Some(finding) = first(self, Intent::Reschedule).filter(|finding| !self.agrees_to_day(finding))
        {
            return self.change(&finding, Intent::Reschedule, context);
        }
        let (refusal, yes) = (first(self, Intent::Decline), first(self, Intent::Confirm));
        let no = refusal.or_else(|| self.reason(yes.as_ref()));
        let apart = |no: &Finding, other: &Finding| other.start >= no.end || other.end <= no.start;
        let another_time = no.as_ref().and_then(|no| {
            self.findings.iter().find(|one| one.sense == Sense::AnotherTime && apart(no, one)).cloned()
        });
        if let (Some(_), Some(finding), true) = (&no, &another_time, open) {
            return self.change(&finding.clone(), Intent::Reschedule, context);
        }
        // "Can't make it, Friday ok?"
        if let (Some(_), Some(finding)) = (&no, &yes)
            && self.hearing.is_asked(finding.start)
        {
            return self.change(&finding.clone(), Intent::Reschedule, context);
        }
        let one_word = |no: &Finding| no.end - no.start == 1;
        match (no, yes) {
            (Some(no), Some(yes))
                if no.sense == Sense::Reason
                    || self.takes_back(&no, &yes)
                    || (one_word(&no) && (!one_word(&yes) || self.hearing.is_sign(no.start))) =>
            {
                self.doubt = self.doubt.or(Some(Doubt::Confirm));
            }
            (Some(no), _) => self.change(&no, Intent::Decline, context),
            (None, Some(yes)) => self.confirm(&yes, context),
            (None, None) => {}
        }
    }

    /// A yes, where nothing takes it back.
    fn confirm(&mut self, yes: &Finding, context: Context) {
        if let Some(reserved) = self.reservation(yes) {
            return self.reserve(reserved, context);
        }
        let hedged = self.first(Sense::Hedge).is_some()
            || self.doubt.is_some()
            || self.others_come()
            || self.only_begins()
            || self.goes_on_with_condition(yes)
            || self.hearing.denies()
            || self.negates(yes)
            || self.cancels();
        let misspelt = yes.typo && yes.end - yes.start == 1 && !is_all(self.hearing, yes);
        if hedged || misspelt || self.hearing.is_asked(yes.start) {
            self.doubt = self.doubt.or(Some(Doubt::Confirm));
        } else {
            self.wish(yes, Intent::Confirm);
        }
    }

    /// Whether all that agrees is how it begins, and more is said that nobody understood: "yes I moved away".
    fn only_begins(&self) -> bool {
        let is_yes = |one: &&Finding| one.sense == Sense::Intent(Intent::Confirm);
        let spans: Vec<_> = self.findings.iter().map(|one| (one.start, one.end)).collect();
        self.findings.iter().filter(is_yes).all(|one| one.extent == Extent::Leading)
            && self.hearing.unexplained(&spans) > 0
    }

    /// What keeps them from coming. Who is in doubt before it, asks about it or says after it that they come
    /// does come: "what if I am sick", "not sick any more", "I have work but I will be there".
    fn reason(&self, yes: Option<&Finding>) -> Option<Finding> {
        let reason = self.first(Sense::Reason)?;
        let refuses = |one: &Finding| self.hearing.ears[one.ear].is(one.start, "@no");
        let hedged = |one: &Finding| one.sense == Sense::Hedge && one.start < reason.start && !refuses(one);
        let apart = |one: &Finding| one.start >= reason.end || one.end <= reason.start;
        let another_time = |one: &Finding| one.sense == Sense::AnotherTime && apart(one);
        let comes = yes.is_some_and(|yes| yes.start >= reason.end && yes.end - yes.start > 2);
        let goes_on =
            (comes || self.hearing.is_asked(reason.start)) && !self.findings.iter().any(another_time);
        (!goes_on && !self.findings.iter().any(hedged)).then(|| reason.clone())
    }

    /// Whether a negation stands in a gap of the words understood: "that day is no good".
    fn negates(&self, yes: &Finding) -> bool {
        let ear = &self.hearing.ears[yes.ear];
        let pattern = &ear.language.tree.patterns[yes.pattern].text;
        let meant = |word: &str| pattern.split([' ', '|', '_', '?', '@']).any(|part| part == word);
        let negates = |at: usize| ear.is(at, "@negation") && !meant(&self.hearing.tokens[at].word);
        pattern.contains("..") && (yes.start..yes.end).any(negates)
    }

    /// Whether words that call something off stand beside the yes, with no "don't" before them: "yes please
    /// cancel".
    fn cancels(&self) -> bool {
        let says = |at: usize, class: &str| self.hearing.ears.iter().any(|ear| ear.is(at, class));
        let sense = |at: usize| self.findings.iter().find(|one| (one.start..one.end).contains(&at));
        let kept =
            |at: usize| (at.saturating_sub(3)..at).any(|before| says(before, "@not") || says(before, "@no"));
        (0..self.hearing.tokens.len()).any(|at| says(at, "@calls_off") && sense(at).is_none() && !kept(at))
    }

    /// Where a yes is partly taken back: "yes but at 3". Words that ask for something else take
    /// nothing back: "yes but stop the tips".
    fn reservation(&self, yes: &Finding) -> Option<usize> {
        let at = self.hearing.reservation(yes.start + 1)?;
        let wishes_more = self.findings.iter().any(|finding| {
            let same = [Intent::Confirm, Intent::Other].map(Sense::Intent).contains(&finding.sense);
            finding.start >= at && !same && matches!(finding.sense, Sense::Intent(_))
        });
        (!wishes_more).then_some(at)
    }

    /// A yes with a reservation is a wish for the time that follows, or else no sure yes.
    fn reserve(&mut self, at: usize, context: Context) {
        let names_time = |finding: &&Finding| {
            let ear = &self.hearing.ears[finding.ear];
            let tagged = |at: usize| ["#time", "#number", "@weekday"].iter().any(|class| ear.is(at, class));
            finding.sense == Sense::AnotherTime
                && finding.start > at
                && (finding.start..finding.end).any(tagged)
        };
        match self.findings.iter().find(names_time).cloned() {
            Some(finding) => self.change(&finding, Intent::Reschedule, context),
            None => self.doubt = self.doubt.or(Some(Doubt::Reserved)),
        }
    }
}
