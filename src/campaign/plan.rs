//! When a campaign may write, and when it gives up.

use super::AutoStop;
use crate::schedule::{NIGHT, QuietHours, minutes};
use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::slice;

/// How far ahead hours are looked at: a window is met by the first of two days or never.
const LOOK_AHEAD: SignedDuration = SignedDuration::from_hours(48);

/// A time of day such as `09:30`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("pattern" = "^([01][0-9]|2[0-3]):[0-5][0-9]$", "examples" = ["09:30"]))]
pub struct LocalTime(Time);

impl TryFrom<String> for LocalTime {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let time = Time::strptime("%H:%M", &text).ok();
        time.map(Self).ok_or("must be a time of day such as 09:30")
    }
}

impl From<LocalTime> for String {
    fn from(time: LocalTime) -> Self {
        time.0.strftime("%H:%M").to_string()
    }
}

/// The hours of the day, in each reader's own zone, in which a campaign writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// The first minute.
    pub from: LocalTime,
    /// The first minute after it.
    pub to: LocalTime,
}

impl Window {
    /// Why nobody would ever be written to in it, if that is so where these hours are quiet.
    fn fault(&self, quiet: QuietHours) -> Option<String> {
        let (from, to) = (String::from(self.from), String::from(self.to));
        if from == to {
            return Some(format!("begins when it ends, at {to}; leave it out to write all day"));
        }
        let [quiet_from, quiet_to] = [quiet.from, quiet.to].map(|time| time.strftime("%H:%M").to_string());
        quiet.cover(self.from.0, self.to.0).then(|| {
            format!(
                "{from}-{to} lies within the quiet hours {quiet_from}-{quiet_to} (TIDINGS_QUIET_HOURS), in which no \
                 campaign writes; choose hours from {quiet_to} to {quiet_from}"
            )
        })
    }

    /// What whoever chose these hours may not have thought of: that some of them are quiet, or are at night.
    fn warnings(&self, quiet: QuietHours) -> Vec<String> {
        let outside = QuietHours { from: self.to.0, to: self.from.0 };
        let open: Vec<Time> = minutes().filter(|time| !outside.contain(*time)).collect();
        let (from, to) = (String::from(self.from), String::from(self.to));
        let [quiet_from, quiet_to] = [quiet.from, quiet.to].map(|time| time.strftime("%H:%M").to_string());
        let waits = open.iter().any(|time| quiet.contain(*time)).then(|| {
            format!(
                "window: {from}-{to} takes in quiet hours ({quiet_from}-{quiet_to}, TIDINGS_QUIET_HOURS), in which no \
                 campaign writes: who would get it then gets it from {quiet_to} on, if the window is open"
            )
        });
        let at_night = open.iter().any(|time| NIGHT.contain(*time) && !quiet.contain(*time)).then(|| {
            format!(
                "window: {from}-{to} takes in some of the night (21:00-08:00) that TIDINGS_QUIET_HOURS leaves open: laws \
                 on texts forbid that in many places"
            )
        });
        waits.into_iter().chain(at_night).collect()
    }

    /// The first moment from `now` on that is in the window where clocks show `zone`.
    #[must_use]
    pub fn open_from(&self, now: Timestamp, zone: &TimeZone) -> Timestamp {
        if self.from == self.to {
            return now;
        }
        // What is outside of one window is inside of the other.
        QuietHours { from: self.to.0, to: self.from.0 }.open_from(now, zone)
    }
}

/// How a campaign is sent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// The hours in which it writes; the quiet hours hold beside them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// Hours after which a message that has not left is not worth sending.
    pub expires_after_hours: i64,
    /// When it stops itself.
    pub auto_stop: AutoStop,
}

impl Default for Plan {
    fn default() -> Self {
        Self { window: None, expires_after_hours: 72, auto_stop: AutoStop::default() }
    }
}

impl Plan {
    /// The field that is not what it should be, and what it should be, in a house with these quiet hours.
    #[must_use]
    pub fn fault(&self, quiet: QuietHours) -> Option<(&'static str, String)> {
        if !(1..=168).contains(&self.expires_after_hours) {
            return Some(("expires_after_hours", "must be a whole number from 1 to 168".to_owned()));
        }
        if let Some(fault) = self.window.and_then(|window| window.fault(quiet)) {
            return Some(("window", fault));
        }
        self.auto_stop.fault().map(|(field, fault)| (field, fault.to_owned()))
    }

    /// What is to be said about its hours in a house with these quiet hours, though nothing forbids them.
    #[must_use]
    pub fn warnings(&self, quiet: QuietHours) -> Vec<String> {
        self.window.map_or_else(Vec::new, |window| window.warnings(quiet))
    }

