//! The audit log's chain: each entry's hash covers the entry and the hash before it, so that nothing can
//! be changed, put in or taken out without the key and stay unnoticed. A seal over the head covers the end.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;

/// The key of the chain. It never enters the database.
#[derive(Clone)]
pub struct AuditKey(Hmac<Sha256>);

impl fmt::Debug for AuditKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuditKey(…)")
    }
}

/// One act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Grows along the chain.
    pub id: i64,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// Who: a token's or an account's name, or that it was done on the command line.
    pub actor: String,
    /// What: a method and a route, such as `POST /bookings/{id}/cancel`, or a command.
    pub action: String,
    /// To whom or what, without numbers in full.
    pub subject: String,
}

impl AuditKey {
    /// A key from secret bytes of any length.
    ///
    /// # Panics
    /// Never: HMAC takes keys of every length (RFC 2104).
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        let mut key = Hmac::new_from_slice(secret).expect("HMAC takes any key");
        key.update(b"audit:");
        Self(key)
    }

    /// The hash of `entry` behind one whose hash is `previous` (empty for the first): 64 hex digits.
    #[must_use]
    pub fn hash(&self, previous: &str, entry: &Entry) -> String {
        let mut mac = self.0.clone();
        let (id, at) = (entry.id.to_be_bytes(), entry.at.to_be_bytes());
        let texts = [previous, &entry.actor, &entry.action, &entry.subject].map(str::as_bytes);
        // With its length before each part, no two entries look alike.
        for part in [id.as_slice(), at.as_slice()].into_iter().chain(texts) {
            mac.update(&part.len().to_be_bytes());
            mac.update(part);
        }
        hex(mac)
    }

    /// What goes with a chain that ends with the entry `last`, has so many of them, and this hash at its
    /// end: 64 hex digits. Without the key nobody makes one for an earlier end.
    #[must_use]
    pub fn seal(&self, last: i64, entries: i64, hash: &str) -> String {
        let mut mac = self.0.clone();
        // No entry begins so: see `hash`.
        mac.update(b"seal:");
        mac.update(&last.to_be_bytes());
        mac.update(&entries.to_be_bytes());
        mac.update(hash.as_bytes());
        hex(mac)
    }

    /// Goes along a part of the chain that begins behind `previous`; returns the hash at its end.
    ///
    /// # Errors
    /// The id of the first entry that does not fit.
    pub fn follow<'a>(
        &self,
        previous: String,
        entries: impl IntoIterator<Item = (&'a Entry, &'a str)>,
    ) -> Result<String, i64> {
        entries.into_iter().try_fold(previous, |previous, (entry, hash)| {
            let expected = self.hash(&previous, entry);
            if expected == hash { Ok(expected) } else { Err(entry.id) }
        })
    }
}

fn hex(mac: Hmac<Sha256>) -> String {
    mac.finalize().into_bytes().iter().fold(String::with_capacity(64), |mut text, byte| {
        use fmt::Write as _;
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(key: &AuditKey) -> Vec<(Entry, String)> {
        let mut previous = String::new();
        let entry = |id: i64| Entry {
            id,
            at: id * 10,
            actor: "reports".to_owned(),
            action: "POST /bookings".to_owned(),
            subject: format!("booking {id}"),
        };
        (1..=5)
            .map(|id| {
                previous = key.hash(&previous, &entry(id));
                (entry(id), previous.clone())
            })
            .collect()
    }

    fn follow(key: &AuditKey, chain: &[(Entry, String)]) -> Result<String, i64> {
        key.follow(String::new(), chain.iter().map(|(entry, hash)| (entry, hash.as_str())))
    }

    #[test]
    fn a_chain_holds_and_every_change_of_it_shows() {
        let key = AuditKey::new(b"secret");
        let whole = chain(&key);
        assert_eq!(follow(&key, &whole).as_ref(), Ok(&whole[4].1));
        assert_eq!(follow(&AuditKey::new(b"another"), &whole), Err(1));
        let changed = |change: fn(&mut Entry)| {
            let mut chain = whole.clone();
            change(&mut chain[2].0);
            follow(&key, &chain)
        };
        assert_eq!(changed(|entry| entry.actor.push('x')), Err(3));
        assert_eq!(changed(|entry| entry.at += 1), Err(3));
        assert_eq!(changed(|entry| entry.action = "POST /bookingsb".to_owned()), Err(3));
        let mut shorter = whole.clone();
        shorter.remove(1);
        assert_eq!(follow(&key, &shorter), Err(3));
        let mut swapped = whole;
        swapped.swap(1, 2);
        assert_eq!(follow(&key, &swapped), Err(3));
    }
}
