//! How well texts are understood: the corpus is scored, and the floors hold.
//!
//! `tests/corpus/shared.json` has labelled texts with the context in which they came; `accept` lists
//! every label that is right where people would differ. `ordinary.txt` are messages between people,
//! none of which may stop anything.

mod corpus;

use corpus::{Item, Score, ordinary, own, shared};
use proptest::prelude::*;
use rustix::time::{ClockId, clock_gettime};
use std::collections::BTreeMap;
use std::time::Duration;
use tidings::dialog::words::{Context, Intent, understand, weights};

/// How often each label was given, and how often rightly.
#[derive(Default)]
struct Scores {
    recall: BTreeMap<(String, String), Score>,
    precision: BTreeMap<String, Score>,
    hard_negatives: Score,
    wrong: Vec<String>,
}

impl Scores {
    fn of(items: &[Item]) -> Self {
        let mut scores = Self::default();
        for item in items {
            scores.take(item);
        }
        scores
    }

    fn take(&mut self, item: &Item) {
        let understood = understand(&item.text, item.context(), Some(&item.lang));
        let names: Vec<&str> = understood.meanings.iter().map(|meaning| label(meaning.intent)).collect();
        let right = item.accepts(names[0]);
        self.recall.entry((item.intent.clone(), item.lang.clone())).or_default().count(right);
        for name in &names {
            self.precision.entry((*name).to_owned()).or_default().count(item.accepts(name));
        }
        if item.is_hard_negative() {
            self.hard_negatives.count(right);
        }
        if !right {
            let why = &understood.meanings[0].why;
            self.wrong.push(format!("{} {} as {names:?}: {:?}, {why}", item.lang, item.intent, item.text));
        }
    }

    fn recall_of(&self, intent: &str) -> Score {
        let rows = self.recall.iter().filter(|((known, _), _)| known == intent);
        rows.fold(Score::default(), |sum, (_, score)| sum.plus(*score))
    }

    fn print(&self) {
        for intent in self.recall.keys().map(|(intent, _)| intent).collect::<std::collections::BTreeSet<_>>()
        {
            let precision = self.precision.get(intent).copied().unwrap_or_default();
            let languages = self.recall.iter().filter(|((known, _), _)| known == intent);
            let languages: Vec<String> =
                languages.map(|((_, lang), score)| format!("{lang} {score}")).collect();
            println!(
                "{intent:13} recall {}  precision {precision}  ({})",
                self.recall_of(intent),
                languages.join(", ")
            );
        }
        println!("hard negatives {}", self.hard_negatives);
        self.wrong.iter().for_each(|wrong| println!("wrong: {wrong}"));
    }
}

/// The corpus has no label for names; what gives one asks for nothing else.
fn label(intent: Intent) -> &'static str {
    if intent == Intent::Name { "other" } else { intent.as_str() }
}

#[test]
fn the_corpus_is_understood() {
    let scores = Scores::of(&shared());
    scores.print();
    assert!(scores.recall_of("stop").percent() >= 99.0, "stop");
    assert!(scores.hard_negatives.percent() >= 97.0, "hard negatives");
    assert!(scores.precision["confirm"].percent() >= 99.5, "confirm");
    for intent in scores.recall.keys().map(|(intent, _)| intent).filter(|intent| *intent != "stop") {
        assert!(scores.recall_of(intent).percent() >= 95.0, "recall of {intent}");
        assert!(scores.precision[intent].percent() >= 95.0, "precision of {intent}");
    }
}

#[test]
fn our_own_lists_are_understood() {
    for items in own() {
        let scores = Scores::of(&items);
        scores.print();
        assert!(scores.recall_of("stop").percent() >= 99.0, "stop");
        assert!(scores.hard_negatives.percent() >= 97.0, "hard negatives");
        assert!(scores.precision["confirm"].percent() >= 99.5, "confirm");
        for intent in scores.recall.keys().map(|(intent, _)| intent).filter(|intent| *intent != "stop") {
            assert!(scores.recall_of(intent).percent() >= 95.0, "recall of {intent}");
        }
    }
}

#[test]
fn ordinary_messages_stop_nothing_and_confirm_nothing() {
    let messages = ordinary();
    let (mut stops, mut confirms, mut others) = (0, 0, 0);
    for message in &messages {
        let understood = understand(message, Context::Nothing, None);
        let has = |intent| understood.meanings.iter().any(|meaning| meaning.intent == intent);
        stops += usize::from(has(Intent::Stop));
        confirms += usize::from(has(Intent::Confirm));
        others += usize::from(has(Intent::Other));
    }
    println!("{} ordinary: {stops} stops, {confirms} confirmations, {others} nothing", messages.len());
    assert!(stops * 1000 <= messages.len(), "{stops} false stops");
    assert!(confirms * 1000 <= messages.len(), "{confirms} false confirmations");
    assert!(others * 100 >= messages.len() * 99);
}

