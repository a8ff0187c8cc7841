//! Whether there is something in a text for people to see.

/// Whether `text` has more than spaces, controls and marks that take no room.
#[must_use]
pub fn is_visible(text: &str) -> bool {
    text.chars().any(|one| !(one.is_whitespace() || one.is_control() || takes_no_room(one)))
}

/// What Unicode lets be drawn as nothing, and three letters and a pattern that are blank.
fn takes_no_room(one: char) -> bool {
    matches!(one,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{2800}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

#[test]
fn what_nobody_sees_is_told_from_words() {
    for text in
        ["", " \t\n", "\u{200b}", "\u{200b} \u{2060}\u{feff}", "\u{ad}", "\u{3164}", "\u{2800}", "\u{7}"]
    {
        assert!(!is_visible(text), "{text:?}");
    }
    for text in ["a", "\u{200b}a", "आशा", "🙂", "-", "क्\u{200d}ष"] {
        assert!(is_visible(text), "{text:?}");
    }
}
