//! Whether a name shows anything at all.

/// Whether there is something to read in `text`: a character that is neither a space, a control nor one of
/// those that take no ink, such as U+200B.
#[must_use]
pub fn is_visible(text: &str) -> bool {
    text.chars().any(|one| !one.is_whitespace() && !one.is_control() && !is_blank(one))
}

/// Characters without ink of their own: joiners, marks of direction, fillers, variation selectors, tags.
fn is_blank(one: char) -> bool {
    matches!(one,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_has_ink_is_visible() {
        for blank in ["", " \t", "\u{200b}", "\u{2060}\u{feff} \u{3164}", "\u{ad}\u{202e}", "\u{a0}\u{2800}"]
        {
            assert!(!is_visible(blank), "{blank:?}");
        }
        for shown in ["A", "\u{200b}é", "आशा", "🙂", "-", "क\u{200d}ष"] {
            assert!(is_visible(shown), "{shown:?}");
        }
    }
}
