//! What the server knows about the person behind a handset.

use crate::dialog;
use crate::store::ContactRow;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

/// The state beside the handset. A number that never wrote is a stranger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct PersonView {
    /// It asked to be forgotten: all that is left is a keyed hash of the number.
    pub(super) forgotten: bool,
    pub(super) state: String,
    pub(super) consent: String,
    pub(super) name: Option<String>,
    pub(super) locale: Option<String>,
    pub(super) time_zone: String,
    pub(super) time_zone_source: String,
    /// When it became a member, by its own clock.
    pub(super) since: Option<String>,
    pub(super) code: Option<CodeView>,
}

/// The code that is out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct CodeView {
    pub(super) tries_left: u8,
    /// The time on the person's clock.
    pub(super) good_until: String,
    pub(super) expired: bool,
}

impl PersonView {
    /// Nobody we know, in `time_zone`, known by `source`; a forgotten number stays opted out.
    pub(super) fn stranger((time_zone, source): (&str, &str), forgotten: bool) -> Self {
        let consent = if forgotten { dialog::Consent::Withdrawn } else { dialog::Consent::Unasked };
        Self {
            forgotten,
            state: dialog::State::Stranger.as_str().to_owned(),
            consent: consent.as_str().to_owned(),
            name: None,
            locale: None,
            time_zone: time_zone.to_owned(),
            time_zone_source: source.to_owned(),
            since: None,
            code: None,
        }
    }

    /// The person that `row` says.
    pub(super) fn of(row: ContactRow, zone: &TimeZone, now: Timestamp) -> Self {
        let person: Option<dialog::Person> = serde_json::from_str(&row.person).ok();
        let since = row.registered_at.and_then(|at| Timestamp::from_millisecond(at).ok());
        Self {
            forgotten: false,
            state: row.state,
            consent: row.consent,
            name: row.name,
            locale: Some(row.locale),
            time_zone: row.time_zone,
            time_zone_source: row.time_zone_source,
            since: since.map(|at| at.to_zoned(zone.clone()).strftime("%B %-d, %-I:%M %p").to_string()),
            code: person.and_then(|person| code(&person.state, zone, now)),
        }
    }
}

fn code(state: &dialog::State, zone: &TimeZone, now: Timestamp) -> Option<CodeView> {
    let dialog::State::Verifying(challenge) = state else { return None };
    let until = challenge.expires_at();
    Some(CodeView {
        tries_left: challenge.tries_left(),
        good_until: until.to_zoned(zone.clone()).strftime("%-I:%M %p").to_string(),
        expired: now >= until,
    })
}
