//! What is left of an erased number: a keyed hash that only this installation can compute.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;

/// The key of the hashes of erased numbers.
#[derive(Clone)]
pub struct SuppressionKey(Hmac<Sha256>);

impl fmt::Debug for SuppressionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SuppressionKey(…)")
    }
}

impl SuppressionKey {
    /// A key from secret bytes of any length.
    ///
    /// # Panics
    /// Never: HMAC takes keys of every length (RFC 2104).
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        Self(Hmac::new_from_slice(secret).expect("HMAC takes any key"))
    }

    /// The hash of an address: 32 hex digits.
    #[must_use]
    pub fn hash(&self, address: &str) -> String {
        let mut mac = self.0.clone();
        mac.update(b"suppression:");
        mac.update(address.as_bytes());
        let digest = mac.finalize().into_bytes();
        let mut head = [0; 16];
        head.copy_from_slice(&digest[..16]);
        format!("{:032x}", u128::from_be_bytes(head))
    }
}
