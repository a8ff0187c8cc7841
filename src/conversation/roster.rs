//! Lists of people, a slice at a time.

use super::Inbox;
use crate::dialog::{Name, Person};
use crate::roster::{Change, Entry, Fault, Known, Verdict, decide};
use crate::store::{LedgerEntry, RosterChange, RosterRow, SpeakerRow, Tx};
use jiff::Timestamp;
use std::collections::{HashMap, HashSet};

/// What came of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// The number was new.
    Created,
    /// Something is different now.
    Updated,
    /// It said nothing new.
    Unchanged,
    /// It could not be applied.
    Refused,
}

impl Outcome {
    /// Its name in results.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::Refused => "refused",
        }
    }
}

/// What came of a line, and why not more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// What came of it.
    pub outcome: Outcome,
    /// The field and the reason, where something was not done.
    pub reason: Option<Fault>,
}

/// What is to be written at the end of a slice.
#[derive(Default)]
struct Writes {
    changes: Vec<(i64, Change)>,
    ledger: Vec<i64>,
}

impl Inbox {
    /// Applies lines of the list `source`, of which no two have the same number, in one transaction;
    /// with `dry_run` it is the same, rolled back. Nobody who opted out or was erased is touched.
    ///
    /// # Errors
    /// The database did not answer; then nothing was changed.
    pub async fn import_roster(
        &self,
        entries: &[Entry],
        source: &str,
        dry_run: bool,
    ) -> sqlx::Result<Vec<Imported>> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let (rows, new) = self.roster_contacts(&mut tx, entries).await?;
        let ids: Vec<i64> = rows.values().map(|row| row.id).collect();
        let details: HashMap<i64, RosterRow> =
            tx.roster_details(&ids).await?.into_iter().map(|row| (row.id, row)).collect();
        let mut writes = Writes::default();
        let mut results = Vec::with_capacity(entries.len());
        for entry in entries {
            let address = entry.phone.to_string();
            let known = rows.get(&address).and_then(|row| Some((row, details.get(&row.id)?)));
            results.push(apply(entry, known, new.contains(&address), &mut writes)?);
        }
        if dry_run {
            return Ok(results);
        }
        self.write_roster(&mut tx, &writes, source, now).await?;
        tx.commit().await?;
        Ok(results)
    }

    /// The contacts of `entries` by address, locked, and which of them are new. Numbers that were
    /// erased and are gone are not added.
    async fn roster_contacts(
        &self,
        tx: &mut Tx,
        entries: &[Entry],
    ) -> sqlx::Result<(HashMap<String, SpeakerRow>, HashSet<String>)> {
        let mut addresses: Vec<String> = entries.iter().map(|entry| entry.phone.to_string()).collect();
        addresses.sort_unstable();
        let wanted: Vec<&str> = addresses.iter().map(String::as_str).collect();
        let mut rows = tx.contacts(&wanted).await?;
        let known: HashSet<&str> = rows.iter().map(|row| row.address.as_str()).collect();
        let unknown: Vec<&str> = wanted.iter().copied().filter(|address| !known.contains(address)).collect();
        if unknown.is_empty() {
            return Ok((by_address(rows), HashSet::new()));
        }
        let hashes: Vec<String> = unknown.iter().map(|address| self.suppression_key.hash(address)).collect();
        let suppressed: HashMap<String, String> = tx.suppressions(&hashes).await?.into_iter().collect();
        let new: Vec<&str> = unknown
            .iter()
            .zip(&hashes)
            .filter(|(_, hash)| !suppressed.contains_key(*hash))
            .map(|(address, _)| *address)
            .collect();
        rows.extend(self.add_contacts(tx, &new, self.clock.now()).await?);
        let new = new.into_iter().map(str::to_owned).collect();
        Ok((by_address(rows), new))
    }

    async fn write_roster(
        &self,
        tx: &mut Tx,
        writes: &Writes,
        source: &str,
        now: Timestamp,
    ) -> sqlx::Result<()> {
        let changes: sqlx::Result<Vec<RosterChange>> =
            writes.changes.iter().map(|(id, change)| roster_change(*id, change)).collect();
        let entry = |contact_id: &i64| LedgerEntry {
            id: self.ids.next(now),
            contact_id: *contact_id,
            given: true,
            how: "import",
            actor: "import",
            body: Some(source.to_owned()),
            message_id: None,
            evidence: None,
            created_at: now.as_millisecond(),
        };
        let ledger: Vec<LedgerEntry> = writes.ledger.iter().map(entry).collect();
        tx.save_roster(&changes?).await?;
        tx.add_consent(&ledger).await
    }
}

fn by_address(rows: Vec<SpeakerRow>) -> HashMap<String, SpeakerRow> {
    rows.into_iter().map(|row| (row.address.clone(), row)).collect()
}

fn apply(
    entry: &Entry,
    known: Option<(&SpeakerRow, &RosterRow)>,
    is_new: bool,
    writes: &mut Writes,
) -> sqlx::Result<Imported> {
    let person = match known {
        Some((row, _)) => {
            serde_json::from_str(&row.person).map_err(|error| sqlx::Error::Decode(error.into()))?
        }
        None => Person::default(),
    };
    let verdict = decide(
        entry,
        &Known {
            person: &person,
            locale: known.map_or("", |(row, _)| &row.locale),
            time_zone: known.map_or("", |(_, details)| &details.time_zone),
            time_zone_source: known.map_or("", |(_, details)| &details.time_zone_source),
            // Whoever has no row although all were added was erased.
            erased: known.is_none_or(|(row, _)| row.erased_at.is_some()),
        },
    );
    let changed = if is_new { Outcome::Created } else { Outcome::Updated };
    let (outcome, reason) = match (verdict, known) {
        (Verdict::Change(change), Some((row, _))) => {
            if change.opts_in {
                writes.ledger.push(row.id);
            }
            writes.changes.push((row.id, *change));
            (changed, None)
        }
        (Verdict::Refuse(fault), _) => (Outcome::Refused, Some(fault)),
        (Verdict::Nothing(reason), _) => (if is_new { changed } else { Outcome::Unchanged }, reason),
        (Verdict::Change(_), None) => (Outcome::Refused, None),
    };
    Ok(Imported { outcome, reason })
}

fn roster_change(id: i64, change: &Change) -> sqlx::Result<RosterChange<'_>> {
    Ok(RosterChange {
        id,
        consent: change.person.consent.as_str(),
        name: change.person.name.as_ref().map(Name::as_str),
        person: serde_json::to_string(&change.person).map_err(|error| sqlx::Error::Encode(error.into()))?,
        locale: &change.locale,
        time_zone: &change.time_zone,
        time_zone_source: change.time_zone_source,
    })
}
