//! Local time: when it is seven o'clock where somebody lives, and when it is too late to write.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::slice;

/// The name of a time zone as the IANA database spells it; none where it has no such zone, or one that says no
/// time, such as `Etc/Unknown`.
#[must_use]
pub fn zone_name(text: &str) -> Option<String> {
    let zone = TimeZone::get(text).ok().filter(|zone| !zone.is_unknown())?;
    zone.iana_name().map(str::to_owned)
}

/// The times of day at which nothing is sent that was not asked for, in the person's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietHours {
    /// When they begin.
    pub from: Time,
    /// When they end; the first minute in which messages may leave again.
    pub to: Time,
}

/// When people sleep, as laws on texts see it: 47 CFR 64.1200(c)(1).
pub const NIGHT: QuietHours =
    QuietHours { from: Time::constant(21, 0, 0, 0), to: Time::constant(8, 0, 0, 0) };

impl QuietHours {
    /// The first moment from `now` on at which a message may leave: `now` itself outside the quiet
    /// hours, else their end.
    #[must_use]
    pub fn open_from(&self, now: Timestamp, zone: &TimeZone) -> Timestamp {
        let local = zone.to_datetime(now);
        let time = local.time();
        if !self.contain(time) {
            return now;
        }
        let ends_tomorrow = self.from > self.to && time >= self.from;
        let date = if ends_tomorrow { next_day(local.date()) } else { local.date() };
        // Where clocks skip the end of the quiet hours, the moment after the gap is meant; never earlier.
        at_local(date, self.to, zone).max(now)
    }

    /// The first moment from `now` on that is outside the quiet hours in each of `zones`; where they leave none, in as
    /// many of the first of them as share one.
    #[must_use]
    pub fn open_everywhere_from(&self, now: Timestamp, zones: &[TimeZone]) -> Timestamp {
        let shared = |count| self.first_shared(now, &zones[..count]);
        (1..=zones.len()).rev().find_map(shared).unwrap_or(now)
    }

    /// When what somebody asked for at `at`, where we take them to live, may leave: then, where they may live
    /// elsewhere only if it is by day there, else at the first moment from then on that is by day everywhere.
    #[must_use]
    pub fn as_asked_from(&self, at: Timestamp, home: &TimeZone, elsewhere: &[TimeZone]) -> Timestamp {
        if elsewhere.iter().all(|zone| self.open_from(at, zone) == at) {
            return at;
        }
        self.open_everywhere_from(at, &[slice::from_ref(home), elsewhere].concat())
    }

    /// The first moment outside them in each of `zones`, if there is one within two days: days are alike.
    fn first_shared(&self, now: Timestamp, zones: &[TimeZone]) -> Option<Timestamp> {
        let (mut at, last) = (now, now.saturating_add(SignedDuration::from_hours(48)).ok()?);
        while at <= last {
            let open = zones.iter().map(|zone| self.open_from(at, zone)).max()?;
            if open == at {
                return Some(at);
            }
            at = open;
        }
        None
    }

    /// Whether clocks show `time` in them. Those that end when they begin are none.
    #[must_use]
    pub fn contain(&self, time: Time) -> bool {
        if self.from > self.to {
            time >= self.from || time < self.to
        } else {
            time >= self.from && time < self.to
        }
    }

    /// Whether there is a minute of the night that is not in them.
    #[must_use]
    pub fn leave_night(&self) -> bool {
        minutes().any(|time| NIGHT.contain(time) && !self.contain(time))
    }

    /// Whether all the time from `from` on until `to` is in them.
    #[must_use]
    pub fn cover(&self, from: Time, to: Time) -> bool {
        let until = |end: Time| {
            let span = end.duration_since(from);
            if span.is_positive() { span } else { span + SignedDuration::from_hours(24) }
        };
        self.contain(from) && until(to) <= until(self.to)
    }
}

/// Every minute of a day.
pub fn minutes() -> impl Iterator<Item = Time> {
    (0..24).flat_map(|hour| (0..60).map(move |minute| Time::constant(hour, minute, 0, 0)))
}

/// The moment at which clocks in `zone` show `time` on `date`. Where they skip that time, the moment
/// as far behind the gap as the time is into it; where they show it twice, the first.
#[must_use]
pub fn at_local(date: Date, time: Time, zone: &TimeZone) -> Timestamp {
    let zoned = date.to_datetime(time).to_zoned(zone.clone());
    zoned.map_or(Timestamp::MAX, |zoned| zoned.timestamp())
}

/// The date that calendars in `zone` show.
#[must_use]
pub fn local_date(now: Timestamp, zone: &TimeZone) -> Date {
    zone.to_datetime(now).date()
}

/// The next moment after `after` at which clocks in `zone` show `time`, on a date later than `last`.
#[must_use]
pub fn next_daily(after: Timestamp, last: Option<Date>, time: Time, zone: &TimeZone) -> Timestamp {
    let mut date = local_date(after, zone);
    if let Some(last) = last {
        date = date.max(next_day(last));
    }
    // A day or two on is the most it takes: a zone may have jumped over a date.
    for _ in 0..4 {
        let at = at_local(date, time, zone);
        if at > after && last.is_none_or(|last| local_date(at, zone) > last) {
            return at;
        }
        date = next_day(date);
    }
    after.saturating_add(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MAX)
}

fn next_day(date: Date) -> Date {
    date.tomorrow().unwrap_or(Date::MAX)
}

#[cfg(test)]
mod tests;
