//! Limits over time, decided purely: what a request uses, and whether that is too much.
//!
//! Time is counted in slices, a tenth of the limit's span each, and a slice counts as long as any part
//! of it lies inside the span. So no span whatever holds more than the limit, and a few rows do.

use crate::phone::Phone;
use crate::price::micro_dollars;
use crate::store::{Since, Spend, SpentRow, prefix_of};

const SLICES: i64 = 10;
const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Older counts matter to no limit, in milliseconds.
pub const MEMORY: i64 = 2 * DAY * 1000;

/// At most `most` in any `seconds`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What it limits, for people: behind "too many".
    pub name: &'static str,
    /// What is counted; two limits of one request never share it.
    pub key: String,
    /// The span.
    pub seconds: i64,
    /// The most there may be in it.
    pub most: i64,
    /// How much this request uses.
    pub cost: i64,
}

/// How a limit stands after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The most there may be.
    pub most: i64,
    /// The span, in seconds.
    pub seconds: i64,
    /// How much may still come now.
    pub remaining: i64,
    /// Seconds until something of it is free again, at least 1.
    pub reset: i64,
    /// Whether the request itself was too much.
    pub exceeded: bool,
}

impl Limit {
    /// A limit on what one request each uses.
    #[must_use]
    pub fn new(name: &'static str, key: &str, most: i64, seconds: i64) -> Self {
        Self { name, key: format!("{key}/{seconds}"), seconds, most, cost: 1 }
    }

    /// The length of a slice, in milliseconds.
    fn slice(&self) -> i64 {
        (self.seconds * 1000 / SLICES).max(1)
    }

    /// What to count at `now` (milliseconds since 1970).
    #[must_use]
    pub fn spend(&self, now: i64) -> Spend {
        Spend { key: self.key.clone(), since: now - now.rem_euclid(self.slice()), count: self.cost }
    }

    /// Which slices matter at `now`.
    #[must_use]
    pub fn since(&self, now: i64) -> Since {
        Since { key: self.key.clone(), after: now - self.seconds * 1000 - self.slice() }
    }

    /// How the limit stands, with the request counted in `rows`.
    #[must_use]
    pub fn judge(&self, rows: &[SpentRow], now: i64) -> Standing {
        let mut own: Vec<(i64, i64)> = rows
            .iter()
            .filter(|row| row.key == self.key && row.since > self.since(now).after)
            .map(|row| (row.since, row.count))
            .collect();
        own.sort_unstable();
        let used: i64 = own.iter().map(|(_, count)| count).sum();
        // The slices that must leave before as much as this request uses is free.
        let mut left = if used > self.most { used - self.most } else { 1 };
        let mut until = now;
        for (since, count) in own {
            until = since + self.slice() + self.seconds * 1000;
            left -= count;
            if left <= 0 {
                break;
            }
        }
        let reset = ((until - now).max(0) + 999) / 1000;
        Standing {
            most: self.most,
            seconds: self.seconds,
            remaining: (self.most - used).max(0),
            reset: reset.max(1),
            exceeded: used > self.most,
        }
    }
}

/// A code that is about to be sent.
#[derive(Clone, Debug)]
pub struct CodeSend<'a> {
    /// Where to.
    pub phone: Phone,
    /// For whose account.
    pub account_id: i64,
    /// Who asked for it, if that is known, as a key.
    pub client: Option<&'a str>,
    /// Segments it takes.
    pub segments: i64,
    /// Most codes to a country in a day.
    pub country_cap: i64,
    /// Most dollars for codes in a day.
    pub dollars: i64,
}

/// Every limit on sending a code. `hash` hides numbers in the keys.
#[must_use]
pub fn code_limits(send: &CodeSend, hash: impl Fn(&str) -> String) -> Vec<Limit> {
    let number = hash(&send.phone.to_string());
    let country = send.phone.country();
    let name = country.map_or("none".to_owned(), |country| country.to_string());
    let prefix = send.phone.to_string();
    let mut limits = vec![
        Limit::new("codes for this number", &format!("code:number:{number}"), 1, 30),
        Limit::new("codes for this number", &format!("code:number:{number}"), 5, 10 * MINUTE),
        Limit::new("codes for this account", &format!("code:account:{}", send.account_id), 10, HOUR),
        Limit::new("codes for numbers like this", &format!("code:prefix:{}", prefix_of(&prefix)), 20, HOUR),
        Limit::new("codes for this country", &format!("code:country:{name}"), send.country_cap, DAY),
        Limit {
            cost: micro_dollars(country) * send.segments,
            ..Limit::new("codes", "code:spend", send.dollars * 1_000_000, DAY)
        },
    ];
    if let Some(client) = send.client {
        limits.push(Limit::new("codes from this address", &format!("code:client:{client}"), 10, HOUR));
    }
    limits
}

