//! What a simulated account owns, and how it behaves.

use super::chance::sid;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::time::Duration;

/// A simulated account: its credentials, its numbers and its manners.
#[derive(Clone)]
pub struct Settings {
    /// The account's SID: `AC` and 32 hex digits.
    pub account_sid: String,
    /// The primary auth token: it signs webhooks and is one way into the REST API.
    pub auth_token: String,
    /// API keys (`SK…`) and their secrets: another way into the REST API; they sign nothing.
    pub api_keys: Vec<(String, String)>,
    /// The account's numbers.
    pub numbers: Vec<Number>,
    /// The account's messaging services.
    pub messaging_services: Vec<MessagingService>,
    /// What the carrier itself does with STOP, START and HELP.
    pub opt_out: OptOut,
    /// What it answers HELP with, as the owner has it there; `None` is Twilio's own line.
    pub help: Option<String>,
    /// How long a message rests in each status.
    pub timing: Timing,
    /// How calls about texts are tried again; `None` is Twilio's way, as their address asks.
    pub patience: Option<Patience>,
    /// How messages to certain handsets end; all others are delivered.
    pub endings: HashMap<String, Ending>,
    /// How many messages, and how many calls, the ledger keeps before it forgets the oldest.
    pub capacity: usize,
}

impl Settings {
    /// An account with random credentials and no numbers, which takes no time over anything.
    #[must_use]
    pub fn random() -> Self {
        Self {
            account_sid: sid("AC"),
            auth_token: sid(""),
            api_keys: Vec::new(),
            numbers: Vec::new(),
            messaging_services: Vec::new(),
            opt_out: OptOut::Default,
            help: None,
            timing: Timing::default(),
            patience: None,
            endings: HashMap::new(),
            capacity: 1_000_000,
        }
    }

    /// An account for a demonstration: one number whose texts go to `sms_url`, and delays a person can see.
    #[must_use]
    pub fn demo(phone: &str, sms_url: &str) -> Self {
        let timing =
            Timing { sent_after: Duration::from_millis(200), ended_after: Duration::from_millis(400) };
        Self { numbers: vec![Number::new(phone, Some(sms_url))], timing, capacity: 20_000, ..Self::random() }
    }
}

/// A number of the account.
#[derive(Clone, Serialize)]
pub struct Number {
    /// The number's own SID: `PN` and 32 hex digits.
    pub sid: String,
    /// The number in E.164.
    pub phone: String,
    /// Where inbound texts are posted; its `#rc=…` fragment overrides the connection's defaults.
    pub sms_url: Option<String>,
    /// Where inbound texts are posted once `sms_url` has failed.
    pub sms_fallback_url: Option<String>,
    /// Kept and shown; Twilio does not use it for messages either.
    pub status_callback: Option<String>,
}

impl Number {
    /// A number with a random SID.
    #[must_use]
    pub fn new(phone: &str, sms_url: Option<&str>) -> Self {
        Self {
            sid: sid("PN"),
            phone: phone.to_owned(),
            sms_url: sms_url.map(str::to_owned),
            sms_fallback_url: None,
            status_callback: None,
        }
    }
}

/// A messaging service: a pool of numbers that share one list of opted-out handsets.
#[derive(Clone)]
pub struct MessagingService {
    /// The service's SID: `MG` and 32 hex digits.
    pub sid: String,
    /// Its numbers in E.164. A number belongs to one service at most.
    pub numbers: Vec<String>,
}

/// What the carrier itself does with STOP, START and HELP (Twilio: opt-out keywords).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OptOut {
    /// It blocks, unblocks and answers; sends to a blocked handset are refused with 21610.
    Default,
    /// As by default, and the webhook says so in `OptOutType`; blocked sends are accepted and fail later.
    Advanced,
    /// It leaves all of it to the application, as Twilio's support can arrange.
    Off,
}

/// How long a message rests in each status, by the carrier's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct Timing {
    /// From acceptance to `sent`.
    pub sent_after: Duration,
    /// From `sent` to `delivered` or `undelivered`.
    pub ended_after: Duration,
}

/// More patience than Twilio has: at most five further tries, one right after the other, are over
/// before an application that was killed has started again.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// How often a text is brought again, to its webhook and then to its fallback, whatever made that fail.
    pub retries: u32,
    /// How long to wait before the second time, by the machine's clock; it doubles with each further one.
    pub pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
}

impl Patience {
    /// How long to wait after time number `round`.
    pub(super) fn pause_after(&self, round: u32) -> Duration {
        self.pause.saturating_mul(1 << round.saturating_sub(1).min(20)).min(self.longest_pause)
    }
}

/// How messages to a handset end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(tag = "ending", rename_all = "snake_case", deny_unknown_fields)]
pub enum Ending {
    /// They arrive.
    Delivered,
    /// They are sent and don't arrive: `undelivered` with this code, such as 30003.
    Undelivered {
        /// One of Twilio's error codes.
        error_code: u32,
    },
    /// They aren't sent: `failed` with this code, such as 30007.
    Failed {
        /// One of Twilio's error codes.
        error_code: u32,
    },
    /// They are sent, and nothing more is ever heard of them.
    Silent,
}
