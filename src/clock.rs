//! The only reader of the clock: everything else takes `now` as an argument or asks a [`Clock`].

use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// A source of the current time that tests and the demo can move.
///
/// Cloning is cheap; every clone shows the same time.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Kind>);

#[derive(Debug)]
enum Kind {
    /// The machine's clock.
    System,
    /// The machine's clock plus an offset that can be changed: the demo's clock.
    Shifted(watch::Sender<SignedDuration>),
    /// A clock that stands still until it is moved: the tests' clock.
    Standing(watch::Sender<Timestamp>),
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Arc::new(Kind::System))
    }

    /// A clock that runs at the machine's pace and shows `start` now.
    #[must_use]
    pub fn starting_at(start: Timestamp) -> Self {
        Self::shifted_by(start.duration_since(machine_now()))
    }

    /// A clock that stands at `start` until [`Clock::advance`] moves it.
    #[must_use]
    pub fn standing_at(start: Timestamp) -> Self {
        Self(Arc::new(Kind::Standing(watch::Sender::new(start))))
    }

    /// The current time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match &*self.0 {
            Kind::System => machine_now(),
            Kind::Shifted(offset) => machine_now() + *offset.borrow(),
            Kind::Standing(time) => *time.borrow(),
        }
    }

    /// How far this clock is from the machine's.
    #[must_use]
    pub fn offset(&self) -> SignedDuration {
        match &*self.0 {
            Kind::System => SignedDuration::ZERO,
            Kind::Shifted(offset) => *offset.borrow(),
            Kind::Standing(time) => time.borrow().duration_since(machine_now()),
        }
    }

    /// A clock that runs at the machine's pace, this far from it.
    #[must_use]
    pub fn shifted_by(offset: SignedDuration) -> Self {
        Self(Arc::new(Kind::Shifted(watch::Sender::new(offset))))
    }

    /// Moves a shifted or standing clock, forwards or backwards, and wakes whoever sleeps on it.
    ///
    /// Returns `false`, and changes nothing, when this is the machine's clock.
    #[must_use]
    pub fn advance(&self, by: SignedDuration) -> bool {
        match &*self.0 {
            Kind::System => return false,
            Kind::Shifted(offset) => offset.send_modify(|value| *value = value.saturating_add(by)),
            Kind::Standing(time) => time.send_modify(|value| *value += by),
        }
        true
    }

    /// Measures from now on.
    #[must_use]
    pub fn stopwatch(&self) -> Stopwatch {
        Stopwatch(match &*self.0 {
            Kind::System | Kind::Shifted(_) => Started::Machine(up()),
            Kind::Standing(_) => Started::Standing(self.clone(), self.now()),
        })
    }

    /// Returns once this clock shows `until` or later.
    pub async fn sleep_until(&self, until: Timestamp) {
        match &*self.0 {
            Kind::System => tokio::time::sleep(wait(machine_now(), until)).await,
            Kind::Shifted(offset) => {
                let mut moved = offset.subscribe();
                loop {
                    let remaining = wait(self.now(), until);
                    if remaining.is_zero() {
                        return;
                    }
                    tokio::select! {
                        () = tokio::time::sleep(remaining) => {}
                        _ = moved.changed() => {}
                    }
                }
            }
            Kind::Standing(time) => {
                // The sender lives as long as `self`, so waiting cannot fail.
                let _ = time.subscribe().wait_for(|now| *now >= until).await;
            }
        }
    }

    /// Returns once this clock has moved on by `duration`.
    pub async fn sleep(&self, duration: Duration) {
        let step = SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
        let until = self.now().checked_add(step).unwrap_or(Timestamp::MAX);
        self.sleep_until(until).await;
    }
}

/// Measures how long something takes, with what the machine slept meanwhile. Nobody who sets a clock moves it; on one
/// that stands it goes with that.
#[derive(Clone, Debug)]
pub struct Stopwatch(Started);

#[derive(Clone, Debug)]
enum Started {
    /// Since the machine was started.
    Machine(Duration),
    Standing(Clock, Timestamp),
}

impl Stopwatch {
    /// How long it has been.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        match &self.0 {
            Started::Machine(start) => up().saturating_sub(*start),
            Started::Standing(clock, start) => wait(*start, clock.now()),
        }
    }
}

/// A running stopwatch for measuring how long something took; it never goes backwards.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
pub fn stopwatch() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
fn machine_now() -> Timestamp {
    Timestamp::now()
}

/// How long the machine is up, with what it slept, which [`Instant`] leaves out on Linux.
#[cfg(target_os = "linux")]
fn up() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    let part = |number| u64::try_from(number).unwrap_or(0);
    Duration::from_secs(part(time.tv_sec)) + Duration::from_nanos(part(time.tv_nsec))
}

/// How long it is since this was asked first.
#[cfg(not(target_os = "linux"))]
fn up() -> Duration {
    static FIRST: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(stopwatch);
    FIRST.elapsed()
}

fn wait(now: Timestamp, until: Timestamp) -> Duration {
    Duration::try_from(until.duration_since(now)).unwrap_or(Duration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The system's own word counts what the machine slept, too.
    #[test]
    #[cfg(target_os = "linux")]
    fn a_stopwatch_runs_on_while_the_machine_sleeps() {
        let told = std::fs::read_to_string("/proc/uptime").unwrap();
        let told: f64 = told.split(' ').next().unwrap().parse().unwrap();
        assert!((up().as_secs_f64() - told).abs() < 2.0, "{told}");
        let watch = Clock::system().stopwatch();
        assert!(watch.elapsed() < Duration::from_secs(2));
    }

    #[tokio::test]
    async fn a_standing_clock_wakes_its_sleepers_when_moved() {
        let clock = Clock::standing_at(Timestamp::UNIX_EPOCH);
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep(Duration::from_mins(1)).await }
        });
        tokio::task::yield_now().await;
        assert!(clock.advance(SignedDuration::from_secs(59)));
        assert!(!sleeper.is_finished());
        assert!(clock.advance(SignedDuration::from_secs(1)));
        sleeper.await.unwrap();
        assert_eq!(clock.now(), Timestamp::from_second(60).unwrap());
    }

    #[tokio::test]
    async fn a_shifted_clock_jumps_and_runs_on() {
        let start: Timestamp = "2026-03-08T06:59:00Z".parse().unwrap();
        let clock = Clock::starting_at(start);
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep(Duration::from_hours(1)).await }
        });
        tokio::task::yield_now().await;
        assert!(clock.advance(SignedDuration::from_hours(2)));
        sleeper.await.unwrap();
        assert!(clock.now() >= start + SignedDuration::from_hours(2));
        assert!(!Clock::system().advance(SignedDuration::ZERO));
    }
}
