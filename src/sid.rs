//! Twilio's message identifiers.

use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// A message SID: `SM` or `MM` and 32 hex digits, kept in 17 bytes instead of 34.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sid {
    /// Whether it is an MMS (`MM`).
    pub mms: bool,
    /// The 32 hex digits.
    pub id: Uuid,
}

impl FromStr for Sid {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "must be SM or MM and 32 hex digits";
        let (mms, hex) = match text.split_at_checked(2) {
            Some(("SM", hex)) => (false, hex),
            Some(("MM", hex)) => (true, hex),
            _ => return Err(EXPECTED),
        };
        let right = hex.len() == 32 && hex.bytes().all(|b| b.is_ascii_hexdigit());
        let id = right.then(|| Uuid::try_parse(hex).ok()).flatten().ok_or(EXPECTED)?;
        Ok(Self { mms, id })
    }
}

impl fmt::Display for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.mms { "MM" } else { "SM" }, self.id.simple())
    }
}

impl fmt::Debug for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip_and_refusals() {
        let text = "SM0123456789abcdef0123456789abcdef";
        assert_eq!(text.parse::<Sid>().unwrap().to_string(), text);
        for wrong in [
            "",
            "SM",
            "SM0123",
            "XX0123456789abcdef0123456789abcdef",
            "SM0123456789abcdef0123456789abcdeg",
            "é",
        ] {
            assert!(wrong.parse::<Sid>().is_err(), "{wrong}");
        }
    }
}