/// A test message that a person is about to have sent to a number of their own.
#[derive(Clone, Copy, Debug)]
pub struct TestSend {
    /// Where to.
    pub phone: Phone,
    /// Whose account's owner sends it.
    pub account_id: i64,
    /// Segments it takes.
    pub segments: i64,
    /// Most test messages to a country in a day.
    pub country_cap: i64,
    /// Most dollars for them in a day.
    pub dollars: i64,
}

/// Every limit on such a message. They are not those of codes: whoever tests must not keep anybody from signing up.
#[must_use]
pub fn test_limits(send: &TestSend, hash: impl Fn(&str) -> String) -> Vec<Limit> {
    let (phone, country) = (send.phone.to_string(), send.phone.country());
    let name = country.map_or("none".to_owned(), |country| country.to_string());
    let prefix = prefix_of(&phone);
    vec![
        Limit::new("test messages of this account", &format!("test:account:{}", send.account_id), 10, HOUR),
        Limit::new("test messages to this number", &format!("test:number:{}", hash(&phone)), 10, HOUR),
        Limit::new("test messages to numbers like this", &format!("test:prefix:{prefix}"), 20, HOUR),
        Limit::new("test messages to this country", &format!("test:country:{name}"), send.country_cap, DAY),
        Limit {
            cost: micro_dollars(country) * send.segments,
            ..Limit::new("test messages", "test:spend", send.dollars * 1_000_000, DAY)
        },
    ]
}

/// Limits on requests that tell something about numbers or addresses.
#[must_use]
pub fn request_limits(kind: Request, client: &str) -> Vec<Limit> {
    let limit = |name, most, seconds| Limit::new(name, &format!("{}:{client}", kind.key()), most, seconds);
    match kind {
        Request::SignUp => vec![limit("sign-ups from this address", 100, HOUR)],
        Request::SignIn => vec![limit("sign-ins from this address", 300, 10 * MINUTE)],
        Request::SignInAs => vec![limit("sign-ins to this account", 30, 10 * MINUTE)],
        Request::Password => vec![limit("tries of the current password", 30, 10 * MINUTE)],
        Request::Resend => vec![limit("requests from this address", 60, 10 * MINUTE)],
        Request::Verify => vec![limit("codes from this address", 300, 10 * MINUTE)],
        Request::Look => vec![limit("look-ups of numbers", 60, 10 * MINUTE)],
        Request::LookFrom => vec![limit("look-ups of numbers from this address", 600, 10 * MINUTE)],
        Request::Call => vec![limit("tokens for calls", 60, 10 * MINUTE)],
    }
}

/// Requests whose rate is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// Signing up, by client address.
    SignUp,
    /// Signing in, by client address.
    SignIn,
    /// Signing in, by email address.
    SignInAs,
    /// Giving the current password once more, by account: whoever took over a session must not find it out.
    Password,
    /// Asking for another code, by client address.
    Resend,
    /// Entering a code, by client address.
    Verify,
    /// Availability check, look-up and whom a call goes to, by account.
    Look,
    /// The same by client address: accounts are easily had.
    LookFrom,
    /// A token for calls, by account.
    Call,
}

impl Request {
    fn key(self) -> &'static str {
        match self {
            Self::SignUp => "sign-up",
            Self::SignIn => "sign-in",
            Self::SignInAs => "sign-in-as",
            Self::Password => "password",
            Self::Resend => "resend",
            Self::Verify => "verify",
            Self::Look => "look",
            Self::LookFrom => "look-from",
            Self::Call => "call",
        }
    }
}

#[cfg(test)]
mod tests;
