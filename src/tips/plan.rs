//! When somebody's tip is due, and what becomes of one that is late.

use crate::schedule::{QuietHours, at_local, local_date, next_daily};
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// How late a tip may leave. One that is later is skipped: a morning's tip is no use at night.
pub const GRACE: SignedDuration = SignedDuration::from_hours(2);

/// The plan of somebody whose time or zone has changed since, in milliseconds since 1970.
pub const PLAN_ANEW: i64 = 0;

/// Somebody's plan, and where they live now.
#[derive(Clone, Copy, Debug)]
pub struct Due<'a> {
    /// When the next tip was to leave, in milliseconds since 1970; [`PLAN_ANEW`] if nobody knows.
    pub planned: i64,
    /// The last local date that is dealt with.
    pub last: Option<Date>,
    /// The local time at which tips come.
    pub time: Time,
    /// The zone of the person.
    pub zone: &'a TimeZone,
}

/// What to do about a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The local date whose tip is to leave now, and the moment it was meant for.
    pub send: Option<(Date, Timestamp)>,
    /// When to look again; always later than now.
    pub next: Timestamp,
    /// The last local date that is dealt with from now on.
    pub last: Option<Date>,
    /// Dates that went by without a tip because it would have come too late.
    pub skipped: i64,
}

/// When the first tip comes to somebody who has just chosen it: never at once, never twice a date.
#[must_use]
pub fn next(now: Timestamp, last: Option<Date>, time: Time, zone: &TimeZone) -> Timestamp {
    next_daily(now, last, time, zone)
}

/// The time of day at which tips come today to somebody who asked for `time` at home, where we take them to live,
/// and may live elsewhere: that time if it is by day in all those zones; else the first moment of the date, if need be
/// before that time, that is by day everywhere. Where there is none, it is for the gate to hold them back.
#[must_use]
pub fn time_by_day(
    time: Time,
    now: Timestamp,
    (home, elsewhere): (&TimeZone, &[TimeZone]),
    quiet: QuietHours,
) -> Time {
    if elsewhere.is_empty() {
        return time;
    }
    let date = local_date(now, home);
    let on_date = |at: Timestamp| Some(home.to_datetime(at)).filter(|local| local.date() == date);
    let after = |time| on_date(quiet.as_asked_from(at_local(date, time, home), home, elsewhere));
    after(time).or_else(|| after(Time::midnight())).map_or(time, jiff::civil::DateTime::time)
}

/// Decides about a plan at `now`. It goes by the zone and the time of day as they are now, so that a
/// plan made for others can neither send a tip at the wrong time nor two for one date.
#[must_use]
pub fn decide(due: &Due, now: Timestamp) -> Decision {
    let anew = due.planned == PLAN_ANEW;
    let since = if anew { now } else { now.saturating_sub(GRACE).unwrap_or(now) };
    let at = next_daily(since, due.last, due.time, due.zone);
    let date = local_date(at, due.zone);
    let skipped = if anew { 0 } else { missed(due, date) };
    if at > now {
        return Decision { send: None, next: at, last: due.last, skipped };
    }
    let next = next_daily(now, Some(date), due.time, due.zone);
    Decision { send: Some((date, at)), next, last: Some(date), skipped }
}

/// How many dates lie from the planned one up to `date`, which is the first that is not too late.
fn missed(due: &Due, date: Date) -> i64 {
    let Ok(planned) = Timestamp::from_millisecond(due.planned) else { return 0 };
    let planned = local_date(planned, due.zone);
    let days = date.since(planned).map_or(0, |span| i64::from(span.get_days()));
    days.max(0)
}

#[cfg(test)]
mod tests;
