//! Settings, checked: a [`Config`] exists only if every one of them makes sense.

mod secret;
mod settings;

pub use secret::Secret;
pub use settings::{Flags, SETTINGS, Setting, Values};

use crate::phone::{Phone, Region, zone_for_region};
use jiff::{SignedDuration, Timestamp, civil, tz::TimeZone};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use url::Url;

/// A setting that is wrong or missing. Its text is the one line that a failed start prints.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {problem}")]
pub struct ConfigError {
    name: String,
    problem: String,
}

impl ConfigError {
    /// An error that names the setting.
    #[must_use]
    pub fn new(name: &str, problem: impl Into<String>) -> Self {
        Self { name: name.to_owned(), problem: problem.into() }
    }
}

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
    /// How long to wait for a callback before a message is looked up.
    pub settle_after: SignedDuration,
    /// PostgreSQL connections this node may hold.
    pub max_connections: u32,
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
    /// Checks `values`. With SQLite and no secret given, makes one and keeps it beside the file.
    ///
    /// # Errors
    /// The first setting that is wrong or missing, with what it should be.
    pub fn from_values(values: &Values) -> Result<Self, ConfigError> {
        check_unused(values)?;
        let database = database(values.get("DATABASE_URL").unwrap_or("sqlite://tidings.db"))?;
        let twilio = twilio(values)?;
        let default_region =
            region("TIDINGS_DEFAULT_REGION", values.get("TIDINGS_DEFAULT_REGION").unwrap_or("US"))?;
        let demo_clock = parsed(values, "TIDINGS_DEMO_CLOCK", "a time such as 2026-03-08T06:59:00Z")?;
        if demo_clock.is_some() && twilio.is_some() {
            return Err(ConfigError::new("TIDINGS_DEMO_CLOCK", "exists only in demo mode; remove it"));
        }
        let listen = "an address and port such as 127.0.0.1:8080";
        let settle_seconds = number(values, "TIDINGS_SETTLE_SECONDS", 60, 1..=600)?;
        Ok(Self {
            listen: parsed(values, "TIDINGS_LISTEN", listen)?.unwrap_or(([127, 0, 0, 1], 8080).into()),
            public_url: values
                .get("TIDINGS_PUBLIC_URL")
                .map(|url| base_url("TIDINGS_PUBLIC_URL", url))
                .transpose()?,
            secret: secret::load(values, &database)?,
            database,
            twilio,
            twilio_answers: one_of(values, "TIDINGS_OPT_OUT_REPLIES", ["twilio", "tidings"])? == "twilio",
            default_time_zone: time_zone(values, default_region)?,
            default_region,
            default_locale: locale(values)?,
            organisation: values.get("TIDINGS_ORGANISATION").unwrap_or("Tidings demo").to_owned(),
            support_contact: values.get("TIDINGS_SUPPORT_CONTACT").map(str::to_owned),
            daily_cap_per_person: number(values, "TIDINGS_DAILY_CAP_PER_PERSON", 5, 1..=1000)?,
            settle_after: SignedDuration::from_secs(settle_seconds.into()),
            max_connections: number(values, "TIDINGS_MAX_CONNECTIONS", 16, 3..=1000)?,
            demo_clock,
        })
    }
}

/// Settings whose part of the product reads them elsewhere or not yet: still, a wrong one stops
/// the start.
fn check_unused(values: &Values) -> Result<(), ConfigError> {
    number(values, "TIDINGS_MAX_NUMBERS_PER_ACCOUNT", 5, 1..=1000)?;
    one_of(values, "TIDINGS_UNIQUE_BY", ["e164", "national"])?;
    number(values, "TIDINGS_SEGMENTS_PER_SECOND", 1, 1..=10_000)?;
    one_of(values, "TIDINGS_LOG_FORMAT", ["text", "json"])?;
    parsed::<civil::Time>(values, "TIDINGS_TIP_TIME", "a local time such as 07:00")?;
    if let Some(hours) = values.get("TIDINGS_QUIET_HOURS") {
        let times = hours.split_once('-').and_then(|(from, to)| {
            Some((from.trim().parse::<civil::Time>().ok()?, to.trim().parse::<civil::Time>().ok()?))
        });
        times.ok_or_else(|| {
            ConfigError::new("TIDINGS_QUIET_HOURS", "must be two local times such as 21:00-08:00")
        })?;
    }
    for country in values.get("TIDINGS_COUNTRIES").unwrap_or_default().split(',').filter(|c| !c.is_empty()) {
        region("TIDINGS_COUNTRIES", country)?;
    }
    if let Some(number) = values.get("TWILIO_WHATSAPP_NUMBER") {
        phone("TWILIO_WHATSAPP_NUMBER", number.strip_prefix("whatsapp:").unwrap_or(number))?;
    }
    Ok(())
}

fn parsed<T: FromStr>(values: &Values, name: &str, expected: &str) -> Result<Option<T>, ConfigError> {
    let parse = |text: &str| text.parse().map_err(|_| ConfigError::new(name, format!("must be {expected}")));
    values.get(name).map(parse).transpose()
}

fn number(
    values: &Values,
    name: &str,
    default: u32,
    range: std::ops::RangeInclusive<u32>,
) -> Result<u32, ConfigError> {
    let expected = format!("a whole number from {} to {}", range.start(), range.end());
    let value = parsed(values, name, &expected)?.unwrap_or(default);
    if range.contains(&value) {
        Ok(value)
    } else {
        Err(ConfigError::new(name, format!("must be {expected}")))
    }
}

