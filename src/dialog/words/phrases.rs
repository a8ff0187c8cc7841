//! The phrases of a language, and where they stand in a text.
//!
//! All phrases are one tree of words. A phrase in a text is the place where it ends in that tree; the
//! classes that it is in, and the patterns that begin with it, are lists that belong to the place.

use super::quick::QuickMap;
use super::tokens::{Break, Token};
use super::vocabulary::{FILLER, JOINER, Reading};

/// Where no phrase leads.
const NOWHERE: u32 = 0;

/// All phrases of a language.
#[derive(Debug)]
pub(super) struct Phrases {
    /// The place after one word, by its number.
    first: Vec<u32>,
    /// The next place after a place and a word.
    steps: QuickMap<(u32, u32), u32>,
    places: Vec<Place>,
    /// The classes of all places, one place after another, each in order.
    classes: Vec<u32>,
    /// Where patterns go on that begin with a phrase, one place after another, each in order.
    openings: Vec<u32>,
}

/// Where a phrase may end.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    sieve: Sieve,
    /// Where its classes begin; they end where those of the next place begin.
    classes: u32,
    /// Where its openings begin.
    openings: u32,
    /// Longer phrases begin with this one.
    goes_on: bool,
    filler: bool,
    joiner: bool,
}

/// Which classes something may be in, by a class's last eight bits.
#[derive(Clone, Copy, Debug, Default)]
struct Sieve([u64; 4]);

impl Sieve {
    fn add(&mut self, class: u32) {
        self.0[(class >> 6 & 3) as usize] |= 1 << (class & 63);
    }

    fn add_all(&mut self, other: Self) {
        self.0.iter_mut().zip(other.0).for_each(|(bits, more)| *bits |= more);
    }

    fn may_be(&self, class: u32) -> bool {
        self.0[(class >> 6 & 3) as usize] >> (class & 63) & 1 == 1
    }
}

/// A phrase in a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Phrase {
    /// Where it ends in the tree.
    place: u32,
    /// How many tokens it has.
    pub(super) length: usize,
    /// A word of it was misspelt.
    pub(super) typo: bool,
}

impl Phrases {
    /// From the steps and the classes of each place; `opening` says where patterns go on that begin
    /// with a class.
    pub(super) fn new(
        words: usize,
        steps: &QuickMap<(u32, u32), u32>,
        ends: &[Vec<u32>],
        opening: &dyn Fn(u32) -> Option<u32>,
    ) -> Self {
        let mut phrases = Self {
            first: vec![NOWHERE; words],
            steps: steps.iter().filter(|((from, _), _)| *from != 0).map(|(step, to)| (*step, *to)).collect(),
            places: Vec::with_capacity(ends.len() + 1),
            classes: Vec::new(),
            openings: Vec::new(),
        };
        for classes in ends {
            phrases.add_place(classes, opening);
        }
        phrases.add_place(&[], opening);
        for ((from, word), to) in steps {
            if *from == 0 {
                phrases.first[*word as usize] = *to;
            } else {
                phrases.places[*from as usize].goes_on = true;
            }
        }
        phrases
    }

    fn add_place(&mut self, classes: &[u32], opening: &dyn Fn(u32) -> Option<u32>) {
        let count = |list: &[u32]| u32::try_from(list.len()).unwrap_or(u32::MAX);
        let mut sieve = Sieve::default();
        for class in classes {
            sieve.add(*class);
        }
        self.places.push(Place {
            sieve,
            classes: count(&self.classes),
            openings: count(&self.openings),
            goes_on: false,
            filler: classes.contains(&FILLER),
            joiner: classes.contains(&JOINER),
        });
        self.classes.extend(classes);
        let from = self.openings.len();
        self.openings.extend(classes.iter().filter_map(|class| opening(*class)));
        self.openings[from..].sort_unstable();
    }

    /// The place of what is no phrase but in one of the built-in classes.
    pub(super) fn of_class(class: u32, length: usize) -> Phrase {
        Phrase { place: class + 1, length, typo: false }
    }

    /// The classes of a phrase.
    pub(super) fn classes(&self, phrase: Phrase) -> &[u32] {
        let at = phrase.place as usize;
        &self.classes[self.places[at].classes as usize..self.places[at + 1].classes as usize]
    }

    /// Where patterns go on that begin with a phrase.
    pub(super) fn openings(&self, phrase: Phrase) -> &[u32] {
        let at = phrase.place as usize;
        &self.openings[self.places[at].openings as usize..self.places[at + 1].openings as usize]
    }

    /// Whether a phrase is in a class.
    pub(super) fn is(&self, phrase: Phrase, class: u32) -> bool {
        self.places[phrase.place as usize].sieve.may_be(class)
            && self.classes(phrase).binary_search(&class).is_ok()
    }

