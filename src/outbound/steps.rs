//! Whether this machine's clock was set lately, so that the times noted before don't tell how long ago that was.

use crate::clock::{Clock, Stopwatch};
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// For how long a step is remembered: what left before it is settled, or with an operator.
const LATELY: Duration = Duration::from_hours(1);
/// A clock that is only kept right moves less than this between two looks at it.
const LEAST: SignedDuration = SignedDuration::from_secs(5);

/// Remembers how the clock was set; clones share what they know.
#[derive(Clone, Debug, Default)]
pub struct Steps(Arc<Mutex<Option<Seen>>>);

#[derive(Debug)]
struct Seen {
    at: Timestamp,
    watch: Stopwatch,
    /// How far it was set back lately, all in all.
    back: SignedDuration,
    forward: bool,
    /// Runs since the last step.
    set: Stopwatch,
}

/// What a look at the clock showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noticed {
    /// It is the first look.
    First,
    /// It was set back since the look before.
    SetBack,
    /// It was not.
    Nothing,
}

/// What is known of the clock at one time.
#[derive(Clone, Copy, Debug)]
pub struct Sight {
    /// What it shows.
    pub now: Timestamp,
    /// How far it was set back lately.
    pub back: SignedDuration,
    /// It was set forward lately.
    pub forward: bool,
}

impl Steps {
    /// Looks at the clock; how far it should have gone, a stopwatch tells that nobody sets.
    pub fn notice(&self, clock: &Clock) -> Noticed {
        let now = clock.now();
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(seen) = &mut *seen else {
            let (watch, set) = (clock.stopwatch(), clock.stopwatch());
            let back = SignedDuration::ZERO;
            *seen = Some(Seen { at: now, watch, back, forward: false, set });
            return Noticed::First;
        };
        let should = SignedDuration::try_from(seen.watch.elapsed()).unwrap_or_default();
        let step = now.duration_since(seen.at) - should;
        (seen.at, seen.watch) = (now, clock.stopwatch());
        if step.abs() < LEAST {
            if seen.set.elapsed() >= LATELY {
                (seen.back, seen.forward) = (SignedDuration::ZERO, false);
            }
            return Noticed::Nothing;
        }
        tracing::warn!(seconds = step.as_secs(), "this machine's clock was set by so many seconds");
        seen.set = clock.stopwatch();
        if step.is_positive() {
            seen.forward = true;
            return Noticed::Nothing;
        }
        seen.back += step.abs();
        Noticed::SetBack
    }

    /// What is known of `clock` now.
    #[must_use]
    pub fn sight(&self, clock: &Clock) -> Sight {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (back, forward) = seen.as_ref().map(|seen| (seen.back, seen.forward)).unwrap_or_default();
        Sight { now: clock.now(), back, forward }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_noticed_once_and_remembered_for_an_hour() {
        let clock = Clock::shifted_by(SignedDuration::ZERO);
        let steps = Steps::default();
        let minute = SignedDuration::from_mins(1);
        assert_eq!([steps.notice(&clock), steps.notice(&clock)], [Noticed::First, Noticed::Nothing]);
        assert!(clock.advance(-minute * 7));
        assert_eq!([steps.notice(&clock), steps.notice(&clock)], [Noticed::SetBack, Noticed::Nothing]);
        assert!(clock.advance(minute * 5));
        assert_eq!(steps.notice(&clock), Noticed::Nothing);
        let sight = steps.sight(&clock);
        assert!(sight.forward && (sight.back - minute * 7).abs() < LEAST, "{sight:?}");
    }

    /// On a clock that stands a stopwatch goes with it, so that only a step back is one.
    #[test]
    fn after_an_hour_it_is_forgotten() {
        let clock = Clock::standing_at("2026-11-21T12:00:00Z".parse().unwrap());
        let steps = Steps::default();
        steps.notice(&clock);
        assert!(clock.advance(SignedDuration::from_hours(-1)));
        assert_eq!(steps.notice(&clock), Noticed::SetBack);
        for (minutes, back) in [(59, 1), (1, 0)] {
            assert!(clock.advance(SignedDuration::from_mins(minutes)));
            assert_eq!(steps.notice(&clock), Noticed::Nothing);
            assert_eq!(steps.sight(&clock).back, SignedDuration::from_hours(back));
        }
    }
}
