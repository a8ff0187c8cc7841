//! The spellings that a language takes for the same.

use super::letters::{fold, mask};
use std::borrow::Cow;

/// What is written as what before a word is looked up, in this order.
#[derive(Debug)]
pub(super) struct Spelling(Vec<Rule>);

#[derive(Debug)]
struct Rule {
    from: String,
    to: String,
    /// Letters that `from` has.
    letters: u64,
}

impl Spelling {
    pub(super) fn new(rules: &[(String, String)]) -> Self {
        let rule = |(from, to): &(String, String)| {
            let (from, to) = (fold(from), fold(to));
            Rule { letters: mask(&from), from, to }
        };
        Self(rules.iter().map(rule).collect())
    }

    /// Whether every word is looked up as it is.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `word` as this language's file has it.
    pub(super) fn of<'w>(&self, word: &'w str) -> Cow<'w, str> {
        let mut spelt = Cow::Borrowed(word);
        if self.0.is_empty() {
            return spelt;
        }
        let mut letters = mask(word);
        for rule in &self.0 {
            if rule.letters & !letters == 0 && spelt.contains(rule.from.as_str()) {
                spelt = Cow::Owned(spelt.replace(rule.from.as_str(), &rule.to));
                letters = mask(&spelt);
            }
        }
        spelt
    }
}
