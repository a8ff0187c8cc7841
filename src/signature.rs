//! Twilio's webhook signature: `base64(HMAC-SHA1(auth token, URL + sorted form fields))`.
//!
//! [`verify`] is what the webhook extractor calls, [`sign`] what the simulated carrier and the tests
//! call. Source of the rules: twilio.com/docs/usage/security and the tests of Twilio's own libraries.

mod candidates;
#[cfg(test)]
mod tests;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::fmt;

/// An account's auth token, the key of its webhook signatures. `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthToken(Box<str>);

impl AuthToken {
    /// Takes a token; `None` when it is empty or has spaces, because anybody could sign with an
    /// empty one.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let right = !text.is_empty() && !text.contains(char::is_whitespace);
        right.then(|| Self(text.into()))
    }

    /// The token itself, for signing and for HTTP Basic.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AuthToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthToken(…)")
    }
}

/// Why a signature was not accepted. It never holds the signature that would have been right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// There is no `X-Twilio-Signature`, or it is empty.
    #[error("the signature is missing")]
    Missing,
    /// It can't be one: it isn't base64, or not of 20 bytes.
    #[error("the signature is not 20 bytes in base64")]
    Malformed,
    /// A JSON body came with a URL that has no `bodySHA256`, so nothing vouches for the body.
    #[error("the URL has no bodySHA256, so the body is not covered by the signature")]
    BodyHashMissing,
    /// The `bodySHA256` in the URL is that of another body.
    #[error("the body does not have the hash that bodySHA256 names")]
    BodyHashWrong,
    /// No auth token is known, so nothing can be accepted.
    #[error("no auth token is configured to check signatures with")]
    NoToken,
    /// It is the signature of another request, or made with another token.
    #[error("the signature does not match the URL, the parameters and any known auth token")]
    Mismatch,
}

/// The signature Twilio sends with a form webhook to `url` (its `X-Twilio-Signature` header).
///
/// A fragment of the URL is not signed. For a JSON webhook pass no parameters and a URL whose query
/// holds `bodySHA256`.
#[must_use]
pub fn sign<N: AsRef<str>, V: AsRef<str>>(auth_token: &str, url: &str, params: &[(N, V)]) -> String {
    let mac = message(keyed(auth_token), without_fragment(url), &sorted(params));
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

/// Checks that Twilio, holding one of `tokens`, signed this request.
///
/// `url` is the public URL as configured plus the raw request target, neither decoded nor encoded
/// again; `params` are the decoded form fields; `body` is the raw body of a JSON request.
/// The comparison takes constant time. The variants of the URL that Twilio is known to sign (port
/// added or dropped, user name dropped, quote, `@` and `:` encoded or not) are only tried when the URL
/// itself fails.
///
/// # Errors
/// Says why the request is not accepted.
pub fn verify(
    tokens: &[AuthToken],
    url: &str,
    params: &[(Cow<'_, str>, Cow<'_, str>)],
    body: Option<&[u8]>,
    signature: &str,
) -> Result<(), Rejection> {
    let given = decode(signature)?;
    let url = without_fragment(url);
    if let Some(body) = body {
        check_body_hash(url, body)?;
    }
    if tokens.is_empty() {
        return Err(Rejection::NoToken);
    }
    let fields = sorted(params);
    let matches = |url: &str| {
        tokens.iter().any(|token| message(keyed(&token.0), url, &fields).verify_slice(&given).is_ok())
    };
    if matches(url) || candidates::of(url).iter().any(|candidate| matches(candidate)) {
        return Ok(());
    }
    Err(Rejection::Mismatch)
}

fn decode(signature: &str) -> Result<[u8; 20], Rejection> {
    if signature.is_empty() {
        return Err(Rejection::Missing);
    }
    // 28 characters of base64 are at most 21 bytes.
    let mut bytes = [0; 21];
    match BASE64_STANDARD.decode_slice(signature, &mut bytes) {
        Ok(20) => bytes[..20].try_into().map_err(|_| Rejection::Malformed),
        _ => Err(Rejection::Malformed),
    }
}

/// The fields as they are signed: names in byte order, each name's values in order and once.
fn sorted<N: AsRef<str>, V: AsRef<str>>(params: &[(N, V)]) -> Vec<(&str, &str)> {
    let mut fields: Vec<_> = params.iter().map(|(name, value)| (name.as_ref(), value.as_ref())).collect();
    fields.sort_unstable();
    fields.dedup();
    fields
}

fn keyed(auth_token: &str) -> Hmac<Sha1> {
    Hmac::new_from_slice(auth_token.as_bytes()).expect("HMAC takes any key")
}

fn message(mut mac: Hmac<Sha1>, url: &str, fields: &[(&str, &str)]) -> Hmac<Sha1> {
    mac.update(url.as_bytes());
    for (name, value) in fields {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    mac
}

fn without_fragment(url: &str) -> &str {
    url.split_once('#').map_or(url, |(before, _)| before)
}

/// The hash is in the signed URL and of a public body, so it needs no constant-time comparison.
fn check_body_hash(url: &str, body: &[u8]) -> Result<(), Rejection> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let named = query.split('&').find_map(|pair| pair.strip_prefix("bodySHA256="));
    let named = named.ok_or(Rejection::BodyHashMissing)?.as_bytes();
    let digest = Sha256::digest(body);
    let right = named.len() == 2 * digest.len()
        && named.chunks_exact(2).zip(digest).all(|(pair, byte)| hex(pair) == Some(byte));
    if right { Ok(()) } else { Err(Rejection::BodyHashWrong) }
}

fn hex(pair: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok());
    Some(digit(pair[0])? << 4 | digit(pair[1])?)
}
