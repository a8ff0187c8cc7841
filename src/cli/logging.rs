//! The log: to standard error, as text or JSON, without numbers, codes or texts.

use crate::config::{ConfigError, Values};
use std::io::IsTerminal as _;
use tracing_subscriber::EnvFilter;

/// Starts logging as the settings say.
///
/// # Errors
/// A filter that can't be read.
pub fn start(values: &Values) -> Result<(), ConfigError> {
    let filter = values.get("TIDINGS_LOG").unwrap_or("info");
    // sqlx tells statements at debug, which is more than a log should hold; ask for it by name.
    let filter = EnvFilter::try_new(format!("sqlx=warn,hyper=warn,{filter}"))
        .map_err(|_| ConfigError::new("TIDINGS_LOG", "must be a filter such as info or tidings=debug"))?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match values.get("TIDINGS_LOG_FORMAT") {
        Some(format) if format.eq_ignore_ascii_case("json") => builder.json().try_init(),
        _ => builder.with_ansi(std::io::stderr().is_terminal()).try_init(),
    };
    // Only a test that starts two servers in one process comes here twice.
    drop(started);
    Ok(())
}
