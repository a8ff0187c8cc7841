//! Email addresses, as far as we need them: to sign in with, not to write to.

use crate::visible::is_blank;
use icu_casemap::CaseMapper;
use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use std::fmt;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// The longest address that SMTP can carry (RFC 5321 section 4.5.3.1.3, less the brackets).
const LONGEST: usize = 254;
/// The longest part before the `@` (RFC 5321 section 4.5.3.1.1).
const LONGEST_LOCAL: usize = 64;

/// An email address. Two that differ in case only, or in how their domain is written, are the same account's.
#[derive(Clone, PartialEq, Eq)]
pub struct Email {
    text: String,
    key: String,
}

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
    #[error("behind the @ there must be a domain of letters, digits and hyphens, such as example.org")]
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
        let domain = canonical(domain).ok_or(EmailError::Domain)?;
        Ok(Self { text: text.to_owned(), key: format!("{}@{domain}", folded(local)) })
    }

    /// The address as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What must be unique: the address without regard to case and in one form, with its domain in letters, not
    /// in punycode.
    #[must_use]
    pub fn key(&self) -> String {
        self.key.clone()
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

/// What texts have in common that differ in case or form only: full case folding, so that `Σ`, `σ` and `ς` are
/// one, within NFKC. Folded again, it stays.
pub(super) fn folded(text: &str) -> String {
    let once = |text: &str| {
        let form: String = text.nfkc().collect();
        CaseMapper::new().fold_string(&form).nfkc().collect::<String>()
    };
    once(&once(text))
}

/// RFC 5322's `atext`, and the letters of all scripts with their marks (RFC 6531).
fn is_atom(text: &str) -> bool {
    let fits = |c: char| {
        c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~-".contains(c) || !c.is_ascii() && is_combining_mark(c)
    };
    !text.contains(is_blank)
        && text.chars().all(fits)
        && text.chars().next().is_some_and(|first| !is_combining_mark(first))
}

/// The domain as all its spellings have it (UTS #46): upper case, punycode and what looks the same are one, `ς`
/// and `σ` too, of which capitals don't tell; `ß` and `ss` are two domains. None where it is no domain of at least
/// two labels, or holds what none can (IDNA2008), such as an emoji, be it in punycode.
fn canonical(domain: &str) -> Option<String> {
    let is_written = |c: char| {
        c.is_alphanumeric() || is_combining_mark(c) || matches!(c, '-' | '.' | '\u{200c}' | '\u{200d}' | '·')
    };
    if !domain.chars().all(is_written) {
        return None;
    }
    let (names, strict, ends) = (Uts46::new(), AsciiDenyList::STD3, Hyphens::CheckFirstLast);
    let ascii = names.to_ascii(domain.as_bytes(), strict, ends, DnsLength::Verify).ok()?;
    let (before, last) = ascii.rsplit_once('.')?;
    if before.is_empty() || last.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (name, sound) = names.to_unicode(ascii.as_bytes(), strict, ends);
    let fold = CaseMapper::new();
    (sound.is_ok() && name.chars().all(is_written))
        .then(|| name.chars().map(|c| fold.simple_fold(c)).collect())
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
            ("asha@127.0.0.1", EmailError::Domain),
            ("asha@example.org.", EmailError::Domain),
            ("asha@xn--a.example", EmailError::Domain),
            ("asha@xn--n3h.example", EmailError::Domain),
            ("asha@☃.example", EmailError::Domain),
            ("asha\u{fe0f}@example.org", EmailError::Local),
            ("as\u{3164}ha@example.org", EmailError::Local),
            ("asha@exam\u{ad}ple.org", EmailError::Domain),
            ("asha@exam\u{200b}ple.org", EmailError::Domain),
            ("asha@exa_mple.org", EmailError::Domain),
            ("as\u{202e}ha@example.org", EmailError::Local),
            ("\u{301}asha@example.org", EmailError::Local),
        ] {
            assert_eq!(Email::parse(text), Err(error), "{text}");
        }
        assert_eq!(Email::parse(&format!("{}@example.org", "a".repeat(65))), Err(EmailError::TooLong));
        assert_eq!(Email::parse(&format!("a@{}.org", "a".repeat(64))), Err(EmailError::Domain));
    }

    #[test]
    fn however_it_is_written_an_address_is_one() {
        let key = |text: &str| Email::parse(text).map(|email| email.key());
        for (twins, expected) in [
            (["Asha@Example.ORG", "asha@example.org", "asha@ｅxample.org"], "asha@example.org"),
            (
                ["asha@bücher.example", "Asha@BU\u{308}CHER.example", "asha@XN--bcher-kva.Example"],
                "asha@bücher.example",
            ),
            (["zoé@xn--p1ai.xn--p1ai", "zoe\u{301}@рф.рф", "ZOE\u{301}@РФ.рф"], "zoé@рф.рф"),
            (["σίσυφοσ@example.org", "Σίσυφος@example.org", "ΣΊΣΥΦΟΣ@EXAMPLE.ORG"], "σίσυφοσ@example.org"),
            (
                ["asha@ΣΊΣΥΦΟΣ.example", "asha@σίσυφος.example", "ASHA@σίσυφοσ.example"],
                "asha@σίσυφοσ.example",
            ),
            (["weiß@example.org", "WEISS@example.org", "WEIẞ@example.org"], "weiss@example.org"),
            (["आशा@डाटामेल.भारत", "आशा@xn--c2bd4bq1db8d.xn--h2brj9c", " आशा@डाटामेल.भारत "], "आशा@डाटामेल.भारत"),
        ] {
            for twin in twins {
                assert_eq!(key(twin).as_deref(), Ok(expected), "{twin}");
            }
        }
        assert_ne!(key("asha@strasse.example"), key("asha@straße.example"), "these are two domains");
        assert_eq!(Email::parse(" Asha@Example.ORG").unwrap().as_str(), "Asha@Example.ORG");
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
                prop_assert_eq!(folded(&folded(&text)), folded(&text));
                let (local, _) = text.trim().split_once('@').unwrap();
                prop_assert_eq!(folded(&local.to_lowercase()), folded(local));
            }
        }
    }
}
