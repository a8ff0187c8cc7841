//! When a name is taken out of a text: when it was asked for, follows a command, or comes with a wish
//! to register.

use super::decide::{Finding, Wishes};
use super::findings::findings;
use super::hearing::Hearing;
use super::language::Sense;
use super::looks::Look;
use super::{Context, Doubt, Intent, Meaning, names};

/// More words than these after a keyword say something of their own.
const MOST_WORDS: usize = 4;

impl Wishes<'_, '_> {
    /// Whether they say their name, alone or with something else.
    pub(super) fn name(&mut self, context: Context) {
        if self.first(Sense::Leave).is_some() {
            return;
        }
        if let Some(name) = self.corrected(context) {
            let why = "says that a name is not theirs, and which is".to_owned();
            return self.meanings = vec![Meaning { intent: Intent::Name, why, argument: Some(name) }];
        }
        let asked_for = context == Context::AskedName;
        let beside_it = [Intent::Register, Intent::TipsOn, Intent::TipTime, Intent::Language];
        let joins = self.meanings.iter().all(|meaning| beside_it.contains(&meaning.intent));
        let name = if joins { names::after_joining(self.hearing, self.hint) } else { None };
        let beside =
            || self.has(Intent::Register).then(|| names::beside(self.hearing, 0, self.hint)).flatten();
        if let Some(name) = name.or_else(|| self.name_after_wish()).or_else(beside) {
            return self.register(&name);
        }
        let said_something = !self.meanings.is_empty() || self.doubt == Some(Doubt::Stop);
        let read = names::commanded(self.hearing, self.hint).or_else(|| match (said_something, asked_for) {
            (true, _) => None,
            (false, true) => names::answered(self.hearing, self.hint),
            (false, false) => names::told(self.hearing, self.hint),
        });
        let beside = || names::beside(self.hearing, 0, self.hint).filter(|_| asked_for);
        let changed = || names::changed(self.hearing, self.hint);
        let other =
            || beside().or_else(changed).map(|name| (Some(name), "gives a name beside something else"));
        if let Some((argument, why)) = read.or_else(other) {
            self.meanings.push(Meaning { intent: Intent::Name, why: why.to_owned(), argument });
        } else if self.meanings.is_empty() && self.doubt.is_none() && self.begins_with_joining() {
            let why = "begins with a word to register".to_owned();
            self.meanings.push(Meaning { intent: Intent::Register, why, argument: None });
        }
    }

    /// "My name isn't Bob, it's Rob": no wrong number, where nothing else is asked for. Nor is "this isn't Karen, it's
    /// Karin" from somebody who has just told their name.
    fn corrected(&self, context: Context) -> Option<String> {
        let [wrong] = &self.of(Sense::Intent(Intent::WrongNumber))[..] else { return None };
        let only = self.meanings.iter().all(|meaning| meaning.intent == Intent::WrongNumber);
        let registers = matches!(context, Context::AskedName | Context::CodeSent);
        let denied = only && (registers || is_about_name(self.hearing, wrong));
        denied.then(|| names::beside(self.hearing, wrong.end, self.hint)).flatten()
    }

    /// A short text that begins with "register" and goes on with what we don't understand.
    fn begins_with_joining(&self) -> bool {
        let understood = self.findings.iter().any(|finding| finding.start == 0);
        let joins = self.hearing.ears.iter().any(|ear| ear.length(0, "@join").is_some());
        let count = self.hearing.tokens.len();
        let look = Look { hearing: self.hearing, hint: self.hint };
        let sentence = (1..count).any(|at| self.hearing.tokens[at].asked || look.makes_sentence(at));
        joins && !understood && !sentence && count <= MOST_WORDS
    }

    /// "I want to sign up I'm Asha": what says the name follows the wish.
    fn name_after_wish(&self) -> Option<String> {
        let wishes = self.findings.iter().filter(|one| one.sense == Sense::Intent(Intent::Register));
        wishes.into_iter().find_map(|wish| names::led(self.hearing, wish.end, self.hint))
    }

    /// They register, and say their name with it.
    fn register(&mut self, name: &str) {
        if !self.has(Intent::Register) {
            let why = "begins with a word to register".to_owned();
            self.meanings.push(Meaning { intent: Intent::Register, why, argument: None });
        }
        let meanings = self.meanings.iter_mut();
        for meaning in meanings.filter(|meaning| meaning.intent == Intent::Register) {
            meaning.why.push_str(", with a name");
            meaning.argument = Some(name.to_owned());
        }
    }
}

/// Whether all that says that the number is wrong is about the writer's name: "my name isn't Bob".
pub(super) fn denies_name(hearing: &Hearing) -> bool {
    let mut wrong = findings(hearing, Context::Nothing, None);
    wrong.retain(|finding| finding.sense == Sense::Intent(Intent::WrongNumber));
    !wrong.is_empty() && wrong.iter().all(|finding| is_about_name(hearing, finding))
}

/// Whether words that say that the number is wrong are about the writer's name.
fn is_about_name(hearing: &Hearing, wrong: &Finding) -> bool {
    (wrong.start..wrong.end).any(|at| hearing.ears[wrong.ear].is(at, "@own_name"))
}
