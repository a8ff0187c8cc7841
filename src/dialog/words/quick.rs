//! A hash map for what the language files hold: nobody outside can choose its keys, so that its hash
//! need not resist anybody, only be quick.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// A map from words and numbers of ours.
pub(super) type QuickMap<K, V> = HashMap<K, V, BuildHasherDefault<Quick>>;
/// A set of them.
pub(super) type QuickSet<K> = HashSet<K, BuildHasherDefault<Quick>>;

/// Multiplies and turns, as in Firefox's and rustc's own tables.
#[derive(Default)]
pub(super) struct Quick(u64);

const FACTOR: u64 = 0x517c_c1b7_2722_0a95;

impl Quick {
    fn add(&mut self, part: u64) {
        self.0 = (self.0.rotate_left(5) ^ part).wrapping_mul(FACTOR);
    }
}

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(8) {
            let mut padded = [0; 8];
            padded[..part.len()].copy_from_slice(part);
            self.add(u64::from_le_bytes(padded));
        }
    }

    fn write_u8(&mut self, part: u8) {
        self.add(u64::from(part));
    }

    fn write_u32(&mut self, part: u32) {
        self.add(u64::from(part));
    }

    fn finish(&self) -> u64 {
        self.0.rotate_left(26)
    }
}
