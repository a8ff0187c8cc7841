//! Tags: words that staff put on contacts.

use crate::visible::is_visible;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The longest tag, in characters.
const LONGEST: usize = 40;

/// A word that staff put on contacts: 1 to 40 letters, digits, `-`, `_`, `.` or `:`, kept in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(extend("minLength" = 1, "maxLength" = LONGEST, "examples" = ["vip"]))]
pub struct Tag(String);

/// The text is no tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a tag is 1 to {LONGEST} letters, digits, -, _, . or :")]
pub struct TagError;

impl Tag {
    /// The tag as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Tag {
    type Error = TagError;

    fn try_from(text: String) -> Result<Self, TagError> {
        let tag = text.trim().to_lowercase();
        let fits = |one: char| one.is_alphanumeric() || "-_.:".contains(one);
        let right = is_visible(&tag) && (1..=LONGEST).contains(&tag.chars().count()) && tag.chars().all(fits);
        if right { Ok(Self(tag)) } else { Err(TagError) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_words_in_lower_case() {
        for (text, tag) in
            [("VIP", Some("vip")), (" clinic:east ", Some("clinic:east")), ("नेपाल", Some("नेपाल"))]
        {
            let read = Tag::try_from(text.to_owned()).ok();
            assert_eq!(read.as_ref().map(Tag::as_str), tag);
        }
        for wrong in ["", "  ", "two words", "a'b", "\u{3164}", &"x".repeat(41)] {
            assert!(Tag::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }
}
