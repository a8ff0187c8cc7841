//! Email addresses, as far as we need them: to sign in with, not to write to.

use std::fmt;

/// The longest address that SMTP can carry (RFC 5321 section 4.5.3.1.3, less the brackets).
const LONGEST: usize = 254;
/// The longest part before the `@` (RFC 5321 section 4.5.3.1.1).
const LONGEST_LOCAL: usize = 64;

/// An email address. Two that differ in case only are the same account's.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

/// What is wrong with an email address, in words for the person who wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// Nothing.
    #[error("enter an email address, such as asha@example.org")]
    Empty,
    /// More than SMTP can carry.
    #[error("an email address has {LONGEST} characters at most, {LONGEST_LOCAL} of them before the @")]
    TooLong,
    /// Not exactly one `@` with something on both sides.
    #[error("expected a name, one @ and a domain, such as asha@example.org")]
    Shape,
    /// Something that can't stand before the `@` without quotes.
    #[error(
        "before the @ there can only be letters, digits and .!#$%&'*+/=?^_`{{|}}~- with no dot at either end"
    )]
    Local,
    /// Not a domain of at least two labels.
    #[error("behind the @ there must be a domain, such as example.org")]
    Domain,
}

impl Email {
    /// Reads an address of the common form: no quotes, no comments, no literal addresses.
    ///
    /// # Errors
    /// Says what was expected.
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(EmailError::Empty);
        }
        let (local, domain) = text.split_once('@').ok_or(EmailError::Shape)?;
        if text.len() > LONGEST || local.len() > LONGEST_LOCAL {
            return Err(EmailError::TooLong);
        }
        if local.is_empty() || domain.is_empty() || domain.contains('@') {
            return Err(EmailError::Shape);
        }
        if !local.split('.').all(is_atom) {
            return Err(EmailError::Local);
        }
        let labels: Vec<&str> = domain.split('.').collect();
        if labels.len() < 2 || !labels.into_iter().all(is_label) {
            return Err(EmailError::Domain);
        }
        Ok(Self(text.to_owned()))
    }

    /// The address as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What must be unique: the address in lower case.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

/// RFC 5322's `atext`, and the letters of all scripts (RFC 6531).
fn is_atom(text: &str) -> bool {
    let fits = |c: char| {
        c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~-".contains(c) || !c.is_ascii() && c.is_alphanumeric()
    };
    !text.is_empty() && text.chars().all(fits)
}

fn is_label(text: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || c == '-';
    (1..=63).contains(&text.len()) && text.chars().all(fits) && !text.starts_with('-') && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_fault_is_named() {
        for (text, error) in [
            ("", EmailError::Empty),
            ("  ", EmailError::Empty),
            ("asha", EmailError::Shape),
            ("@example.org", EmailError::Shape),
            ("asha@", EmailError::Shape),
            ("a@b@example.org", EmailError::Shape),
            ("a b@example.org", EmailError::Local),
            (".asha@example.org", EmailError::Local),
            ("as..ha@example.org", EmailError::Local),
            ("asha@localhost", EmailError::Domain),
            ("asha@-x.org", EmailError::Domain),
            ("asha@example..org", EmailError::Domain),
            ("asha@[127.0.0.1]", EmailError::Domain),
        ] {
            assert_eq!(Email::parse(text), Err(error), "{text}");
        }
        assert_eq!(Email::parse(&format!("{}@example.org", "a".repeat(65))), Err(EmailError::TooLong));
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_has_one_at_and_a_key_of_its_own(text in "\\PC{0,40}|[a-zA-Z0-9.+-]{1,9}@[a-zA-Z0-9.-]{1,12}") {
            if let Ok(email) = Email::parse(&text) {
                prop_assert_eq!(email.as_str().matches('@').count(), 1);
                prop_assert!(!email.as_str().contains(char::is_whitespace));
                let again = Email::parse(&email.as_str().to_uppercase());
                if email.as_str().is_ascii() {
                    prop_assert_eq!(again.unwrap().key(), email.key());
                }
            }
        }
    }
}
