//! The contacts behind addresses, added where they are new.

use super::Inbox;
use super::erase::person_after;
use crate::phone::{Address, likely_zone};
use crate::store::{NewContact, SpeakerRow, Tx};
use jiff::Timestamp;
use std::collections::{HashMap, HashSet};

impl Inbox {
    /// Loads and locks the contacts of `addresses`, and adds those that are new. Whoever was erased
    /// stays opted out and hidden until they write to us.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn contacts(&self, tx: &mut Tx, mut addresses: Vec<String>) -> sqlx::Result<Vec<SpeakerRow>> {
        let wanted = each_once(&mut addresses);
        let rows = tx.contacts(&wanted).await?;
        self.with_new(tx, &wanted, rows).await
    }

    /// Begins a transaction with [`Inbox::contacts`].
    pub(super) async fn begin_with_contacts(
        &self,
        mut addresses: Vec<String>,
    ) -> sqlx::Result<(Tx, Vec<SpeakerRow>)> {
        let wanted = each_once(&mut addresses);
        let (mut tx, rows) = self.store.begin_with_contacts(&wanted).await?;
        let rows = self.with_new(&mut tx, &wanted, rows).await?;
        Ok((tx, rows))
    }

    async fn with_new(
        &self,
        tx: &mut Tx,
        wanted: &[&str],
        mut rows: Vec<SpeakerRow>,
    ) -> sqlx::Result<Vec<SpeakerRow>> {
        if rows.len() < wanted.len() {
            let known: HashSet<&str> = rows.iter().map(|row| row.address.as_str()).collect();
            let new: Vec<&str> = wanted.iter().copied().filter(|address| !known.contains(address)).collect();
            rows.extend(self.add_contacts(tx, &new, self.clock.now()).await?);
        }
        Ok(rows)
    }

    pub(super) async fn add_contacts(
        &self,
        tx: &mut Tx,
        addresses: &[&str],
        now: Timestamp,
    ) -> sqlx::Result<Vec<SpeakerRow>> {
        let hashes: Vec<String> =
            addresses.iter().map(|address| self.suppression_key.hash(address)).collect();
        let suppressed: HashMap<String, String> = tx.suppressions(&hashes).await?.into_iter().collect();
        let mut contacts = Vec::with_capacity(addresses.len());
        for (address, hash) in addresses.iter().zip(&hashes) {
            let person = person_after(suppressed.get(hash).map(String::as_str))?;
            let (time_zone, time_zone_source) = self.zone_of(address);
            contacts.push(NewContact {
                id: self.ids.next(now),
                address,
                state: person.state.as_str(),
                consent: person.consent.as_str(),
                person: serde_json::to_string(&person).map_err(|error| sqlx::Error::Encode(error.into()))?,
                locale: &self.settings.default_locale,
                time_zone,
                time_zone_source,
                created_at: now.as_millisecond(),
                erased_at: suppressed.contains_key(hash).then(|| now.as_millisecond()),
            });
        }
        tx.add_contacts(&contacts).await
    }

    /// The zone of a number of which we know nothing else, and where we have it from.
    #[must_use]
    pub fn zone_of(&self, address: &str) -> (&str, &'static str) {
        let house = self.settings.default_time_zone.as_str();
        Address::parse(address).map_or((house, "default"), |address| likely_zone(&address, house))
    }
}

fn each_once(addresses: &mut Vec<String>) -> Vec<&str> {
    addresses.sort_unstable();
    addresses.dedup();
    addresses.iter().map(String::as_str).collect()
}
