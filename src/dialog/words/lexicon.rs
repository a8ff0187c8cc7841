//! Language files, read once into a form that is quick to look things up in.

use super::Context;
use super::language::{LanguageFile, files};
use super::patterns::{Found, Tagged, Tree};
use super::tokens::Token;
use super::vocabulary::{ANY, FILLER, JOINER, NAME, NUMBER, Reading, TIME, Tag, Vocabulary};
use super::{times, tokens};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// One language.
#[derive(Debug)]
pub(super) struct Lexicon {
    /// Its code.
    pub(super) code: &'static str,
    /// Its file.
    pub(super) file: LanguageFile,
    /// Its words.
    pub(super) vocabulary: Vocabulary,
    /// Its patterns.
    pub(super) tree: Tree,
    /// How it tells times.
    pub(super) clock: times::Clock,
    /// What it calls numbers.
    pub(super) numbers: BTreeMap<u32, u8>,
    /// The numbers of its common words.
    common: Vec<bool>,
}

/// All languages.
pub(super) static LANGUAGES: LazyLock<Vec<Lexicon>> =
    LazyLock::new(|| read_all(&files()).unwrap_or_else(|error| panic!("src/dialog/words/languages/{error}")));

/// Reads language files.
///
/// # Errors
/// What is wrong with the first that has something wrong.
fn read_all(files: &[(&'static str, &str)]) -> Result<Vec<Lexicon>, String> {
    let parse = |(code, text): &(&'static str, &str)| {
        let file: Result<LanguageFile, _> = toml::from_str(text);
        file.map(|file| (*code, file)).map_err(|error| format!("{code}.toml: {error}"))
    };
    let files: Vec<(&'static str, LanguageFile)> = files.iter().map(parse).collect::<Result<_, _>>()?;
    let called: Vec<(&str, String)> = files.iter().map(|(code, file)| (*code, file.called.clone())).collect();
    let build = |(code, file): (&'static str, LanguageFile)| {
        Lexicon::new(code, file, &called).map_err(|error| format!("{code}.toml: {error}"))
    };
    files.into_iter().map(build).collect()
}

impl Lexicon {
    /// Brings a language file into its quick form; `called` says what each language is called.
    fn new(code: &'static str, file: LanguageFile, called: &[(&str, String)]) -> Result<Self, String> {
        let mut vocabulary = Vocabulary::new(&file.spelling);
        add_lists(&mut vocabulary, &file);
        add_languages(&mut vocabulary, &file, called);
        add_classes(&mut vocabulary, &file.classes)?;
        let clock = times::Clock::new(&file.clock, &mut vocabulary);
        let numbers = file.numbers.iter().map(|(word, value)| (vocabulary.add_word(word), *value)).collect();
        let tree = tree(&mut vocabulary, &file)?;
        let common = common(&mut vocabulary, &file.common);
        vocabulary.settle();
        Ok(Self { code, file, vocabulary, tree, clock, numbers, common })
    }

    /// Whether a word, by its number, is an everyday one.
    pub(super) fn is_common(&self, word: u32) -> bool {
        self.common.get(word as usize).copied().unwrap_or_default()
    }

    /// The phrases that begin at each token.
    pub(super) fn tag(&self, tokens: &[Token], readings: &[Reading], unknown: &[bool]) -> Vec<Vec<Tag>> {
        let tag = |at: usize| {
            let mut tags = Vec::with_capacity(64);
            self.vocabulary.tag_as(ANY, 1, &mut tags);
            self.vocabulary.tags(tokens, readings, at, &mut tags);
            if unknown[at] {
                self.vocabulary.tag_as(NAME, 1, &mut tags);
            }
            if tokens[at].kind == tokens::Kind::Number || self.number(&readings[at]).is_some() {
                self.vocabulary.tag_as(NUMBER, 1, &mut tags);
            }
            tags
        };
        let mut tags: Vec<Vec<Tag>> = (0..tokens.len()).map(tag).collect();
        for at in 0..tokens.len() {
            if let Some((_, length)) = self.clock.read(tokens, &tags, &|at| self.number(&readings[at]), at) {
                self.vocabulary.tag_as(TIME, length, &mut tags[at]);
            }
        }
        for tags in &mut tags {
            tags.sort_by_key(|tag| (tag.class, tag.length, tag.typo));
            tags.dedup_by_key(|tag| (tag.class, tag.length));
        }
        tags
    }

    /// The value of a number word.
    pub(super) fn number(&self, reading: &Reading) -> Option<u8> {
        let word = reading.words.first().filter(|_| !reading.typo)?;
        self.numbers.get(word).copied()
    }

    /// Every pattern in the text, in any context.
    pub(super) fn find(&self, text: &Tagged) -> Vec<Found> {
        let mut found = Vec::new();
        (0..text.tokens.len()).for_each(|start| self.tree.find(text, start, &mut found));
        found
    }
}

/// Which tokens belong to phrases of a class.
pub(super) fn marked(tags: &[Vec<Tag>], class: u32, marks: &mut [bool]) {
    for (at, tags) in tags.iter().enumerate() {
        for tag in tags.iter().filter(|tag| tag.class == class && !tag.typo) {
            marks[at..at + tag.length].fill(true);
        }
    }
}

/// Marks what changes nothing, and what stands between two wishes.
pub(super) fn mark_fillers(tags: &[Vec<Tag>], fillers: &mut [bool], joiners: &mut [bool]) {
    marked(tags, FILLER, fillers);
    marked(tags, JOINER, joiners);
}

/// Makes every phrase of a list one of a class.
fn add_list(vocabulary: &mut Vocabulary, class: &str, list: &str) {
    let class = vocabulary.class(class);
    alternatives(list).for_each(|phrase| vocabulary.add(class, phrase));
}

/// Adds the lists that every file has.
fn add_lists(vocabulary: &mut Vocabulary, file: &LanguageFile) {
    let naming = &file.naming;
    for (class, list) in [
        ("#filler", &file.fillers),
        ("#joiner", &file.joiners),
        ("#reservation", &file.reservations),
        ("#lead", &naming.leads),
        ("#command", &naming.commands),
        ("#tail", &naming.tails),
        ("#question", &naming.questions),
        ("#not_name", &naming.not_names),
        ("#sentence", &naming.sentences),
        ("#double", &file.double),
        ("#triple", &file.triple),
        ("@the_other", &file.the_other),
        ("@the_last", &file.the_last),
    ] {
        add_list(vocabulary, class, list);
    }
    for (at, names) in file.weekdays.iter().enumerate() {
        add_list(vocabulary, &format!("@weekday{at}"), names);
        add_list(vocabulary, "@weekday", names);
    }
    for (at, names) in file.ordinals.iter().enumerate() {
        add_list(vocabulary, &format!("@ordinal{at}"), names);
    }
    for part in file.clock.parts.values() {
        add_list(vocabulary, "@daypart", part);
    }
}

/// Adds what this language calls others and itself, and what they call themselves.
fn add_languages(vocabulary: &mut Vocabulary, file: &LanguageFile, called: &[(&str, String)]) {
    for (code, names) in called {
        add_list(vocabulary, &format!("@language_{code}"), names);
        add_list(vocabulary, "@language", names);
    }
    add_list(vocabulary, "@language", &file.other_languages);
}

/// Adds the file's own classes.
fn add_classes(vocabulary: &mut Vocabulary, classes: &BTreeMap<String, String>) -> Result<(), String> {
    for name in classes.keys() {
        vocabulary.class(&format!("@{name}"));
    }
    for name in classes.keys() {
        let class = vocabulary.class(&format!("@{name}"));
        members(classes, name, 0)?.into_iter().for_each(|phrase| vocabulary.add(class, phrase));
    }
    Ok(())
}

/// The patterns of all contexts.
fn tree(vocabulary: &mut Vocabulary, file: &LanguageFile) -> Result<Tree, String> {
    let mut tree = Tree::new();
    let contexts = [
        (None, &file.always),
        (Some(Context::BookingOpen), &file.booking),
        (Some(Context::CodeSent), &file.code),
    ];
    for (when, senses) in contexts {
        for (sense, patterns) in senses {
            tree.add_all(vocabulary, *sense, when, patterns)?;
        }
    }
    Ok(tree)
}

/// Which words, by their numbers, are everyday ones.
fn common(vocabulary: &mut Vocabulary, words: &str) -> Vec<bool> {
    let mut common = Vec::new();
    for word in words.split_whitespace() {
        let number = vocabulary.add_word(word) as usize;
        common.resize(common.len().max(number + 1), false);
        common[number] = true;
    }
    common
}

/// The phrases of a class; `@other` among them are those of another class.
fn members<'a>(
    classes: &'a BTreeMap<String, String>,
    name: &str,
    depth: usize,
) -> Result<Vec<&'a str>, String> {
    let list = classes.get(name).filter(|_| depth < 4).ok_or_else(|| format!("no class {name}"))?;
    let mut all = Vec::new();
    for phrase in alternatives(list) {
        match phrase.strip_prefix('@') {
            Some(other) => all.extend(members(classes, other, depth + 1)?),
            None => all.push(phrase),
        }
    }
    Ok(all)
}

/// `one | other`
pub(super) fn alternatives(list: &str) -> impl Iterator<Item = &str> {
    list.split('|').map(str::trim).filter(|phrase| !phrase.is_empty())
}
