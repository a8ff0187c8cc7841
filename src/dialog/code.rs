//! Verification codes: six digits, ten minutes, five tries.
//!
//! What is stored is a random nonce. The code is a keyed hash of that nonce and the address it is
//! for, so the database alone tells nothing about it, a code for one number is worth nothing for
//! another, and a repeated webhook can be given the same text again without the code ever having
//! been written down.

use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fmt;

/// How long a code is good for: ten minutes (NIST SP 800-63B section 3.1.3.2 allows no more).
pub const CODE_LIFETIME: SignedDuration = SignedDuration::from_mins(10);
/// How many wrong codes one challenge takes; a resend does not give more.
pub const MAX_WRONG_CODES: u8 = 5;
/// How many codes one challenge may issue.
const MAX_ISSUED: usize = 5;

/// Sixteen bytes from the operating system's random source, from which one code follows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Nonce(pub [u8; 16]);

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nonce(…)")
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl std::str::FromStr for Nonce {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u128::from_str_radix(text, 16).map(|value| Self(value.to_be_bytes()))
    }
}

impl Serialize for Nonce {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Nonce {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The key that turns nonces into codes. It never enters the database.
#[derive(Clone)]
pub struct CodeKey(Hmac<Sha256>);

impl fmt::Debug for CodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeKey(…)")
    }
}

impl CodeKey {
    /// A key from secret bytes of any length.
    ///
    /// # Panics
    /// Never: HMAC takes keys of every length (RFC 2104).
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        Self(Hmac::new_from_slice(secret).expect("HMAC takes any key"))
    }

    /// The six digits that `nonce` stands for when sent to `subject`, an address.
    #[must_use]
    pub fn code(&self, subject: &str, nonce: Nonce) -> String {
        let mut mac = self.0.clone();
        mac.update(&nonce.0);
        mac.update(subject.as_bytes());
        let digest = mac.finalize().into_bytes();
        let mut head = [0; 8];
        head.copy_from_slice(&digest[..8]);
        format!("{:06}", u64::from_be_bytes(head) % 1_000_000)
    }

    /// Whether `digits` is that code, in a time that does not depend on where they differ.
    fn matches(&self, subject: &str, nonce: Nonce, digits: &str) -> bool {
        let code = self.code(subject, nonce);
        let differences = code.bytes().zip(digits.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b));
        code.len() == digits.len() && std::hint::black_box(differences) == 0
    }
}

/// Codes sent to prove one number, and the wrong ones that came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    issued: Vec<Issued>,
    wrong: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Issued {
    nonce: Nonce,
    at: Timestamp,
}

/// What became of a code that somebody texted back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    Right,
    Expired,
    Wrong,
}

impl Challenge {
    /// A challenge with its first code.
    #[must_use]
    pub fn new(nonce: Nonce, now: Timestamp) -> Self {
        Self { issued: vec![Issued { nonce, at: now }], wrong: 0 }
    }

    /// Adds a code; earlier ones stay good until they expire, and wrong tries stay counted.
    pub(super) fn reissue(&mut self, nonce: Nonce, now: Timestamp) {
        if self.issued.len() == MAX_ISSUED {
            self.issued.remove(0);
        }
        self.issued.push(Issued { nonce, at: now });
    }

    /// Compares `digits` with every code of this challenge. Reads only; see [`Self::count_wrong`].
    pub(super) fn check(&self, key: &CodeKey, subject: &str, digits: &str, now: Timestamp) -> Check {
        let mut found = Check::Wrong;
        for issued in &self.issued {
            if key.matches(subject, issued.nonce, digits) {
                let live = now < issued.at + CODE_LIFETIME;
                found = if live || found == Check::Right { Check::Right } else { Check::Expired };
            }
        }
        found
    }

    pub(super) fn count_wrong(&mut self) {
        self.wrong = self.wrong.saturating_add(1);
    }

    /// How many wrong codes may still come.
    #[must_use]
    pub fn tries_left(&self) -> u8 {
        MAX_WRONG_CODES.saturating_sub(self.wrong)
    }

    /// When the last code was sent.
    pub(super) fn sent_at(&self) -> Timestamp {
        self.issued.iter().map(|issued| issued.at).max().unwrap_or(Timestamp::MIN)
    }

    /// When the last code of this challenge expires.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        let last = self.issued.iter().map(|issued| issued.at).max();
        last.map_or(Timestamp::MIN, |at| at.saturating_add(CODE_LIFETIME).unwrap_or(Timestamp::MAX))
    }
}
