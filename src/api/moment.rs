//! Times in answers: in whole seconds.

use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// A time in an answer. All are written alike, which not every reader of times can do without.
#[derive(Clone, Copy, Debug)]
pub(super) struct Time(Timestamp);

/// Milliseconds since 1970 as a time.
pub(super) fn time(milliseconds: i64) -> Option<Time> {
    Timestamp::from_millisecond(milliseconds).ok().map(Time)
}

impl From<Timestamp> for Time {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&format_args!("{:.0}", self.0))
    }
}

impl JsonSchema for Time {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Time".into()
    }

    fn json_schema(schemas: &mut SchemaGenerator) -> Schema {
        Timestamp::json_schema(schemas)
    }
}

#[test]
fn times_are_told_in_whole_seconds() {
    let told = serde_json::to_string(&Time("2026-11-21T14:00:59.5+02:00".parse().unwrap())).unwrap();
    assert_eq!(told, "\"2026-11-21T12:00:59Z\"");
}
