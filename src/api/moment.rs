//! Times in requests.

use jiff::Timestamp;
use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};
use std::fmt;

/// Reads a time that must be there.
pub(super) fn given<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
    Moment::deserialize(from).map(|moment| moment.0)
}

/// Reads a time that may be left out; such a field needs `default`, too.
pub(super) fn maybe<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    Option::<Moment>::deserialize(from).map(|moment| moment.map(|moment| moment.0))
}

/// Reads a time that may be left out and can't be taken away; such a field needs `default`, too.
pub(super) fn set<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    given(from).map(Some)
}

struct Moment(Timestamp);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(Reader)
    }
}

struct Reader;

impl Visitor<'_> for Reader {
    type Value = Moment;

    fn expecting(&self, words: &mut fmt::Formatter<'_>) -> fmt::Result {
        words.write_str("a time with its offset from UTC, such as 2026-11-21T12:00:00Z")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Moment, E> {
        text.parse().map(Moment).map_err(|_| E::invalid_value(Unexpected::Other("text"), &self))
    }
}
