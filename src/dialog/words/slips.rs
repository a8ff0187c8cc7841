//! Slips of the pen in the language files that are no errors: what they meant would never be found.

use super::language::{LanguageFile, files};

/// Every pattern of a language.
fn patterns(file: &LanguageFile) -> impl Iterator<Item = &String> {
    let senses = [&file.always, &file.booking, &file.code].into_iter().flat_map(|part| part.values());
    senses
        .flat_map(|said| {
            [&said.only, &said.opens, &said.leads, &said.closes, &said.clause, &said.asked, &said.phrases]
        })
        .flatten()
}

/// What is wrong with a pattern. A space beside a bar cuts the alternatives in two: `stop | end` is
/// three words in a row, one of them a bar.
fn slip(pattern: &str) -> Option<String> {
    pattern.split_whitespace().find_map(|part| {
        let part = part.strip_suffix('?').unwrap_or(part);
        let alternatives: Vec<&str> = part.split('|').collect();
        let twice = |(at, one): (usize, &&str)| alternatives[..at].contains(one);
        if alternatives.iter().any(|one| one.is_empty()) {
            Some(format!("{pattern:?}: a space beside a bar, or nothing between two, at {part:?}"))
        } else if alternatives.iter().enumerate().any(twice) {
            Some(format!("{pattern:?}: the same twice in {part:?}"))
        } else if alternatives.iter().any(|one| one.ends_with('?')) {
            Some(format!("{pattern:?}: only the whole group may be missing, in {part:?}"))
        } else {
            two_scripts(part).map(|word| format!("{pattern:?}: two scripts in {word:?}"))
        }
    })
}

/// A word of Latin and Devanagari letters.
fn two_scripts(text: &str) -> Option<&str> {
    text.split(['|', ' ', '_']).find(|word| {
        let latin = word.chars().any(|c| c.is_ascii_alphabetic());
        latin && word.chars().any(|c| ('\u{900}'..='\u{97f}').contains(&c))
    })
}

#[test]
fn nothing_in_the_files_is_cut_by_mistake() {
    let mut slips = Vec::new();
    for (code, text) in files() {
        let file: LanguageFile = toml::from_str(text).unwrap();
        slips.extend(
            patterns(&file).filter_map(|pattern| slip(pattern)).map(|slip| format!("{code}: {slip}")),
        );
        let words = file.classes.values().filter_map(|class| two_scripts(class));
        slips.extend(words.map(|word| format!("{code}: two scripts in {word:?}")));
    }
    assert!(slips.is_empty(), "{}", slips.join("\n"));
}

#[test]
fn slips_are_seen() {
    for pattern in ["stop | end @texts", "stop|stop it", "stop||end", "stop?|end", "bhए"] {
        assert!(slip(pattern).is_some(), "{pattern}");
    }
    assert_eq!(slip("@stop|end @texts?"), None);
}
