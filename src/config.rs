//! Settings: flags win over the environment, the environment over `tidings.toml`.

use crate::phone::Phone;
use clap::Args;
use serde::Deserialize;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

/// A value that must not be shown: tokens, keys, secrets. `Debug` hides it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    #[must_use]
    pub fn new(value: String) -> Self {
        Self(value)
    }

    /// The secret itself, for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A setting that is wrong or missing. Its text is the one line that a failed start prints.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {problem}")]
pub struct ConfigError {
    name: String,
    problem: String,
}

fn wrong(name: &str, problem: impl Into<String>) -> ConfigError {
    ConfigError { name: name.to_owned(), problem: problem.into() }
}

/// The settings as written, before they are checked. Each field is the environment variable of
/// the same name in capitals, and the key of the same name in `tidings.toml`.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "the help texts say it")]
pub struct Layer {
    /// Address to serve [default: 127.0.0.1:8080]
    #[arg(long = "listen", global = true, value_name = "ADDR")]
    pub tidings_listen: Option<String>,
    /// How Twilio and people reach us [default: http:// + listen]
    #[arg(long = "public-url", global = true, value_name = "URL")]
    pub tidings_public_url: Option<String>,
    /// sqlite://FILE or postgres://… [default: sqlite://tidings.db]
    #[arg(long = "database-url", global = true, value_name = "URL")]
    pub database_url: Option<String>,
    #[arg(skip)]
    pub tidings_secret: Option<String>,
    #[arg(skip)]
    pub twilio_account_sid: Option<String>,
    #[arg(skip)]
    pub twilio_auth_token: Option<String>,
    #[arg(skip)]
    pub twilio_auth_token_previous: Option<String>,
    #[arg(skip)]
    pub twilio_api_key: Option<String>,
    #[arg(skip)]
    pub twilio_api_secret: Option<String>,
    /// The sender: a Twilio number in E.164 form
    #[arg(long = "phone-number", global = true, value_name = "NUMBER", hide = true)]
    pub twilio_phone_number: Option<String>,
    #[arg(skip)]
    pub twilio_messaging_service_sid: Option<String>,
    #[arg(skip)]
    pub twilio_whatsapp_number: Option<String>,
    #[arg(skip)]
    pub twilio_api_base: Option<String>,
    #[arg(skip)]
    pub tidings_opt_out_replies: Option<String>,
    #[arg(skip)]
    pub tidings_default_region: Option<String>,
    #[arg(skip)]
    pub tidings_default_time_zone: Option<String>,
    #[arg(skip)]
    pub tidings_default_locale: Option<String>,
    /// Named in the welcome and in HELP [default: Tidings demo]
    #[arg(long = "organisation", global = true, value_name = "NAME")]
    pub tidings_organisation: Option<String>,
    #[arg(skip)]
    pub tidings_support_contact: Option<String>,
    #[arg(skip)]
    pub tidings_max_numbers_per_account: Option<String>,
    #[arg(skip)]
    pub tidings_unique_by: Option<String>,
    #[arg(skip)]
    pub tidings_segments_per_second: Option<String>,
    #[arg(skip)]
    pub tidings_daily_cap_per_person: Option<String>,
    #[arg(skip)]
    pub tidings_quiet_hours: Option<String>,
    #[arg(skip)]
    pub tidings_tip_time: Option<String>,
    #[arg(skip)]
    pub tidings_countries: Option<String>,
    #[arg(skip)]
    pub tidings_settle_seconds: Option<String>,
    #[arg(skip)]
    pub tidings_demo_clock: Option<String>,
    /// Log filter, e.g. info or tidings=debug [default: info]
    #[arg(long = "log", global = true, value_name = "FILTER")]
    pub tidings_log: Option<String>,
    /// text or json [default: text]
    #[arg(long = "log-format", global = true, value_name = "FORMAT")]
    pub tidings_log_format: Option<String>,
}
