//! People who wrote lately, as their last slice left them.
//!
//! A text of theirs needs no look at the database: writing its turn makes sure that they are still who they
//! were. So this saves time where it is right, and where it is wrong costs some.

use super::seat::Seat;
use crate::dialog::Person;
use crate::store::SpeakerRow;
use jiff::{SignedDuration, Timestamp};
use lru::LruCache;
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The most people: some 10 MB.
const MOST: NonZeroUsize = NonZeroUsize::new(10_000).expect("it is not zero");
/// How long after their last text people are kept: what is erased must not stay here.
const KEPT: SignedDuration = SignedDuration::from_hours(1);
/// After somebody had changed, so many slices are looked up. Where another node takes their texts as well,
/// most people here are not who they were.
const DISTRUSTED_SLICES: u32 = 64;

/// People in memory.
#[derive(Default)]
pub struct Known(Mutex<Kept>);

struct Kept {
    people: LruCache<String, Left>,
    /// Slices that are to be looked up before anybody is taken from here again.
    distrusted: u32,
}

/// Somebody as they were left, and when.
struct Left {
    row: SpeakerRow,
    person: Person,
    at: Timestamp,
}

impl Default for Kept {
    fn default() -> Self {
        Self { people: LruCache::new(MOST), distrusted: 0 }
    }
}

impl Known {
    /// Takes out those of a slice's people who are here. Until they are [left](Self::leave) again, nobody
    /// takes them a second time.
    pub(super) fn take(&self, addresses: &[&str]) -> Vec<Seat> {
        let mut kept = self.lock();
        let left: Vec<Left> = addresses.iter().filter_map(|address| kept.people.pop(*address)).collect();
        if kept.distrusted > 0 {
            kept.distrusted -= 1;
            return Vec::new();
        }
        left.into_iter().map(|left| Seat::new(left.row, left.person)).collect()
    }

    /// Leaves people here as they were written.
    pub(super) fn leave(&self, people: impl Iterator<Item = (SpeakerRow, Person)>, at: Timestamp) {
        let mut kept = self.lock();
        for (row, person) in people {
            kept.people.push(row.address.clone(), Left { row, person, at });
        }
    }

    /// Somebody was not who they had been.
    pub(super) fn distrust(&self) {
        self.lock().distrusted = DISTRUSTED_SLICES;
    }

    /// Forgets those who did not write for an hour.
    pub fn sweep(&self, now: Timestamp) {
        let mut kept = self.lock();
        while kept.people.peek_lru().is_some_and(|(_, left)| left.at + KEPT < now) {
            kept.people.pop_lru();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Known({} people)", self.lock().people.len())
    }
}
