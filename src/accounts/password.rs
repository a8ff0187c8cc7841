//! Which passwords are good enough (NIST SP 800-63B revision 4, section 3.1.1.2): long, and not one of
//! those that everybody tries first. Nothing is asked about kinds of characters.

use super::email::{Email, folded};
use super::hasher::normal;
use std::collections::HashSet;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization as _;

/// The shortest password that stands alone, in characters.
pub const SHORTEST: usize = 15;
/// The shortest password beside a second factor.
pub const SHORTEST_WITH_SECOND_FACTOR: usize = 8;
/// The longest.
pub const LONGEST: usize = 256;

/// What is wrong with a password, in words for the person who chose it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too few characters.
    #[error("a password has at least {0} characters; a few words in a row are easy to keep in mind")]
    TooShort(usize),
    /// Too many characters.
    #[error("a password has {LONGEST} characters at most")]
    TooLong,
    /// One of those that everybody tries first.
    #[error("this password is among the first that anybody tries; choose another")]
    Common,
    /// The email address, or its first part.
    #[error("this password is your email address; choose another")]
    OwnName,
}

/// Whether the right `password` of an account is long enough to stand alone: it need not be where a second
/// factor stood beside it when it was chosen. Counted so that no way to write an accent makes it shorter.
#[must_use]
pub fn stands_alone(password: &str) -> bool {
    password.nfkd().count() >= SHORTEST
}

/// Whether `password` will do for the account of `email`.
///
/// # Errors
/// What is wrong with it.
pub fn check(password: &str, email: &str, has_second_factor: bool) -> Result<(), PasswordError> {
    let shortest = if has_second_factor { SHORTEST_WITH_SECOND_FACTOR } else { SHORTEST };
    let characters = password.chars().count();
    if characters < shortest {
        return Err(PasswordError::TooShort(shortest));
    }
    if characters > LONGEST {
        return Err(PasswordError::TooLong);
    }
    if is_own(password, email) {
        return Err(PasswordError::OwnName);
    }
    if is_common(&normal(password).to_lowercase()) { Err(PasswordError::Common) } else { Ok(()) }
}

/// Whether `password` is the address, however it is written, or its first part over and over.
fn is_own(password: &str, email: &str) -> bool {
    let key = |text: &str| Email::parse(text).ok().map(|email| email.key());
    let is_it = key(email).is_some_and(|own| key(password) == Some(own));
    let (password, email) = (folded(password), folded(email.trim()));
    let name = email.split('@').next().unwrap_or_default();
    is_it || is_repeated(&password, &email) || is_repeated(&password, name)
}

/// The list, one a line, in lower case.
static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common_passwords.txt").lines().collect());

/// A common password, also when it was made long enough by repeating it, or with digits and signs around.
fn is_common(password: &str) -> bool {
    let bare = password.trim_matches(|c: char| !c.is_alphabetic());
    COMMON.contains(password)
        || COMMON.contains(bare)
        || unit(password).is_some_and(|unit| unit.chars().count() == 1 || COMMON.contains(unit))
        || unit(bare).is_some_and(|unit| COMMON.contains(unit))
        || is_run(password)
}

/// Whether each character follows the one before as on a keyboard or in the alphabet.
fn is_run(password: &str) -> bool {
    const RUNS: [&str; 6] = [
        "012345678901234567890123456789",
        "987654321098765432109876543210",
        "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
        "zyxwvutsrqponmlkjihgfedcbazyxwvutsrqponmlkjihgfedcba",
        "qwertyuiopasdfghjklzxcvbnmqwertyuiopasdfghjklzxcvbnm",
        "1234567890qwertyuiopasdfghjklzxcvbnm",
    ];
    RUNS.iter().any(|run| run.contains(password))
}

/// The shortest text of which `password` is a repetition, if it is one.
fn unit(password: &str) -> Option<&str> {
    let half = password.len() / 2;
    (1..=half)
        .filter(|length| password.is_char_boundary(*length) && password.len().is_multiple_of(*length))
        .map(|length| &password[..length])
        .find(|unit| is_repeated(password, unit))
}

fn is_repeated(password: &str, unit: &str) -> bool {
    !unit.is_empty()
        && password.len().is_multiple_of(unit.len())
        && unit.repeat(password.len() / unit.len()) == password
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn first_guesses_are_refused_in_every_disguise() {
        for password in [
            "passwordpassword",
            "Password1234567890",
            "123456789012345",
            "aaaaaaaaaaaaaaaa",
            "QwertyuiopAsdfghjkl",
            "letmeinletmeinletmein",
            "!!!iloveyou!!!!!!",
            "correcthorsebatterystaple",
            "ｐａｓｓｗｏｒｄｐａｓｓｗｏｒｄ",
        ] {
            assert_eq!(check(password, "zoe@b.org", false), Err(PasswordError::Common), "{password}");
        }
        for password in ["ashaashaashaasha", "Asha@example.org"] {
            assert_eq!(check(password, "asha@example.org", false), Err(PasswordError::OwnName));
        }
        for password in ["asha@xn--bcher-kva.example", "ASHA@bu\u{308}cher.example", " asha@Bücher.example "]
        {
            for email in ["asha@bücher.example", "Asha@XN--bcher-kva.example"] {
                assert_eq!(check(password, email, false), Err(PasswordError::OwnName), "{password}");
            }
        }
        for password in ["ΣΊΣΥΦΟΣ@example.org", "σίσυφοςσίσυφος", "a@b.orga@b.orga@b.org"]
        {
            let email = if password.starts_with('a') { "a@b.org" } else { "σίσυφος@example.org" };
            assert_eq!(check(password, email, true), Err(PasswordError::OwnName), "{password}");
        }
        assert_eq!(check("lake otter 42", "a@b.org", false), Err(PasswordError::TooShort(15)));
        assert_eq!(check("lake otter 42", "a@b.org", true), Ok(()));
        assert_eq!(check("seven otters by the lake", "a@b.org", false), Ok(()));
        assert!(!stands_alone("lake otter 42") && stands_alone("lake otters, 42"));
    }

    #[test]
    fn the_list_is_as_it_is_looked_up() {
        assert!(COMMON.len() >= 500, "{}", COMMON.len());
        for line in COMMON.iter() {
            assert!(!line.is_empty() && line.trim() == *line && line.to_lowercase() == *line, "{line:?}");
        }
    }

    proptest! {
        #[test]
        fn what_was_good_enough_alone_stays_so_however_it_is_written(password in "[a-z\u{c0}-\u{ff}\u{301}\u{ac00}-\u{ac20}]{10,20}") {
            let other: String = password.nfc().collect();
            if check(&password, "somebody@example.org", false).is_ok() {
                prop_assert!(stands_alone(&password) && stands_alone(&other));
            }
        }

        #[test]
        fn length_is_counted_in_characters(password in "\\PC{0,300}", second in any::<bool>()) {
            let characters = password.chars().count();
            let shortest = if second { 8 } else { 15 };
            let verdict = check(&password, "somebody@example.org", second);
            prop_assert_eq!(verdict == Err(PasswordError::TooShort(shortest)), characters < shortest);
            prop_assert_eq!(verdict == Err(PasswordError::TooLong), characters > 256);
        }
    }
}
