//! Erasing people who ask for it.
//!
//! At once: their name, state, ledger, the number in accounts, and all messages but the exchange in
//! which they asked, which a repeated webhook may still ask for. After [`LINGER`]: the rest, number included. What stays is
//! a keyed hash that keeps imports from writing to them, and the limits on their codes; for two days also
//! when it was, because Twilio's list still has their texts.

use super::{Inbox, SuppressionKey};
use crate::dialog::{Consent, Guard, Person};
use crate::store::{Store, Tx};
use jiff::{SignedDuration, Timestamp};

/// How long the last exchange stays.
const LINGER: SignedDuration = SignedDuration::from_hours(1);
/// Longer than anybody looks for missed texts in Twilio's list.
const LISTED: SignedDuration = SignedDuration::from_hours(48);

impl Inbox {
    pub(super) async fn suppress(
        &self,
        tx: &mut Tx,
        address: &str,
        person: &Person,
        now: Timestamp,
    ) -> sqlx::Result<()> {
        let guard =
            serde_json::to_string(&person.guard).map_err(|error| sqlx::Error::Encode(error.into()))?;
        let hash = self.suppression_key.hash(address);
        tx.note_erasure(&hash, now.as_millisecond()).await?;
        tx.suppress(&hash, &guard, now.as_millisecond()).await
    }

    /// Accounts lose the numbers of those who were erased. The contacts must be locked.
    pub(super) async fn take_off_accounts(
        &self,
        tx: &mut Tx,
        addresses: &[&str],
        now: Timestamp,
    ) -> sqlx::Result<()> {
        if addresses.is_empty() { Ok(()) } else { tx.take_off_accounts(addresses, &self.ids, now).await }
    }
}

/// Who writes when a number is seen for the first time, or comes back after it was erased.
pub(super) fn person_after(suppressed_guard: Option<&str>) -> sqlx::Result<Person> {
    let Some(guard) = suppressed_guard else { return Ok(Person::default()) };
    let guard: Guard = serde_json::from_str(guard).map_err(|error| sqlx::Error::Decode(error.into()))?;
    Ok(Person { consent: Consent::Withdrawn, guard, ..Person::default() })
}

/// Removes what is left of people who were erased more than an hour ago; returns how many.
///
/// # Errors
/// The database did not answer.
pub async fn purge_erased(store: &Store, key: &SuppressionKey, now: Timestamp) -> sqlx::Result<usize> {
    store.forget_erasures((now - LISTED).as_millisecond()).await?;
    let until = (now - LINGER).as_millisecond();
    let mut count = 0;
    for row in store.erased_contacts(until).await? {
        let mut tx = store.begin().await?;
        let Some(person) = tx.purge(row.id, until).await? else { continue };
        let person: Person =
            serde_json::from_str(&person).map_err(|error| sqlx::Error::Decode(error.into()))?;
        let guard =
            serde_json::to_string(&person.guard).map_err(|error| sqlx::Error::Encode(error.into()))?;
        tx.suppress(&key.hash(&row.address), &guard, now.as_millisecond()).await?;
        tx.commit().await?;
        count += 1;
    }
    Ok(count)
}
