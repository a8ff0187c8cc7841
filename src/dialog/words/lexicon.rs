//! Language files, read once into a form that is quick to look things up in.

use super::Context;
use super::endings;
use super::glue::Glue;
use super::language::{LanguageFile, files};
use super::patterns::{Growing, Tree};
use super::phrases::{Phrases, Spoken};
use super::quick::QuickMap;
use super::times;
use super::tokens::{Kind, Token};
use super::vocabulary::{ANY, Collecting, NAME, NUMBER, Reading, TIME, Vocabulary};
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
    /// What is written together in it.
    pub(super) glue: Glue,
    /// How it tells times.
    pub(super) clock: times::Clock,
    /// What it calls numbers.
    numbers: QuickMap<u32, u8>,
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
        let mut vocabulary = Collecting::new(&file.spelling);
        add_forms(&mut vocabulary, &file)?;
        add_lists(&mut vocabulary, &file);
        add_languages(&mut vocabulary, &file, called);
        add_classes(&mut vocabulary, &file)?;
        let clock = times::Clock::new(&file.clock, &mut vocabulary);
        let numbers = file.numbers.iter().map(|(word, value)| (vocabulary.add_word(word), *value)).collect();
        let tree = tree(&mut vocabulary, &file)?;
        let common = common(&mut vocabulary, &file.common);
        let vocabulary = vocabulary.finish(&|class| tree.opening(class));
        let glue = Glue::new(&file.glued, &vocabulary);
        Ok(Self { code, file, vocabulary, tree: tree.finish(), glue, clock, numbers, common })
    }

    /// Whether a word, by its number, is an everyday one.
    pub(super) fn is_common(&self, word: u32) -> bool {
        self.common.get(word as usize).copied().unwrap_or_default()
    }

    /// The phrases that begin at each token.
    pub(super) fn listen(&self, tokens: &[Token], readings: &[Reading], unknown: &[bool]) -> Spoken {
        let phrases = &self.vocabulary.phrases;
        let mut spoken = Spoken::new(tokens.len());
        let mut has_number = false;
        for (at, token) in tokens.iter().enumerate() {
            spoken.add(phrases, |all| {
                all.push(Phrases::of_class(ANY, 1));
                if unknown[at] {
                    all.push(Phrases::of_class(NAME, 1));
                }
                if token.kind == Kind::Number || self.number(&readings[at]).is_some() {
                    has_number = true;
                    all.push(Phrases::of_class(NUMBER, 1));
                }
                phrases.find(tokens, readings, at, all);
            });
        }
        // Every time has a number.
        if !has_number {
            return spoken;
        }
        let text = times::Text { vocabulary: &self.vocabulary, tokens, spoken: &spoken };
        let number = |at: usize| self.number(&readings[at]);
        let time = |at: usize| self.clock.read(text, &number, at);
        let times: Vec<_> = (0..tokens.len())
            .filter_map(|at| time(at).map(|(_, length)| (at, Phrases::of_class(TIME, length))))
            .collect();
        spoken.with(phrases, &times)
    }

    /// The value of a number word.
    pub(super) fn number(&self, reading: &Reading) -> Option<u8> {
        self.numbers.get(&reading.exact?).copied()
    }
}

/// Makes every phrase of a list one of a class.
fn add_list(vocabulary: &mut Collecting, class: &str, list: &str) {
    let class = vocabulary.class(class);
    alternatives(list).for_each(|phrase| vocabulary.add(class, phrase));
}

/// Adds the lists that every file has.
fn add_lists(vocabulary: &mut Collecting, file: &LanguageFile) {
    let (naming, days) = (&file.naming, &file.days);
    for (class, list) in [
        ("#filler", &file.fillers),
        ("#joiner", &file.joiners),
        ("#reservation", &file.reservations),
        ("#lead", &naming.leads),
        ("#lead", &naming.sure_leads),
        ("#sure_lead", &naming.sure_leads),
        ("#command", &naming.commands),
        ("#tail", &naming.tails),
        ("#question", &naming.questions),
        ("#not_name", &naming.not_names),
        ("#sentence", &naming.sentences),
        ("#double", &file.double),
        ("#triple", &file.triple),
        ("@the_other", &file.the_other),
        ("@the_last", &file.the_last),
        ("@both", &file.both),
        ("@them_all", &file.them_all),
        ("#this_week", &days.this_week),
        ("#next_week", &days.next_week),
        ("#weekend", &days.weekend),
        ("#next_month", &days.next_month),
        ("#day_of", &days.of),
        ("#day_mark", &days.marks),
        ("#day_lead", &days.leads),
        ("#no_day", &days.none),
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
    for (at, names) in days.ahead.iter().enumerate() {
        add_list(vocabulary, &format!("#day{at}"), names);
    }
    for (at, names) in days.months.iter().enumerate() {
        add_list(vocabulary, &format!("#month{}", at + 1), names);
    }
    for part in file.clock.parts.values() {
        add_list(vocabulary, "@daypart", part);
    }
}

/// Adds what this language calls others and itself, and what they call themselves.
fn add_languages(vocabulary: &mut Collecting, file: &LanguageFile, called: &[(&str, String)]) {
    for (code, names) in called {
        add_list(vocabulary, &format!("@language_{code}"), names);
        add_list(vocabulary, "@language", names);
    }
    add_list(vocabulary, "@language", &file.other_languages);
}

/// Adds the words that are read as others.
fn add_forms(vocabulary: &mut Collecting, file: &LanguageFile) -> Result<(), String> {
    let tables = [(&file.forms, false), (&file.misspelt, true)];
    for word in tables.iter().flat_map(|(table, _)| table.keys()) {
        vocabulary.add_word(word);
    }
    for (table, misspelt) in tables {
        for (word, forms) in table {
            let number = vocabulary.add_word(word);
            for form in alternatives(forms) {
                for form in endings::spell_out(form, &file.endings)? {
                    vocabulary.add_same(&form, number, misspelt);
                }
            }
        }
    }
    Ok(())
}

/// Adds the file's own classes.
fn add_classes(vocabulary: &mut Collecting, file: &LanguageFile) -> Result<(), String> {
    for name in file.classes.keys() {
        vocabulary.class(&format!("@{name}"));
    }
    for name in file.classes.keys() {
        let class = vocabulary.class(&format!("@{name}"));
        for phrase in members(&file.classes, name, 0)? {
            for form in endings::spell_out(phrase, &file.endings)? {
                vocabulary.add(class, &form);
            }
        }
    }
    Ok(())
}

/// The patterns of all contexts.
fn tree(vocabulary: &mut Collecting, file: &LanguageFile) -> Result<Growing, String> {
    let mut tree = Growing::new();
    let contexts = [
        (None, &file.always),
        (Some(Context::AskedName), &file.name_asked),
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
fn common(vocabulary: &mut Collecting, words: &str) -> Vec<bool> {
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
