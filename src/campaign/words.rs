//! What a campaign says: plain text in which `{{name}}` stands for the reader's name. Nothing else is
//! understood, so that a text can neither loop nor read anything.

use crate::visible::is_visible;
use std::collections::BTreeMap;

/// The longest message that Twilio takes, in characters.
pub const MAX_CHARACTERS: usize = 1600;
/// The longest name that somebody may have, in characters as a reader sees them.
pub const LONGEST_NAME: usize = 40;

/// What is known of the one who reads.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    /// Their name, if they gave one.
    pub name: Option<&'a str>,
    /// The organisation's name.
    pub organisation: &'a str,
}

/// A text with its placeholders found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Name { first: bool, otherwise: String },
    Organisation,
}

/// Why a text can't be sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WordsError {
    /// Nothing to say.
    #[error("is empty")]
    Empty,
    /// More than Twilio takes.
    #[error("is longer than {MAX_CHARACTERS} characters")]
    TooLong,
    /// A placeholder without its end.
    #[error("has {{{{ without }}}}")]
    Open,
    /// A placeholder that stands for nothing we know.
    #[error("{{{{{0}}}}} is unknown: there are name, first_name, organisation and what `variables` holds")]
    Unknown(String),
    /// One of the caller's variables has the name of one of ours.
    #[error("`variables` can't hold {0}: it is known for each reader")]
    Reserved(String),
}

const RESERVED: [&str; 3] = ["name", "first_name", "organisation"];

impl Words {
    /// Reads `text`; `{{key}}` of `variables` is filled in at once, and not read again.
    /// `{{first_name|there}}` says `there` to those whose name is not known.
    ///
    /// # Errors
    /// Says what is wrong with the text.
    pub fn parse(text: &str, variables: &BTreeMap<String, String>) -> Result<Self, WordsError> {
        if let Some(name) = RESERVED.into_iter().find(|name| variables.contains_key(*name)) {
            return Err(WordsError::Reserved(name.to_owned()));
        }
        let text = text.trim();
        if !is_visible(text) {
            return Err(WordsError::Empty);
        }
        let (mut pieces, mut rest) = (Vec::new(), text);
        while let Some((before, after)) = rest.split_once("{{") {
            let (inside, behind) = after.split_once("}}").ok_or(WordsError::Open)?;
            pieces.push(Piece::Text(before.to_owned()));
            pieces.push(placeholder(inside, variables)?);
            rest = behind;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        // Bounds the work; what each reader would get is measured when it is rendered.
        let words = Self(pieces);
        let sample = words.render(Reader { name: None, organisation: "" });
        if sample.chars().count() > MAX_CHARACTERS { Err(WordsError::TooLong) } else { Ok(words) }
    }

    /// The words for one reader. Where a name is not known and nothing stands in for it, the space
    /// before it goes, too: `Hi {{name}}, …` becomes `Hi, …`.
    #[must_use]
    pub fn render(&self, reader: Reader<'_>) -> String {
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(words) => text.push_str(words),
                Piece::Organisation => text.push_str(reader.organisation),
                Piece::Name { first, otherwise } => {
                    let name = reader.name.unwrap_or_default();
                    let name = if *first { name.split_whitespace().next().unwrap_or_default() } else { name };
                    let shown = if name.is_empty() { otherwise } else { name };
                    if shown.is_empty() && text.ends_with(' ') {
                        text.pop();
                    }
                    text.push_str(shown);
                }
            }
        }
        text
    }
}

fn placeholder(inside: &str, variables: &BTreeMap<String, String>) -> Result<Piece, WordsError> {
    let (key, otherwise) = inside.split_once('|').unwrap_or((inside, ""));
    let (key, otherwise) = (key.trim(), otherwise.trim().to_owned());
    match key {
        "name" | "first_name" => Ok(Piece::Name { first: key == "first_name", otherwise }),
        "organisation" => Ok(Piece::Organisation),
        _ => match variables.get(key) {
            Some(value) => Ok(Piece::Text(value.clone())),
            None => Err(WordsError::Unknown(key.chars().take(60).collect())),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn render(text: &str, name: Option<&str>) -> Result<String, WordsError> {
        let variables = BTreeMap::from([("day".to_owned(), "{{name}} Monday".to_owned())]);
        Words::parse(text, &variables)
            .map(|words| words.render(Reader { name, organisation: "Lakeside Clinic" }))
    }

    #[test]
    fn placeholders_are_filled_in_once() {
        for (text, name, expected) in [
            ("Hi {{ first_name }}, {{organisation}}", Some("Asha Rai"), "Hi Asha, Lakeside Clinic"),
            ("Hi {{name}}, see you", None, "Hi, see you"),
            ("Hi {{first_name|there}}!", None, "Hi there!"),
            ("On {{day}}", Some("Asha"), "On {{name}} Monday"),
            (" 5 } {x} ", None, "5 } {x}"),
        ] {
            assert_eq!(render(text, name).unwrap(), expected);
        }
    }

    #[test]
    fn what_is_wrong_is_told() {
        let unknown = |name: &str| WordsError::Unknown(name.to_owned());
        for (text, error) in [
            ("", WordsError::Empty),
            ("Hi {{name", WordsError::Open),
            ("Hi {{}}", unknown("")),
            ("Hi {{get_env(name='X')}}", unknown("get_env(name='X')")),
            ("Hi {{Name}}", unknown("Name")),
            (&"x".repeat(1601), WordsError::TooLong),
        ] {
            assert_eq!(render(text, None), Err(error));
        }
        assert_eq!(unknown("x").to_string().split(' ').next(), Some("{{x}}"));
        let taken = BTreeMap::from([("name".to_owned(), String::new())]);
        assert_eq!(Words::parse("Hi", &taken), Err(WordsError::Reserved("name".to_owned())));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_and_names_stay_as_they_are(text in ".{0,80}", name in "[a-z{} |]{1,20}") {
            if let Ok(shown) = render(&format!("{text}!{{{{name}}}}"), Some(&name)) {
                let end = format!("!{name}");
                prop_assert!(shown.ends_with(&end));
            }
        }
    }
}
