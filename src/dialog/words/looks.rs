//! Whether words look like a name, although most names are words as well in some language: capitals,
//! words that nobody knows and first names speak for one, words that make sentences against it.

use super::foreign;
use super::hearing::{Ear, Hearing};
use super::keywords::OptOutWord;
use super::tokens::{Break, Kind, Token};

/// More words than these are no name.
const MOST_WORDS: usize = 5;
/// More words than these, or as many in small letters, are asked about before they are a name.
pub(super) const NAME_WORDS: usize = 4;
/// Between the parts of long names, whose number says nothing: "de la Torre", "dos Santos", "van der Berg".
const PARTICLES: [&str; 20] = [
    "al", "bin", "bint", "da", "das", "de", "del", "den", "der", "di", "do", "dos", "du", "el", "la", "las",
    "los", "ter", "van", "von",
];
/// Names as short as these are written like words that make sentences: "My Le", "An Do".
const SHORT: usize = 2;

/// Why words may be a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ground {
    /// They answer the question for a name.
    Asked,
    /// They come after "I'm", which says other things as well.
    Led,
    /// They come after "my name is".
    Named,
    /// They come after "register".
    Joined,
}

/// Words that may be a name.
pub(super) struct Look<'a, 't> {
    pub(super) hearing: &'a Hearing<'t>,
    /// The writer's language, as far as it is known.
    pub(super) hint: Option<&'a str>,
}

/// Whether what was given as a name has the shape of a sentence: "Ich möchte mich bitte anmelden".
#[must_use]
pub fn is_sentence_like(name: &str) -> bool {
    Look { hearing: &Hearing::new(name), hint: None }.is_sentence_like()
}

impl Look<'_, '_> {
    /// Whether they are a name and nothing else.
    pub(super) fn is_name(&self, ground: Ground) -> bool {
        let tokens = &self.hearing.tokens;
        let parts = self.parts();
        let plain = |token: &Token| !token.asked && token.kind != Kind::Number && !is_opt_out(token);
        let signs = (0..tokens.len()).all(|at| self.hearing.fillers[at]) && !self.is_known_name();
        if ground == Ground::Asked && foreign::is_sentence(self.hearing) {
            return false;
        }
        if parts == 0 || parts > MOST_WORDS || signs || !tokens.iter().all(plain) {
            return false;
        }
        if tokens.iter().filter(|token| token.kind == Kind::Word).count() == 1 {
            self.is_one_name(ground)
        } else {
            self.is_full_name(ground)
        }
    }

    /// Whether they have the shape of a sentence though no language knows their words: many of them, or a capital
    /// and then small letters only, with no first name among them.
    pub(super) fn is_sentence_like(&self) -> bool {
        let tokens = &self.hearing.tokens;
        let words: Vec<usize> = (0..tokens.len()).filter(|at| tokens[*at].kind == Kind::Word).collect();
        let small = |at: &&usize| self.written(**at).chars().all(char::is_lowercase);
        let capitals = words.iter().skip(1).filter(|at| !small(at)).count();
        let parts = self.parts();
        parts > NAME_WORDS
            || parts == NAME_WORDS && capitals == 0 && !words.iter().any(|at| self.is_any(*at, "@given"))
    }

    /// How many words there are without particles, which are names only alone: "Van".
    fn parts(&self) -> usize {
        let words = || self.hearing.tokens.iter().filter(|token| token.kind == Kind::Word);
        let parts = words().filter(|token| !PARTICLES.contains(&token.word.as_str())).count();
        if parts == 0 { words().count() } else { parts }
    }

    /// Whether token `at` is a particle before more of a name: "de" and "la" in "Juan de la Cruz".
    pub(super) fn joins_names(&self, at: usize) -> bool {
        let tokens = &self.hearing.tokens;
        let is_particle = |at: usize| PARTICLES.contains(&tokens[at].word.as_str());
        let after = (at..tokens.len()).find(|at| !is_particle(*at));
        let joined = |after: usize| (at + 1..=after).all(|at| tokens[at].before == Break::None);
        at > 0 && after.is_some_and(|after| after > at && joined(after) && self.is_capital(after))
    }

    /// Whether token `at` makes sentences: "you", "is", "today".
    pub(super) fn makes_sentence(&self, at: usize) -> bool {
        let small = |at: usize| self.written(at).chars().all(char::is_lowercase);
        let short = self.written(at).chars().count() <= SHORT && self.is_capital(at);
        // "I forgot"
        let short = short && !(at + 1 < self.hearing.tokens.len() && small(at + 1));
        !short && self.is_any(at, "#sentence")
    }

    /// Whether it is one word that is known as a name, although it is a word as well.
    pub(super) fn is_known_name(&self) -> bool {
        let tokens = &self.hearing.tokens;
        let mut words = (0..tokens.len()).filter(|at| tokens[*at].kind == Kind::Word);
        let (Some(at), None) = (words.next(), words.next()) else { return false };
        let answers = || ["#not_name", "@yes", "@no"].iter().any(|class| self.is_own(at, class));
        let known = self.is_any(at, "@name_alone") || (self.is_any(at, "@given") && !answers());
        known && !tokens.iter().any(|token| token.asked || token.kind == Kind::Number)
    }

