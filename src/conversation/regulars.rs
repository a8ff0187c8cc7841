//! People who wrote lately, as their last text left them, so that nobody looks them up when the next one comes. They
//! are remembered when that text is ready to be written, and forgotten if it then is not.
//!
//! Others may have changed them since: another node, staff, an import. So whatever follows from here is written
//! only if they still are who they were ([`Was`](crate::store::Was)), and whoever is not is forgotten. Where other nodes
//! write too, a person's texts may go to all of them in turn, so that most slices would be looked at in vain: there nobody
//! is remembered for a while after one was.

use super::seat::Seat;
use crate::dialog::Person;
use crate::store::SpeakerRow;
use jiff::{SignedDuration, Timestamp};
use lru::LruCache;
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The most people; each takes about a kilobyte.
const MOST: NonZeroUsize = NonZeroUsize::new(16_384).unwrap();

/// For how long nobody is remembered after a slice in which somebody was not who they were remembered to be: few slices
/// of that time are looked at in vain.
const PAUSE: SignedDuration = SignedDuration::from_secs(10);

/// Those who wrote lately.
pub struct Regulars(Mutex<Known>);

struct Known {
    by_address: LruCache<String, (SpeakerRow, Person)>,
    /// The beginning of a pause.
    paused_at: Option<Timestamp>,
}

impl Known {
    /// A clock that was set back ends a pause.
    fn is_paused(&self, now: Timestamp) -> bool {
        self.paused_at.is_some_and(|at| at <= now && now.duration_since(at) < PAUSE)
    }
}

impl Default for Regulars {
    fn default() -> Self {
        Self(Mutex::new(Known { by_address: LruCache::new(MOST), paused_at: None }))
    }
}

impl fmt::Debug for Regulars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Regulars({})", self.lock().by_address.len())
    }
}

impl Regulars {
    /// Seats for those of `addresses` who are known; they are remembered again when their slice is ready.
    pub(super) fn take(&self, addresses: &[&str]) -> Vec<Seat> {
        let mut known = self.lock();
        let seat = |address: &&str| {
            let (row, person) = known.by_address.pop(*address)?;
            Some(Seat::new(row, person))
        };
        addresses.iter().filter_map(seat).collect()
    }

    /// Remembers people as they are about to be written.
    pub(super) fn remember(&self, people: impl Iterator<Item = (SpeakerRow, Person)>, now: Timestamp) {
        let mut known = self.lock();
        if known.is_paused(now) {
            return;
        }
        for (row, person) in people {
            known.by_address.put(row.address.clone(), (row, person));
        }
    }

    /// Forgets who is at these addresses.
    pub(super) fn forget(&self, addresses: impl Iterator<Item = String>) {
        let mut known = self.lock();
        for address in addresses {
            known.by_address.pop(&address);
        }
    }

    /// Forgets everybody, and remembers nobody for a while.
    pub(super) fn pause(&self, now: Timestamp) {
        let mut known = self.lock();
        known.by_address.clear();
        known.paused_at = Some(now);
    }

    /// Forgets everybody.
    pub fn clear(&self) {
        self.lock().by_address.clear();
    }

    /// What a thread that panicked has left there is checked like all else.
    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
