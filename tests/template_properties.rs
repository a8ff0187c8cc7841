//! Whatever staff write: it is taken or refused in no time, and what is taken makes little, and never nothing.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Map;
use std::time::Duration;
use tidings::clock::stopwatch;
use tidings::texts::{Draft, Program, Texts};

/// The promise is a tenth of a second; here it is tried without optimisations, beside other tests.
const LONGEST: Duration = Duration::from_secs(2);
const MAX_BYTES: usize = 10_000;

const PIECES: [&str; 56] = [
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    "{{-",
    "-}}",
    "{%-",
    "-%}",
    "if",
    "elif",
    "else",
    "endif",
    "for",
    "endfor",
    "in",
    "and",
    "or",
    "not",
    "is",
    "loop",
    ".",
    "index",
    "|",
    "upper",
    "title",
    "join",
    "length",
    "replace",
    "set",
    "=",
    "==",
    "<",
    ">=",
    "+",
    "-",
    "*",
    "//",
    "%",
    "**",
    "(",
    ")",
    "[",
    "]",
    "~",
    ",",
    "'",
    "\"",
    "\\",
    "name",
    "options",
    "when",
    "organisation",
    "7",
    "999999",
];
const TEXTS: [&str; 8] = [" ", "\n", "x", "STOP", "to opt out", "é", "नमस्ते", "🙂"];
const NAMES: [&str; 5] = ["booking_choice", "renamed", "too_soon", "reminder", "welcome"];

fn piece() -> impl Strategy<Value = String> {
    let any_text = "\\PC{0,8}";
    prop_oneof![
        8 => prop::sample::select(PIECES.to_vec()).prop_map(|piece| format!("{piece} ")),
        3 => prop::sample::select(TEXTS.to_vec()).prop_map(str::to_owned),
        1 => any_text,
    ]
}

/// Whole tags, most of which are right, so that many bodies get through.
fn tag() -> impl Strategy<Value = String> {
    let tags = [
        "{{ name }}",
        "{{ organisation | upper }}",
        "{{ options | join(sep=', ') }}",
        "{{ seconds // 7 + 1 }}",
        "{% if name %}a{% else %}b{% endif %}",
        "{% for o in options %}{{ loop.index }}{{ o | title }}{% endfor %}",
        "{% if name == 'x' or not name and name != \"y\" %}{{ name | trim }}{% endif %}",
        "{% for o in options %}{% if loop.last %}{{ o }}{% endif %}{% endfor %}",
        "{{ messages_a_day * 999999 }}",
    ];
    prop_oneof![4 => prop::sample::select(tags.to_vec()).prop_map(str::to_owned), 1 => piece()]
}

fn body() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::collection::vec(piece(), 0..60).prop_map(|pieces| pieces.concat()),
        prop::collection::vec(tag(), 0..120).prop_map(|tags| tags.concat()),
        "\\PC{0,200}",
    ]
}

#[test]
fn any_body_is_taken_or_refused_in_no_time() {
    let texts = texts();
    let bodies = (body(), prop::sample::select(NAMES.to_vec()));
    let mut runner = TestRunner::new(Config { cases: 1500, ..Config::default() });
    let counts = std::cell::Cell::new((0, 0));
    let outcome = runner.run(&bodies, |(body, name)| {
        let draft = Draft { name, locale: "en", body: &body };
        let watch = stopwatch();
        let checked = texts.check(draft);
        let (tried, taken) = counts.get();
        if let Ok((text, _)) = texts.preview(draft, &Map::new()) {
            prop_assert!(!text.is_empty() && text.len() <= MAX_BYTES);
            counts.set((tried + 1, taken + 1));
        } else {
            prop_assert!(checked.is_err());
            counts.set((tried + 1, taken));
        }
        prop_assert!(watch.elapsed() < LONGEST, "{:?} for {body:?}", watch.elapsed());
        Ok(())
    });
    let (tried, taken) = counts.get();
    println!("{tried} bodies tried, {taken} could be said");
    outcome.unwrap();
    assert!(taken > tried / 10, "only {taken} of {tried} got through, so little was tried");
}

fn texts() -> &'static Texts {
    static TEXTS: std::sync::OnceLock<Texts> = std::sync::OnceLock::new();
    TEXTS.get_or_init(|| Texts::load(&Program::sample()).unwrap())
}

#[test]
fn every_shipped_text_passes_what_staff_are_held_to() {
    let texts = texts();
    for locale in texts.locales() {
        for name in texts.names() {
            let body = texts.shipped(name, locale).unwrap();
            assert_eq!(texts.check(Draft { name, locale, body }), Ok(()), "{locale}/{name}: {body}");
        }
    }
}

/// The worst that gets through: the longest loop, as often as it fits, over the longest list.
#[test]
fn the_worst_that_gets_through_is_quick_and_short() {
    let texts = texts();
    let value = serde_json::json!({ "options": vec!["x".repeat(1600); 20] });
    let variables = value.as_object().unwrap();
    let one = "{% for o in options %}{{ o | upper | title }}{% endfor %}";
    let print = "{{ options | join(sep='xxxxxxxxxxxxxxxxxxxxxxx') | upper }}";
    let deep =
        format!("{}{}{}", "{% if name %}".repeat(5), "{{ name }}".repeat(300), "{% endif %}".repeat(5));
    for (name, body) in [
        ("booking_choice", one.repeat(4000 / one.len())),
        ("booking_choice", print.repeat(4000 / print.len())),
        ("renamed", deep),
        ("renamed", "{{".repeat(2000)),
        ("renamed", "{% if name %}".repeat(300)),
        ("renamed", format!("{{{{ {} }}}}", "(".repeat(3900))),
        ("renamed", format!("{{{{ {} }}}}", "not ".repeat(900))),
    ] {
        let draft = Draft { name, locale: "en", body: &body };
        let watch = stopwatch();
        let none = Map::new();
        let tried = texts.preview(draft, if name == "booking_choice" { variables } else { &none });
        let took = watch.elapsed();
        println!("{name}, {} characters: {took:?}", body.len());
        assert!(took < LONGEST, "{took:?}: {body}");
        assert!(tried.map_or(0, |(text, _)| text.len()) <= MAX_BYTES);
    }
}