    /// Whether its hours never meet an hour by day for somebody who lives at `home` or `elsewhere`, as far as the
    /// next two days tell: days are alike.
    #[must_use]
    pub fn is_closed_by_day(
        &self,
        now: Timestamp,
        home: &TimeZone,
        elsewhere: &[TimeZone],
        quiet: QuietHours,
    ) -> bool {
        let Some(window) = self.window else { return false };
        let zones = [slice::from_ref(home), elsewhere].concat();
        let (mut at, last) = (now, now.saturating_add(LOOK_AHEAD).unwrap_or(Timestamp::MAX));
        while at < last {
            let open = window.open_from(at, home);
            at = quiet.open_everywhere_from(open, &zones);
            if at == open {
                return false;
            }
        }
        true
    }

    /// When a message for somebody in `zone` may leave at the earliest.
    #[must_use]
    pub fn open_from(&self, now: Timestamp, zone: &TimeZone) -> Timestamp {
        self.window.map_or(now, |window| window.open_from(now, zone))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::time;

    fn window(from: &str, to: &str) -> Window {
        serde_json::from_value(serde_json::json!({"from": from, "to": to})).unwrap()
    }

    #[test]
    fn a_window_is_open_where_the_reader_is() {
        let kathmandu = TimeZone::get("Asia/Kathmandu").unwrap();
        for (window, now, open) in [
            (window("10:00", "17:00"), "2026-11-21T04:14:00Z", "2026-11-21T04:15:00Z"),
            (window("10:00", "17:00"), "2026-11-21T11:14:59Z", "2026-11-21T11:14:59Z"),
            (window("10:00", "17:00"), "2026-11-21T11:15:00Z", "2026-11-22T04:15:00Z"),
            (window("22:00", "02:00"), "2026-11-21T11:15:00Z", "2026-11-21T16:15:00Z"),
            (window("00:00", "00:00"), "2026-11-21T11:15:00Z", "2026-11-21T11:15:00Z"),
        ] {
            let now: Timestamp = now.parse().unwrap();
            assert_eq!(window.open_from(now, &kathmandu).to_string(), open);
        }
    }

    #[test]
    fn times_of_day_are_read_strictly() {
        assert_eq!(String::from(LocalTime::try_from("09:05".to_owned()).unwrap()), "09:05");
        for wrong in ["", "24:00", "9", "09:60", "09:30:00", "noon"] {
            assert!(LocalTime::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
        assert_eq!(Plan::default().fault(NIGHT), None);
        let endless = Plan { expires_after_hours: 169, ..Plan::default() };
        assert_eq!(endless.fault(NIGHT).map(|(field, _)| field), Some("expires_after_hours"));
    }

    #[test]
    fn a_window_in_which_nobody_could_be_written_to_is_refused() {
        let fault = |from, to, quiet| {
            let plan = Plan { window: Some(window(from, to)), ..Plan::default() };
            plan.fault(quiet).map(|(field, fault)| format!("{field} {fault}"))
        };
        assert_eq!(fault("20:30", "23:00", NIGHT), None);
        let quiet = "window 22:00-23:00 lies within the quiet hours 21:00-08:00 (TIDINGS_QUIET_HOURS), in which no \
                     campaign writes; choose hours from 08:00 to 21:00";
        assert_eq!(fault("22:00", "23:00", NIGHT).as_deref(), Some(quiet));
        assert_eq!(fault("22:00", "23:00", QuietHours { to: NIGHT.from, ..NIGHT }), None);
        let empty = "window begins when it ends, at 10:00; leave it out to write all day";
        assert_eq!(fault("10:00", "10:00", NIGHT).as_deref(), Some(empty));
    }
    #[test]
    fn hours_at_night_are_pointed_out() {
        let warnings = |from, to, quiet| {
            let plan = Plan { window: Some(window(from, to)), ..Plan::default() };
            plan.warnings(quiet)
        };
        let none = QuietHours { from: time(0, 0, 0, 0), to: time(0, 0, 0, 0) };
        assert_eq!(warnings("08:00", "21:00", NIGHT), [""; 0]);
        assert_eq!(warnings("08:00", "21:00", none), [""; 0]);
        for (from, to) in [("20:00", "09:00"), ("07:59", "12:00"), ("20:00", "21:01")] {
            let told = warnings(from, to, NIGHT);
            assert!(told.len() == 1 && told[0].contains("takes in quiet hours (21:00-08:00"), "{told:?}");
            let told = warnings(from, to, none);
            assert!(told.len() == 1 && told[0].contains("some of the night"), "{told:?}");
        }
        assert_eq!(warnings("20:00", "09:00", QuietHours { to: time(6, 0, 0, 0), ..NIGHT }).len(), 2);
        assert_eq!(Plan::default().warnings(NIGHT), [""; 0]);
    }
}
