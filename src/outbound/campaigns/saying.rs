//! What a campaign says: words of its own, or one of our templates.

use crate::campaign::{LONGEST_NAME, MAX_CHARACTERS, Reader, Words, WordsError};
use crate::problem::FieldError;
use crate::texts::{Say, Texts, for_campaigns, for_messages};
use serde::Serialize;
use std::collections::BTreeMap;

/// What each template knows by itself: of the reader and of the organisation.
const OURS: [&str; 5] = ["name", "organisation", "support", "frequency", "messages_a_day"];

/// What a campaign, or a message of staff's, says.
#[derive(Clone, Debug)]
pub enum Saying {
    /// Words of its own.
    Words(Words),
    /// A template of ours, with these variables.
    Template(&'static str, BTreeMap<String, String>),
}

/// Why something can't be said, by field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SayingError {
    /// The words are wrong.
    #[error(transparent)]
    Words(#[from] WordsError),
    /// Neither words nor a template, or both.
    #[error("give either template or body")]
    OneOfTwo,
    /// No such template, or one that is not for this: these are.
    #[error("must be one of {0}")]
    Template(String),
    /// The template needs these variables; with what each means.
    #[error("the template lacks {}", names(.0))]
    Missing(Vec<(&'static str, &'static str)>),
    /// The template could not be said, though nothing is missing.
    #[error("the template could not be filled in")]
    Variables,
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
    /// What is wrong with each field of a request.
    #[must_use]
    pub fn faults(&self) -> Vec<FieldError> {
        let field = match self {
            Self::Missing(variables) => return variables.iter().map(missing).collect(),
            Self::Words(WordsError::Reserved(_)) | Self::Variables => "variables",
            Self::Words(_) | Self::OneOfTwo => "body",
            Self::Template(_) => "template",
        };
        vec![FieldError { field: field.into(), message: self.to_string().into() }]
    }
}

fn missing((name, meaning): &(&'static str, &'static str)) -> FieldError {
    FieldError {
        field: format!("variables.{name}").into(),
        message: format!("is missing; it says {meaning}").into(),
    }
}

fn names(variables: &[(&'static str, &'static str)]) -> String {
    let named: Vec<String> = variables.iter().map(|(name, meaning)| format!("{name} ({meaning})")).collect();
    named.join(", ")
}

impl Saying {
    /// Reads what is to be said to one person.
    ///
    /// # Errors
    /// Says what is wrong with it, and with which field.
    pub fn new(
        template: Option<&str>,
        body: Option<&str>,
        variables: &BTreeMap<String, String>,
    ) -> Result<Self, SayingError> {
        Self::among(&for_messages(), template, body, variables)
    }

    /// Reads what a campaign is to say, whose readers asked for nothing.
    ///
    /// # Errors
    /// Says what is wrong with it, and with which field.
    pub fn for_campaign(
        template: Option<&str>,
        body: Option<&str>,
        variables: &BTreeMap<String, String>,
    ) -> Result<Self, SayingError> {
        Self::among(&for_campaigns(), template, body, variables)
    }

    fn among(
        known: &[&'static str],
        template: Option<&str>,
        body: Option<&str>,
        variables: &BTreeMap<String, String>,
    ) -> Result<Self, SayingError> {
        match (template, body) {
            (None, Some(body)) => Ok(Self::Words(Words::parse(body, variables)?)),
            (Some(template), None) => {
                let found = known.iter().copied().find(|name| *name == template);
                let found = found.ok_or_else(|| SayingError::Template(known.join(", ")))?;
                let reserved = OURS.into_iter().find(|name| variables.contains_key(*name));
                if let Some(name) = reserved {
                    return Err(WordsError::Reserved(name.to_owned()).into());
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
                texts.render(&filled, locale).map_err(|_| unfilled(texts, template, variables))?
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

/// Why a template could not be filled in.
fn unfilled(texts: &Texts, template: &str, variables: &BTreeMap<String, String>) -> SayingError {
    let mut missing = texts.missing(template, variables);
    missing.retain(|(name, _)| !OURS.contains(name));
    if missing.is_empty() { SayingError::Variables } else { SayingError::Missing(missing) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::Program;

    fn said(template: &str, variables: &[(&str, &str)]) -> Result<(), SayingError> {
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let variables = variables.iter().map(pair).collect();
        let texts = Texts::load(&Program::sample()).unwrap();
        Saying::for_campaign(Some(template), None, &variables)?.check(&texts, "Lakeside Clinic")
    }

    #[test]
    fn a_campaign_says_only_what_is_meant_for_many() {
        let many = SayingError::Template("registered, form, form_reminder, alert".to_owned());
        for template in ["web_code", "reminder", "code", "stopped", ""] {
            assert_eq!(said(template, &[("host", "bank.example"), ("when", "today")]), Err(many.clone()));
        }
        assert_eq!(said("registered", &[]), Ok(()));
        assert_eq!(said("alert", &[("text", "We are closed today.")]), Ok(()));
        // One message may remind of something; no message but the program's own carries a code.
        let none = BTreeMap::new();
        assert!(Saying::new(Some("reminder"), None, &none).is_ok());
        assert!(Saying::new(Some("web_code"), None, &none).is_err());
    }

    #[test]
    fn what_a_template_lacks_is_named_with_its_meaning() {
        let error = said("form", &[("titel", "Intake")]).unwrap_err();
        let told: Vec<String> =
            error.faults().iter().map(|one| format!("{}: {}", one.field, one.message)).collect();
        assert_eq!(
            told,
            [
                "variables.link: is missing; it says where the form is",
                "variables.title: is missing; it says what the booking or the form is called",
            ]
        );
        assert!(error.to_string().contains("link (where the form is)"), "{error}");
        // What the program says of itself is not the caller's to say.
        let error = said("alert", &[("text", "Hi"), ("organisation", "Your bank")]).unwrap_err();
        assert!(error.to_string().contains("organisation"), "{error}");
    }
}
