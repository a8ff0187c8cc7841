//! People who wrote lately, as their last text left them, so that nobody looks them up when the next one comes. They
//! are remembered when that text is ready to be written, and forgotten if it then is not.
//!
//! Others may have changed them since: another node, staff, an import. So whatever follows from here is written
//! only if they still are who they were ([`Was`](crate::store::Was)), and whoever is not is forgotten.

use super::seat::Seat;
use crate::dialog::Person;
use crate::store::SpeakerRow;
use lru::LruCache;
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The most people; each takes about a kilobyte.
const MOST: NonZeroUsize = NonZeroUsize::new(16_384).unwrap();

/// Those who wrote lately, by address.
pub struct Regulars(Mutex<LruCache<String, (SpeakerRow, Person)>>);

impl Default for Regulars {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(MOST)))
    }
}

impl fmt::Debug for Regulars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Regulars({})", self.lock().len())
    }
}

impl Regulars {
    /// Seats for those of `addresses` who are known.
    pub(super) fn seats(&self, addresses: &[&str]) -> Vec<Seat> {
        let mut known = self.lock();
        let seat = |address: &&str| {
            let (row, person) = known.get(*address)?;
            Some(Seat::new(row.clone(), person.clone()))
        };
        addresses.iter().filter_map(seat).collect()
    }

    /// Remembers people as they are about to be written.
    pub(super) fn remember(&self, people: impl Iterator<Item = (SpeakerRow, Person)>) {
        let mut known = self.lock();
        for (row, person) in people {
            known.put(row.address.clone(), (row, person));
        }
    }

    /// Forgets who is at these addresses.
    pub(super) fn forget(&self, addresses: impl Iterator<Item = String>) {
        let mut known = self.lock();
        for address in addresses {
            known.pop(&address);
        }
    }

    /// Forgets everybody.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// What a thread that panicked has left there is checked like all else.
    fn lock(&self) -> MutexGuard<'_, LruCache<String, (SpeakerRow, Person)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