#[test]
fn the_weights_are_those_of_the_corpus() {
    let corpus = [
        include_str!("corpus/own.json"),
        include_str!("corpus/shared.json"),
        include_str!("corpus/ordinary.txt"),
    ];
    let current = weights::learnt_from() == weights::fingerprint(&corpus);
    assert!(current, "the labelled texts have changed since: cargo run --example learn");
}

#[test]
fn arguments_are_read_as_people_write_them() {
    for (text, context, intent, argument) in [
        ("it's 123 456", Context::CodeSent, Intent::Code, "123456"),
        ("code: 123-456.", Context::CodeSent, Intent::Code, "123456"),
        ("४८२९१३", Context::CodeSent, Intent::Code, "482913"),
        ("one two double three four five", Context::CodeSent, Intent::Code, "123345"),
        ("TIPS 7:30", Context::Nothing, Intent::TipTime, "07:30"),
        ("send the tips at half past 7", Context::Nothing, Intent::TipTime, "07:30"),
        ("tips at 6.15 pm", Context::Nothing, Intent::TipTime, "18:15"),
        ("les conseils à 7h30", Context::Nothing, Intent::TipTime, "07:30"),
        ("los consejos a las 9 de la noche", Context::Nothing, Intent::TipTime, "21:00"),
        ("los consejos a las siete y media", Context::Nothing, Intent::TipTime, "07:30"),
        ("les conseils à sept heures trente", Context::Nothing, Intent::TipTime, "07:30"),
        ("les conseils à 15h", Context::Nothing, Intent::TipTime, "15:00"),
        ("टिप्स बिहान ७ बजे पठाउनुहोस्", Context::Nothing, Intent::TipTime, "07:00"),
        ("LANGUAGE नेपाली", Context::Nothing, Intent::Language, "ne"),
        ("en español por favor", Context::Nothing, Intent::Language, "es"),
        ("I'm Asha Rai", Context::AskedName, Intent::Name, "Asha Rai"),
        ("me llamo Lucía", Context::AskedName, Intent::Name, "Lucía"),
        ("je m'appelle Zoé", Context::AskedName, Intent::Name, "Zoé"),
        ("mero naam Gita Thapa ho", Context::AskedName, Intent::Name, "Gita Thapa"),
        ("मेरो नाम गीता हो", Context::AskedName, Intent::Name, "गीता"),
    ] {
        let understood = understand(text, context, None);
        let first = &understood.meanings[0];
        assert_eq!(
            (first.intent, first.argument.as_deref()),
            (intent, Some(argument)),
            "{text}: {understood:?}"
        );
    }
}

#[test]
fn several_wishes_come_in_safe_order() {
    for (text, context, expected) in [
        ("yes but stop the tips", Context::BookingOpen, vec![Intent::TipsOff, Intent::Confirm]),
        ("123456, and can I speak to a person?", Context::CodeSent, vec![Intent::Code, Intent::Human]),
        ("yes. stop texting me", Context::BookingOpen, vec![Intent::Stop]),
    ] {
        let understood = understand(text, context, None);
        let intents: Vec<Intent> = understood.meanings.iter().map(|meaning| meaning.intent).collect();
        assert_eq!(intents, expected, "{text}: {understood:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn anything_is_survived(bytes in prop::collection::vec(any::<u8>(), 0..1600), text in "\\PC{0,400}") {
        for text in [String::from_utf8_lossy(&bytes).as_ref(), text.as_str()] {
            for context in [Context::Nothing, Context::AskedName, Context::CodeSent, Context::BookingOpen] {
                prop_assert!(!understand(text, context, None).meanings.is_empty());
            }
        }
    }
}

/// How long the processor has worked for this thread; what else the machine does is not in it.
fn own_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("it only grows")
}

/// Twice the text takes about twice the time, whatever it is made of.
#[test]
fn time_grows_with_length_only() {
    let _ = understand("warm", Context::Nothing, None);
    for unit in
        ["a", "stop ", "don't ", "👩‍👩‍👧‍👦", "s.t.o.p ", "if you ", "7:30 ", "न", "stpo txting ", "...", "no no "]
    {
        let took = |characters: usize| -> Duration {
            let text: String = unit.chars().cycle().take(characters).collect();
            let rounds = (0..5).map(|_| {
                let begun = own_time();
                let _ = understand(&text, Context::BookingOpen, None);
                own_time().saturating_sub(begun)
            });
            rounds.min().unwrap_or_default()
        };
        let (short, long) = (took(400), took(1600));
        // Four times the length; the rest is for memory that is no longer at hand.
        assert!(long < short * 8 + Duration::from_micros(500), "{unit:?}: {short:?}, then {long:?}");
    }
}
