//! The table of settings and the three places they come from.

use super::ConfigError;
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use std::collections::BTreeMap;
use std::path::Path;

/// One setting: its environment variable, which in lower case is its key in `tidings.toml`.
#[derive(Debug)]
pub struct Setting {
    /// The environment variable.
    pub name: &'static str,
    /// The command line flag; `None` for secrets, which a process list would show.
    pub flag: Option<&'static str>,
    /// What it means and its default.
    pub help: &'static str,
}

const fn flag(name: &'static str, flag: &'static str, help: &'static str) -> Setting {
    Setting { name, flag: Some(flag), help }
}

const fn secret(name: &'static str, help: &'static str) -> Setting {
    Setting { name, flag: None, help }
}

/// Every setting there is.
pub const SETTINGS: &[Setting] = &[
    flag("TIDINGS_LISTEN", "listen", "Address to serve [default: 127.0.0.1:8080]"),
    flag("TIDINGS_PUBLIC_URL", "public-url", "How Twilio and people reach us [default: http:// + listen]"),
    flag("DATABASE_URL", "database-url", "sqlite://FILE or postgres://… [default: sqlite://tidings.db]"),
    secret(
        "TIDINGS_SECRET",
        "Key for codes and hashes, at least 32 bytes [default: made and kept beside the SQLite file]",
    ),
    secret("TIDINGS_SECRET_FILE", "A file that holds TIDINGS_SECRET"),
    secret("TWILIO_ACCOUNT_SID", "Twilio account; without it the demo runs"),
    secret("TWILIO_AUTH_TOKEN", "Signs Twilio's webhooks"),
    secret("TWILIO_AUTH_TOKEN_FILE", "A file that holds TWILIO_AUTH_TOKEN"),
    secret("TWILIO_AUTH_TOKEN_PREVIOUS", "Also accepted on webhooks while a token is rotated"),
    secret("TWILIO_API_KEY", "Used for REST when set, with TWILIO_API_SECRET"),
    secret("TWILIO_API_SECRET", "Used for REST when set, with TWILIO_API_KEY"),
    flag("TWILIO_PHONE_NUMBER", "phone-number", "The sender: a number of the Twilio account"),
    flag("TWILIO_MESSAGING_SERVICE_SID", "messaging-service", "The sender: a messaging service (MG…)"),
    flag("TWILIO_TWIML_APP_SID", "twiml-app", "The TwiML app (AP…) that browsers call through"),
    flag("TIDINGS_VOICE_DESTINATION", "voice-destination", "Who takes calls: a number or client:IDENTITY"),
    flag("TWILIO_WHATSAPP_NUMBER", "whatsapp-number", "The sender for WhatsApp [default: the other sender]"),
    flag("TWILIO_API_BASE", "twilio-api-base", "REST base URL [default: Twilio's]"),
    flag(
        "TIDINGS_OPT_OUT_REPLIES",
        "opt-out-replies",
        "Who answers STOP, START and HELP: twilio or tidings [default: twilio]",
    ),
    flag(
        "TIDINGS_DEFAULT_REGION",
        "default-region",
        "Country of numbers without a country code [default: US]",
    ),
    flag("TIDINGS_DEFAULT_TIME_ZONE", "default-time-zone", "IANA time zone [default: from the region]"),
    flag("TIDINGS_DEFAULT_LOCALE", "default-locale", "Language of texts [default: en]"),
    flag("TIDINGS_ORGANISATION", "organisation", "Named in the welcome and in HELP [default: Tidings demo]"),
    flag("TIDINGS_SUPPORT_CONTACT", "support-contact", "How to reach a human, named in HELP"),
    flag(
        "TIDINGS_MAX_NUMBERS_PER_ACCOUNT",
        "max-numbers-per-account",
        "Numbers an account may have [default: 5]",
    ),
    flag("TIDINGS_UNIQUE_BY", "unique-by", "What makes a number unique: e164 or national [default: e164]"),
    flag(
        "TIDINGS_CODES_PER_COUNTRY",
        "codes-per-country",
        "Most codes sent to one country in a day from pages and API [default: 1000]",
    ),
    flag(
        "TIDINGS_CODE_SPEND",
        "code-spend",
        "Most dollars a day for codes from pages and API, estimated [default: 50]",
    ),
    flag(
        "TIDINGS_TRUSTED_PROXIES",
        "trusted-proxies",
        "Addresses or networks whose X-Forwarded-For is believed, such as 10.0.0.0/8 [default: none]",
    ),
    flag(
        "TIDINGS_SEGMENTS_PER_SECOND",
        "segments-per-second",
        "Rate of the sender, shared by all nodes; 0 is without a limit [default: 1]",
    ),
    flag(
        "TIDINGS_WHATSAPP_MESSAGES_PER_SECOND",
        "whatsapp-messages-per-second",
        "Rate of the WhatsApp sender; 0 is without a limit [default: 80]",
    ),
    flag(
        "TIDINGS_DAILY_CAP_PER_PERSON",
        "daily-cap-per-person",
        "Most messages a person gets in a day, beside answers [default: 5]",
    ),
    flag(
        "TIDINGS_DAILY_BUDGET",
        "daily-budget",
        "Most dollars a day for campaigns, tips and forms, estimated; 0 is without a limit [default: 0]",
    ),
    flag(
        "TIDINGS_DAILY_BUDGET_MESSAGES",
        "daily-budget-messages",
        "Most campaign messages, tips and forms a day; 0 is without a limit [default: 0]",
    ),
    flag(
        "TIDINGS_QUIET_HOURS",
        "quiet-hours",
        "Local times without unasked messages; none where both are alike [default: 21:00-08:00]",
    ),
    flag("TIDINGS_TIP_TIME", "tip-time", "Local time of the daily tip [default: 07:00]"),
    flag("TIDINGS_COUNTRIES", "countries", "Countries that may be written to [default: the default region]"),
    flag(
        "TIDINGS_MAX_CONNECTIONS",
        "max-connections",
        "PostgreSQL connections a node may hold, at least 4 [default: 16]",
    ),
    flag(
        "TIDINGS_SETTLE_SECONDS",
        "settle-seconds",
        "How long to wait for a callback before looking a message up [default: 60]",
    ),
    flag(
        "TIDINGS_RETENTION_WORDS_DAYS",
        "retention-words-days",
        "Days after which the words of messages are blanked; 0 keeps them [default: 0]",
    ),
    flag(
        "TIDINGS_RETENTION_MESSAGES_DAYS",
        "retention-messages-days",
        "Days after which messages are deleted; 0 keeps them [default: 0]",
    ),
    flag(
        "TIDINGS_DEMO",
        "demo",
        "Without credentials: on runs the demo, off records messages as skipped [default: on]",
    ),
    flag(
        "TIDINGS_WEBHOOK_ALLOW_PRIVATE",
        "webhook-allow-private",
        "Webhooks may go to private addresses and over http: true or false [default: false; true in the demo]",
    ),
    flag("TIDINGS_DEMO_CLOCK", "demo-clock", "Demo only: the time the clock shows at the start, RFC 3339"),
    flag("TIDINGS_LOG", "log", "Log filter such as info or tidings=debug [default: info]"),
    flag("TIDINGS_LOG_FORMAT", "log-format", "text or json [default: text]"),
];

