//! Words that belong to the phone companies: whoever texts one of them is opted out or in, whatever else
//! a message says that the word is for.

use super::sandbox::Fault;
use crate::dialog::words::OptOutWord;

/// What asks people to text something.
const VERBS: [&str; 26] = [
    "reply",
    "text",
    "send",
    "answer",
    "type",
    "respond",
    "responda",
    "responde",
    "envíe",
    "envie",
    "envía",
    "envia",
    "mande",
    "escriba",
    "escribe",
    "répondez",
    "repondez",
    "répondre",
    "envoyez",
    "écrivez",
    "ecrivez",
    "tapez",
    "reponda",
    "texte",
    "texto",
    "texting",
];
/// What may stand between that and the word.
const BETWEEN: [&str; 12] =
    ["with", "the", "word", "back", "us", "con", "la", "palabra", "avec", "le", "mot", "par"];
/// What joins two words that may be texted.
const OR: [&str; 7] = ["or", "o", "ou", "and", "y", "et", "वा"];
/// What STOP is for; a text says one of these right after it, in Nepali right before it.
const STOP_IS_FOR: [(&str, &[&str]); 4] = [
    (
        "en",
        &[
            "to opt out",
            "to unsubscribe",
            "to end them",
            "to end texts",
            "to end messages",
            "to stop texts",
            "to stop messages",
            "to stop all texts",
            "to stop all messages",
            "to get no more",
        ],
    ),
    (
        "es",
        &[
            "para no recibir",
            "para terminar",
            "para dejar de recibir",
            "para darse de baja",
            "para cancelar la suscripción",
        ],
    ),
    (
        "fr",
        &[
            "pour arreter",
            "pour arrêter",
            "pour tout arreter",
            "pour tout arrêter",
            "pour ne plus recevoir",
            "pour ne plus en recevoir",
            "pour ne plus rien recevoir",
            "pour vous désabonner",
            "pour vous desabonner",
        ],
    ),
    ("ne", &["बन्द गर्न", "बन्द"]),
];

/// A word of a text and where it is, in bytes.
struct Word<'a> {
    text: &'a str,
    at: usize,
    quoted: bool,
}

impl Word<'_> {
    /// Written in capitals, as commands are.
    fn shouts(&self) -> bool {
        self.text.len() > 2 && self.text.chars().all(|one| one.is_ascii_uppercase())
    }
}

fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut at = 0;
    // Marks that combine with a letter, as in Devanagari, belong to its word.
    let belongs = |one: char| {
        one.is_alphanumeric() || (!one.is_ascii() && !one.is_whitespace() && !"“”«»„‘’…—–।¿¡".contains(one))
    };
    while let Some(begin) = text[at..].find(belongs).map(|found| at + found) {
        let end = text[begin..].find(|one| !belongs(one)).map_or(text.len(), |found| begin + found);
        let quote = |one: Option<char>| one.is_some_and(|one| "\"'“”«»‘’".contains(one));
        let quoted = quote(text[..begin].chars().next_back()) && quote(text[end..].chars().next());
        words.push(Word { text: &text[begin..end], at: begin, quoted });
        at = end;
    }
    words
}

/// Whether `word` stands in `text`.
pub(super) fn has_word(text: &str, word: &str) -> bool {
    words(text).iter().any(|one| one.text == word)
}

/// The places in `text` where people are told to text a reserved word for something else.
pub(super) fn check(text: &str, locale: &str) -> Vec<Fault> {
    let words = words(text);
    let mut told = vec![false; words.len()];
    for at in 0..words.len() {
        if VERBS.contains(&words[at].text.to_lowercase().as_str()) {
            mark(&words, at + 1, &mut told);
        }
    }
    let asked = words.iter().zip(told).filter(|(word, told)| *told || word.quoted || word.shouts());
    asked
        .filter_map(|(word, told)| {
            let message = match OptOutWord::seen_by_twilio(word.text, false)? {
                OptOutWord::Stop if word.text.eq_ignore_ascii_case("stop") => {
                    misused_stop(text, word, locale)?
                }
                OptOutWord::Stop => format!(
                    "{} opts people out of everything, whatever the text says it is for: choose another word",
                    word.text
                ),
                OptOutWord::Start if word.text.eq_ignore_ascii_case("start") => return None,
                OptOutWord::Start => {
                    format!("{} is a word that phone companies act on: say START", word.text)
                }
                OptOutWord::Help if word.text.eq_ignore_ascii_case("help") || !(told || word.quoted) => {
                    return None;
                }
                OptOutWord::Help => format!("{} is answered as HELP is: choose another word", word.text),
            };
            Some(Fault::at(text, word.at, message))
        })
        .collect()
}

/// Marks what people are told to text, from the word after “reply” on.
fn mark(words: &[Word<'_>], mut at: usize, told: &mut [bool]) {
    let lower = |at: usize| words.get(at).map(|word| word.text.to_lowercase()).unwrap_or_default();
    let end = at + 3;
    while at < end && BETWEEN.contains(&lower(at).as_str()) {
        at += 1;
    }
    while let Some(told) = told.get_mut(at) {
        *told = true;
        if !OR.contains(&lower(at + 1).as_str()) {
            return;
        }
        at += 2;
    }
}

/// What is wrong with STOP here; none where it is for what it does.
fn misused_stop(text: &str, word: &Word<'_>, locale: &str) -> Option<String> {
    let (_, purposes) = STOP_IS_FOR.iter().find(|(known, _)| *known == locale)?;
    let trim = |one: char| !one.is_alphanumeric() && one.is_ascii();
    let after = text[word.at + word.text.len()..].trim_start_matches(trim).to_lowercase();
    let before = text[..word.at].trim_end_matches(trim);
    let right = purposes
        .iter()
        .any(|purpose| if locale == "ne" { before.ends_with(purpose) } else { after.starts_with(purpose) });
    let side = if locale == "ne" { "before" } else { "after" };
    (!right).then(|| {
        format!("STOP ends all messages, so {side} it the text says one of: {}", purposes.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str, locale: &str) -> usize {
        check(text, locale).len()
    }

    #[test]
    fn reserved_words_are_for_what_they_do() {
        for (text, locale) in [
            ("Reply HELP for help, STOP to opt out.", "en"),
            ("Text START to resume. We cancel nothing.", "en"),
            ("Reply C or YES to confirm, CHANGE to move it.", "en"),
            ("We look forward to the end of it. Reply to cancel? Call us.", "en"),
            ("INFO: the clinic is closed.", "en"),
            ("Responda STOP para terminar o NO para seguir.", "es"),
            ("बन्द गर्न: STOP। सबै बन्द गर्न STOP।", "ne"),
        ] {
            assert_eq!(check(text, locale), [], "{text}");
        }
        for (text, locale) in [
            ("Reply CANCEL to cancel your booking.", "en"),
            ("Reply C to confirm, CANCEL to cancel.", "en"),
            ("reply with the word cancel to cancel", "en"),
            ("Reply yes or cancel.", "en"),
            ("Just say “quit”.", "en"),
            ("Text END when you are there", "en"),
            ("Reply STOP to cancel your appointment.", "en"),
            ("reply stop for a taxi", "en"),
            ("Text UNSTOP to return", "en"),
            ("Reply INFO for the address", "en"),
            ("Responda CANCEL para cancelar", "es"),
            ("Répondez STOP pour changer", "fr"),
            ("समय फेर्न STOP लेख्नुहोस्", "ne"),
        ] {
            assert_eq!(faults(text, locale), 1, "{text}");
        }
        assert_eq!(check("a\nReply STOP now", "en")[0].line, Some(2));
    }
}
