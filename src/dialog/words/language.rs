//! A language file, as written: what a native speaker edits. `docs/LANGUAGES.md` explains it.

use super::Intent;
use include_dir::{Dir, File, include_dir};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The files, named by the language's code.
static FOLDER: Dir = include_dir!("$CARGO_MANIFEST_DIR/src/dialog/words/languages");

/// The languages' codes with their files, in the order of the codes.
pub(super) fn files() -> Vec<(&'static str, &'static str)> {
    let code = |file: &'static File| file.path().file_stem()?.to_str().zip(file.contents_utf8());
    let mut files: Vec<_> = FOLDER.files().filter_map(code).collect();
    files.sort_unstable();
    files
}

/// One file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LanguageFile {
    /// The language's own name for itself.
    pub(super) name: String,
    /// What people call it, in any language.
    pub(super) called: String,
    /// Languages that we don't have, so that we can say so.
    #[serde(default)]
    pub(super) other_languages: String,
    /// Spellings that are the same: each left side is written as its right side before looking up.
    #[serde(default)]
    pub(super) spelling: Vec<(String, String)>,
    /// Words that are read as another: other forms of it.
    #[serde(default)]
    pub(super) forms: BTreeMap<String, String>,
    /// The same of short forms and common misspellings, which nobody misspells again.
    #[serde(default)]
    pub(super) misspelt: BTreeMap<String, String>,
    /// Endings that words are written with: `quit~ar` is "quit" with each of the endings named `ar`.
    #[serde(default)]
    pub(super) endings: BTreeMap<String, String>,
    /// What people write together with other words.
    #[serde(default)]
    pub(super) glued: Glued,
    /// Words that change nothing: please, thanks, greetings.
    pub(super) fillers: String,
    /// Words between two wishes: and, but.
    pub(super) joiners: String,
    /// Those of them, and others, that take back some of what was said before: but, unless.
    pub(super) reservations: String,
    /// Everyday words: they tell the language, and are never taken for a misspelt keyword.
    pub(super) common: String,
    /// Words that stand for one another.
    pub(super) classes: BTreeMap<String, String>,
    /// Monday first.
    pub(super) weekdays: Vec<String>,
    /// First first.
    pub(super) ordinals: Vec<String>,
    /// How one says the one that is not meant: `the other one`.
    pub(super) the_other: String,
    /// How one says that the two are meant.
    pub(super) both: String,
    /// How one says that all are meant.
    pub(super) them_all: String,
    /// How one says the last.
    pub(super) the_last: String,
    /// Number words.
    pub(super) numbers: BTreeMap<String, u8>,
    /// `double five`
    #[serde(default)]
    pub(super) double: String,
    /// `triple five`
    #[serde(default)]
    pub(super) triple: String,
    /// How times are said.
    pub(super) clock: Clock,
    /// How days are said.
    pub(super) days: Days,
    /// How names are given.
    pub(super) naming: Naming,
    /// What is said whatever was asked.
    pub(super) always: BTreeMap<Sense, Patterns>,
    /// What is said when a name was asked for.
    pub(super) name_asked: BTreeMap<Sense, Patterns>,
    /// What is said when a booking waits for an answer.
    pub(super) booking: BTreeMap<Sense, Patterns>,
    /// What is said when a code was sent.
    pub(super) code: BTreeMap<Sense, Patterns>,
}

/// What people write together with other words.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Glued {
    /// What is written together with the word after it; with an apostrophe, only before a vowel.
    #[serde(default)]
    pub(super) before: String,
    /// What is written together with the word before it.
    #[serde(default)]
    pub(super) after: String,
    /// Single words that are several: `chui` for `je suis`.
    #[serde(default)]
    pub(super) words: BTreeMap<String, String>,
}

/// How times are said.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Clock {
    /// After the hour: `o'clock`, and between hour and minutes: `h`.
    pub(super) hour: String,
    /// Before the hour: minutes to add, `half past` = 30, `quarter to` = -15.
    #[serde(default)]
    pub(super) before: BTreeMap<String, i16>,
    /// After the hour: `y media` = 30.
    #[serde(default)]
    pub(super) after: BTreeMap<String, i16>,
    /// What makes an hour one before noon.
    pub(super) morning: String,
    /// What makes an hour one after noon.
    pub(super) evening: String,
    /// Parts of the day without an hour, and the hour they stand for.
    pub(super) parts: BTreeMap<String, String>,
}

