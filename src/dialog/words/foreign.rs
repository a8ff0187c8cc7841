//! Languages that we don't answer in: what asks for an end in them, and what is no name. See `foreign.toml`.

use super::decide::Wishes;
use super::hearing::Hearing;
use super::lexicon::alternatives;
use super::tokens::tokens;
use super::{Doubt, Intent};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

/// How many words a gap has at most.
const GAP: usize = 3;
/// Who asks to be left alone says so soon.
const MOST_WORDS: usize = 24;
/// Names in scripts without spaces are shorter.
const LONG_NAME: usize = 6;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    stop: String,
    #[serde(default)]
    sentence: String,
    #[serde(default)]
    parts: String,
    #[serde(default)]
    sentence_parts: String,
}

/// Phrases by their first word, and parts of words.
#[derive(Default)]
struct Phrases {
    words: HashMap<String, Vec<Vec<String>>>,
    parts: Vec<&'static str>,
}

struct Foreign {
    stop: Phrases,
    sentence: Phrases,
}

static FOREIGN: LazyLock<Foreign> = LazyLock::new(|| {
    let file: Result<BTreeMap<String, Written>, _> = toml::from_str(include_str!("foreign.toml"));
    let file = file.unwrap_or_else(|error| panic!("src/dialog/words/foreign.toml: {error}"));
    let file: &'static BTreeMap<String, Written> = Box::leak(Box::new(file));
    let mut foreign = Foreign { stop: Phrases::default(), sentence: Phrases::default() };
    for language in file.values() {
        foreign.stop.add(&language.stop, &language.parts);
        foreign.sentence.add(&language.sentence, &language.sentence_parts);
    }
    foreign
});

/// Reads the file before it is needed.
pub(super) fn prepare() {
    LazyLock::force(&FOREIGN);
}

impl Phrases {
    fn add(&mut self, phrases: &str, parts: &'static str) {
        for phrase in alternatives(phrases) {
            let step =
                |part: &str| tokens(part, &|_| true).into_iter().map(|token| token.word).collect::<Vec<_>>();
            let mut steps: Vec<String> = Vec::new();
            for (at, part) in phrase.split(" .. ").enumerate() {
                steps.extend((at > 0).then(|| "..".to_owned()));
                steps.extend(step(part));
            }
            if let Some(first) = steps.first().cloned() {
                self.words.entry(first).or_default().push(steps);
            }
        }
        self.parts.extend(alternatives(parts));
    }

    fn holds(&self, hearing: &Hearing) -> bool {
        let words: Vec<&str> =
            hearing.tokens.iter().take(MOST_WORDS).map(|token| token.word.as_str()).collect();
        let begins = |at: usize| {
            let phrases = self.words.get(words[at]);
            phrases.is_some_and(|phrases| phrases.iter().any(|phrase| follows(phrase, &words[at..])))
        };
        (0..words.len()).any(begins)
            || (!hearing.text.is_ascii() && self.parts.iter().any(|part| hearing.text.contains(part)))
    }
}

fn follows(steps: &[String], words: &[&str]) -> bool {
    match steps {
        [] => true,
        [gap, rest @ ..] if gap == ".." => {
            (0..=GAP.min(words.len())).any(|skipped| follows(rest, &words[skipped..]))
        }
        [step, rest @ ..] => words.first() == Some(&step.as_str()) && follows(rest, &words[1..]),
    }
}

/// Whether a text is a sentence of some language that we don't answer in, and so no name.
pub(super) fn is_sentence(hearing: &Hearing) -> bool {
    let is_unspaced =
        |c: char| matches!(c, '\u{3041}'..='\u{309f}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}');
    let long = |word: &str| word.chars().filter(|c| is_unspaced(*c)).count() > LONG_NAME;
    FOREIGN.sentence.holds(hearing) || hearing.text.split_whitespace().any(long)
}

impl Wishes<'_, '_> {
    /// What nobody here understands, but asks to hear no more, is asked about.
    pub(super) fn foreign_stop(&mut self) {
        let known =
            self.meanings.iter().any(|meaning| meaning.intent != Intent::Name) || self.doubt.is_some();
        if !known && FOREIGN.stop.holds(self.hearing) {
            self.meanings.clear();
            self.doubt = Some(Doubt::Stop);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Context, Doubt, Intent, understand};

    #[test]
    fn an_end_in_any_language_is_asked_about() {
        for text in [
            "Bitte keine Nachrichten mehr",
            "Kein Interesse",
            "Não quero mais mensagens",
            "Basta messaggi",
            "Geen berichten meer",
            "Не пишите мне больше",
            "请不要再给我发短信，谢谢",
            "退订",
            "メッセージを送らないでください",
            "그만 보내세요",
            "لا ترسل لي رسائل",
            "Không gửi tin nhắn nữa",
        ] {
            for context in [Context::Nothing, Context::AskedName] {
                let understood = understand(text, context, None);
                let intent = understood.meanings[0].intent;
                assert_eq!((intent, understood.doubt), (Intent::Other, Some(Doubt::Stop)), "{text}");
            }
        }
        for text in [
            "Guten Morgen, wie geht es Ihnen",
            "我明天来",
            "Я приду завтра",
            "Ci vediamo domani",
            "basta con decir gracias",
        ] {
            assert_eq!(understand(text, Context::Nothing, None).doubt, None, "{text}");
        }
    }

    #[test]
    fn a_sentence_is_no_name_and_a_name_in_any_script_is() {
        for text in
            ["Wer ist das", "Ich möchte nicht", "我不想注册", "あなたは誰ですか", "Мне это не надо", "Chi è"]
        {
            let first = understand(text, Context::AskedName, None).meanings.swap_remove(0);
            assert_ne!(first.intent, Intent::Name, "{text}");
        }
        for text in [
            "李明",
            "欧阳娜娜",
            "Олег",
            "Мария Иванова",
            "محمد",
            "김민수",
            "たなか",
            "山田太郎",
            "Anjali Das",
            "Naomi",
        ] {
            let first = understand(text, Context::AskedName, None).meanings.swap_remove(0);
            assert_eq!(first.intent, Intent::Name, "{text}");
        }
    }
}