/// One of the words of `choices`, of which the first is the default.
fn one_of<const N: usize>(
    values: &Values,
    name: &str,
    choices: [&'static str; N],
) -> Result<&'static str, ConfigError> {
    let Some(value) = values.get(name) else { return Ok(choices[0]) };
    let found = choices.into_iter().find(|choice| choice.eq_ignore_ascii_case(value));
    found.ok_or_else(|| ConfigError::new(name, format!("must be {}", choices.join(" or "))))
}

fn database(url: &str) -> Result<Database, ConfigError> {
    if let Some(path) = url.strip_prefix("sqlite:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        let path = path.split('?').next().unwrap_or_default();
        if path.is_empty() || path == ":memory:" {
            return Err(ConfigError::new("DATABASE_URL", "must name a file, such as sqlite://tidings.db"));
        }
        return Ok(Database::Sqlite(PathBuf::from(path)));
    }
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(Database::Postgres(Secret::new(url.to_owned())));
    }
    Err(ConfigError::new("DATABASE_URL", "must begin with sqlite:// or postgres://"))
}

fn base_url(name: &str, text: &str) -> Result<String, ConfigError> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let plain = url.filter(|url| url.query().is_none() && url.fragment().is_none());
    plain.ok_or_else(|| ConfigError::new(name, "must be a URL such as https://sms.example.org"))?;
    Ok(text.trim_end_matches('/').to_owned())
}

fn region(name: &str, text: &str) -> Result<Region, ConfigError> {
    Region::parse(text.trim()).map_err(|_| ConfigError::new(name, "must be a country code such as US or NP"))
}

fn time_zone(values: &Values, region: Region) -> Result<String, ConfigError> {
    let zone = values.get("TIDINGS_DEFAULT_TIME_ZONE").unwrap_or(zone_for_region(region));
    let known = TimeZone::get(zone).is_ok();
    known.then(|| zone.to_owned()).ok_or_else(|| {
        ConfigError::new("TIDINGS_DEFAULT_TIME_ZONE", "must be an IANA time zone such as America/New_York")
    })
}

fn locale(values: &Values) -> Result<String, ConfigError> {
    let locale = values.get("TIDINGS_DEFAULT_LOCALE").unwrap_or("en");
    let right =
        (2..=12).contains(&locale.len()) && locale.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    right
        .then(|| locale.to_owned())
        .ok_or_else(|| ConfigError::new("TIDINGS_DEFAULT_LOCALE", "must be a language code such as en"))
}

fn phone(name: &str, text: &str) -> Result<Phone, ConfigError> {
    Phone::from_e164(text)
        .ok_or_else(|| ConfigError::new(name, "must be a number in E.164 form such as +14155238886"))
}

fn twilio(values: &Values) -> Result<Option<Twilio>, ConfigError> {
    let token = secret::value_or_file(values, "TWILIO_AUTH_TOKEN")?;
    let (account_sid, auth_token) = match (values.get("TWILIO_ACCOUNT_SID"), token) {
        (None, None) => return Ok(None),
        (Some(_), None) => {
            return Err(ConfigError::new("TWILIO_AUTH_TOKEN", "is missing; TWILIO_ACCOUNT_SID is set"));
        }
        (None, Some(_)) => {
            return Err(ConfigError::new("TWILIO_ACCOUNT_SID", "is missing; TWILIO_AUTH_TOKEN is set"));
        }
        (Some(sid), Some(token)) => (sid_of("TWILIO_ACCOUNT_SID", "AC", sid)?, token),
    };
    let api_key = match (values.get("TWILIO_API_KEY"), values.get("TWILIO_API_SECRET")) {
        (None, None) => None,
        (Some(key), Some(secret)) => {
            Some((sid_of("TWILIO_API_KEY", "SK", key)?, Secret::new(secret.to_owned())))
        }
        (Some(_), None) => {
            return Err(ConfigError::new("TWILIO_API_SECRET", "is missing; TWILIO_API_KEY is set"));
        }
        (None, Some(_)) => {
            return Err(ConfigError::new("TWILIO_API_KEY", "is missing; TWILIO_API_SECRET is set"));
        }
    };
    let sender = match (values.get("TWILIO_MESSAGING_SERVICE_SID"), values.get("TWILIO_PHONE_NUMBER")) {
        (Some(service), _) => Sender::Service(sid_of("TWILIO_MESSAGING_SERVICE_SID", "MG", service)?),
        (None, Some(number)) => Sender::Number(phone("TWILIO_PHONE_NUMBER", number)?),
        (None, None) => {
            return Err(ConfigError::new(
                "TWILIO_PHONE_NUMBER",
                "is missing; set it or TWILIO_MESSAGING_SERVICE_SID",
            ));
        }
    };
    let api_base = values.get("TWILIO_API_BASE").unwrap_or("https://api.twilio.com");
    let previous = values.get("TWILIO_AUTH_TOKEN_PREVIOUS").map(|token| Secret::new(token.to_owned()));
    Ok(Some(Twilio {
        account_sid,
        auth_token,
        auth_token_previous: previous,
        api_key,
        sender,
        api_base: base_url("TWILIO_API_BASE", api_base)?,
    }))
}

fn sid_of(name: &str, prefix: &str, text: &str) -> Result<String, ConfigError> {
    let hex =
        text.strip_prefix(prefix).filter(|hex| hex.len() == 32 && hex.bytes().all(|b| b.is_ascii_hexdigit()));
    hex.map(|_| text.to_owned())
        .ok_or_else(|| ConfigError::new(name, format!("must be {prefix} and 32 hex digits")))
}

/// Where `tidings.toml` is looked for: the folder the program was started in.
#[must_use]
pub fn default_file() -> &'static Path {
    Path::new("tidings.toml")
}
