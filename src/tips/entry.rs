//! A tip that somebody wants to add, checked.

use crate::visible::is_visible;
use jiff::civil::Date;

/// The most characters a tip may have; Twilio takes no more in one message.
pub const MAX_CHARACTERS: usize = 1600;

/// When a tip comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// In the course: after all tips with a smaller number.
    Position(i64),
    /// On this date, to everybody.
    Date(Date),
}

/// A tip that may enter the library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its language.
    pub locale: String,
    /// When it comes.
    pub place: Place,
    /// Its words.
    pub body: String,
}

/// What is wrong with one field of a tip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryError {
    /// The field.
    pub field: &'static str,
    /// What it must be.
    pub message: &'static str,
}

impl Entry {
    /// Reads a tip from its fields.
    ///
    /// # Errors
    /// Every field that is not what it should be.
    pub fn parse(
        locale: &str,
        position: Option<i64>,
        date: Option<&str>,
        body: &str,
    ) -> Result<Self, Vec<EntryError>> {
        let mut errors = Vec::new();
        if !is_locale(locale) {
            errors.push(EntryError { field: "locale", message: "must be a language code such as en" });
        }
        let place = match place(position, date) {
            Ok(place) => Some(place),
            Err(error) => {
                errors.push(error);
                None
            }
        };
        let body = match check_body(body) {
            Ok(body) => body,
            Err(error) => {
                errors.push(error);
                ""
            }
        };
        match place {
            Some(place) if errors.is_empty() => {
                Ok(Self { locale: locale.to_ascii_lowercase(), place, body: body.to_owned() })
            }
            _ => Err(errors),
        }
    }
}

/// The words of a tip without the spaces around them.
///
/// # Errors
/// There are none, or more than a message holds.
pub fn check_body(body: &str) -> Result<&str, EntryError> {
    let body = body.trim();
    if !is_visible(body) {
        return Err(EntryError { field: "body", message: "must not be empty" });
    }
    if body.chars().count() > MAX_CHARACTERS {
        return Err(EntryError { field: "body", message: "must have 1600 characters at most" });
    }
    Ok(body)
}

/// Whether `text` may be a language code: `en`, `ne-NP`.
fn is_locale(text: &str) -> bool {
    (2..=12).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn place(position: Option<i64>, date: Option<&str>) -> Result<Place, EntryError> {
    match (position, date) {
        (Some(position @ 1..=1_000_000), None) => Ok(Place::Position(position)),
        (Some(_), None) => {
            Err(EntryError { field: "position", message: "must be a whole number from 1 to 1000000" })
        }
        (None, Some(date)) => date
            .parse()
            .map(Place::Date)
            .map_err(|_| EntryError { field: "date", message: "must be a date such as 2026-12-25" }),
        (Some(_), Some(_)) | (None, None) => {
            Err(EntryError { field: "position", message: "give either position or date" })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_of_a_tip_is_named() {
        let fields = |result: Result<Entry, Vec<EntryError>>| {
            result.err().unwrap_or_default().iter().map(|error| error.field).collect::<Vec<_>>()
        };
        assert_eq!(fields(Entry::parse("en", Some(1), None, "Drink water.")), Vec::<&str>::new());
        assert_eq!(fields(Entry::parse("e", None, None, " ")), ["locale", "position", "body"]);
        assert_eq!(fields(Entry::parse("en", Some(1), Some("2026-12-25"), "x")), ["position"]);
        assert_eq!(fields(Entry::parse("en", Some(0), None, "x")), ["position"]);
        assert_eq!(fields(Entry::parse("en", None, Some("2026-02-30"), "x")), ["date"]);
        assert_eq!(fields(Entry::parse("en", Some(1), None, &"x".repeat(1601))), ["body"]);
        let entry = Entry::parse("ne-NP", None, Some("2026-12-25"), " पानी ").unwrap();
        assert_eq!((entry.locale.as_str(), entry.body.as_str()), ("ne-np", "पानी"));
    }
}
