//! What is done on the command line is in the audit log, as what is done at the API is.

use crate::audit::{AuditKey, Entry};
use crate::config::Config;
use crate::conversation::Inbox;
use crate::store::Tx;
use jiff::Timestamp;
use std::fs;
use std::os::unix::fs::MetadataExt as _;

/// From how many digits in a row on something may be a phone number.
const DIGITS_OF_A_NUMBER: usize = 7;

/// Records an act in the transaction that does it. `subject` must hold no number in full and no secret.
pub(super) async fn record(
    tx: &mut Tx,
    config: &Config,
    (id, now): (i64, Timestamp),
    action: &str,
    subject: String,
) -> sqlx::Result<()> {
    let key = AuditKey::new(config.secret.expose().as_bytes());
    let entry = Entry { id, at: now.as_millisecond(), actor: actor(), action: action.to_owned(), subject };
    tx.begin_audit(&key).await?;
    tx.add_audit(&key, entry).await
}

/// Records an act that takes many transactions, before the first one: killed half-way, it is known as well.
pub(super) async fn record_before(
    inbox: &Inbox,
    config: &Config,
    action: &str,
    subject: String,
) -> sqlx::Result<()> {
    let now = inbox.clock.now();
    let mut tx = inbox.store.begin().await?;
    record(&mut tx, config, (inbox.ids.next(now), now), action, subject).await?;
    tx.commit().await
}

/// A file's name, or whatever people chose, without what may be a number.
pub(super) fn without_numbers(text: &str) -> String {
    let is_digit = |one: char| one.is_ascii_digit();
    let mut rest = text;
    let mut shown = String::with_capacity(text.len());
    while let Some(at) = rest.find(is_digit) {
        let end = rest[at..].find(|one| !is_digit(one)).map_or(rest.len(), |length| at + length);
        shown.push_str(&rest[..at]);
        shown.push_str(if end - at < DIGITS_OF_A_NUMBER { &rest[at..end] } else { "…" });
        rest = &rest[end..];
    }
    shown + rest
}

/// Who acts: the system's user, if it has a name.
fn actor() -> String {
    user().map_or_else(|| "command line".to_owned(), |name| format!("command line ({name})"))
}

/// The name of the user that this process runs as; the environment could be made to say anything.
fn user() -> Option<String> {
    let id = fs::metadata("/proc/self").ok()?.uid().to_string();
    let users = fs::read_to_string("/etc/passwd").ok()?;
    let mut users = users.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let found = users.find(|cells| cells.get(2) == Some(&id.as_str()))?;
    found.first().map(|name| (*name).to_owned())
}

#[test]
fn what_may_be_a_number_is_left_out() {
    assert_eq!(without_numbers("people-2026.csv"), "people-2026.csv");
    assert_eq!(without_numbers("+14155550101 and 9779807969278é.csv"), "+… and …é.csv");
    assert_eq!(without_numbers(""), "");
}
