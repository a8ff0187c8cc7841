//! Twilio's access token with a voice grant: a JSON Web Token (RFC 7519) signed with HMAC-SHA256 and the
//! API key's secret: <https://www.twilio.com/docs/iam/access-tokens>.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use sha2::Sha256;

/// What signs tokens. The key's SID is `SK…`, the account's `AC…`.
#[derive(Clone, Copy, Debug)]
pub struct TokenKey<'a> {
    /// The account's SID.
    pub account_sid: &'a str,
    /// The API key's SID.
    pub key_sid: &'a str,
    /// The API key's secret.
    pub secret: &'a [u8],
}

/// What a token lets its holder do.
#[derive(Clone, Debug, Default)]
pub struct VoiceGrant {
    /// Take calls.
    pub incoming: bool,
    /// The `TwiML` app (`AP…`) that is asked when the holder calls somebody.
    pub application_sid: Option<String>,
    /// Parameters that Twilio hands to that app.
    pub parameters: Map<String, Value>,
    /// Wakes a sleeping phone (`CR…`).
    pub push_credential_sid: Option<String>,
}

/// A token for `identity`, good from `now` for `lifetime`, which Twilio limits to 24 hours.
///
/// # Panics
/// Never: HMAC takes keys of every length (RFC 2104).
#[must_use]
pub fn access_token(
    key: TokenKey<'_>,
    identity: &str,
    grant: &VoiceGrant,
    now: Timestamp,
    lifetime: SignedDuration,
) -> String {
    let seconds = now.as_second();
    let header = json!({ "typ": "JWT", "alg": "HS256", "cty": "twilio-fpa;v=1" });
    let payload = json!({
        "jti": format!("{}-{seconds}", key.key_sid),
        "iss": key.key_sid,
        "sub": key.account_sid,
        "nbf": seconds,
        "exp": seconds + lifetime.as_secs(),
        "grants": { "identity": identity, "voice": grant.to_json() },
    });
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&header), part(&payload));
    let mut mac = Hmac::<Sha256>::new_from_slice(key.secret).expect("HMAC takes any key");
    mac.update(signed.as_bytes());
    let signature = BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
    format!("{signed}.{signature}")
}

impl VoiceGrant {
    fn to_json(&self) -> Value {
        let mut grant = Map::new();
        if self.incoming {
            grant.insert("incoming".to_owned(), json!({ "allow": true }));
        }
        if let Some(application) = &self.application_sid {
            let mut outgoing = Map::from_iter([("application_sid".to_owned(), json!(application))]);
            if !self.parameters.is_empty() {
                outgoing.insert("params".to_owned(), Value::Object(self.parameters.clone()));
            }
            grant.insert("outgoing".to_owned(), Value::Object(outgoing));
        }
        if let Some(credential) = &self.push_credential_sid {
            grant.insert("push_credential_sid".to_owned(), json!(credential));
        }
        Value::Object(grant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(part: &str) -> Value {
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    }

    #[test]
    fn tokens_say_what_twilios_own_library_says() {
        let vectors: Value =
            serde_json::from_str(include_str!("../../tests/vectors/access_token_jwt.json")).unwrap();
        let cases = vectors["cases"].as_array().unwrap();
        assert!(!cases.is_empty());
        for case in cases {
            let asked = &case["grant_args"];
            let text = |name: &str| asked[name].as_str().map(str::to_owned);
            let grant = VoiceGrant {
                incoming: asked["incoming_allow"].as_bool().unwrap_or(false),
                application_sid: text("outgoing_application_sid"),
                parameters: asked["outgoing_application_params"].as_object().cloned().unwrap_or_default(),
                push_credential_sid: text("push_credential_sid"),
            };
            let payload = &case["payload"];
            let key = TokenKey {
                account_sid: payload["sub"].as_str().unwrap(),
                key_sid: payload["iss"].as_str().unwrap(),
                secret: b"secret",
            };
            let identity = payload["grants"]["identity"].as_str().unwrap();
            let now = Timestamp::from_second(1_700_000_000).unwrap();
            let token = access_token(key, identity, &grant, now, SignedDuration::from_hours(1));
            let parts: Vec<&str> = token.split('.').collect();
            assert_eq!((decoded(parts[0]), &decoded(parts[1])), (case["header"].clone(), payload));
            let (signed, signature) = token.rsplit_once('.').unwrap();
            let mut mac = Hmac::<Sha256>::new_from_slice(b"secret").unwrap();
            mac.update(signed.as_bytes());
            mac.verify_slice(&BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
        }
    }
}
