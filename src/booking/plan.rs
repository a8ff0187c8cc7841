//! When to remind of a booking.

use jiff::{SignedDuration, Timestamp};
use std::ops::RangeInclusive;

/// Minutes before the start at which a reminder goes when nothing else was asked for.
pub const DEFAULT_REMINDERS: [i64; 1] = [1440];
/// Most reminders of one booking.
pub const MAX_REMINDERS: usize = 8;
/// How many minutes before the start a reminder may go: from five minutes to sixty days.
pub const REMINDER_MINUTES: RangeInclusive<i64> = 5..=86_400;

/// A reminder that missed its time is still worth sending this long before the start, and this long
/// before the next reminder.
const WORTH: SignedDuration = SignedDuration::from_hours(1);
/// A reminder this late is on time.
const PUNCTUAL: SignedDuration = SignedDuration::from_mins(15);

/// The reminders of one booking.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// When it begins.
    pub starts_at: Timestamp,
    /// Minutes before the start.
    pub before_minutes: &'a [i64],
}

impl Plan<'_> {
    /// When the first reminder of a booking goes that was made or moved at `now`. One whose time is
    /// over goes at once where it still makes sense.
    #[must_use]
    pub fn first(&self, now: Timestamp) -> Option<Timestamp> {
        let missed = self.latest(now).is_some() && self.is_worth(now);
        if missed { Some(now) } else { self.next_after(now) }
    }

    /// The first reminder after `now`.
    #[must_use]
    pub fn next_after(&self, now: Timestamp) -> Option<Timestamp> {
        self.times().map(|(at, _)| at).filter(|at| *at > now && *at < self.starts_at).min()
    }

    /// The offset, in minutes, of the reminder that goes at `now` when one was planned for `planned`.
    /// After an outage that is the latest one, if it still makes sense, and never those before it.
    #[must_use]
    pub fn due(&self, planned: Timestamp, now: Timestamp) -> Option<i64> {
        let punctual = now.duration_since(planned) <= PUNCTUAL;
        self.latest(now).filter(|_| now < self.starts_at && (punctual || self.is_worth(now)))
    }

    /// The offset of the latest reminder whose time has come.
    fn latest(&self, now: Timestamp) -> Option<i64> {
        self.times().filter(|(at, _)| *at <= now).map(|(_, minutes)| minutes).min()
    }

    fn is_worth(&self, now: Timestamp) -> bool {
        self.starts_at.duration_since(now) >= WORTH
            && self.next_after(now).is_none_or(|next| next.duration_since(now) >= WORTH)
    }

    fn times(&self) -> impl Iterator<Item = (Timestamp, i64)> {
        let at = |minutes: &i64| self.starts_at.checked_sub(SignedDuration::from_mins(*minutes)).ok();
        self.before_minutes.iter().filter_map(move |minutes| Some((at(minutes)?, *minutes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn short_notice_gets_what_still_makes_sense() {
        let starts_at = at("2026-11-24T19:00:00Z");
        for (minutes, now, first, offset) in [
            (&[1440][..], "2026-11-20T00:00:00Z", Some("2026-11-23T19:00:00Z"), None),
            (&[1440], "2026-11-24T12:00:00Z", Some("2026-11-24T12:00:00Z"), Some(1440)),
            // An hour is the least that is worth a reminder.
            (&[1440], "2026-11-24T18:00:00Z", Some("2026-11-24T18:00:00Z"), Some(1440)),
            (&[1440], "2026-11-24T18:00:01Z", None, None),
            // The next one comes within the hour: it will do.
            (&[1440, 120], "2026-11-24T16:30:00Z", Some("2026-11-24T17:00:00Z"), None),
            (&[1440, 120], "2026-11-24T15:30:00Z", Some("2026-11-24T15:30:00Z"), Some(1440)),
            (&[2880, 1440], "2026-11-24T15:30:00Z", Some("2026-11-24T15:30:00Z"), Some(1440)),
            (&[], "2026-11-20T00:00:00Z", None, None),
        ] {
            let plan = Plan { starts_at, before_minutes: minutes };
            assert_eq!(plan.first(at(now)), first.map(at), "{minutes:?} at {now}");
            if first == Some(now) {
                assert_eq!(plan.due(at(now), at(now)), offset, "{minutes:?} at {now}");
            }
        }
    }

    #[test]
    fn after_an_outage_only_the_latest_and_only_if_worth_it() {
        let plan = Plan { starts_at: at("2026-11-24T19:00:00Z"), before_minutes: &[2880, 1440, 30] };
        let planned = at("2026-11-22T19:00:00Z");
        assert_eq!(plan.due(planned, at("2026-11-23T20:00:00Z")), Some(1440));
        assert_eq!(plan.due(planned, at("2026-11-24T18:10:00Z")), None, "the last one comes soon");
        assert_eq!(plan.due(at("2026-11-24T18:30:00Z"), at("2026-11-24T18:31:00Z")), Some(30));
        assert_eq!(plan.due(at("2026-11-24T18:30:00Z"), at("2026-11-24T18:50:00Z")), None);
        assert_eq!(plan.due(planned, at("2026-11-24T19:00:00Z")), None, "it has begun");
    }

    proptest! {
        #[test]
        fn each_reminder_goes_once_and_never_early_or_late(
            minutes in prop::collection::vec(5_i64..3000, 0..6),
            made in 0_i64..4000, ticks in prop::collection::vec(0_i64..600, 1..60),
        ) {
            let starts_at = at("2026-11-24T19:00:00Z");
            let plan = Plan { starts_at, before_minutes: &minutes };
            let mut now = starts_at - SignedDuration::from_mins(made);
            let mut planned = plan.first(now);
            let mut sent = Vec::new();
            for tick in ticks {
                now += SignedDuration::from_mins(tick);
                let Some(due) = planned.filter(|due| *due <= now) else { continue };
                if let Some(offset) = plan.due(due, now) {
                    prop_assert!(now < starts_at);
                    prop_assert!(starts_at - SignedDuration::from_mins(offset) <= now, "early");
                    sent.push(offset);
                }
                planned = plan.next_after(now);
                prop_assert!(planned.is_none_or(|next| next > now && next < starts_at));
            }
            prop_assert!(sent.is_sorted_by(|a, b| a > b), "twice or out of order: {:?}", sent);
        }
    }
}