    /// Adds every phrase that begins at token `start`.
    pub(super) fn find(&self, tokens: &[Token], readings: &[Reading], start: usize, all: &mut Vec<Phrase>) {
        for (word, typo) in readings[start].words() {
            let place = self.first[word as usize];
            if place != NOWHERE {
                self.go_on(tokens, readings, Phrase { place, length: 1, typo }, start, all);
            }
        }
    }

    /// Adds a phrase, and those that are longer.
    fn go_on(
        &self,
        tokens: &[Token],
        readings: &[Reading],
        phrase: Phrase,
        start: usize,
        all: &mut Vec<Phrase>,
    ) {
        let place = &self.places[phrase.place as usize];
        if self.places[phrase.place as usize + 1].classes > place.classes {
            all.push(phrase);
        }
        let at = start + phrase.length;
        if !place.goes_on || tokens.get(at).is_none_or(|token| token.before != Break::None) {
            return;
        }
        for (word, typo) in readings[at].words() {
            if let Some(place) = self.steps.get(&(phrase.place, word)) {
                let phrase = Phrase { place: *place, length: phrase.length + 1, typo: phrase.typo || typo };
                self.go_on(tokens, readings, phrase, start, all);
            }
        }
    }
}

/// The phrases that begin at each token of a text, shortest first.
#[derive(Debug, Default)]
pub(super) struct Spoken {
    all: Vec<Phrase>,
    /// Where those of each token begin, and where the last end.
    begins: Vec<usize>,
    /// What any of those of each token may be.
    sieves: Vec<Sieve>,
}

impl Spoken {
    /// For a text of so many tokens.
    pub(super) fn new(tokens: usize) -> Self {
        let mut begins = Vec::with_capacity(tokens + 1);
        begins.push(0);
        Self { all: Vec::with_capacity(tokens * 3), begins, sieves: Vec::with_capacity(tokens) }
    }

    /// Adds what begins at the next token.
    pub(super) fn add(&mut self, phrases: &Phrases, find: impl FnOnce(&mut Vec<Phrase>)) {
        let from = self.all.len();
        find(&mut self.all);
        let added = &mut self.all[from..];
        added.sort_by_key(|phrase| (phrase.length, phrase.typo));
        let mut sieve = Sieve::default();
        for phrase in added {
            sieve.add_all(phrases.places[phrase.place as usize].sieve);
        }
        self.sieves.push(sieve);
        self.begins.push(self.all.len());
    }

    /// Whether a phrase of this class may begin at a token; if not, none does.
    pub(super) fn may_be(&self, at: usize, class: u32) -> bool {
        self.sieves.get(at).is_some_and(|sieve| sieve.may_be(class))
    }

    /// Whether nothing begins at a token but any one word.
    pub(super) fn is_strange(&self, at: usize) -> bool {
        self.at(at).len() < 2
    }

    /// The phrases that begin at a token.
    pub(super) fn at(&self, at: usize) -> &[Phrase] {
        match (self.begins.get(at), self.begins.get(at + 1)) {
            (Some(from), Some(to)) => &self.all[*from..*to],
            _ => &[],
        }
    }

    /// The same with one more phrase at each of some tokens, in their order.
    pub(super) fn with(self, phrases: &Phrases, more: &[(usize, Phrase)]) -> Self {
        if more.is_empty() {
            return self;
        }
        let mut more = more.iter().peekable();
        let mut spoken = Self::new(self.begins.len());
        for at in 0..self.begins.len() - 1 {
            spoken.add(phrases, |all| {
                all.extend(self.at(at));
                all.extend(more.next_if(|(token, _)| *token == at).map(|(_, phrase)| *phrase));
            });
        }
        spoken
    }
}

impl Phrases {
    /// The length of the longest phrase of a class that begins at a token, spelt right.
    pub(super) fn longest(&self, spoken: &Spoken, at: usize, class: u32) -> Option<usize> {
        if !spoken.may_be(at, class) {
            return None;
        }
        let right = spoken.at(at).iter().rev().find(|phrase| !phrase.typo && self.is(**phrase, class));
        right.map(|phrase| phrase.length)
    }

    /// The length of the shortest.
    pub(super) fn shortest(&self, spoken: &Spoken, at: usize, class: u32) -> Option<usize> {
        if !spoken.may_be(at, class) {
            return None;
        }
        let right = spoken.at(at).iter().find(|phrase| !phrase.typo && self.is(**phrase, class));
        right.map(|phrase| phrase.length)
    }

    /// Marks the tokens that change nothing, and those that stand between two wishes.
    pub(super) fn mark(&self, spoken: &Spoken, fillers: &mut [bool], joiners: &mut [bool]) {
        for at in 0..fillers.len() {
            for phrase in spoken.at(at).iter().filter(|phrase| !phrase.typo) {
                let Place { filler, joiner, .. } = self.places[phrase.place as usize];
                let end = at + phrase.length;
                if filler {
                    fillers[at..end].fill(true);
                }
                if joiner {
                    joiners[at..end].fill(true);
                }
            }
        }
    }
}