/// Settings as written, before they are checked.
#[derive(Clone, Debug, Default)]
pub struct Values(BTreeMap<&'static str, String>);

impl Values {
    /// Collects from all three places: flags win over the environment, that over the file.
    ///
    /// # Errors
    /// A file that can't be read, is not TOML or has a key that is no setting.
    pub fn collect(flags: &Flags, file: &Path) -> Result<Self, ConfigError> {
        let mut values = Self::from_file(file)?;
        for setting in SETTINGS {
            if let Some(value) = std::env::var_os(setting.name) {
                let text =
                    value.into_string().map_err(|_| ConfigError::new(setting.name, "is not UTF-8 text"))?;
                values.0.insert(setting.name, text);
            }
        }
        values.0.extend(flags.0.0.clone());
        Ok(values)
    }

    /// Settings from pairs of name and value.
    ///
    /// # Errors
    /// A name that is no setting.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, ConfigError> {
        let mut values = Self::default();
        for (name, value) in pairs {
            let setting = SETTINGS.iter().find(|setting| setting.name == name);
            let setting = setting.ok_or_else(|| ConfigError::new(name, "is not a setting"))?;
            values.0.insert(setting.name, value.to_owned());
        }
        Ok(values)
    }

    /// The value of the setting `name`; a blank one counts as not set.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    fn from_file(path: &Path) -> Result<Self, ConfigError> {
        let shown = path.display().to_string();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(ConfigError::new(&shown, format!("can't be read: {error}"))),
        };
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            ConfigError::new(&shown, format!("is not TOML: {}", error.message()))
        })?;
        let mut values = Self::default();
        for (key, value) in table {
            let setting = SETTINGS.iter().find(|setting| setting.name.to_lowercase() == key);
            let setting = setting
                .ok_or_else(|| ConfigError::new(&shown, format!("has {key}, which is not a setting")))?;
            values.0.insert(setting.name, written(&key, value)?);
        }
        Ok(values)
    }
}

/// A TOML value as it would be written in the environment.
fn written(key: &str, value: toml::Value) -> Result<String, ConfigError> {
    match value {
        toml::Value::String(text) => Ok(text),
        toml::Value::Integer(number) => Ok(number.to_string()),
        toml::Value::Float(number) => Ok(number.to_string()),
        toml::Value::Array(items) => {
            let items: Result<Vec<_>, _> = items.into_iter().map(|item| written(key, item)).collect();
            Ok(items?.join(","))
        }
        _ => Err(ConfigError::new(key, "must be a text, a number or a list of texts")),
    }
}

/// The settings that were given as flags.
#[derive(Clone, Debug, Default)]
pub struct Flags(Values);

impl Flags {
    /// An error that begins with the name of its setting; where the setting was given as a flag, with that.
    #[must_use]
    pub fn name_as_given(&self, error: &str) -> String {
        let blamed = |setting: &&Setting| error.starts_with(&format!("{}: ", setting.name));
        let setting = SETTINGS.iter().find(blamed).filter(|setting| self.0.0.contains_key(setting.name));
        match setting.and_then(|setting| Some((setting.flag?, error.strip_prefix(setting.name)?))) {
            Some((flag, problem)) => format!("--{flag}{problem}"),
            None => error.to_owned(),
        }
    }

    /// These flags, and those of `others` that are not among them.
    #[must_use]
    pub fn or(mut self, others: &Self) -> Self {
        for (name, value) in &others.0.0 {
            self.0.0.entry(name).or_insert_with(|| value.clone());
        }
        self
    }
}

impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        SETTINGS.iter().fold(command, |command, setting| match setting.flag {
            Some(flag) => command.arg(
                Arg::new(setting.name)
                    .long(flag)
                    .help(setting.help)
                    .value_name("VALUE")
                    // A negative number is wrong everywhere, and then told by the setting's own words.
                    .allow_negative_numbers(true)
                    .help_heading("Settings")
                    .hide_short_help(true),
            ),
            None => command,
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut flags = Self::default();
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for setting in SETTINGS.iter().filter(|setting| setting.flag.is_some()) {
            if let Some(value) = matches.get_one::<String>(setting.name) {
                self.0.0.insert(setting.name, value.clone());
            }
        }
        Ok(())
    }
}
