//! The labelled texts, and how scores are counted.

use serde::Deserialize;
use std::fmt;
use tidings::dialog::words::Context;

/// A labelled text.
#[derive(Deserialize)]
pub(crate) struct Item {
    pub(crate) text: String,
    pub(crate) lang: String,
    pub(crate) intent: String,
    context: Option<String>,
    #[serde(default)]
    note: Option<String>,
    #[serde(default)]
    accept: Vec<String>,
}

#[derive(Deserialize)]
struct Corpus {
    items: Vec<Item>,
}

impl Item {
    /// What the server asked last.
    pub(crate) fn context(&self) -> Context {
        match self.context.as_deref() {
            Some("booking_open") => Context::BookingOpen,
            Some("code_sent") => Context::CodeSent,
            Some("asked_name") => Context::AskedName,
            _ => Context::Nothing,
        }
    }

    /// Whether a label is right.
    pub(crate) fn accepts(&self, label: &str) -> bool {
        self.intent == label || self.accept.iter().any(|also| also == label)
    }

    /// Whether it holds words of something that it does not ask for.
    pub(crate) fn is_hard_negative(&self) -> bool {
        self.note.as_deref().is_some_and(|note| note.contains("hard negative"))
    }
}

/// The labelled texts.
pub(crate) fn shared() -> Vec<Item> {
    let corpus: Corpus = serde_json::from_str(include_str!("shared.json")).unwrap();
    corpus.items
}

/// Messages between people.
pub(crate) fn ordinary() -> Vec<&'static str> {
    include_str!("ordinary.txt").lines().collect()
}

/// How many of how many.
#[derive(Clone, Copy, Default)]
pub(crate) struct Score {
    right: u32,
    all: u32,
}

impl Score {
    pub(crate) fn count(&mut self, right: bool) {
        self.right += u32::from(right);
        self.all += 1;
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        Self { right: self.right + other.right, all: self.all + other.all }
    }

    pub(crate) fn percent(self) -> f64 {
        if self.all == 0 { 100.0 } else { f64::from(self.right) * 100.0 / f64::from(self.all) }
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{} {:.1}%", self.right, self.all, self.percent())
    }
}
