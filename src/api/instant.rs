//! Times in bodies: whoever writes one otherwise is told how, by an example.

use jiff::Timestamp;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

const EXPECTED: &str = "must be a date and time with its offset from UTC, \
                        such as 2030-01-07T15:30:00Z or 2030-01-07T10:30:00-05:00";

/// A time.
pub(super) fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    optional(deserializer)?.ok_or_else(|| D::Error::custom(EXPECTED))
}

/// A time, or `null`.
pub(super) fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let time = match Value::deserialize(deserializer)? {
        Value::Null => return Ok(None),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    time.map(Some).ok_or_else(|| D::Error::custom(EXPECTED))
}
