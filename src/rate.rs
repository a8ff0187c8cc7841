//! How fast a sender may send. Slots are microseconds since 1970; nothing here reads a clock.

/// How far ahead of now messages are claimed. Short, so that what comes in now is not behind much:
/// whatever its priority, a claimed message can't be overtaken any more.
const AHEAD: i64 = 100_000;
/// The most segments of one message: 1600 characters in UCS-2.
const MOST_SEGMENTS: i64 = 24;
/// How far the clocks of two nodes may differ.
const SKEW: i64 = 5_000_000;
const SECOND: i64 = 1_000_000;

/// Segments a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Microseconds that a segment takes; 0 without a limit.
    period: i64,
}

/// What [`Rate::reserve`] gave to the messages of a slice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reserved {
    /// When each may leave, in their order.
    pub leave_at: Vec<i64>,
    /// When the next one after them may.
    pub next_at: i64,
}

impl Rate {
    /// So many segments a second; 0 is without a limit.
    #[must_use]
    pub fn per_second(segments: u32) -> Self {
        Self { period: if segments == 0 { 0 } else { SECOND / i64::from(segments) } }
    }

    /// Whether there is no limit.
    #[must_use]
    pub fn is_unlimited(self) -> bool {
        self.period == 0
    }

    /// How many messages may be claimed at `now` when the next segment's slot is `next_at`: what can leave
    /// right away, at least one; none while the slot lies too far ahead.
    #[must_use]
    pub fn room(self, next_at: i64, now: i64) -> usize {
        if self.is_unlimited() {
            return usize::MAX;
        }
        let free = AHEAD - self.wait(next_at, now);
        if free < 0 { 0 } else { usize::try_from(free / self.period + 1).unwrap_or(1) }
    }

    /// When [`Self::room`] will have some.
    #[must_use]
    pub fn room_at(self, next_at: i64, now: i64) -> i64 {
        now + (self.wait(next_at, now) - AHEAD).max(0)
    }

    /// Gives messages of so many segments their turns, one after the other.
    #[must_use]
    pub fn reserve(self, next_at: i64, now: i64, segments: &[i64]) -> Reserved {
        let mut next_at = now + self.wait(next_at, now);
        let take = |count: &i64| {
            let leave_at = next_at;
            next_at += (*count).clamp(1, MOST_SEGMENTS) * self.period;
            leave_at
        };
        let leave_at = segments.iter().map(take).collect();
        Reserved { leave_at, next_at }
    }

    /// How long until the slot. One that no reservation can have made comes from a clock that was set
    /// back since, and counts for nothing.
    fn wait(self, next_at: i64, now: i64) -> i64 {
        let wait = next_at.saturating_sub(now).max(0);
        if self.is_unlimited() || wait > self.longest_wait() { 0 } else { wait }
    }

    fn longest_wait(self) -> i64 {
        AHEAD + (AHEAD / self.period.max(1) + 1) * MOST_SEGMENTS * self.period + SKEW
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_second_between_segments_at_one_a_second() {
        let rate = Rate::per_second(1);
        let reserved = rate.reserve(0, 10 * SECOND, &[1, 3, 1]);
        assert_eq!(reserved.leave_at, [10 * SECOND, 11 * SECOND, 14 * SECOND]);
        assert_eq!(reserved.next_at, 15 * SECOND);
        assert_eq!(rate.room(15 * SECOND, 10 * SECOND), 0);
        assert_eq!(rate.room_at(15 * SECOND, 10 * SECOND), 15 * SECOND - AHEAD);
        assert_eq!(rate.room(15 * SECOND, 15 * SECOND - AHEAD), 1);
    }

    #[test]
    fn without_a_limit_nothing_waits() {
        let rate = Rate::per_second(0);
        assert_eq!(rate.reserve(77 * SECOND, SECOND, &[1, 2]).leave_at, [SECOND, SECOND]);
        assert_eq!(rate.room(77 * SECOND, SECOND), usize::MAX);
    }

    proptest! {
        /// Nodes with clocks of their own claim in turn, some clocks jump: in every window the segments
        /// that left fit the rate as long as no clock was set, and none ever waits long.
        #[test]
        fn no_more_than_the_rate_leaves_and_nothing_waits_long(
            per_second in 1..500_u32,
            steps in prop::collection::vec((0..2_000_000_i64, prop::collection::vec(1..25_i64, 0..40)), 1..60),
        ) {
            let rate = Rate::per_second(per_second);
            let (mut now, mut next_at, mut left) = (1_800_000_000 * SECOND, 0, Vec::new());
            for (passed, waiting) in steps {
                now += passed;
                let room = rate.room(next_at, now).min(waiting.len());
                let reserved = rate.reserve(next_at, now, &waiting[..room]);
                for (leave_at, segments) in reserved.leave_at.iter().zip(&waiting) {
                    prop_assert!(*leave_at >= now && *leave_at - now <= 3 * SECOND);
                    left.push((*leave_at, *segments));
                }
                if room > 0 {
                    next_at = reserved.next_at;
                }
            }
            for pair in left.windows(2) {
                prop_assert!(pair[1].0 - pair[0].0 >= pair[0].1 * rate.period);
            }
        }

        /// A clock that was an hour ahead has left its slot behind: nobody waits for it.
        #[test]
        fn a_clock_that_is_set_back_stops_nobody(per_second in 1..500_u32, jump in 60..100_000_i64) {
            let rate = Rate::per_second(per_second);
            let now = 1_800_000_000 * SECOND;
            prop_assert!(rate.room(now + jump * SECOND, now) > 0);
            prop_assert!(rate.room_at(now + jump * SECOND, now) == now);
        }
    }
}
