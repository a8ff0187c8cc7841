//! What a campaign says: words of its own, or one of our templates.

use crate::campaign::{LONGEST_NAME, MAX_CHARACTERS, Reader, Words, WordsError};
use crate::notice::Notice;
use crate::texts::{Say, Texts};
use serde::Serialize;
use std::collections::BTreeMap;

/// What a campaign, or a message of staff's, says.
#[derive(Clone, Debug)]
pub enum Saying {
    /// Words of its own.
    Words(Words),
    /// A template of ours, with these variables.
    Template(&'static str, BTreeMap<String, String>),
}

/// Why something can't be said, by field.
#[derive(Debug, thiserror::Error)]
pub enum SayingError {
    /// The words are wrong.
    #[error(transparent)]
    Words(#[from] WordsError),
    /// Neither words nor a template, or both.
    #[error("give either template or body")]
    OneOfTwo,
    /// No such template.
    #[error("is unknown: there is {0}")]
    Template(String),
    /// The template needs something it was not given.
    #[error("the template could not be filled in: {0}")]
    Variables(String),
}

/// A template with its variables, as they are rendered.
#[derive(Serialize)]
struct Filled<'a> {
    #[serde(skip)]
    template: &'static str,
    name: &'a str,
    #[serde(flatten)]
    variables: &'a BTreeMap<String, String>,
}

impl Say for Filled<'_> {
    fn template(&self) -> &'static str {
        self.template
    }
}

impl SayingError {
    /// The field of a request that it is about.
    #[must_use]
    pub fn field(&self) -> &'static str {
        match self {
            Self::Words(WordsError::Reserved(_)) | Self::Variables(_) => "variables",
            Self::Words(_) | Self::OneOfTwo => "body",
            Self::Template(_) => "template",
        }
    }
}

impl Saying {
    /// Reads what is to be said.
    ///
    /// # Errors
    /// Says what is wrong with it, and with which field.
    pub fn new(
        template: Option<&str>,
        body: Option<&str>,
        variables: &BTreeMap<String, String>,
    ) -> Result<Self, SayingError> {
        match (template, body) {
            (None, Some(body)) => Ok(Self::Words(Words::parse(body, variables)?)),
            (Some(template), None) => {
                let mut known: Vec<&str> = Notice::samples().iter().map(Notice::template).collect();
                known.dedup();
                let found = Notice::samples().iter().map(Notice::template).find(|name| *name == template);
                let found = found.ok_or_else(|| SayingError::Template(known.join(", ")))?;
                if variables.contains_key("name") {
                    return Err(WordsError::Reserved("name".to_owned()).into());
                }
                Ok(Self::Template(found, variables.clone()))
            }
            _ => Err(SayingError::OneOfTwo),
        }
    }

    /// The words for one reader in `locale`.
    ///
    /// # Errors
    /// The template needs a variable that there is not.
    pub fn render(&self, texts: &Texts, reader: Reader<'_>, locale: &str) -> Result<String, SayingError> {
        let text = match self {
            Self::Words(words) => words.render(reader),
            Self::Template(template, variables) => {
                let filled = Filled { template, name: reader.name.unwrap_or_default(), variables };
                texts.render(&filled, locale).map_err(|error| SayingError::Variables(error.to_string()))?
            }
        };
        // Twilio takes neither nothing nor more.
        match text.chars().count() {
            0 => Err(WordsError::Empty.into()),
            1..=MAX_CHARACTERS => Ok(text),
            _ => Err(WordsError::TooLong.into()),
        }
    }

    /// Tries it in every locale, with the longest name and without one.
    ///
    /// # Errors
    /// It can't be said.
    pub fn check(&self, texts: &Texts, organisation: &str) -> Result<(), SayingError> {
        let longest = "x".repeat(LONGEST_NAME);
        for locale in texts.locales() {
            for name in [None, Some(longest.as_str())] {
                self.render(texts, Reader { name, organisation }, locale)?;
            }
        }
        Ok(())
    }
}
