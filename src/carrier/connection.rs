//! How patiently an address is called (Twilio: webhook connection overrides, in the URL's fragment).

use std::time::Duration;
use url::Url;

/// An address to call: what to call, and how patiently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// The address without its fragment; it is called as it stands.
    pub(super) url: Url,
    pub(super) connect: Duration,
    pub(super) read: Duration,
    /// For everything together, retries included.
    pub(super) total: Duration,
    pub(super) retries: u32,
    pub(super) policy: Policy,
}

/// Which failures are tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "these are four independent switches of Twilio's")]
pub(super) struct Policy {
    pub(super) client_error: bool,
    pub(super) server_error: bool,
    pub(super) connect: bool,
    pub(super) read: bool,
}

impl Target {
    /// Reads an address and the overrides in its fragment; overrides out of range are ignored.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut url = Url::parse(text).map_err(|error| format!("{text} is not an address: {error}"))?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(format!("{text} is not an http address"));
        }
        let fragment = url.fragment().unwrap_or_default().to_owned();
        url.set_fragment(None);
        let mut target = Self {
            url,
            connect: Duration::from_secs(5),
            read: Duration::from_secs(15),
            total: Duration::from_secs(15),
            retries: 1,
            policy: Policy { client_error: false, server_error: false, connect: true, read: false },
        };
        for (key, value) in form_urlencoded::parse(fragment.as_bytes()) {
            target.set(&key, &value);
        }
        Ok(target)
    }

    fn set(&mut self, key: &str, value: &str) {
        let number = value.parse::<u64>().ok();
        let milliseconds = |most: u64| number.filter(|n| (100..=most).contains(n)).map(Duration::from_millis);
        match key {
            "ct" => self.connect = milliseconds(10_000).unwrap_or(self.connect),
            "rt" => self.read = milliseconds(15_000).unwrap_or(self.read),
            "tt" => self.total = milliseconds(15_000).unwrap_or(self.total),
            "rc" => {
                let retries = number.filter(|n| *n <= 5).and_then(|n| u32::try_from(n).ok());
                self.retries = retries.unwrap_or(self.retries);
            }
            "rp" => self.policy = Policy::parse(value),
            _ => {}
        }
    }

    /// The address that is signed: without user and password (Twilio: webhook security).
    pub(super) fn signed_url(&self) -> String {
        let mut url = self.url.clone();
        // Both fail only for addresses without a host, which are refused above.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        url.into()
    }
}

impl Policy {
    fn parse(list: &str) -> Self {
        let has = |word: &str| list.split(',').any(|item| item.trim() == word || item.trim() == "all");
        Self { client_error: has("4xx"), server_error: has("5xx"), connect: has("ct"), read: has("rt") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fragment_overrides_within_its_ranges() {
        let plain = Target::parse("https://user:word@example.test/sms?a=1").unwrap();
        assert_eq!((plain.retries, plain.policy.connect, plain.policy.read), (1, true, false));
        assert_eq!(plain.signed_url(), "https://example.test/sms?a=1");
        let own = Target::parse("http://example.test/sms#rc=5&rp=4xx,rt&ct=99&rt=2000").unwrap();
        assert_eq!((own.retries, own.connect.as_millis(), own.read.as_millis()), (5, 5000, 2000));
        let policy = Policy { client_error: true, server_error: false, connect: false, read: true };
        assert_eq!(own.policy, policy);
        assert!(Target::parse("http://example.test/#rp=all").unwrap().policy.server_error);
        assert_eq!(Target::parse("http://example.test/#rc=6").unwrap().retries, 1);
        assert!(Target::parse("ftp://example.test/").is_err());
        assert!(Target::parse("nonsense").is_err());
    }
}
