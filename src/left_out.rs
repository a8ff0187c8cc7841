//! Fields of JSON that may be left out: `null` is as good as leaving one out.

use serde::{Deserialize, Deserializer};

/// Reads a field that stands for its usual value where it is left out; it needs serde's `default`, too. What is an
/// `Option` already needs nothing of this.
///
/// # Errors
/// It is neither `null` nor what the field is.
pub fn or_default<'de, T, D>(from: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Default,
    D: Deserializer<'de>,
{
    or(from, T::default())
}

/// The same where the usual value is another.
///
/// # Errors
/// As [`or_default`].
pub fn or<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D, usual: T) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or(usual))
}
