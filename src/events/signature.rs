//! The signature of the Standard Webhooks specification: `v1,` and the base64 of HMAC-SHA256 over
//! `id.timestamp.body`. <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;
use std::fmt;

/// Secrets are written with this in front.
const PREFIX: &str = "whsec_";
/// How old or how far ahead a webhook may be: the specification's libraries allow five minutes.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// The key that endpoints' secrets follow from, so that none of them is stored.
#[derive(Clone)]
pub struct SigningKey(Hmac<Sha256>);

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

impl SigningKey {
    /// A key from secret bytes of any length.
    ///
    /// # Panics
    /// Never: HMAC takes keys of every length (RFC 2104).
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        Self(Hmac::new_from_slice(secret).expect("HMAC takes any key"))
    }

    /// The secret that belongs to a stored nonce.
    #[must_use]
    pub fn secret(&self, nonce: &str) -> SigningSecret {
        let mut mac = self.0.clone();
        mac.update(b"webhook:");
        mac.update(nonce.as_bytes());
        SigningSecret(mac.finalize().into_bytes().to_vec())
    }
}

/// An endpoint's secret. `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningSecret(Vec<u8>);

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret(…)")
    }
}

impl SigningSecret {
    /// Reads `whsec_` and base64, as receivers are given it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64_STANDARD.decode(text.strip_prefix(PREFIX)?).ok()?;
        (!bytes.is_empty()).then_some(Self(bytes))
    }

    /// The secret as receivers are given it.
    #[must_use]
    pub fn expose(&self) -> String {
        format!("{PREFIX}{}", BASE64_STANDARD.encode(&self.0))
    }

    /// The signature of a webhook that leaves at `seconds` since 1970.
    #[must_use]
    pub fn sign(&self, id: &str, seconds: i64, body: &str) -> String {
        let digest = self.mac(id, seconds, body).finalize().into_bytes();
        format!("v1,{}", BASE64_STANDARD.encode(digest))
    }

    fn mac(&self, id: &str, seconds: i64, body: &str) -> Hmac<Sha256> {
        let mut mac = SigningKey::new(&self.0).0;
        mac.update(format!("{id}.{seconds}.{body}").as_bytes());
        mac
    }
}

/// Checks a webhook as its receiver should: one of the signatures, which are separated by spaces,
/// is right, and the time is near `now`. The comparison takes constant time.
#[must_use]
pub fn verify(
    secret: &SigningSecret,
    id: &str,
    seconds: i64,
    signatures: &str,
    body: &str,
    now: Timestamp,
) -> bool {
    let age = now.as_second().saturating_sub(seconds);
    let right = |signature: &str| {
        let digest = signature.strip_prefix("v1,").and_then(|text| BASE64_STANDARD.decode(text).ok());
        digest.is_some_and(|digest| secret.mac(id, seconds, body).verify_slice(&digest).is_ok())
    };
    age.saturating_abs() <= TOLERANCE.as_secs() && signatures.split(' ').any(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of the specification's own libraries and of its first implementation's manual.
    const VECTORS: [(&str, &str, i64, &str, &str); 2] = [
        (
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ),
        (
            "whsec_plJ3nmyCDGBKInavdOK15jsl",
            "msg_loFOjxBNrRLzqYUf",
            1_731_705_121,
            r#"{"event_type":"ping","data":{"success":true}}"#,
            "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
        ),
    ];

    #[test]
    fn the_published_vectors_are_signed_alike() {
        for (secret, id, seconds, body, signature) in VECTORS {
            let secret = SigningSecret::parse(secret).unwrap();
            assert_eq!(secret.sign(id, seconds, body), signature);
            assert_eq!(SigningSecret::parse(&secret.expose()), Some(secret.clone()));
            let now = Timestamp::from_second(seconds + 299).unwrap();
            assert!(verify(&secret, id, seconds, &format!("v1,AAAA v1a,x {signature}"), body, now));
            assert!(!verify(&secret, id, seconds, signature, body, now + SignedDuration::from_secs(2)));
            assert!(!verify(&secret, id, seconds + 1, signature, body, now));
            assert!(!verify(&secret, "msg_other", seconds, signature, body, now));
            assert!(!verify(&secret, id, seconds, "", body, now));
        }
    }

    #[test]
    fn secrets_follow_from_key_and_nonce_and_hide() {
        let key = SigningKey::new(b"a key");
        assert_eq!(key.secret("1"), key.secret("1"));
        assert_ne!(key.secret("1"), key.secret("2"));
        assert_ne!(key.secret("1"), SigningKey::new(b"another").secret("1"));
        assert_eq!(format!("{key:?} {:?}", key.secret("1")), "SigningKey(…) SigningSecret(…)");
        assert!(key.secret("1").expose().len() > 40);
        for wrong in ["", "whsec_", "whsec_?", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
            assert_eq!(SigningSecret::parse(wrong), None, "{wrong}");
        }
    }
}