    /// Whether a word that says something is a name as well.
    pub(super) fn is_name_too(&self, at: usize) -> bool {
        ["@name_alone", "@given"].iter().any(|class| self.is_any(at, class))
    }

    fn is_one_name(&self, ground: Ground) -> bool {
        let Some(at) = self.hearing.tokens.iter().position(|token| token.kind == Kind::Word) else {
            return false;
        };
        let mut letters = self.written(at).chars();
        let cased = letters.next().is_some_and(|c| c.is_lowercase() || c.is_uppercase());
        if cased && letters.next().is_none() {
            return false;
        }
        // "Kay" when a name was asked, and "I'm Kay".
        let said =
            matches!(ground, Ground::Asked | Ground::Named) || (ground == Ground::Led && self.is_capital(at));
        if said && self.is_known_name() {
            return true;
        }
        let answers = ["#not_name", "#question", "#sentence", "@yes", "@no"];
        if answers.iter().any(|class| self.is_any(at, class)) || self.is_own(at, "@ok") {
            return false;
        }
        let given = self.is_any(at, "@given");
        match ground {
            Ground::Asked | Ground::Named => true,
            Ground::Led => given || (cased && self.is_capital(at)) || self.is_any(at, "#name"),
            Ground::Joined => given || (self.is_capital(at) && !self.is_common(at)),
        }
    }

    fn is_full_name(&self, ground: Ground) -> bool {
        let tokens = &self.hearing.tokens;
        let is_part = |at: &usize| tokens[*at].kind == Kind::Word && !self.joins_names(*at);
        let words = || (0..tokens.len()).filter(is_part);
        if words().any(|at| self.makes_sentence(at)) {
            return false;
        }
        if words().all(|at| self.is_capital(at)) {
            // "Yes, Driving"
            let apart = tokens.get(1).is_some_and(|token| token.before != Break::None);
            if apart && self.is_any(0, "#not_name") {
                return false;
            }
            let plain = |at: usize| !self.is_own(at, "#not_name") && !self.hearing.fillers[at];
            let named = |at: usize| plain(at) && !self.is_own_common(at);
            let given = self.is_any(0, "@given") && words().all(plain);
            return given || ground == Ground::Named || words().any(named);
        }
        if self.is_any(0, "#question") || words().any(|at| self.is_any(at, "#not_name")) {
            return false;
        }
        let unheard = |at: usize| self.is_any(at, "#name") || self.is_any(at, "@given");
        match ground {
            Ground::Named => true,
            Ground::Led | Ground::Joined => words().all(unheard),
            Ground::Asked => words().any(|at| !self.is_common(at) && !self.hearing.fillers[at]),
        }
    }

    /// What stands in the text for token `at`.
    fn written(&self, at: usize) -> &str {
        let token = &self.hearing.tokens[at];
        self.hearing.text.get(token.start..token.end).unwrap_or_default()
    }

    /// Whether a token is written like a name: "Asha", "O'Neil", "李娜", and "jin" in "Soo-jin", not "ASHA".
    pub(super) fn is_capital(&self, at: usize) -> bool {
        let before = self.hearing.text.get(..self.hearing.tokens[at].start).unwrap_or_default();
        let written = self.written(at);
        let first = written.chars().find(|c| c.is_alphabetic());
        let shouted = written.chars().count() > SHORT && !written.chars().any(char::is_lowercase);
        let cased = written.chars().any(|c| c.is_uppercase() || c.is_lowercase());
        before.ends_with('-') || !cased || (first.is_some_and(char::is_uppercase) && !shouted)
    }

    /// Whether a word belongs to a class in any language.
    fn is_any(&self, at: usize, class: &str) -> bool {
        self.as_written(at) && self.hearing.ears.iter().any(|ear| ear.is(at, class))
    }

    /// Whether a word belongs to a class in the writer's language.
    fn is_own(&self, at: usize, class: &str) -> bool {
        self.as_written(at) && self.own().any(|ear| ear.is(at, class))
    }

    fn is_common(&self, at: usize) -> bool {
        self.as_written(at) && self.hearing.ears.iter().any(|ear| ear.is_common(at))
    }

    fn is_own_common(&self, at: usize) -> bool {
        self.as_written(at) && self.own().any(|ear| ear.is_common(at))
    }

    /// The ear of the writer's language, or every one.
    fn own(&self) -> impl Iterator<Item = &Ear> {
        let own = |ear: &&Ear| self.hint.is_none_or(|code| ear.language.code == code);
        self.hearing.ears.iter().filter(own)
    }

    /// Whether a token was looked up as it is written: "Moore" is not "more".
    fn as_written(&self, at: usize) -> bool {
        let written = self.written(at);
        let letters = written.chars().filter(|c| c.is_alphanumeric()).count();
        !written.is_ascii() || letters == self.hearing.tokens[at].word.chars().count()
    }
}

fn is_opt_out(token: &Token) -> bool {
    OptOutWord::seen_by_twilio(&token.word, false).is_some()
}

#[cfg(test)]
mod tests;
