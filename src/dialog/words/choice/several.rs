//! Several of the things that were numbered: `1 and 2`, `1-3`, `the first two`.

use super::super::tokens::{Break, Kind};
use super::Said;
use std::ops::Range;

/// What stands between the ends of a range, when it is no word.
const DASHES: [&str; 5] = ["-", "\u{2013}", "\u{2014}", "~", ".."];

impl Said<'_, '_> {
    /// Several of them, in their order.
    pub(super) fn several(&self) -> Option<Vec<usize>> {
        let range = self.range().map(|(_, chosen)| chosen).or_else(|| self.first_few());
        range.map(Iterator::collect).or_else(|| self.numbered())
    }

    /// `1-3`, `2 to 4`: the tokens, and what is chosen.
    pub(super) fn range(&self) -> Option<(Range<usize>, Range<usize>)> {
        let [(first, from), (last, to)] = self.numbers()[..] else { return None };
        let words = first + 1..last;
        let end = last + 1 + usize::from(self.is(last + 1, "@through"));
        let joined = if words.is_empty() {
            let tokens = &self.hearing.tokens;
            let between = self.hearing.text.get(tokens[first].end..tokens[last].start).unwrap_or_default();
            DASHES.contains(&between.trim())
        } else {
            let through = |at: usize| self.is(at, "@through");
            let plain = words.clone().all(|at| through(at) || self.is(at, "@pick"));
            plain && (words.clone().any(through) || end > last + 1)
        };
        let offered = self.offers(from) && self.offers(to);
        (joined && from < to && offered).then(|| (first..end, from - 1..to))
    }

    /// `the first two`, `the last 2`, `las dos primeras`.
    fn first_few(&self) -> Option<Range<usize>> {
        let [(at, count)] = self.numbers()[..] else { return None };
        let beside = |class: &str| {
            let ends_there = |from: usize| self.length(from, class) == Some(at - from);
            (at.saturating_sub(2)..at).any(ends_there) || self.is(at + 1, class)
        };
        let all = self.options.len();
        if count < 2 || self.hearing.tokens[at].before != Break::None {
            return None;
        }
        match (beside("@ordinal0"), beside("@the_last")) {
            // More than there are: none of them.
            (true, false) => Some(if count > all { 0..0 } else { 0..count }),
            (false, true) => Some(all.saturating_sub(count)..if count > all { 0 } else { all }),
            _ => None,
        }
    }

    /// Nothing but numbers of the list, as in `1 and 2`.
    fn numbered(&self) -> Option<Vec<usize>> {
        let numbers = self.numbers();
        let only = self.hearing.tokens.iter().enumerate().all(|(at, token)| {
            token.kind == Kind::Number || self.hearing.is_light(at) || self.number_word(at).is_some()
        });
        let mut chosen: Vec<usize> = numbers.iter().map(|(_, number)| number.saturating_sub(1)).collect();
        chosen.dedup();
        let offered = numbers.iter().all(|(_, number)| self.offers(*number));
        (only && numbers.len() > 1 && offered).then_some(chosen)
    }

    fn offers(&self, number: usize) -> bool {
        (1..=self.options.len()).contains(&number)
    }
}
