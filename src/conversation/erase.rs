//! Erasing people who ask for it.
//!
//! At once: their name, state, ledger, the number in accounts, and all messages but the exchange in
//! which they asked, which a repeated webhook may still ask for. After [`LINGER`]: the rest, number included. What stays is
//! a keyed hash that keeps imports from writing to them, and the limits on their codes; for two days also
//! when it was, because Twilio's list still has their texts, and a keyed hash of each SID of their last ones,
//! because Twilio may be trying to bring one of them again.

use super::{InboundText, Inbox, SuppressionKey};
use crate::dialog::{Consent, Guard, Person};
use crate::sid::Sid;
use crate::store::{Store, Tx};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// How long the last exchange stays.
const LINGER: SignedDuration = SignedDuration::from_hours(1);
/// Twilio tries for minutes to bring a text.
const BROUGHT_AGAIN: SignedDuration = SignedDuration::from_hours(1);
/// Texts of one person in that time of which a repeat is known; who sends more is no person.
const MOST_TEXTS: i64 = 100;
/// Longer than anybody looks for missed texts in Twilio's list.
const LISTED: SignedDuration = SignedDuration::from_hours(48);

impl Inbox {
    /// Removes all that is stored of a person but the contact's own row, and remembers what has to be.
    pub(super) async fn forget(
        &self,
        tx: &mut Tx,
        (contact_id, address): (i64, &str),
        person: &Person,
        at: Timestamp,
    ) -> sqlx::Result<()> {
        self.regulars.forget(std::iter::once(address.to_owned()));
        let since = (self.clock.now() - BROUGHT_AGAIN).as_millisecond();
        for (id, mms) in tx.texts_since(contact_id, since, MOST_TEXTS).await? {
            tx.note_erasure(&self.hash_of(Sid { mms, id }), at.as_millisecond()).await?;
        }
        tx.erase(contact_id).await?;
        let guard =
            serde_json::to_string(&person.guard).map_err(|error| sqlx::Error::Encode(error.into()))?;
        let hash = self.suppression_key.hash(address);
        tx.note_erasure(&hash, at.as_millisecond()).await?;
        tx.suppress(&hash, &guard, at.as_millisecond()).await
    }

    /// Those of `texts` that came before their person was erased.
    pub(super) async fn forgotten(&self, tx: &mut Tx, texts: &[&InboundText]) -> sqlx::Result<Vec<Sid>> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let hashes: HashMap<String, Sid> =
            texts.iter().map(|text| (self.hash_of(text.sid), text.sid)).collect();
        let found = tx.erasures(&hashes.keys().collect::<Vec<_>>()).await?;
        Ok(found.iter().filter_map(|(hash, _)| hashes.get(hash).copied()).collect())
    }

    /// No address looks like a SID, so that the two can stand in one table.
    fn hash_of(&self, sid: Sid) -> String {
        self.suppression_key.hash(&sid.to_string())
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
