//! What the settings say to people.

use super::{Finding, State};
use crate::app;
use crate::config::Config;

/// What only shows once the texts are read.
pub(super) fn settings(config: &Config) -> Finding {
    match app::texts(config) {
        Ok(_) => Finding::ok("settings", "all make sense"),
        Err(error) => Finding::bad("settings", State::Failed, error.to_string(), "correct this setting"),
    }
}

/// People who are written to for real should know by whom.
pub(super) fn nameless(config: &Config) -> Option<Finding> {
    let found =
        format!("TIDINGS_ORGANISATION is not set: people are written to as “{}”", config.organisation);
    let advice = "set it to the name that people know you by";
    config.lacks_name().then(|| Finding::bad("name", State::Warning, found, advice))
}

/// Laws on texts let people sleep.
pub(super) fn sleepless(config: &Config) -> Option<Finding> {
    let found = "TIDINGS_QUIET_HOURS leaves some of the night (21:00-08:00) open for what nobody asked for";
    let advice =
        "let them begin at 21:00 at the latest and end at 08:00 at the earliest, or be sure that you may";
    config.quiet_hours.leave_night().then(|| Finding::bad("quiet hours", State::Warning, found, advice))
}
