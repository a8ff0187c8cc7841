//! Whether a name shows anything at all, and all that it holds.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Whether there is something to read in `text`: a character that is neither a space, a control, a mark that
/// needs another to stand on, nor one of those that take no ink, such as U+200B.
#[must_use]
pub fn is_visible(text: &str) -> bool {
    let is_shown = |one: char| !one.is_whitespace() && !one.is_control() && !is_combining_mark(one);
    text.chars().any(|one| is_shown(one) && !is_blank(one))
}

/// Whether a name says what it seems to say: there is something to read, and no character in it acts
/// unseen.
#[must_use]
pub fn is_plain(text: &str) -> bool {
    is_visible(text) && !text.contains(acts_unseen)
}

/// Why a text is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be one line of 1 to {0} characters that can be read")]
pub struct NameError(usize);

/// A name or title as it is kept, whatever it is of: without spaces around it, in one form for what looks
/// alike, with no more than `most` characters, and [plain](is_plain).
///
/// # Errors
/// What it must be.
pub fn name(text: &str, most: usize) -> Result<String, NameError> {
    let name: String = text.trim().nfc().collect();
    if is_plain(&name) && name.chars().count() <= most { Ok(name) } else { Err(NameError(most)) }
}

/// What staff note in words, as it is kept: like a [name], but it may have several lines, and may be nothing.
///
/// # Errors
/// What it must be.
pub fn note(text: &str, most: usize) -> Result<String, String> {
    let note = text.trim();
    let acts = |one: char| acts_unseen(one) && !matches!(one, '\n' | '\r' | '\t');
    let fits = (note.is_empty() || is_visible(note)) && !note.contains(acts) && note.chars().count() <= most;
    if fits {
        Ok(note.to_owned())
    } else {
        Err(format!("must have at most {most} characters that can be read"))
    }
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

/// Characters without ink of their own: joiners, marks of direction, fillers, variation selectors, tags, and
/// what steers shorthand, hieroglyphs and music.
#[must_use]
pub fn is_blank(one: char) -> bool {
    matches!(one,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{13430}'..='\u{1345f}' | '\u{16fe4}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d159}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
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
        for blank in
            ["\u{1d173}", "\u{1d17a}\u{1d159}", "\u{301}", " \u{93f}\u{200d}", "\u{20dd}", "\u{1bca0}"]
        {
            assert!(!is_visible(blank), "{blank:?}");
        }
        for shown in ["A", "\u{200b}é", "e\u{301}", "आशा", "🙂", "-", "क\u{200d}ष"] {
            assert!(is_visible(shown), "{shown:?}");
        }
    }

    #[test]
    fn a_name_is_one_line_and_a_note_may_be_several() {
        assert_eq!(name(" Zoe\u{301} ", 3).as_deref(), Ok("Zo\u{e9}"));
        for wrong in ["", " ", "Zoës", "A\nB", "A\u{202e}", "\u{2067}A", "\u{301}"] {
            assert!(name(wrong, 3).is_err(), "{wrong:?}");
        }
        assert_eq!(note(" a\nb ", 3).unwrap(), "a\nb");
        assert_eq!(note("", 3).unwrap(), "");
        for wrong in ["abcd", "\u{200b}", "a\u{202e}", "a\u{0}", "a\u{7}"] {
            assert!(note(wrong, 3).is_err(), "{wrong:?}");
        }
    }
}
