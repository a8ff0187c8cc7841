//! Opens what the server and commands work with.

use super::StartError;
use crate::accounts;
use crate::clock::Clock;
use crate::config::{Config, ConfigError};
use crate::conversation::{self, Inbox, Regulars, SuppressionKey};
use crate::dialog::CodeKey;
use crate::listeners::Listeners;
use crate::store::{self, Migrated, Store};
use crate::texts::{Program, Texts};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

fn failed(error: &sqlx::Error) -> StartError {
    StartError::Database(store::explain(error))
}

/// Opens the configured database at this version; makes it, if it is not there. Says how many migrations that took.
pub(crate) async fn make_store(config: &Config) -> Result<(Store, Migrated), StartError> {
    let store = connect(config).await?;
    let migrated = up_to_date(config, &store).await?;
    Ok((store, migrated))
}

/// Opens the configured database at this version, for a command: one that was never made stays so.
pub(crate) async fn open_store(config: &Config) -> Result<Store, StartError> {
    let store = connect(config).await?;
    if !store.is_made().await.map_err(|error| failed(&error))? {
        return Err(StartError::Empty);
    }
    up_to_date(config, &store).await?;
    Ok(store)
}

async fn connect(config: &Config) -> Result<Store, StartError> {
    Store::open(&config.database, config.max_connections).await.map_err(|error| failed(&error))
}

async fn up_to_date(config: &Config, store: &Store) -> Result<Migrated, StartError> {
    let migrated = store.migrate().await.map_err(|error| StartError::Database(error.to_string()))?;
    accounts::renew_keys(store).await.map_err(|error| failed(&error))?;
    let mark = secret_mark(config);
    if store.secret_mark(&mark).await.map_err(|error| failed(&error))? != mark {
        return Err(StartError::ForeignSecret);
    }
    Ok(migrated)
}

/// What a database keeps of the secret that it goes with. No address has this hash, so it gives nothing away.
fn secret_mark(config: &Config) -> String {
    SuppressionKey::new(config.secret.expose().as_bytes()).hash("")
}

/// Whether a server would take `store` with the configured secret. Changes nothing.
pub(crate) async fn check_secret(config: &Config, store: &Store) -> Result<(), StartError> {
    match store.kept_secret_mark().await.map_err(|error| failed(&error))? {
        Some(mark) if mark != secret_mark(config) => Err(StartError::ForeignSecret),
        _ => Ok(()),
    }
}

/// What we say, in the organisation's name.
pub(crate) fn texts(config: &Config) -> Result<Texts, StartError> {
    let cap = config.daily_cap_per_person;
    let program = Program {
        organisation: config.organisation.clone(),
        support: config.support_contact.clone().unwrap_or_default(),
        frequency: if cap == 1 { "1 msg/day at most".to_owned() } else { format!("Up to {cap} msgs/day") },
        messages_a_day: cap,
    };
    let texts = Texts::load(&program).map_err(|error| StartError::Other(format!("templates: {error}")))?;
    if !texts.locales().contains(&config.default_locale) {
        let known = texts.locales().join(", ");
        let problem = format!("must be one of {known}");
        return Err(ConfigError::new("TIDINGS_DEFAULT_LOCALE", problem).into());
    }
    Ok(texts)
}

/// The clock of commands: in the demo, the one that its server's visitors have moved.
pub(crate) async fn clock(config: &Config, store: &Store) -> Result<Clock, StartError> {
    if config.twilio.is_some() {
        return Ok(Clock::system());
    }
    store.demo_clock().await.map_err(|error| failed(&error))
}

/// Everything conversations are held with, for a command.
pub(crate) async fn open_inbox(config: &Config) -> Result<Inbox, StartError> {
    let store = open_store(config).await?;
    let clock = clock(config, &store).await?;
    inbox(config, clock, store, texts(config)?).await
}

/// Everything conversations are held with, for the server and for commands.
pub(crate) async fn inbox(
    config: &Config,
    clock: Clock,
    store: Store,
    texts: Texts,
) -> Result<Inbox, StartError> {
    let ids = store.new_ids().await.map_err(|error| failed(&error))?;
    let secret = config.secret.expose().as_bytes();
    let listeners = Listeners::default();
    listeners.refresh(&store).await.map_err(|error| failed(&error))?;
    texts.refresh(&store).await.map_err(|error| failed(&error))?;
    Ok(Inbox {
        store,
        clock,
        ids: Arc::new(ids),
        texts: Arc::new(texts),
        code_key: CodeKey::new(&[b"code:", secret].concat()),
        suppression_key: SuppressionKey::new(secret),
        regulars: Regulars::default(),
        taken_anew: AtomicBool::default(),
        listeners: Arc::new(listeners),
        tips_planned: Arc::default(),
        settings: conversation::Settings {
            twilio_answers: config.twilio_answers,
            default_locale: config.default_locale.clone(),
            default_time_zone: config.default_time_zone.clone(),
            tip_time: config.tip_time,
            settle_after: config.settle_after,
        },
    })
}
