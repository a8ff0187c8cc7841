//! A person's name as they gave it.

use crate::visible::is_visible;
use serde::{Deserialize, Serialize};
use std::fmt;
use unicode_segmentation::UnicodeSegmentation;

/// The longest name kept, in user-perceived characters.
const MAX_CHARACTERS: usize = 40;
/// Openings that are not part of a name where somebody speaks. `Im` is one only in small letters: it begins names
/// as well.
const LEAD_INS: [&str; 8] =
    ["my name is ", "my name's ", "name is ", "i am ", "i'm ", "im ", "this is ", "it's "];

/// A name fit to be written in a message: 1 to 40 characters with at least one letter, and no
/// digits, line breaks, links or template signs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Name(String);

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Name(…)")
    }
}

impl Name {
    /// Reads a name out of what somebody said, such as `I'm Asha Rai.`; `None` when there is none in it.
    #[must_use]
    pub fn said(text: &str) -> Option<Self> {
        let text = text.trim().replace(['\u{2019}', '\u{2018}'], "'");
        let lower = text.to_lowercase();
        let speaks = |lead: &str| lower.starts_with(lead) && !(lead == "im " && text.starts_with('I'));
        let lead = LEAD_INS.iter().find(|lead| speaks(lead));
        Self::parse(lead.and_then(|lead| text.get(lead.len()..)).unwrap_or(&text))
    }

    /// Reads what stands in a field for a name, all of which is one: `Im Yoona` is called so. `None` when
    /// it can't be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.replace(['\u{2019}', '\u{2018}'], "'");
        let words: Vec<&str> = text.split_whitespace().collect();
        let name = words.join(" ");
        let name = name.trim_matches(|c: char| !c.is_alphanumeric() && c != ')' && c != '\'');
        // Some letters take no ink: they fill a place in writing.
        (Self::is_fit(name) && is_visible(name)).then(|| Self(name.to_owned()))
    }

    fn is_fit(name: &str) -> bool {
        let allowed = |c: char| {
            c.is_alphabetic() || is_mark(c) || matches!(c, ' ' | '-' | '\'' | '.' | '(' | ')' | ',' | '·')
        };
        name.chars().any(char::is_alphabetic)
            && name.chars().all(allowed)
            && name.graphemes(true).count() <= MAX_CHARACTERS
            && name.len() <= MAX_CHARACTERS * 12
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Combining marks and joiners, without which Devanagari and many other names can't be written.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{dff}' | '\u{200c}' | '\u{200d}') && !c.is_numeric()
}

impl TryFrom<String> for Name {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if Self::is_fit(&text) { Ok(Self(text)) } else { Err("not a name") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_holds_a_name_and_a_text_may_say_one() {
        let read = |name: Option<Name>| name.map(|name| name.0).unwrap_or_default();
        for (text, field, said) in [
            ("Im Yoona", "Im Yoona", "Im Yoona"),
            ("  Im  Yoona. ", "Im Yoona", "Im Yoona"),
            ("im yoona", "im yoona", "yoona"),
            ("I'm Asha Rai.", "I'm Asha Rai", "Asha Rai"),
            ("I\u{2019}m Asha", "I'm Asha", "Asha"),
            ("My name is Im Yoona", "My name is Im Yoona", "Im Yoona"),
            ("Imani", "Imani", "Imani"),
            ("\u{1f44d}", "", ""),
        ] {
            assert_eq!(
                (read(Name::parse(text)), read(Name::said(text))),
                (field.into(), said.into()),
                "{text}"
            );
        }
    }
}
