//! Why we think so, for staff.

use super::decide::{Finding, Wishes};
use super::patterns::Extent;

impl Wishes<'_, '_> {
    /// `"stop texting me" (stop @texting)`: the words, and the rule that they follow.
    pub(super) fn why(&self, finding: &Finding) -> String {
        let ear = &self.hearing.ears[finding.ear];
        let tokens = &self.hearing.tokens[finding.start..finding.end];
        let words: Vec<&str> = tokens.iter().map(|token| token.word.as_str()).collect();
        let rule = &ear.language.tree.patterns[finding.pattern].text;
        let extent = match finding.extent {
            Extent::Message => "the whole message",
            Extent::Clause => "a clause of its own",
            Extent::Asked => "a question of its own",
            Extent::Opening | Extent::Leading => "begins with it",
            Extent::Closing => "ends with it",
            Extent::Phrase => "in the text",
        };
        let typo = if finding.typo { ", misspelt" } else { "" };
        format!("\"{}\" is \"{rule}\" ({}, {extent}{typo})", words.join(" "), ear.language.code)
    }
}
