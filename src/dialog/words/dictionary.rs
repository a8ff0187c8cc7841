//! Every word of every language, looked up once for all of them.

use super::lexicon::LANGUAGES;
use super::quick::QuickMap;
use super::tokens::Token;
use super::vocabulary::Reading;
use std::sync::LazyLock;

/// No word of a language.
const NONE: u32 = u32::MAX;

/// What each language calls each word.
pub(super) struct Dictionary {
    /// Which row of `numbers`.
    rows: QuickMap<&'static str, u32>,
    /// The word's number in each language, one row after another.
    numbers: Vec<u32>,
}

/// All of them.
pub(super) static DICTIONARY: LazyLock<Dictionary> = LazyLock::new(|| {
    let mut dictionary = Dictionary { rows: QuickMap::default(), numbers: Vec::new() };
    LANGUAGES.iter().flat_map(|language| language.vocabulary.words()).for_each(|word| dictionary.add(word));
    dictionary
});

impl Dictionary {
    fn add(&mut self, word: &'static str) {
        let next = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        let numbers = LANGUAGES.iter().map(|language| language.vocabulary.exact(word).unwrap_or(NONE));
        // A language that writes words in its own way may not know one as its own list has it.
        if numbers.clone().any(|number| number != NONE) && *self.rows.entry(word).or_insert(next) == next {
            self.numbers.extend(numbers);
        }
    }

    fn row(&self, word: &str) -> Option<&[u32]> {
        let from = *self.rows.get(word)? as usize * LANGUAGES.len();
        Some(&self.numbers[from..from + LANGUAGES.len()])
    }

    /// Whether any language knows a word as it stands.
    pub(super) fn knows(&self, word: &str) -> bool {
        self.row(word).is_some()
            || LANGUAGES
                .iter()
                .any(|language| language.vocabulary.respells() && language.vocabulary.exact(word).is_some())
    }

    /// Adds what a token may be to what each language has read so far. A word that one language knows
    /// is misspelt in none. Returns whether one does.
    pub(super) fn read(&self, token: &Token, readings: &mut [Vec<Reading>]) -> bool {
        if let Some(row) = self.row(&token.word) {
            for (number, readings) in row.iter().zip(readings) {
                let exact = Some(*number).filter(|number| *number != NONE);
                readings.push(Reading { exact, meant: Vec::new() });
            }
            return true;
        }
        let exact = |at: usize| {
            let vocabulary = &LANGUAGES[at].vocabulary;
            if vocabulary.respells() { vocabulary.exact(&token.word) } else { None }
        };
        let known = (0..LANGUAGES.len()).any(|at| exact(at).is_some());
        for (at, readings) in readings.iter_mut().enumerate() {
            let meant = if known { Vec::new() } else { LANGUAGES[at].vocabulary.meant(token) };
            readings.push(Reading { exact: exact(at), meant });
        }
        known
    }
}
