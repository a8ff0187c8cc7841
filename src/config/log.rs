//! What is logged.

use super::{ConfigError, Values};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// What is logged beside what the setting says: sqlx tells statements at debug, which is more than a log should
/// hold; ask for it by name.
const QUIET: &str = "sqlx=warn,hyper=warn";

/// The filter of the log.
///
/// # Errors
/// It can't be read, or a word in it is no level. The reader of filters would take such a word for the name of
/// a part of the program, and log nothing else.
pub fn log_filter(values: &Values) -> Result<EnvFilter, ConfigError> {
    let setting = values.get("TIDINGS_LOG").unwrap_or("info");
    let parts: Vec<&str> = setting.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
    let right = |part: &&str| part.contains('=') || part.parse::<LevelFilter>().is_ok();
    let filter = EnvFilter::try_new(format!("{QUIET},{}", parts.join(","))).ok();
    let filter = filter.filter(|_| !parts.is_empty() && parts.iter().all(right));
    filter.ok_or_else(|| {
        let levels = "off, error, warn, info, debug or trace";
        ConfigError::new("TIDINGS_LOG", format!("must be {levels}, or a filter such as warn,tidings=debug"))
    })
}
