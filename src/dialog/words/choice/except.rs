//! A choice by what is left out: `1, not 2`, `all but the first`, `neither`.

use super::{Break, Said, choice};
use crate::dialog::words::hearing::Hearing;
use crate::dialog::words::tokens::Kind;
use std::ops::Range;

/// A longer text says more than which one.
const MOST_WORDS: usize = 12;
/// Words that may stand beside "neither".
const BESIDE_NONE: [&str; 6] = ["@pick", "@no", "@not", "@both", "@them_all", "@none_of"];

/// Whether `text` says that it is none of what was offered: `neither`, `none of them`.
#[must_use]
pub fn chooses_none(text: &str) -> bool {
    let hearing = Hearing::new(text);
    let said = Said { hearing: &hearing, options: &[], agrees: false };
    let beside = |at: usize| BESIDE_NONE.iter().filter_map(|class| said.length(at, class)).max().unwrap_or(0);
    let light = |at: usize| hearing.is_light(at) || hearing.tokens[at].kind == Kind::Number;
    let mut covered: Vec<bool> = (0..hearing.tokens.len()).map(light).collect();
    for at in 0..covered.len() {
        covered[at..at + beside(at)].fill(true);
    }
    let asked = hearing.tokens.iter().any(|token| token.asked);
    !asked && hearing.says("@none_of") && covered.iter().all(|covered| *covered)
}

impl Said<'_, '_> {
    /// What is left when some are left out.
    pub(super) fn left(&self) -> Option<Vec<usize>> {
        let tokens = &self.hearing.tokens;
        if tokens.len() > MOST_WORDS || tokens.iter().any(|token| token.asked) {
            return None;
        }
        self.all_but().or_else(|| self.not_these())
    }

    /// `all but the first`, `pahilo bahek sabai`.
    fn all_but(&self) -> Option<Vec<usize>> {
        let find = |class: &str| {
            let mut tokens = 0..self.hearing.tokens.len();
            tokens.find_map(|at| self.length(at, class).map(|length| at..at + length))
        };
        let (all, except) = (find("@them_all")?, find("@except")?);
        let rest = |at: &usize| !all.contains(at) && !except.contains(at);
        let out = self.chosen((0..self.hearing.tokens.len()).filter(rest));
        let left: Vec<usize> = (0..self.options.len()).filter(|at| !out.contains(at)).collect();
        (!out.is_empty() && !left.is_empty()).then_some(left)
    }

    /// `1, not 2`, `1 ho 2 hoina`: one half refuses some, the other names others.
    fn not_these(&self) -> Option<Vec<usize>> {
        let count = self.hearing.tokens.len();
        let named = |half: Range<usize>| self.chosen(half.filter(|at| !self.refuses(*at)));
        let after = |at: usize| self.is(at, "@not_after");
        // "Not the first two" is one thing.
        let parts = |split: usize| {
            let breaks = self.hearing.tokens[split].before != Break::None || self.is(split, "#joiner");
            breaks || self.refuses(split) || after(split - 1) || after(count - 1)
        };
        (1..count).filter(|split| parts(*split)).find_map(|split| {
            let (one, other) = (0..split, split..count);
            let (out, taken) = match (self.is_refused(one.clone()), self.is_refused(other.clone())) {
                (Some(true), None) => (named(one), named(other)),
                (None, Some(true)) => (named(other), named(one)),
                _ => return None,
            };
            let apart = taken.iter().all(|at| !out.contains(at));
            (!out.is_empty() && !taken.is_empty() && apart).then_some(taken)
        })
    }

    /// Whether what refuses stands at an end of the half, and so refuses all of it; none where nothing does.
    fn is_refused(&self, half: Range<usize>) -> Option<bool> {
        let refusal = half.clone().find(|at| self.refuses(*at))?;
        let light = |mut part: Range<usize>| part.all(|at| self.hearing.is_light(at));
        Some(light(half.start..refusal) || light(refusal + 1..half.end))
    }

    fn chosen(&self, tokens: impl Iterator<Item = usize>) -> Vec<usize> {
        let words: Vec<&str> = tokens.map(|at| self.hearing.tokens[at].word.as_str()).collect();
        if words.is_empty() { Vec::new() } else { choice(&words.join(" "), self.options, self.agrees) }
    }
}
