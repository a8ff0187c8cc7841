//! When a name is taken out of a text: when it was asked for, follows a command, or comes with a wish
//! to register.

use super::decide::Wishes;
use super::language::Sense;
use super::looks::Look;
use super::{Context, Doubt, Intent, Meaning, names};

/// More words than these after a keyword say something of their own.
const MOST_WORDS: usize = 4;

impl Wishes<'_, '_> {
    /// Whether they say their name, alone or with something else.
    pub(super) fn name(&mut self, context: Context) {
        let asked_for = context == Context::AskedName;
        let beside_it = [Intent::Register, Intent::TipsOn, Intent::TipTime, Intent::Language];
        let joins = self.meanings.iter().all(|meaning| beside_it.contains(&meaning.intent));
        let name = if joins { names::after_joining(self.hearing, self.hint) } else { None };
        let beside = || self.has(Intent::Register).then(|| names::beside(self.hearing, self.hint)).flatten();
        if let Some(name) = name.or_else(|| self.name_after_wish()).or_else(beside) {
            return self.register(&name);
        }
        let said_something = !self.meanings.is_empty() || self.doubt == Some(Doubt::Stop);
        let read = names::read(self.hearing, asked_for && !said_something, self.hint);
        let beside = || names::beside(self.hearing, self.hint).filter(|_| asked_for);
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
