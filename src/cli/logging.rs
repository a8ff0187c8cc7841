//! The log: to standard error, as text or JSON, without numbers, codes or texts.

use crate::config::{ConfigError, Values, log_filter};
use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::{IsTerminal as _, Write as _};
use std::panic::PanicHookInfo;

/// Starts logging as the settings say.
///
/// # Errors
/// A filter that can't be read.
pub fn start(values: &Values) -> Result<(), ConfigError> {
    let filter = log_filter(values)?;
    // What can't be written (a full disk, a pipe that was closed) is lost; said once more it would be a panic.
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .log_internal_errors(false);
    let started = match values.get("TIDINGS_LOG_FORMAT") {
        Some(format) if format.eq_ignore_ascii_case("json") => builder.json().try_init(),
        _ => builder.with_ansi(std::io::stderr().is_terminal()).try_init(),
    };
    // Only a test that starts two servers in one process comes here twice.
    drop(started);
    std::panic::set_hook(Box::new(tell_panic));
    Ok(())
}

/// Says where the program made a mistake, and with `RUST_BACKTRACE=1` how it came there. Of its words only those that
/// surely stand in the program: others may hold what somebody texted. It never panics itself: that would end the program.
fn tell_panic(panic: &PanicHookInfo<'_>) {
    let at = panic.location().map(ToString::to_string).unwrap_or_default();
    let words = panic.payload().downcast_ref::<&'static str>().copied().unwrap_or("(not told here)");
    tracing::error!(at, words, "the program made a mistake (a panic)");
    if !tracing::enabled!(tracing::Level::ERROR) {
        let _ = writeln!(std::io::stderr(), "the program made a mistake (a panic) at {at}: {words}");
    }
    let way = Backtrace::capture();
    if way.status() == BacktraceStatus::Captured {
        tracing::error!("the way there:\n{way}");
    }
}
