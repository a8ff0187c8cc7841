//! Words that people write together: `jveux` for `je veux`, `भोलिको` for `भोलि को`. They are cut where
//! nobody knows the whole, and what is left is a word of the language.

use super::dictionary::Dictionary;
use super::language::Glued;
use super::letters::fold;
use super::lexicon::{LANGUAGES, alternatives};
use super::quick::QuickMap;
use super::tokens::{Break, Kind, Token, tokens};
use super::vocabulary::Vocabulary;

/// What is left has at least so many letters: shorter words are too common within others.
const REST: usize = 4;
/// In a script that leaves vowels to be understood, or hangs them on other letters.
const REST_OF_FEW_LETTERS: usize = 2;

/// What is written together in one language.
#[derive(Debug)]
pub(super) struct Glue {
    /// What stands before a word, and whether only before a vowel.
    before: Vec<(String, bool)>,
    /// What stands after one.
    after: Vec<String>,
    /// Single words that are several.
    words: QuickMap<String, Vec<String>>,
}

impl Glue {
    pub(super) fn new(glued: &Glued, vocabulary: &Vocabulary) -> Self {
        let spelt = |word: &str| vocabulary.spelt(&fold(word)).into_owned();
        let words = glued.words.iter().map(|(word, parts)| {
            let parts = tokens(parts, &|_| true).into_iter().map(|token| token.word);
            (spelt(word), parts.collect())
        });
        Self {
            before: alternatives(&glued.before).map(|word| (spelt(word), word.ends_with('\''))).collect(),
            after: alternatives(&glued.after).map(spelt).collect(),
            words: words.collect(),
        }
    }

    /// The words that `word` is made of, if it is several. What is cut off may be written together with
    /// one more: `सन्देशहरूबाट`.
    fn parts(&self, word: &str, vocabulary: &Vocabulary, more: bool) -> Option<Vec<String>> {
        let word = vocabulary.spelt(word);
        if let Some(parts) = self.words.get(word.as_ref()) {
            return Some(parts.clone());
        }
        let least = if word.is_ascii() { REST } else { REST_OF_FEW_LETTERS };
        let rest = |rest: &str| {
            if rest.chars().count() < least {
                None
            } else if vocabulary.exact(rest).is_some() {
                Some(vec![rest.to_owned()])
            } else {
                more.then(|| self.parts(rest, vocabulary, false)).flatten()
            }
        };
        let after = |(before, elided): &(String, bool)| {
            let after = word.strip_prefix(before.as_str())?;
            let fits = !elided || after.starts_with(['a', 'e', 'i', 'o', 'u', 'y', 'h']);
            let mut parts = rest(after).filter(|_| fits)?;
            parts.insert(0, before.clone());
            Some(parts)
        };
        let before = |after: &String| {
            let mut parts = rest(word.strip_suffix(after.as_str())?)?;
            parts.push(after.clone());
            Some(parts)
        };
        self.before.iter().find_map(after).or_else(|| self.after.iter().find_map(before))
    }
}

/// Cuts what is written together.
pub(super) fn cut(tokens: Vec<Token>, words: &Dictionary) -> Vec<Token> {
    let parts = |token: &Token| {
        if token.kind != Kind::Word || words.knows(&token.word) {
            return None;
        }
        LANGUAGES.iter().find_map(|language| language.glue.parts(&token.word, &language.vocabulary, true))
    };
    if !tokens.iter().any(|token| parts(token).is_some()) {
        return tokens;
    }
    let mut cut = Vec::with_capacity(tokens.len() + 2);
    for token in tokens {
        let Some(parts) = parts(&token) else {
            cut.push(token);
            continue;
        };
        let last = parts.len().saturating_sub(1);
        // Every part stands where the whole does: a name that is cut is still read as written.
        let whole = |(at, word)| Token {
            word,
            before: if at == 0 { token.before } else { Break::None },
            asked: at == last && token.asked,
            ..token.clone()
        };
        cut.extend(parts.into_iter().enumerate().map(whole));
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::super::hearing::Hearing;

    #[test]
    fn what_is_written_together_is_cut() {
        for (text, words) in [
            ("jveux", "j veux"),
            ("chui malade", "je suis malade"),
            ("darreter", "d arreter"),
            ("सन्देशहरूबाट", "सनदेस हरु बाट"),
            ("सोमबारलाई", "सोमबार लाइ"),
            ("malai", "malai"),
            ("dire", "dire"),
            ("jack", "jack"),
        ] {
            let hearing = Hearing::new(text);
            let heard: Vec<&str> = hearing.tokens.iter().map(|token| token.word.as_str()).collect();
            assert_eq!(heard.join(" "), words, "{text}");
        }
    }
}
