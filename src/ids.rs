//! Identifiers of our own: 63-bit numbers that grow with time, so that new rows go to the end of
//! every table and index.

use jiff::Timestamp;
use std::sync::atomic::{AtomicI64, Ordering};

/// How many nodes are told apart at one time.
pub const MAX_NODES: i64 = 1024;
const SEQUENCE_BITS: u32 = 11;
/// 2024-01-01T00:00:00Z, in milliseconds since 1970.
const EPOCH: i64 = 1_704_067_200_000;

/// Gives out ids that no other node and no earlier run gives out: milliseconds since 2024, the
/// node's number, which the database counts up at each start, and a sequence.
#[derive(Debug)]
pub struct Ids {
    node: i64,
    last: AtomicI64,
}

impl Ids {
    /// Ids of the node with this number.
    #[must_use]
    pub fn new(node: i64) -> Self {
        Self::after(0, node)
    }

    /// Ids of the node with this number, all greater than `last`, also where the clock was set back.
    #[must_use]
    pub fn after(last: i64, node: i64) -> Self {
        let tick = ((last >> SEQUENCE_BITS) / MAX_NODES + 1) << SEQUENCE_BITS;
        Self { node: node.rem_euclid(MAX_NODES), last: AtomicI64::new(if last > 0 { tick } else { 0 }) }
    }

    /// An id that is smaller than all given out from `at` on, by any node.
    #[must_use]
    pub fn floor(at: Timestamp) -> i64 {
        ((at.as_millisecond() - EPOCH).max(0) * MAX_NODES) << SEQUENCE_BITS
    }

    /// The next id. Ids grow even while the clock stands still or goes back.
    pub fn next(&self, now: Timestamp) -> i64 {
        let tick = (now.as_millisecond() - EPOCH).max(0) << SEQUENCE_BITS;
        let mut last = self.last.load(Ordering::Relaxed);
        loop {
            let next = tick.max(last + 1);
            match self.last.compare_exchange_weak(last, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return self.with_node(next),
                Err(seen) => last = seen,
            }
        }
    }

    /// Puts the node's number between the milliseconds and the sequence.
    fn with_node(&self, tick: i64) -> i64 {
        let sequence = tick & ((1 << SEQUENCE_BITS) - 1);
        ((tick >> SEQUENCE_BITS) * MAX_NODES + self.node) << SEQUENCE_BITS | sequence
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_whatever_the_clock_does() {
        let ids = Ids::new(1025);
        let noon: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let mut last = 0;
        for second in [0, 0, 0, 60, 30, -3600, 61] {
            for _ in 0..5000 {
                let id = ids.next(noon + jiff::SignedDuration::from_secs(second));
                assert!(id > last);
                last = id;
            }
        }
    }

    #[test]
    fn ids_grow_over_a_restart_with_a_clock_set_back() {
        let noon: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let last = Ids::new(7).next(noon);
        for node in [8, 6, 7] {
            assert!(Ids::after(last, node).next(noon - jiff::SignedDuration::from_hours(1)) > last);
        }
    }

    #[test]
    fn nodes_never_share_an_id() {
        let noon: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let (a, b) = (Ids::new(1), Ids::new(2));
        let first: std::collections::HashSet<i64> = (0..5000).map(|_| a.next(noon)).collect();
        assert!((0..5000).all(|_| !first.contains(&b.next(noon))));
    }

    #[test]
    fn ids_last_for_centuries() {
        let far: Timestamp = "2150-01-01T00:00:00Z".parse().unwrap();
        assert!(Ids::new(1023).next(far) > 0);
    }
}
