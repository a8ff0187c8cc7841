//! Settings about how long things are kept.

use super::checks::number;
use super::{ConfigError, Values};
use jiff::SignedDuration;

/// Shorter would reach into what is still on its way, and into what Twilio may repeat.
const SHORTEST_DAYS: u32 = 30;
const LONGEST_DAYS: u32 = 36_500;

/// How long things are kept; `None` for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// The words of messages.
    pub words: Option<SignedDuration>,
    /// Messages, with all that is known of them.
    pub messages: Option<SignedDuration>,
}

impl Retention {
    pub(super) fn from_values(values: &Values) -> Result<Self, ConfigError> {
        Ok(Self {
            words: days(values, "TIDINGS_RETENTION_WORDS_DAYS")?,
            messages: days(values, "TIDINGS_RETENTION_MESSAGES_DAYS")?,
        })
    }
}

/// A number of days; 0, or nothing, is for ever.
fn days(values: &Values, name: &str) -> Result<Option<SignedDuration>, ConfigError> {
    let days = number(values, name, 0, 0..=LONGEST_DAYS)?;
    if (1..SHORTEST_DAYS).contains(&days) {
        return Err(ConfigError::new(
            name,
            format!("must be 0, which keeps all, or {SHORTEST_DAYS} days at least"),
        ));
    }
    Ok((days > 0).then(|| SignedDuration::from_hours(24 * i64::from(days))))
}
