//! One setting at a time: what it must be, and the error that says so.

use super::{ConfigError, Database, Secret, Sender, Twilio, Values, log_filter, secret};
use crate::phone::{Phone, Region, zone_for_region};
use crate::schedule::{QuietHours, zone_name};
use crate::signature::AuthToken;
use crate::voice::Destination;
use std::path::PathBuf;
use std::str::FromStr;
use url::Url;

/// Settings whose part of the product reads them elsewhere or not yet: still, a wrong one stops
/// the start.
pub(super) fn check_unused(values: &Values) -> Result<(), ConfigError> {
    log_filter(values)?;
    one_of(values, "TIDINGS_LOG_FORMAT", ["text", "json"])?;
    api_base(values)?;
    whatsapp_number(values).map(drop)
}

/// A text that stands in what people are sent.
pub(super) fn line(values: &Values, name: &str, longest: usize) -> Result<Option<String>, ConfigError> {
    let Some(text) = values.get(name) else { return Ok(None) };
    let fits = text.chars().count() <= longest && !text.contains(char::is_control);
    let problem = || ConfigError::new(name, format!("must be one line of at most {longest} characters"));
    fits.then(|| Some(text.to_owned())).ok_or_else(problem)
}

pub(super) fn quiet_hours(values: &Values) -> Result<QuietHours, ConfigError> {
    let name = "TIDINGS_QUIET_HOURS";
    let hours = values.get(name).unwrap_or("21:00-08:00");
    let times = hours.split_once('-').and_then(|(from, to)| {
        Some(QuietHours { from: from.trim().parse().ok()?, to: to.trim().parse().ok()? })
    });
    times.ok_or_else(|| ConfigError::new(name, "must be two local times such as 21:00-08:00"))
}

pub(super) fn countries(values: &Values, default: Region) -> Result<Vec<Region>, ConfigError> {
    let name = "TIDINGS_COUNTRIES";
    let Some(list) = values.get(name) else { return Ok(vec![default]) };
    list.split(',').map(|country| region(name, country)).collect()
}

pub(super) fn parsed<T: FromStr>(
    values: &Values,
    name: &str,
    expected: &str,
) -> Result<Option<T>, ConfigError> {
    let parse = |text: &str| text.parse().map_err(|_| ConfigError::new(name, format!("must be {expected}")));
    values.get(name).map(parse).transpose()
}

