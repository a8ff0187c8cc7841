//! Settings, checked: a [`Config`] exists only if every one of them makes sense.

mod accounts;
mod checks;
mod error;
mod log;
mod retention;
mod secret;
mod settings;

pub use accounts::{AccountSettings, UniqueBy};
pub use error::ConfigError;
pub use log::log_filter;
pub use retention::Retention;
pub use secret::Secret;
pub use settings::{Flags, SETTINGS, Setting, Values};

use crate::phone::{Phone, Region};
use crate::schedule::QuietHours;
use crate::voice::Destination;
use checks::{
    base_url, check_unused, countries, database, line, locale, number, one_of, parsed, quiet_hours, region,
    time_zone, twilio, voice_destination,
};
use jiff::{SignedDuration, Timestamp, civil};
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use url::Url;

/// What we are called where nobody says: no name to write to people under.
const NAMELESS: &str = "Tidings demo";
/// The longest name of the organisation, and the longest way to reach a human, in characters: both stand
/// in texts.
const LONGEST_NAME: usize = 80;
const LONGEST_CONTACT: usize = 160;

/// Everything the server needs to know before it starts.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address to serve.
    pub listen: SocketAddr,
    /// Base of every URL that Twilio or a person is given; no slash at its end.
    pub public_url: Option<String>,
    /// Where everything is kept.
    pub database: Database,
    /// Key for codes, cookies and suppression hashes.
    pub secret: Secret,
    /// Where the secret belongs, if it is new and kept nowhere yet.
    pub new_secret: Option<PathBuf>,
    /// Credentials and senders; `None` runs the demo.
    pub twilio: Option<Twilio>,
    /// Whether Twilio answers STOP, START and HELP words by itself.
    pub twilio_answers: bool,
    /// Country of numbers written without a country code.
    pub default_region: Region,
    /// Zone of people of whom we know none.
    pub default_time_zone: String,
    /// Language of people of whom we know none.
    pub default_locale: String,
    /// Named in the welcome and in HELP.
    pub organisation: String,
    /// How to reach a human.
    pub support_contact: Option<String>,
    /// Most messages a person gets in a day, beside answers.
    pub daily_cap_per_person: u32,
    /// Most dollars a day for what promotes, estimated; 0 is without a limit.
    pub daily_budget: u32,
    /// Most messages a day that promote; 0 is without a limit.
    pub daily_budget_messages: u32,
    /// Segments that each sender sends in a second; 0 is without a limit.
    pub segments_per_second: u32,
    /// Messages that the WhatsApp sender sends in a second; 0 is without a limit.
    pub whatsapp_messages_per_second: u32,
    /// When nothing is sent that was not asked for.
    pub quiet_hours: QuietHours,
    /// Local time of the daily tip, for those who did not choose one.
    pub tip_time: civil::Time,
    /// Countries that may be written to.
    pub countries: Vec<Region>,
    /// Limits of accounts and their codes.
    pub accounts: AccountSettings,
    /// Who takes calls from outside.
    pub voice_destination: Option<Destination>,
    /// How long to wait for a callback before a message is looked up.
    pub settle_after: SignedDuration,
    /// PostgreSQL connections this node may hold.
    pub max_connections: u32,
    /// How long things are kept.
    pub retention: Retention,
    /// Whether the demo runs where there are no credentials.
    pub demo: bool,
    /// Whether outgoing webhooks may go to private addresses and over `http://`.
    pub webhook_allow_private: bool,
    /// What the demo's clock shows at the start.
    pub demo_clock: Option<Timestamp>,
}

/// Which database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL URL, with its password.
    Postgres(Secret),
}

impl Database {
    /// The one that `values` name.
    ///
    /// # Errors
    /// It is none that we know.
    pub fn from_values(values: &Values) -> Result<Self, ConfigError> {
        database(values.get("DATABASE_URL").unwrap_or("sqlite://tidings.db"))
    }

    /// Where a SQLite file should be and is not.
    #[must_use]
    pub fn missing(&self) -> Option<PathBuf> {
        let Self::Sqlite(path) = self else { return None };
        (!secret::is_database(path)).then(|| absolute(path))
    }
}

/// Where it is, without what only its owner should know.
impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "{}", absolute(path).display()),
            Self::Postgres(url) => {
                let url = Url::parse(url.expose()).ok();
                let host = url.as_ref().and_then(Url::host_str).unwrap_or("this machine");
                let name = url.as_ref().map_or("", Url::path).trim_start_matches('/');
                write!(f, "the PostgreSQL database {name} on {host}")
            }
        }
    }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// A Twilio account and what it sends from.
#[derive(Clone, Debug)]
pub struct Twilio {
    /// `AC` and 32 hex digits.
    pub account_sid: String,
    /// Signs webhooks.
    pub auth_token: Secret,
    /// Also accepted on webhooks.
    pub auth_token_previous: Option<Secret>,
    /// `SK…` and its secret, used for REST when set.
    pub api_key: Option<(String, Secret)>,
    /// What we send from.
    pub sender: Sender,
    /// The `TwiML` app (`AP…`) that browsers call through; without it there are no voice tokens.
    pub twiml_app_sid: Option<String>,
    /// What we send from on WhatsApp; `None` for the same.
    pub whatsapp: Option<Phone>,
    /// REST base URL, no slash at its end.
    pub api_base: String,
}

/// What messages are sent from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sender {
    /// A number of the account.
    Number(Phone),
    /// A messaging service, `MG` and 32 hex digits.
    Service(String),
}

