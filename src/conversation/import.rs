//! Opting numbers out by a list.

use super::SuppressionKey;
use super::desk::change;
use crate::dialog::{Consent, Person};
use crate::ids::Ids;
use crate::phone::Phone;
use crate::store::{LedgerEntry, NewContact, SpeakerRow, Store};
use jiff::Timestamp;
use std::collections::HashMap;

/// What an import needs to know.
#[derive(Debug)]
pub struct OptOutImport {
    /// Ids for what is added.
    pub ids: Ids,
    /// Makes hashes of erased numbers.
    pub suppression_key: SuppressionKey,
    /// Locale of contacts that are added.
    pub locale: String,
    /// Zone of contacts that are added.
    pub time_zone: String,
}

impl OptOutImport {
    /// Opts a slice of numbers out in one transaction; returns how many were not yet. With
    /// `dry_run` it only counts. Numbers that were erased are suppressed already and stay unknown.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn apply(
        &self,
        store: &Store,
        phones: &[Phone],
        now: Timestamp,
        dry_run: bool,
    ) -> sqlx::Result<usize> {
        let mut addresses: Vec<String> = phones.iter().map(Phone::to_string).collect();
        addresses.sort_unstable();
        let mut tx = store.begin().await?;
        let hashes: Vec<String> =
            addresses.iter().map(|address| self.suppression_key.hash(address)).collect();
        let suppressed: HashMap<String, String> = tx.suppressions(&hashes).await?.into_iter().collect();
        let wanted: Vec<&str> = addresses
            .iter()
            .zip(&hashes)
            .filter(|(_, hash)| !suppressed.contains_key(*hash))
            .map(|(address, _)| address.as_str())
            .collect();
        let blank =
            serde_json::to_string(&Person::default()).map_err(|error| sqlx::Error::Encode(error.into()))?;
        let new: Vec<NewContact> =
            wanted.iter().map(|address| self.new_contact(address, &blank, now)).collect();
        tx.add_contacts(&new).await?;
        let rows = tx.contacts(&wanted).await?;
        let mut withdrawn = Vec::with_capacity(rows.len());
        for row in rows {
            let person: Person =
                serde_json::from_str(&row.person).map_err(|error| sqlx::Error::Decode(error.into()))?;
            if person.consent != Consent::Withdrawn {
                withdrawn.push((row, Person { consent: Consent::Withdrawn, ..person }));
            }
        }
        let changes: sqlx::Result<Vec<_>> =
            withdrawn.iter().map(|(row, person)| change(row, person)).collect();
        let changes = changes?;
        let entry = |(row, _): &(SpeakerRow, Person)| LedgerEntry {
            id: self.ids.next(now),
            contact_id: row.id,
            given: false,
            how: "import",
            actor: "operator",
            body: None,
            message_id: None,
            created_at: now.as_millisecond(),
        };
        let entries: Vec<LedgerEntry> = withdrawn.iter().map(entry).collect();
        tx.save_contacts(&changes).await?;
        tx.add_consent(&entries).await?;
        let count = changes.len();
        // A dry run is the same, rolled back.
        if !dry_run {
            tx.commit().await?;
        }
        Ok(count)
    }

    fn new_contact<'a>(&'a self, address: &'a str, person: &str, now: Timestamp) -> NewContact<'a> {
        NewContact {
            id: self.ids.next(now),
            address,
            state: "stranger",
            consent: Consent::Unasked.as_str(),
            person: person.to_owned(),
            locale: &self.locale,
            time_zone: &self.time_zone,
            time_zone_source: "default",
            created_at: now.as_millisecond(),
            erased_at: None,
        }
    }
}
