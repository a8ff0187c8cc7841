//! The words of one language, and the classes of phrases that stand for one another.

use super::letters::fold;
use super::phrases::Phrases;
use super::quick::{QuickMap, QuickSet};
use super::spelling::Spelling;
use super::tokens::{Kind, Token, tokens};
use super::typos::Typos;
use std::borrow::Cow;

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
/// The names of the classes above, in their order.
const BUILT_IN: [&str; 6] = ["#number", "#any", "#time", "#filler", "#joiner", "#name"];
/// A comma, as an element of a pattern; no phrase has this class.
pub(super) const COMMA: u32 = u32::MAX;

/// Words and classes, as they are collected from a language's file.
#[derive(Debug)]
pub(super) struct Collecting {
    spelling: Spelling,
    numbers: QuickMap<Box<str>, u32>,
    words: Vec<Box<str>>,
    /// Which word each is read as.
    read_as: Vec<u32>,
    /// Which are misspelt.
    misspelt: QuickSet<u32>,
    classes: QuickMap<String, u32>,
    /// The classes that have all phrases of a class.
    including: QuickMap<u32, Vec<u32>>,
    /// The next place after a place and a word; place 0 is the beginning of every phrase.
    steps: QuickMap<(u32, u32), u32>,
    /// The classes that have a phrase which ends at a place.
    ends: Vec<Vec<u32>>,
}

/// Words and classes, ready to be looked up.
#[derive(Debug)]
pub(super) struct Vocabulary {
    spelling: Spelling,
    numbers: QuickMap<Box<str>, u32>,
    words: Vec<Box<str>>,
    read_as: Vec<u32>,
    typos: Typos,
    classes: QuickMap<String, u32>,
    /// What the words make.
    pub(super) phrases: Phrases,
}

/// The words that a token may be.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    /// The number of the word that it is, as it stands.
    pub(super) exact: Option<u32>,
    /// The numbers of the words that it may have been meant to be, where it is none as it stands.
    pub(super) meant: Vec<u32>,
}

impl Collecting {
    pub(super) fn new(spelling: &[(String, String)]) -> Self {
        let mut collecting = Self {
            spelling: Spelling::new(spelling),
            numbers: QuickMap::default(),
            words: Vec::new(),
            read_as: Vec::new(),
            misspelt: QuickSet::default(),
            classes: QuickMap::default(),
            including: QuickMap::default(),
            steps: QuickMap::default(),
            ends: vec![Vec::new()],
        };
        for name in BUILT_IN {
            // A place of its own, where no word leads: [`Phrases::place_of`].
            let class = collecting.class(name);
            collecting.ends.push(vec![class]);
        }
        collecting
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

    /// Adds a word; returns its number.
    pub(super) fn add_word(&mut self, word: &str) -> u32 {
        let folded = fold(word);
        let word = self.spelling.of(&folded);
        let next = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(word.as_ref().into()).or_insert(next);
        if number == next {
            self.words.push(word.into());
            self.read_as.push(number);
        }
        number
    }

    /// Reads a word as another from now on. A word that was added before stays what it is.
    pub(super) fn add_same(&mut self, word: &str, other: u32, misspelt: bool) {
        let new = self.words.len();
        let number = self.add_word(word);
        if let Some(spelt) = self.words.get(new).cloned() {
            self.read_as[new] = other;
            self.numbers.insert(spelt, other);
            if misspelt {
                self.misspelt.insert(number);
            }
        }
    }

    /// Makes every phrase one of all classes that include its own, and ends collecting. `opening` says
    /// where patterns go on that begin with a class.
    pub(super) fn finish(mut self, opening: &dyn Fn(u32) -> Option<u32>) -> Vocabulary {
        for classes in &mut self.ends {
            let including = classes.iter().filter_map(|class| self.including.get(class)).flatten();
            let including: Vec<u32> = including.copied().collect();
            classes.extend(including);
            classes.sort_unstable();
            classes.dedup();
        }
        let Self { spelling, numbers, words, read_as, misspelt, classes, steps, ends, .. } = self;
        let phrases = Phrases::new(words.len(), &steps, &ends, opening);
        let typos = Typos::new(&words, &misspelt);
        Vocabulary { spelling, numbers, words, read_as, typos, classes, phrases }
    }
}

impl Vocabulary {
    /// The number of the class with this name, if there is one.
    pub(super) fn known_class(&self, name: &str) -> Option<u32> {
        self.classes.get(name).copied()
    }

    /// All words.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(|word| &**word)
    }

    /// `word` as it is looked up.
    pub(super) fn spelt<'w>(&self, word: &'w str) -> Cow<'w, str> {
        self.spelling.of(word)
    }

    /// The number of `word`.
    pub(super) fn exact(&self, word: &str) -> Option<u32> {
        self.numbers.get(self.spelling.of(word).as_ref()).copied()
    }

    /// Whether the language writes words in its own way, so that it may know one that is in no list.
    pub(super) fn respells(&self) -> bool {
        !self.spelling.is_empty()
    }

    /// What a token may be that is no word as it stands.
    pub(super) fn meant(&self, token: &Token) -> Vec<u32> {
        if token.kind == Kind::Word {
            let mut near = self.typos.near(&self.spelling.of(&token.word), &self.words);
            for word in &mut near {
                *word = self.read_as[*word as usize];
            }
            near.sort_unstable();
            near.dedup();
            near
        } else {
            Vec::new()
        }
    }
}

impl Reading {
    /// The words that it may be, with whether it is misspelt.
    pub(super) fn words(&self) -> impl Iterator<Item = (u32, bool)> {
        let exact = self.exact.iter().map(|word| (*word, false));
        exact.chain(self.meant.iter().map(|word| (*word, true)))
    }
}
