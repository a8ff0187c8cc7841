//! Whether this machine's clock was set lately, so that the times noted before don't tell how long ago that was.

use crate::clock::{Clock, Stopwatch};
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// For how long a step is remembered: what left before it is settled by then, also where Twilio's lists can't be read.
const LATELY: Duration = Duration::from_hours(24);
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
    /// What is to be done about what was noticed.
    noticed: Noticed,
}

/// What looks at the clock showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noticed {
    /// Nobody knows how it was set before the first of them.
    First,
    /// It was set back.
    SetBack,
    /// Nothing, or all has been done about it.
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
    /// Looks at the clock; says what was noticed and is not [`done`](Self::done) yet.
    #[must_use]
    pub fn notice(&self, clock: &Clock) -> Noticed {
        self.look(clock, |seen| seen.noticed)
    }

    /// What was noticed has been acted on.
    pub fn done(&self, clock: &Clock) {
        self.look(clock, |seen| seen.noticed = Noticed::Nothing);
    }

    /// What is known of `clock` now.
    #[must_use]
    pub fn sight(&self, clock: &Clock) -> Sight {
        self.look(clock, |seen| Sight { now: seen.at, back: seen.back, forward: seen.forward })
    }

    fn look<T>(&self, clock: &Clock, then: impl FnOnce(&mut Seen) -> T) -> T {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = seen.get_or_insert_with(|| Seen::first(clock));
        seen.look(clock);
        then(seen)
    }
}

impl Seen {
    fn first(clock: &Clock) -> Self {
        Self {
            at: clock.now(),
            watch: clock.stopwatch(),
            back: SignedDuration::ZERO,
            forward: false,
            set: clock.stopwatch(),
            noticed: Noticed::First,
        }
    }

    /// How far the clock should have gone, a stopwatch tells that nobody sets.
    fn look(&mut self, clock: &Clock) {
        let now = clock.now();
        let should = SignedDuration::try_from(self.watch.elapsed()).unwrap_or_default();
        let step = now.duration_since(self.at) - should;
        (self.at, self.watch) = (now, clock.stopwatch());
        if step.abs() < LEAST {
            if self.set.elapsed() >= LATELY {
                (self.back, self.forward) = (SignedDuration::ZERO, false);
            }
            return;
        }
        tracing::warn!(seconds = step.as_secs(), "this machine's clock was set by so many seconds");
        self.set = clock.stopwatch();
        if step.is_positive() {
            self.forward = true;
        } else {
            self.back += step.abs();
            self.noticed = Noticed::SetBack;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_noticed_until_something_was_done_about_it() {
        let clock = Clock::shifted_by(SignedDuration::ZERO);
        let steps = Steps::default();
        let minute = SignedDuration::from_mins(1);
        assert_eq!([steps.notice(&clock), steps.notice(&clock)], [Noticed::First; 2]);
        steps.done(&clock);
        assert_eq!(steps.notice(&clock), Noticed::Nothing);
        assert!(clock.advance(-minute * 7));
        assert!((steps.sight(&clock).back - minute * 7).abs() < LEAST);
        assert_eq!([steps.notice(&clock), steps.notice(&clock)], [Noticed::SetBack; 2]);
        steps.done(&clock);
        assert!(clock.advance(minute * 5));
        assert_eq!(steps.notice(&clock), Noticed::Nothing);
        let sight = steps.sight(&clock);
        assert!(sight.forward && (sight.back - minute * 7).abs() < LEAST, "{sight:?}");
    }

    /// On a clock that stands a stopwatch goes with it, so that only a step back is one.
    #[test]
    fn after_a_day_it_is_forgotten() {
        let clock = Clock::standing_at("2026-11-21T12:00:00Z".parse().unwrap());
        let steps = Steps::default();
        steps.done(&clock);
        assert!(clock.advance(SignedDuration::from_hours(-1)));
        assert_eq!(steps.notice(&clock), Noticed::SetBack);
        for (hours, back) in [(23, 1), (1, 0)] {
            assert!(clock.advance(SignedDuration::from_hours(hours)));
            assert_eq!(steps.sight(&clock).back, SignedDuration::from_hours(back));
        }
    }
}