pub(super) fn number(
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
pub(super) fn one_of<const N: usize>(
    values: &Values,
    name: &str,
    choices: [&'static str; N],
) -> Result<&'static str, ConfigError> {
    let Some(value) = values.get(name) else { return Ok(choices[0]) };
    let found = choices.into_iter().find(|choice| choice.eq_ignore_ascii_case(value));
    found.ok_or_else(|| ConfigError::new(name, format!("must be {}", choices.join(" or "))))
}

pub(super) fn database(url: &str) -> Result<Database, ConfigError> {
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

pub(super) fn base_url(name: &str, text: &str) -> Result<String, ConfigError> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let plain = url.filter(|url| url.query().is_none() && url.fragment().is_none());
    let plain = plain.filter(|_| !text.contains(char::is_whitespace));
    plain.ok_or_else(|| ConfigError::new(name, "must be a URL such as https://sms.example.org"))?;
    Ok(text.trim_end_matches('/').to_owned())
}

pub(super) fn region(name: &str, text: &str) -> Result<Region, ConfigError> {
    Region::parse(text.trim()).map_err(|_| ConfigError::new(name, "must be a country code such as US or NP"))
}

pub(super) fn time_zone(values: &Values, region: Region) -> Result<String, ConfigError> {
    let zone = values.get("TIDINGS_DEFAULT_TIME_ZONE").unwrap_or(zone_for_region(region));
    zone_name(zone).ok_or_else(|| {
        ConfigError::new("TIDINGS_DEFAULT_TIME_ZONE", "must be an IANA time zone such as America/New_York")
    })
}

pub(super) fn locale(values: &Values) -> Result<String, ConfigError> {
    let locale = values.get("TIDINGS_DEFAULT_LOCALE").unwrap_or("en");
    let right =
        (2..=12).contains(&locale.len()) && locale.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    right
        .then(|| locale.to_owned())
        .ok_or_else(|| ConfigError::new("TIDINGS_DEFAULT_LOCALE", "must be a language code such as en"))
}

pub(super) fn phone(name: &str, text: &str) -> Result<Phone, ConfigError> {
    Phone::from_e164(text)
        .ok_or_else(|| ConfigError::new(name, "must be a number in E.164 form such as +14155238886"))
}

/// With or without the channel before it.
fn whatsapp_number(values: &Values) -> Result<Option<Phone>, ConfigError> {
    let name = "TWILIO_WHATSAPP_NUMBER";
    let read = |number: &str| phone(name, number.strip_prefix("whatsapp:").unwrap_or(number));
    values.get(name).map(read).transpose()
}

fn api_base(values: &Values) -> Result<String, ConfigError> {
    let name = "TWILIO_API_BASE";
    base_url(name, values.get(name).unwrap_or("https://api.twilio.com"))
}

/// What only makes sense beside an account; alone, it is what somebody forgot the account for.
const OF_AN_ACCOUNT: [&str; 7] = [
    "TWILIO_AUTH_TOKEN_PREVIOUS",
    "TWILIO_API_KEY",
    "TWILIO_API_SECRET",
    "TWILIO_PHONE_NUMBER",
    "TWILIO_MESSAGING_SERVICE_SID",
    "TWILIO_TWIML_APP_SID",
    "TWILIO_WHATSAPP_NUMBER",
];

fn without_account(values: &Values) -> Result<Option<Twilio>, ConfigError> {
    match OF_AN_ACCOUNT.into_iter().find(|name| values.get(name).is_some()) {
        None => Ok(None),
        Some(name) => Err(ConfigError::new("TWILIO_ACCOUNT_SID", format!("is missing; {name} is set"))),
    }
}

pub(super) fn twilio(values: &Values) -> Result<Option<Twilio>, ConfigError> {
    let token = secret::value_or_file(values, "TWILIO_AUTH_TOKEN")?;
    let (account_sid, auth_token) = match (values.get("TWILIO_ACCOUNT_SID"), token) {
        (None, None) => return without_account(values),
        (Some(_), None) => {
            return Err(ConfigError::new("TWILIO_AUTH_TOKEN", "is missing; TWILIO_ACCOUNT_SID is set"));
        }
        (None, Some(_)) => {
            return Err(ConfigError::new("TWILIO_ACCOUNT_SID", "is missing; TWILIO_AUTH_TOKEN is set"));
        }
        (Some(sid), Some(token)) => {
            (sid_of("TWILIO_ACCOUNT_SID", "AC", sid)?, usable("TWILIO_AUTH_TOKEN", token)?)
        }
    };
    let api_key = api_key(values)?;
    let app = values.get("TWILIO_TWIML_APP_SID");
    let app = app.map(|sid| sid_of("TWILIO_TWIML_APP_SID", "AP", sid)).transpose()?;
    if app.is_some() && api_key.is_none() {
        return Err(ConfigError::new(
            "TWILIO_API_KEY",
            "is missing; TWILIO_TWIML_APP_SID needs it for tokens",
        ));
    }
    let name = "TWILIO_AUTH_TOKEN_PREVIOUS";
    let previous = values.get(name).map(|token| usable(name, Secret::new(token.to_owned()))).transpose()?;
    Ok(Some(Twilio {
        account_sid,
        auth_token,
        auth_token_previous: previous,
        api_key,
        sender: sender(values)?,
        twiml_app_sid: app,
        whatsapp: whatsapp_number(values)?,
        api_base: api_base(values)?,
    }))
}

/// The key that calls are signed with instead of the account's token, if there is one.
fn api_key(values: &Values) -> Result<Option<(String, Secret)>, ConfigError> {
    match (values.get("TWILIO_API_KEY"), values.get("TWILIO_API_SECRET")) {
        (None, None) => Ok(None),
        (Some(key), Some(secret)) => {
            Ok(Some((sid_of("TWILIO_API_KEY", "SK", key)?, Secret::new(secret.to_owned()))))
        }
        (Some(_), None) => Err(ConfigError::new("TWILIO_API_SECRET", "is missing; TWILIO_API_KEY is set")),
        (None, Some(_)) => Err(ConfigError::new("TWILIO_API_KEY", "is missing; TWILIO_API_SECRET is set")),
    }
}

/// What texts are sent from.
fn sender(values: &Values) -> Result<Sender, ConfigError> {
    match (values.get("TWILIO_MESSAGING_SERVICE_SID"), values.get("TWILIO_PHONE_NUMBER")) {
        (Some(service), _) => Ok(Sender::Service(sid_of("TWILIO_MESSAGING_SERVICE_SID", "MG", service)?)),
        (None, Some(number)) => Ok(Sender::Number(phone("TWILIO_PHONE_NUMBER", number)?)),
        (None, None) => {
            Err(ConfigError::new("TWILIO_PHONE_NUMBER", "is missing; set it or TWILIO_MESSAGING_SERVICE_SID"))
        }
    }
}

pub(super) fn voice_destination(values: &Values, region: Region) -> Result<Option<Destination>, ConfigError> {
    let name = "TIDINGS_VOICE_DESTINATION";
    let Some(text) = values.get(name) else { return Ok(None) };
    // A bare word can be called as a client's identity; as a setting it is more likely a slip.
    let said = |found: &Destination| matches!(found, Destination::Number(_)) || text.starts_with("client:");
    let destination = Destination::parse(text, region).filter(said);
    destination.map(Some).ok_or_else(|| ConfigError::new(name, "must be a number or client: and an identity"))
}

/// Nobody could be checked by an empty token, and one with spaces was copied wrongly.
fn usable(name: &str, token: Secret) -> Result<Secret, ConfigError> {
    match AuthToken::new(token.expose()) {
        Some(_) => Ok(token),
        None => Err(ConfigError::new(name, "must be a token without spaces, as Twilio's console shows it")),
    }
}

pub(super) fn sid_of(name: &str, prefix: &str, text: &str) -> Result<String, ConfigError> {
    let hex =
        text.strip_prefix(prefix).filter(|hex| hex.len() == 32 && hex.bytes().all(|b| b.is_ascii_hexdigit()));
    hex.map(|_| text.to_owned())
        .ok_or_else(|| ConfigError::new(name, format!("must be {prefix} and 32 hex digits")))
}
