//! Whether a name shows anything at all, and all that it holds.

/// Whether there is something to read in `text`: a character that is neither a space, a control nor one of
/// those that take no ink, such as U+200B.
#[must_use]
pub fn is_visible(text: &str) -> bool {
    text.chars().any(|one| !one.is_whitespace() && !one.is_control() && !is_blank(one))
}

/// Whether a name says what it seems to say: there is something to read, and no character in it acts
/// unseen.
#[must_use]
pub fn is_plain(text: &str) -> bool {
    is_visible(text) && !text.contains(acts_unseen)
}

/// Whether everybody who sees `text` can type it again: no character is without ink but single spaces.
#[must_use]
pub fn is_all_visible(text: &str) -> bool {
    is_plain(text) && !text.contains(|one: char| is_blank(one) || one.is_whitespace() && one != ' ')
}

/// Controls, breaks of lines, turns of the direction of writing (others beside the name would be read from the wrong end),
/// and characters that mean nothing in particular: private ones and those that are none.
fn acts_unseen(one: char) -> bool {
    one.is_control()
        || matches!(one, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(one, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' | '\u{fdd0}'..='\u{fdef}')
        || u32::from(one) & 0xfffe == 0xfffe
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
    fn what_acts_unseen_is_not_plain() {
        for hidden in [
            "",
            "\u{200b}",
            "A\u{0}",
            "A\n",
            "A\u{85}",
            "A\u{2028}B",
            "A\u{202e}B",
            "A\u{2066}B\u{2069}",
            "\u{e000}",
            "A\u{f8ff}",
        ] {
            assert!(!is_plain(hidden), "{hidden:?}");
        }
        for hidden in ["A\u{f0000}", "A\u{10ffff}", "A\u{fdd0}", "A\u{fffe}", "A\u{1ffff}"] {
            assert!(!is_plain(hidden), "{hidden:?}");
        }
        for shown in
            ["Asha Rai", "आशा", "क\u{200d}ष", "عبد\u{200c}الله", "\u{200f}علي", "🙂\u{fe0f}", "\u{fffd}"]
        {
            assert!(is_plain(shown), "{shown:?}");
        }
        for unsure in
            ["\u{200b}care-7", "care\u{feff}", "ca\u{ad}re", "care\u{a0}7", "care\u{2028}7", "care\t7"]
        {
            assert!(!is_all_visible(unsure), "{unsure:?}");
        }
        for sure in ["care-7", "ward 3/7", "patient-4711", "डाटा"] {
            assert!(is_all_visible(sure), "{sure:?}");
        }
    }

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
