//! The search for the patterns in a text.

use super::lexicon::Lexicon;
use super::patterns::ROOT;
use super::phrases::{Phrase, Spoken};
use super::tokens::{Break, Token};

/// A pattern that was found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    /// Which.
    pub(super) pattern: usize,
    /// The first token.
    pub(super) start: usize,
    /// The token after the last.
    pub(super) end: usize,
    /// A word of it was misspelt.
    pub(super) typo: bool,
}

/// How many words `..` may be.
const GAP: usize = 4;
/// How many fillers may stand within a pattern.
const FILLERS: usize = 2;
/// From a place with more ways on than these, the classes of the text's words are looked up, not the ways.
const MANY: usize = 48;

/// A text with everything known about its words in one language.
#[derive(Clone, Copy)]
pub(super) struct Spread<'a> {
    /// The language.
    pub(super) language: &'a Lexicon,
    /// The words.
    pub(super) tokens: &'a [Token],
    /// The phrases that begin at each.
    pub(super) spoken: &'a Spoken,
    /// Which of them change nothing, in any language.
    pub(super) fillers: &'a [bool],
}

/// How far a search has come on one of its ways.
#[derive(Clone, Copy)]
struct Step {
    /// The next token.
    at: usize,
    /// Where in the tree.
    place: u32,
    /// How many fillers may still be skipped.
    fillers: usize,
    /// A word so far was misspelt.
    typo: bool,
}

/// The search for the patterns that begin at one token.
struct Search<'a> {
    text: Spread<'a>,
    start: usize,
    found: &'a mut Vec<Found>,
}

impl Spread<'_> {
    /// Every pattern in the text, in any context.
    pub(super) fn find(self) -> Vec<Found> {
        let mut found = Vec::new();
        for start in 0..self.tokens.len() {
            let mut search = Search { text: self, start, found: &mut found };
            search.begin();
        }
        found
    }
}

impl Search<'_> {
    fn begin(&mut self) {
        let phrases = self.text.spoken.at(self.start);
        let step = Step { at: self.start, place: ROOT, fillers: FILLERS, typo: false };
        for (at, phrase) in phrases.iter().enumerate() {
            let openings = self.text.language.vocabulary.phrases.openings(*phrase);
            for place in openings {
                let before = phrases[..at].iter().rev().take_while(|other| other.length == phrase.length);
                let mut before = before.map(|other| self.text.language.vocabulary.phrases.openings(*other));
                if before.all(|openings| openings.binary_search(place).is_err()) {
                    self.follow(step.over(*phrase, *place));
                }
            }
        }
        self.skip(step);
    }

    /// Takes what ends here, and goes on.
    fn follow(&mut self, step: Step) {
        let Step { at, place, typo, .. } = step;
        let tree = &self.text.language.tree;
        let new = |pattern: &u32| Found { pattern: *pattern as usize, start: self.start, end: at, typo };
        self.found.extend(tree.ends(place).iter().map(new));
        self.pass(step);
    }

    /// Goes on from the step's token, if what stands before it allows.
    fn pass(&mut self, step: Step) {
        let Step { at, place, .. } = step;
        let tree = &self.text.language.tree;
        let Some(token) = self.text.tokens.get(at) else { return };
        // A gap may begin a pattern.
        if at == self.start || token.before == Break::None {
            self.go_on(step);
        } else if token.before == Break::Weak {
            self.go_over_comma(step);
            if let Some(place) = tree.over_gap(place) {
                self.go_over_comma(Step { place, ..step });
            }
        }
    }

    /// Goes on over the comma before the step's token.
    fn go_over_comma(&mut self, step: Step) {
        if let Some(place) = self.text.language.tree.over_comma(step.place) {
            self.go_on(Step { place, ..step });
        }
    }

    /// What may come at the step's token, whatever stands before it.
    fn go_on(&mut self, step: Step) {
        let Step { at, place, fillers, .. } = step;
        let edges = self.text.language.tree.edges(place);
        if edges.len() > MANY {
            self.look_up(step, edges);
        } else {
            for (class, place) in edges {
                self.try_class(step, *class, *place);
            }
        }
        if at > self.start && fillers > 0 && self.text.fillers[at] {
            self.pass(Step { at: at + 1, fillers: fillers - 1, ..step });
        }
        self.skip(step);
    }

    /// Goes on over every phrase of a class, of each length once.
    fn try_class(&mut self, step: Step, class: u32, place: u32) {
        if !self.text.spoken.may_be(step.at, class) {
            return;
        }
        let mut length = 0;
        for phrase in self.text.spoken.at(step.at) {
            if phrase.length > length && self.text.language.vocabulary.phrases.is(*phrase, class) {
                length = phrase.length;
                self.follow(step.over(*phrase, place));
            }
        }
    }

    /// Goes on over every phrase that is among `edges`, of which there are many.
    fn look_up(&mut self, step: Step, edges: &[(u32, u32)]) {
        let phrases = &self.text.language.vocabulary.phrases;
        let spoken = self.text.spoken.at(step.at);
        for (at, phrase) in spoken.iter().enumerate() {
            for class in phrases.classes(*phrase) {
                let Ok(edge) = edges.binary_search_by_key(class, |(class, _)| *class) else { continue };
                let mut before = spoken[..at].iter().rev().take_while(|one| one.length == phrase.length);
                if before.all(|one| !phrases.is(*one, *class)) {
                    self.follow(step.over(*phrase, edges[edge].1));
                }
            }
        }
    }

    /// Goes on over a gap.
    fn skip(&mut self, step: Step) {
        let Some(place) = self.text.language.tree.over_gap(step.place) else { return };
        let from = step.at;
        for at in from..=from + GAP {
            let Some(token) = self.text.tokens.get(at) else { break };
            let step = Step { at, place, fillers: 0, ..step };
            if at > from && token.before != Break::None {
                if token.before == Break::Weak {
                    self.go_over_comma(step);
                }
                break;
            }
            self.go_on(step);
        }
    }
}

impl Step {
    /// The step after a phrase.
    fn over(self, phrase: Phrase, place: u32) -> Self {
        Self { at: self.at + phrase.length, place, typo: self.typo || phrase.typo, ..self }
    }
}
