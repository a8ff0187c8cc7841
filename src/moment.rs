//! Times as programs write them: read in whole seconds, and refused in words that show how one is written.

use jiff::Timestamp;
use jiff::fmt::temporal::Pieces;
use jiff::tz::Offset;
use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};
use std::fmt;

/// Reads a time that must be there.
///
/// # Errors
/// It is none.
pub fn given<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
    Moment::deserialize(from).map(|moment| moment.0)
}

/// Reads a time that may be left out; such a field needs `default`, too.
///
/// # Errors
/// It is none.
pub fn maybe<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    Option::<Moment>::deserialize(from).map(|moment| moment.map(|moment| moment.0))
}

/// The time that a text is, as RFC 3339 writes it: there, no offset is as long as a day.
#[must_use]
pub fn read(text: &str) -> Option<Timestamp> {
    text.parse().ok().filter(|_| offset(text).is_some_and(is_within_a_day))
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
        words.write_str(
            "a date and time with its offset from UTC, such as 2030-01-07T15:30:00Z or 2030-01-07T10:30:00-05:00",
        )
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Moment, E> {
        if let Some(at) = read(text) {
            return Ok(whole(at));
        }
        match offset(text) {
            None => Err(E::invalid_value(Unexpected::Other("text"), &self)),
            Some(offset) if is_within_a_day(offset) => {
                Err(E::custom("is too far away: times are taken up to the end of the year 9998"))
            }
            Some(_) => Err(E::custom("must have an offset from UTC that is from -23:59 to +23:59")),
        }
    }
}

/// The offset of a text that is written as a time, be it one that can't be counted.
fn offset(text: &str) -> Option<Offset> {
    let pieces = Pieces::parse(text).ok().filter(|pieces| pieces.time().is_some())?;
    pieces.to_numeric_offset()
}

fn is_within_a_day(offset: Offset) -> bool {
    offset.seconds().abs() < 24 * 60 * 60
}

/// What is finer than a second, no answer could tell.
fn whole(at: Timestamp) -> Moment {
    Moment(Timestamp::from_second(at.as_second()).unwrap_or(at))
}

#[test]
fn a_time_beyond_all_calendars_or_offsets_is_told_from_none() {
    let told =
        |text: &str| serde_json::from_str::<Moment>(&format!("\"{text}\"")).err().map(|e| e.to_string());
    assert_eq!(told("9998-12-31T23:59:59Z"), None);
    for text in ["9999-12-31T23:59:59Z", "9999-12-31T00:00:00-05:00"] {
        assert!(told(text).unwrap().contains("up to the end of the year 9998"), "{text}");
    }
    for text in ["9999-12-31", "9999-12-31T23:59:59", "tomorrow", "2026-13-01T00:00:00Z"] {
        assert!(told(text).unwrap().contains("a date and time"), "{text}");
    }
    for (offset, right) in [("+23:59", true), ("-23:59", true), ("+24:00", false), ("-25:59", false)] {
        let text = format!("2026-11-21T12:00:00{offset}");
        assert_eq!(read(&text).is_some(), right, "{text}");
        let words = told(&text);
        assert_eq!(words.is_none(), right, "{text}");
        assert!(words.is_none_or(|words| words.contains("from -23:59 to +23:59")), "{text}");
    }
}

#[test]
fn times_have_whole_seconds() {
    for (text, expected) in [
        ("2026-11-21T12:00:00Z", "2026-11-21T12:00:00Z"),
        ("2026-11-21T12:00:00.999999999Z", "2026-11-21T12:00:00Z"),
        ("2026-11-21T14:00:59.5+02:00", "2026-11-21T12:00:59Z"),
    ] {
        let moment: Moment = serde_json::from_str(&format!("\"{text}\"")).unwrap();
        assert_eq!(moment.0.to_string(), expected, "{text}");
    }
}
