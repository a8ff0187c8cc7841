//! The words of one language, and the classes of phrases that stand for one another.

use super::letters::fold;
use super::quick::QuickMap;
use super::tokens::{Break, Kind, Token, tokens};
use super::typos::Typos;

/// Any number.
pub(super) const NUMBER: u32 = 0;
/// Any one word.
pub(super) const ANY: u32 = 1;
/// A time of day.
pub(super) const TIME: u32 = 2;
/// What changes nothing.
pub(super) const FILLER: u32 = 3;
/// What stands between two wishes.
pub(super) const JOINER: u32 = 4;
/// A word that no language knows.
pub(super) const NAME: u32 = 5;
/// A comma, as an element of a pattern; no phrase has this class.
pub(super) const COMMA: u32 = u32::MAX;

/// That a phrase of `class` begins at some token.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tag {
    /// Which class.
    pub(super) class: u32,
    /// How many tokens the phrase has.
    pub(super) length: usize,
    /// A word of it was misspelt.
    pub(super) typo: bool,
}

/// Words and classes.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    spelling: Vec<(String, String)>,
    numbers: QuickMap<Box<str>, u32>,
    words: Vec<Box<str>>,
    typos: Typos,
    classes: QuickMap<String, u32>,
    /// The classes that have all phrases of a class.
    including: QuickMap<u32, Vec<u32>>,
    /// The next place after a place and a word; place 0 is the beginning of every phrase.
    steps: QuickMap<(u32, u32), u32>,
    /// The classes that have a phrase which ends at a place.
    ends: Vec<Vec<u32>>,
}

/// The words that a token may be.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    /// Numbers of words.
    pub(super) words: Vec<u32>,
    /// It is none of them as it stands.
    pub(super) typo: bool,
}

impl Vocabulary {
    pub(super) fn new(spelling: &[(String, String)]) -> Self {
        let spelling = spelling.iter().map(|(from, to)| (fold(from), fold(to))).collect();
        let mut vocabulary = Self { spelling, ends: vec![Vec::new()], ..Self::default() };
        for name in ["#number", "#any", "#time", "#filler", "#joiner", "#name"] {
            vocabulary.class(name);
        }
        vocabulary
    }

    /// The number of the class with this name; it is made if there is none.
    pub(super) fn class(&mut self, name: &str) -> u32 {
        let next = u32::try_from(self.classes.len()).unwrap_or(u32::MAX);
        *self.classes.entry(name.to_owned()).or_insert(next)
    }

    /// The number of the class with this name, if there is one.
    pub(super) fn known_class(&self, name: &str) -> Option<u32> {
        self.classes.get(name).copied()
    }

    /// Adds a phrase to a class.
    pub(super) fn add(&mut self, class: u32, phrase: &str) {
        let mut place = 0;
        for token in tokens(phrase, &|_| true) {
            let word = self.add_word(&token.word);
            let next = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
            place = *self.steps.entry((place, word)).or_insert(next);
            if place == next {
                self.ends.push(Vec::new());
            }
        }
        let ends = &mut self.ends[place as usize];
        if place != 0 && !ends.contains(&class) {
            ends.push(class);
        }
    }

    /// Makes every phrase of `member` one of `class` too.
    pub(super) fn include(&mut self, class: u32, member: u32) {
        let including = self.including.entry(member).or_default();
        if !including.contains(&class) {
            including.push(class);
        }
    }

    /// Makes every phrase one of all classes that include its own; nothing may be added afterwards.
    pub(super) fn settle(&mut self) {
        for classes in &mut self.ends {
            let including = classes.iter().filter_map(|class| self.including.get(class)).flatten();
            let including: Vec<u32> = including.copied().collect();
            classes.extend(including);
            classes.sort_unstable();
            classes.dedup();
        }
    }

    /// Adds the tags of a class and of those that include it.
    pub(super) fn tag_as(&self, class: u32, length: usize, tags: &mut Vec<Tag>) {
        let including = self.including.get(&class).into_iter().flatten().copied();
        let classes = std::iter::once(class).chain(including);
        tags.extend(classes.map(|class| Tag { class, length, typo: false }));
    }

    /// Adds a word; returns its number.
    pub(super) fn add_word(&mut self, word: &str) -> u32 {
        let word = self.spelt(&fold(word));
        let next = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(word.as_str().into()).or_insert(next);
        if number == next {
            self.typos.add(&word, number);
            self.words.push(word.into());
        }
        number
    }

    /// Whether `word` is one of ours as it stands.
    pub(super) fn knows(&self, word: &str) -> bool {
        self.exact(word).is_some()
    }

    /// The number of `word`.
    pub(super) fn exact(&self, word: &str) -> Option<u32> {
        if self.spelling.is_empty() {
            return self.numbers.get(word).copied();
        }
        self.numbers.get(self.spelt(word).as_str()).copied()
    }

    /// What a token may be, misspelt or not.
    pub(super) fn read(&self, token: &Token, may_be_typo: bool) -> Reading {
        if let Some(number) = self.exact(&token.word) {
            return Reading { words: vec![number], typo: false };
        }
        if !may_be_typo || token.kind != Kind::Word {
            return Reading::default();
        }
        let word = self.spelt(&token.word);
        let words = self.typos.near(&word, |number| &self.words[number as usize]);
        Reading { words, typo: true }
    }

    /// Every phrase that begins at token `start`.
    pub(super) fn tags(&self, tokens: &[Token], readings: &[Reading], start: usize, tags: &mut Vec<Tag>) {
        let mut places = vec![(0, false)];
        for at in start..tokens.len() {
            if at > start && tokens[at].before != Break::None {
                return;
            }
            let mut next = Vec::new();
            for (place, typo) in &places {
                for word in &readings[at].words {
                    if let Some(reached) = self.steps.get(&(*place, *word)) {
                        next.push((*reached, *typo || readings[at].typo));
                    }
                }
            }
            let length = at + 1 - start;
            for (place, typo) in &next {
                let ends = &self.ends[*place as usize];
                tags.extend(ends.iter().map(|class| Tag { class: *class, length, typo: *typo }));
            }
            if next.is_empty() {
                return;
            }
            places = next;
        }
    }

    /// `word` as this language's file has it.
    fn spelt(&self, word: &str) -> String {
        let mut spelt = word.to_owned();
        for (from, to) in &self.spelling {
            if spelt.contains(from.as_str()) {
                spelt = spelt.replace(from.as_str(), to);
            }
        }
        spelt
    }
}