/// How days are said, but for those of the week.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Days {
    /// Today, tomorrow, the day after tomorrow.
    pub(super) ahead: [String; 3],
    /// This week.
    pub(super) this_week: String,
    /// The next, also with its days: `next monday`.
    pub(super) next_week: String,
    /// Saturday and Sunday.
    pub(super) weekend: String,
    /// The next month.
    pub(super) next_month: String,
    /// January first.
    pub(super) months: [String; 12],
    /// Between the day's number and the month: `25 of May`.
    #[serde(default)]
    pub(super) of: String,
    /// After the number of a day: the `th` of `the 25th`.
    #[serde(default)]
    pub(super) marks: String,
    /// Before it, where nothing follows: the `el` of `el 25`.
    #[serde(default)]
    pub(super) leads: String,
    /// What looks like a day and is none: `por la mañana`.
    #[serde(default)]
    pub(super) none: String,
}

/// How names are given.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Naming {
    /// Before the name, when a name was asked for.
    pub(super) leads: String,
    /// The same of those after which nothing but a name comes, so that nobody need have asked.
    pub(super) sure_leads: String,
    /// Before the name, at any time.
    pub(super) commands: String,
    /// After it.
    #[serde(default)]
    pub(super) tails: String,
    /// Words with which a question begins.
    pub(super) questions: String,
    /// Words that are an answer but no name.
    pub(super) not_names: String,
    /// Words that make sentences, and stand in no name: you, is, today.
    pub(super) sentences: String,
}

/// How one thing is said.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Patterns {
    /// The whole message, but for fillers.
    #[serde(default)]
    pub(super) only: Vec<String>,
    /// How such a part begins.
    #[serde(default)]
    pub(super) opens: Vec<String>,
    /// How it begins, and says what it says if all that follows is understood: "yes I".
    #[serde(default)]
    pub(super) leads: Vec<String>,
    /// How such a part ends.
    #[serde(default)]
    pub(super) closes: Vec<String>,
    /// A whole part of it, between commas, full stops or joiners.
    #[serde(default)]
    pub(super) clause: Vec<String>,
    /// The same, where it is asked.
    #[serde(default)]
    pub(super) asked: Vec<String>,
    /// Anywhere.
    #[serde(default)]
    pub(super) phrases: Vec<String>,
}

/// What a pattern tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub(super) enum Sense {
    /// A wish.
    Intent(Intent),
    /// Perhaps they want all messages to stop: ask.
    PerhapsStop,
    /// They are not sure: what else they say confirms nothing.
    Hedge,
    /// They find another time, but don't yet say what they want.
    AnotherTime,
    /// What keeps them from coming; it declines where nobody asks and nothing says that they come.
    Reason,
    /// They speak of our messages: with [`Self::Enough`], wherever that stands, all are to stop.
    OurMessages,
    /// They have enough, but don't say here of what.
    Enough,
    /// They would rather not register.
    Leave,
    /// They want something back; tips, where the text speaks of them.
    WantedBack,
    /// The times and parts of the day within it are not those at which they want tips.
    NotThen,
    /// Of the times and parts of the day within it, the last is the one that they want.
    Then,
}

impl TryFrom<String> for Sense {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        match name.as_str() {
            "perhaps_stop" => Ok(Self::PerhapsStop),
            "hedge" => Ok(Self::Hedge),
            "another_time" => Ok(Self::AnotherTime),
            "reason" => Ok(Self::Reason),
            "our_messages" => Ok(Self::OurMessages),
            "enough" => Ok(Self::Enough),
            "leave" => Ok(Self::Leave),
            "wanted_back" => Ok(Self::WantedBack),
            "not_then" => Ok(Self::NotThen),
            "then" => Ok(Self::Then),
            _ => Intent::from_name(&name).map(Self::Intent).ok_or_else(|| format!("no intent {name}")),
        }
    }
}
