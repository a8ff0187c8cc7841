//! When a name is taken out of a text: when it was asked for, follows a command, or comes with a wish
//! to register.

use super::decide::Wishes;
use super::{Context, Doubt, Intent, Meaning, names};

impl Wishes<'_, '_> {
    /// Whether they say their name, alone or with something else.
    pub(super) fn name(&mut self, context: Context) {
        let asked_for = context == Context::AskedName;
        let joins = self.meanings.is_empty() || self.has(Intent::Register);
        let name = if joins { names::after_joining(self.hearing, self.hint) } else { None };
        let beside = || self.has(Intent::Register).then(|| names::beside(self.hearing, self.hint)).flatten();
        if let Some(name) = name.or_else(beside) {
            return self.register(&name);
        }
        let said_something = !self.meanings.is_empty() || self.doubt == Some(Doubt::Stop);
        let read = names::read(self.hearing, asked_for && !said_something, self.hint);
        let beside = || names::beside(self.hearing, self.hint).filter(|_| asked_for);
        let name = read.or_else(|| beside().map(|name| (Some(name), "gives a name beside something else")));
        if let Some((argument, why)) = name {
            self.meanings.push(Meaning { intent: Intent::Name, why: why.to_owned(), argument });
        }
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