impl Config {
    /// Checks `values` and writes nothing. With SQLite, where there is neither a database nor a secret for it,
    /// the secret is a new one: see [`Self::keep_secret`].
    ///
    /// # Errors
    /// The first setting that is wrong or missing, with what it should be.
    pub fn from_values(values: &Values) -> Result<Self, ConfigError> {
        check_unused(values)?;
        let database = Database::from_values(values)?;
        let twilio = twilio(values)?;
        let default_region =
            region("TIDINGS_DEFAULT_REGION", values.get("TIDINGS_DEFAULT_REGION").unwrap_or("US"))?;
        let demo_clock = parsed(values, "TIDINGS_DEMO_CLOCK", "a time such as 2026-03-08T06:59:00Z")?;
        if demo_clock.is_some() && twilio.is_some() {
            return Err(ConfigError::new("TIDINGS_DEMO_CLOCK", "exists only in demo mode; remove it"));
        }
        let settle_seconds = number(values, "TIDINGS_SETTLE_SECONDS", 60, 1..=600)?;
        let (secret, new_secret) = secret::load(values, &database)?;
        let demo = if twilio.is_none() { ["true", "false"] } else { ["false", "true"] };
        Ok(Self {
            webhook_allow_private: one_of(values, "TIDINGS_WEBHOOK_ALLOW_PRIVATE", demo)? == "true",
            listen: listen(values)?,
            public_url: values
                .get("TIDINGS_PUBLIC_URL")
                .map(|url| base_url("TIDINGS_PUBLIC_URL", url))
                .transpose()?,
            secret,
            new_secret,
            database,
            twilio,
            twilio_answers: one_of(values, "TIDINGS_OPT_OUT_REPLIES", ["twilio", "tidings"])? == "twilio",
            default_time_zone: time_zone(values, default_region)?,
            default_region,
            default_locale: locale(values)?,
            organisation: line(values, "TIDINGS_ORGANISATION", LONGEST_NAME)?
                .unwrap_or_else(|| NAMELESS.to_owned()),
            support_contact: line(values, "TIDINGS_SUPPORT_CONTACT", LONGEST_CONTACT)?,
            daily_cap_per_person: number(values, "TIDINGS_DAILY_CAP_PER_PERSON", 5, 1..=1000)?,
            daily_budget: number(values, "TIDINGS_DAILY_BUDGET", 0, 0..=1_000_000)?,
            daily_budget_messages: number(values, "TIDINGS_DAILY_BUDGET_MESSAGES", 0, 0..=1_000_000_000)?,
            segments_per_second: number(values, "TIDINGS_SEGMENTS_PER_SECOND", 1, 0..=10_000)?,
            whatsapp_messages_per_second: number(
                values,
                "TIDINGS_WHATSAPP_MESSAGES_PER_SECOND",
                80,
                0..=10_000,
            )?,
            quiet_hours: quiet_hours(values)?,
            tip_time: parsed(values, "TIDINGS_TIP_TIME", "a local time such as 07:00")?
                .unwrap_or(civil::time(7, 0, 0, 0)),
            countries: countries(values, default_region)?,
            accounts: AccountSettings::from_values(values)?,
            voice_destination: voice_destination(values, default_region)?,
            settle_after: SignedDuration::from_secs(settle_seconds.into()),
            max_connections: number(values, "TIDINGS_MAX_CONNECTIONS", 16, 4..=1000)?,
            retention: Retention::from_values(values)?,
            demo: one_of(values, "TIDINGS_DEMO", ["on", "off"])? == "on",
            demo_clock,
        })
    }

    /// Keeps a new secret beside the database that is about to be made.
    ///
    /// # Errors
    /// The folder can't be written to.
    pub fn keep_secret(self) -> Result<Self, ConfigError> {
        let Some(place) = &self.new_secret else { return Ok(self) };
        Ok(Self { secret: secret::keep(place, &self.secret)?, new_secret: None, ..self })
    }

    /// Checks `values` for a command that works on a database that is there: it makes none.
    ///
    /// # Errors
    /// As [`Self::from_values`], and where there is no SQLite file.
    pub fn of_existing(values: &Values) -> Result<Self, ConfigError> {
        let config = Self::from_values(values)?;
        let Some(path) = config.database.missing() else { return Ok(config) };
        let problem = format!(
            "there is no database at {}; go to your server's folder or name its database with \
             --database-url (`tidings migrate` makes a new one)",
            path.display()
        );
        Err(ConfigError::missing("DATABASE_URL", problem))
    }
}

impl Config {
    /// How people and Twilio reach this server, where it listens at the port it is told to.
    #[must_use]
    pub fn url(&self) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("http://{}", self.listen))
    }

    /// Whether people are written to for real, and by nobody in particular.
    #[must_use]
    pub fn lacks_name(&self) -> bool {
        self.twilio.is_some() && self.organisation == NAMELESS
    }
}

/// Where a server with these settings listens.
///
/// # Errors
/// It is no address with a port.
pub fn listen(values: &Values) -> Result<SocketAddr, ConfigError> {
    let expected = "an address and port such as 127.0.0.1:8080";
    Ok(parsed(values, "TIDINGS_LISTEN", expected)?.unwrap_or(([127, 0, 0, 1], 8080).into()))
}

/// Where `tidings.toml` is looked for: the folder the program was started in.
#[must_use]
pub fn default_file() -> &'static Path {
    Path::new("tidings.toml")
}
