//! Phone numbers.
use std::fmt;

/// A phone number in E.164 form. `Display` writes it in full, `Debug` hides all but its ends.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone(u64);

impl Phone {
    /// Reads strict E.164: `+`, then 7 to 15 ASCII digits of which the first is not 0.
    #[must_use]
    pub fn from_e164(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('+')?;
        let right = (7..=15).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.starts_with('0');
        right.then(|| digits.parse().ok()).flatten().map(Self)
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{}", self.0)
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.to_string();
        write!(f, "{}…{}", &text[..3], &text[text.len() - 2..])
    }
}
