//! What makes an answer about a booking doubtful though a rule found it: a condition, a "perhaps", somebody else
//! who comes, another thing that is to be moved, a no that is taken back.

use super::Intent;
use super::decide::{Finding, Wishes};
use super::language::Sense;
use super::tokens::Break;
use std::ops::Range;

/// Words that name nothing but a day.
const DAYS: [&str; 8] =
    ["@day", "@weekday", "@weekdays", "#day0", "#day1", "#day2", "#next_week", "#next_month"];
/// Words that refuse by themselves; a no without any of them gives a reason only.
const REFUSALS: [&str; 6] = ["@no", "@cant", "@not_come", "@cancel", "@negation", "@backing_out"];

impl Wishes<'_, '_> {
    /// Why a no, or a wish to move, is in doubt, if it is.
    pub(super) fn unsure_of(&self, finding: &Finding) -> Option<&'static str> {
        let is_bare_no = finding.end - finding.start == 1
            && self.any(finding.start, "@no")
            && !self.any(finding.start, "@not_come");
        if is_bare_no {
            return None;
        }
        let declines = finding.sense != Sense::Intent(Intent::Reschedule);
        let ways = [
            (self.is_conditional(finding), "it has a condition"),
            (declines && self.is_perhaps(finding), "it is not sure"),
            (declines && self.is_of_others(finding), "it is about somebody else"),
            (declines && self.is_mere_reason(finding), "it is a reason only"),
            (self.is_of_something_else(finding), "it is about something else"),
        ];
        ways.into_iter().find_map(|(holds, why)| holds.then_some(why))
    }

    /// Whether somebody else comes, and nothing says that they do: "my wife is coming instead of me".
    pub(super) fn others_come(&self) -> bool {
        let is_yes = |one: &&Finding| one.sense == Sense::Intent(Intent::Confirm);
        let agrees = |one: &Finding| self.any(one.start, "@yes") || self.any(one.start, "@confirm");
        let of_others = |one: &Finding| !agrees(one) && self.is_of_others(one);
        let they_too = || self.hearing.says("@first_person");
        self.hearing.says("@instead") || (self.findings.iter().filter(is_yes).all(of_others) && !they_too())
    }

    /// Whether a yes goes before a wish for another time that only names a day: "yes, next week".
    pub(super) fn agrees_to_day(&self, day: &Finding) -> bool {
        let mut names = vec![false; self.hearing.tokens.len()];
        for at in day.start..day.end {
            let lengths =
                self.hearing.ears.iter().flat_map(|ear| DAYS.iter().map(move |class| ear.length(at, class)));
            let length = lengths.flatten().max().unwrap_or(0);
            names[at..at + length].fill(true);
        }
        let yes = self.first(Sense::Intent(Intent::Confirm)).is_some_and(|yes| yes.end <= day.start);
        yes && names[day.start..day.end].iter().all(|names| *names)
            && self.hearing.reservation(0).is_none()
            && !self.hearing.is_asked(day.start)
    }

    /// Whether a yes takes back the no before it: "I can't, sorry, I can".
    pub(super) fn takes_back(&self, no: &Finding, yes: &Finding) -> bool {
        yes.start >= no.end && (yes.end - yes.start > 1 || self.any(yes.start, "@yes"))
    }

    /// "I'll come if it doesn't rain".
    pub(super) fn goes_on_with_condition(&self, yes: &Finding) -> bool {
        self.next(yes).is_some_and(|at| self.begins_condition(yes, at))
    }

    fn begins_condition(&self, finding: &Finding, at: usize) -> bool {
        self.hearing.ears[finding.ear].is(at, "@condition") && !self.hearing.fillers[at]
    }

    /// "If it rains I won't come", and the other way round.
    fn is_conditional(&self, finding: &Finding) -> bool {
        let begins = |at: usize| self.begins_condition(finding, at);
        let sentence = self.around(finding, &|at| self.hearing.tokens[at].before == Break::Strong);
        (sentence.start..finding.end).any(begins) || self.next(finding).is_some_and(begins)
    }

    /// "Probably won't come".
    fn is_perhaps(&self, finding: &Finding) -> bool {
        let part = self.part(finding);
        let ear = &self.hearing.ears[finding.ear];
        let says = |at: usize| at < self.hearing.tokens.len() && ear.is(at, "@perhaps");
        let cancels = (finding.start..finding.end).any(|at| self.any(at, "@cancel"));
        !cancels
            && ((part.start..finding.end).any(says)
                || self.next(finding).is_some_and(says)
                || says(finding.end))
    }

    /// "My sister can't make it".
    fn is_of_others(&self, finding: &Finding) -> bool {
        let ear = &self.hearing.ears[finding.ear];
        let before = self.part(finding).start..finding.end;
        before.clone().any(|at| ear.is(at, "@others"))
            && !before.into_iter().any(|at| ear.is(at, "@first_person"))
    }

    /// "My son is sick", with no word that they don't come.
    fn is_mere_reason(&self, finding: &Finding) -> bool {
        let refuses =
            |one: &Finding| (one.start..one.end).any(|at| REFUSALS.iter().any(|class| self.any(at, class)));
        let is_no = |one: &&Finding| one.sense == Sense::Intent(Intent::Decline);
        let ill = (finding.start..finding.end).any(|at| self.any(at, "@sick") || self.any(at, "@ill"));
        (ill || finding.sense == Sense::Reason)
            && !refuses(finding)
            && !self.findings.iter().filter(is_no).any(refuses)
    }

    /// "Can I move my car": what is named is nothing that we have booked.
    fn is_of_something_else(&self, finding: &Finding) -> bool {
        let part = self.part(finding);
        let ear = &self.hearing.ears[finding.ear];
        let moves = |at: usize| ear.is(at, "@move") || ear.is(at, "@cancel");
        let booked = |at: usize| ear.is(at, "@booked");
        let has_object = part.clone().any(|at| {
            let length = ear.length(at, "@whose_thing");
            length.is_some_and(|length| part.contains(&(at + length)) && !moves(at + length))
        });
        (finding.start..finding.end).any(moves) && has_object && !part.clone().any(booked)
    }

    fn any(&self, at: usize, class: &str) -> bool {
        at < self.hearing.tokens.len() && self.hearing.ears.iter().any(|ear| ear.is(at, class))
    }

    /// The token after a finding, if nothing parts the two.
    fn next(&self, finding: &Finding) -> Option<usize> {
        let next = (finding.end..self.hearing.tokens.len()).find(|at| !self.hearing.fillers[*at])?;
        let parted = (finding.end..=next).any(|at| self.hearing.tokens[at].before != Break::None);
        (!parted).then_some(next)
    }

    /// The part of the text with a finding, between breaks and joiners.
    fn part(&self, finding: &Finding) -> Range<usize> {
        // "Car" joins in French.
        let joins = |at: usize| self.hearing.ears[finding.ear].is(at, "#joiner");
        let parts = |at: usize| {
            self.hearing.tokens[at].before != Break::None || joins(at) || at.checked_sub(1).is_some_and(joins)
        };
        self.around(finding, &parts)
    }

    /// The tokens around a finding as far as one that `begins` something new.
    fn around(&self, finding: &Finding, begins: &dyn Fn(usize) -> bool) -> Range<usize> {
        let start = (0..=finding.start).rev().find(|at| begins(*at)).unwrap_or(0);
        let count = self.hearing.tokens.len();
        start..(finding.end..count).find(|at| begins(*at)).unwrap_or(count)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Context, Doubt, Intent, understand};

    fn heard(text: &str) -> (Intent, Option<Doubt>) {
        let understood = understand(text, Context::BookingOpen, None);
        (understood.meanings[0].intent, understood.doubt)
    }

    #[test]
    fn somebody_else_or_a_condition_makes_no_yes() {
        for text in "my wife is coming instead of me|yes I refuse|yes I moved away last year|yes we left town|yes I will call you|\
            oui on verra|oui nous sommes absents|I'll be there in spirit|hajur ma kaam ma hunchu|my son will be there for me|my mom is coming|yes, my son comes in my place|\
            coming if the bus runs|I can't, sorry, I can|mi hijo va a ir|irá mi hermana en mi lugar|voy si consigo permiso|\
            no puedo, perdón, sí puedo|mon fils viendra|je viens si je trouve une voiture|je peux pas, pardon, je peux|\
            mero chhora aaucha|hune bhaye aauchu|milyo bhane aauchu|मेरो छोरा आउँछ"
            .split('|')
        {
            let (intent, doubt) = heard(text);
            assert_ne!(intent, Intent::Confirm, "{text}: {doubt:?}");
            assert_ne!((intent, doubt), (Intent::Decline, None), "{text}");
        }
        for text in "my wife and I will be there|me and my wife will be there|mum will be there, i'm driving her|I'm coming with my son|yes she's coming|boss said ok, coming|mi esposa y yo iremos|\
            voy con mi hijo|je viens avec mon fils|ma chhora sanga aauchu"
            .split('|')
        {
            assert_eq!(heard(text), (Intent::Confirm, None), "{text}");
        }
    }

    #[test]
    fn a_no_that_may_be_none_is_asked_about() {
        for text in "if it rains I won't come|I won't come if it rains|probably won't come|my sister can't make it|I have a fever|\
            my car broke down|a lo mejor no llego|si no consigo permiso no puedo ir|mi mamá no puede ir|estoy enfermo|\
            s'il pleut je ne viens pas|peut-être que je ne viendrai pas|je suis malade|pani paryo bhane aaudina|aaudina hola|\
            सायद आउँदिन|ma birami chhu|can I move my car there?|I need to reschedule my flight|puedo mover mi carro|\
            je dois reporter mon voyage|mero gadi sarnu paryo"
            .split('|')
        {
            assert_eq!(heard(text).1, Some(Doubt::Answer), "{text}");
        }
        for text in "I can't come, my son is sick|no sorry, my daughter is sick and I can't come|can I move my appointment|can I move it?|\
            no puedo ir, estoy enfermo|quiero cambiar la hora|je ne peux pas venir, je suis malade|je voudrais déplacer mon rdv|\
            aauna sakdina, birami chu|mero appointment sarnu paryo"
            .split('|')
        {
            let (intent, doubt) = heard(text);
            assert!(matches!(intent, Intent::Decline | Intent::Reschedule) && doubt.is_none(), "{text}: {doubt:?}");
        }
    }
}
