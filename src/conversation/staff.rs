//! What staff do about people: consent with a reason, erasure, answers. The same locks in the same
//! order as for texts, the same step, the same rows.

use super::announce::events_of;
use super::rows::change;
use super::{Inbox, Queued};
use crate::dialog::{Agreed, Event, Person, StaffAct, Turn};
use crate::store::{LedgerEntry, SpeakerRow, Tx};
use jiff::Timestamp;
use std::collections::HashMap;

/// Who acts, and why.
#[derive(Clone, Copy, Debug)]
pub struct Note<'a> {
    /// Who, as the audit log names them.
    pub actor: &'a str,
    /// Why.
    pub reason: Option<&'a str>,
    /// Where the person's own agreement is on record.
    pub evidence: Option<&'a str>,
}

/// Why staff could not do something.
#[derive(Debug, thiserror::Error)]
pub enum StaffError {
    /// Nobody has this number, or they were erased.
    #[error("no contact has this number")]
    NotFound,
    /// They opted out themselves, and nothing says that they agreed anew.
    #[error("this person's opt-out is their own; name the evidence that they agreed anew")]
    OwnWord,
    /// They opted out.
    #[error("this person has opted out")]
    OptedOut,
    /// The database.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

/// A person, moved.
struct Moved {
    row: SpeakerRow,
    before: Person,
    turn: Turn,
}

impl Inbox {
    /// Opts the person at `address` in; false if they were. What they said themselves ends only with
    /// evidence that they agreed anew.
    ///
    /// # Errors
    /// Not found, their own word, or the database did not answer.
    pub async fn opt_in(&self, address: &str, note: Note<'_>) -> Result<bool, StaffError> {
        let mut tx = self.store.begin().await?;
        let row = known(&mut tx, address).await?;
        let last = tx.last_withdrawal(row.id).await?;
        let consent = person(&row)?.consent;
        let agreed = Agreed::check(consent, last.as_deref(), note.evidence.is_some());
        let act = StaffAct::OptIn(agreed.ok_or(StaffError::OwnWord)?);
        let changed = self.act(&mut tx, vec![row], act, note).await? > 0;
        tx.commit().await?;
        Ok(changed)
    }

    /// Opts these addresses out in one transaction, by hand or because a list says so; returns how many
    /// were not yet. With `dry_run` it is the same, rolled back. What was queued for them is refused when
    /// its turn comes, as after STOP. Numbers that were erased are suppressed already and stay unknown.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn opt_out(
        &self,
        addresses: &[String],
        listed: bool,
        note: Note<'_>,
        dry_run: bool,
    ) -> sqlx::Result<usize> {
        let mut tx = self.store.begin().await?;
        let hashes: Vec<String> =
            addresses.iter().map(|address| self.suppression_key.hash(address)).collect();
        let suppressed: HashMap<String, String> = tx.suppressions(&hashes).await?.into_iter().collect();
        let wanted = addresses.iter().zip(&hashes).filter(|(_, hash)| !suppressed.contains_key(*hash));
        let wanted: Vec<String> = wanted.map(|(address, _)| address.clone()).collect();
        let rows = self.contacts(&mut tx, wanted).await?;
        let count = self.act(&mut tx, rows, StaffAct::OptOut { listed }, note).await?;
        if !dry_run {
            tx.commit().await?;
        }
        Ok(count)
    }

    /// Erases the person at `address` as their own FORGET ME would: what stays is a keyed hash of the
    /// number, which keeps lists from writing to them.
    ///
    /// # Errors
    /// Not found, or the database did not answer.
    pub async fn erase_person(&self, address: &str, note: Note<'_>) -> Result<(), StaffError> {
        let mut tx = self.store.begin().await?;
        let row = known(&mut tx, address).await?;
        self.act(&mut tx, vec![row], StaffAct::Erase, note).await?;
        Ok(tx.commit().await?)
    }

    /// Notes that staff answer the person, in the transaction that queues `answer`.
    ///
    /// # Errors
    /// Not found, opted out, or the database did not answer.
    pub async fn answer_person(
        &self,
        tx: &mut Tx,
        address: &str,
        (id, answer): (i64, &Queued<'_>),
        note: Note<'_>,
    ) -> Result<(), StaffError> {
        let row = known(tx, address).await?;
        if person(&row)?.consent == crate::dialog::Consent::Withdrawn {
            return Err(StaffError::OptedOut);
        }
        self.act(tx, vec![row], StaffAct::Answered, note).await?;
        tx.save_slice(&[answer.row(id, self.clock.now())], &[]).await?;
        Ok(())
    }

    /// Moves people by one act; returns how many of them opted in or out.
    async fn act(
        &self,
        tx: &mut Tx,
        rows: Vec<SpeakerRow>,
        act: StaffAct,
        note: Note<'_>,
    ) -> sqlx::Result<usize> {
        let now = self.clock.now();
        let mut moved = Vec::with_capacity(rows.len());
        for row in rows {
            let before = person(&row)?;
            let turn = self.moved(&row, &before, &Event::Staff(act), now);
            if turn.person != before || turn.erase {
                moved.push(Moved { row, before, turn });
            }
        }
        for one in moved.iter_mut().filter(|one| one.turn.erase) {
            self.forget(tx, (one.row.id, &one.row.address), &one.turn.person, now).await?;
            one.row.erased_at = Some(now.as_millisecond());
        }
        let changes: sqlx::Result<Vec<_>> =
            moved.iter().map(|one| change(&one.row, &one.turn.person)).collect();
        let lines: Vec<LedgerEntry> = moved.iter().filter_map(|one| self.line(one, note, now)).collect();
        tx.save_contacts(&changes?).await?;
        tx.add_consent(&lines).await?;
        let erased = moved.iter().filter(|one| one.turn.erase).map(|one| one.row.address.as_str());
        self.take_off_accounts(tx, &erased.collect::<Vec<_>>(), now).await?;
        if self.listeners.any() {
            let key = &self.suppression_key;
            let events = moved.iter().flat_map(|one| events_of(&one.before, &one.turn, &one.row, key));
            self.announce(tx, events.collect()).await?;
        }
        Ok(lines.len())
    }

    /// The line of the ledger, unless nothing changed or everything goes.
    fn line<'a>(&self, one: &Moved, note: Note<'a>, now: Timestamp) -> Option<LedgerEntry<'a>> {
        let consent = one.turn.consent.filter(|_| !one.turn.erase)?;
        Some(LedgerEntry {
            id: self.ids.next(now),
            contact_id: one.row.id,
            given: consent.given,
            how: consent.how,
            actor: note.actor,
            body: note.reason.map(str::to_owned),
            message_id: None,
            evidence: note.evidence,
            created_at: now.as_millisecond(),
        })
    }
}

/// The contact at `address`, locked, unless it was erased.
async fn known(tx: &mut Tx, address: &str) -> Result<SpeakerRow, StaffError> {
    let row = tx.contacts(&[address]).await?.pop();
    row.filter(|row| row.erased_at.is_none()).ok_or(StaffError::NotFound)
}

fn person(row: &SpeakerRow) -> sqlx::Result<Person> {
    serde_json::from_str(&row.person).map_err(|error| sqlx::Error::Decode(error.into()))
}
