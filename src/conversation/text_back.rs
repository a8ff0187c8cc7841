//! Codes of accounts, texted back to our number.

use super::rows::change_of;
use super::{Guards, Inbox, SuppressionKey};
use crate::dialog::{Claim, Ground, Person, Proof, Turn, digits_of, text_back};
use crate::store::{NumberRow, Tx};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// So long after its end a challenge still explains the six digits that come.
const MEMORY: SignedDuration = SignedDuration::from_hours(1);

/// The challenges that texts of a slice may answer, by address.
#[derive(Debug, Default)]
pub(super) struct TextBack {
    open: HashMap<String, Vec<Claimed>>,
    /// There where any is open.
    guards: Option<Guards>,
}

#[derive(Debug)]
struct Claimed {
    row: NumberRow,
    proof: Proof,
    changed: bool,
    /// Whether another account proved the number last: then it changes hands by this.
    is_anothers: bool,
}

/// Those who sent six digits, which may answer a challenge.
pub(super) fn senders_of_digits<'t>(texts: impl Iterator<Item = (String, &'t str)>) -> Vec<String> {
    texts.filter(|(_, body)| digits_of(body).is_some()).map(|(from, _)| from).collect()
}

/// Challenges that end after this may be answered, in milliseconds since 1970.
pub(super) fn asked_after(now: Timestamp) -> i64 {
    (now - MEMORY).as_millisecond()
}

impl TextBack {
    /// Loads the challenges of those who sent six digits. Nobody else costs a question; the contacts
    /// must be locked.
    pub(super) async fn load<'t>(
        tx: &mut Tx,
        key: &SuppressionKey,
        texts: impl Iterator<Item = (String, &'t str)>,
        now: Timestamp,
    ) -> sqlx::Result<Self> {
        let senders = senders_of_digits(texts);
        if senders.is_empty() {
            return Ok(Self::default());
        }
        let addresses: Vec<&str> = senders.iter().map(String::as_str).collect();
        let mut open: HashMap<String, Vec<Claimed>> = HashMap::new();
        let asked = tx.asked(&addresses, asked_after(now)).await?;
        if asked.is_empty() {
            return Ok(Self::default());
        }
        let proven_by: HashMap<String, i64> = tx.proven_by(&addresses).await?.into_iter().collect();
        for row in asked {
            let proof =
                serde_json::from_str(&row.proof).map_err(|error| sqlx::Error::Decode(error.into()))?;
            let mut is_anothers = proven_by.get(&row.address).is_some_and(|by| *by != row.account_id);
            if is_anothers {
                // What only looks like another's number stays unproven: nothing changes hands.
                let holder = tx.holder(&row.claim).await?;
                is_anothers = holder.is_none_or(|holder| holder.address == row.address);
            }
            let claimed = Claimed { row, proof, changed: false, is_anothers };
            open.entry(claimed.row.address.clone()).or_default().push(claimed);
        }
        let addresses: Vec<&str> = open.keys().map(String::as_str).collect();
        let guards = if open.is_empty() { None } else { Some(Guards::load(tx, key, &addresses).await?) };
        Ok(Self { open, guards })
    }

    /// The turn of a person whose text answers a challenge, and whether their number changes hands by it;
    /// `None` if it is the conversation's.
    pub(super) fn take(&mut self, person: &Person, body: &str, ground: &Ground) -> Option<(Turn, bool)> {
        let claimed = self.open.get_mut(ground.subject)?;
        let mut asked: Vec<&mut Claimed> =
            claimed.iter_mut().filter(|claimed| !claimed.proof.is_proven()).collect();
        let guards = self.guards.as_mut()?;
        let claim = |claimed: &&mut Claimed| Claim {
            proof: claimed.proof.clone(),
            guard: guards.own(ground.subject, claimed.row.account_id),
        };
        let mut claims: Vec<Claim> = asked.iter().map(claim).collect();
        let turn = text_back(person, &mut claims, body, ground);
        let mut passes_on = false;
        for (claimed, Claim { proof, guard }) in asked.iter_mut().zip(claims) {
            claimed.changed |= claimed.proof != proof;
            guards.put_own(ground.subject, claimed.row.account_id, guard);
            if proof.is_proven() {
                guards.proven(ground.subject);
            }
            claimed.proof = proof;
            passes_on |= claimed.is_anothers && claimed.proof.is_proven();
        }
        turn.map(|turn| (turn, passes_on))
    }

    /// Whoever asks to be erased has no number to prove any more.
    pub(super) fn forget(&mut self, address: &str) {
        self.open.remove(address);
    }

    /// Whether there is nothing to save.
    pub(super) fn is_idle(&self) -> bool {
        self.open.is_empty() && self.guards.is_none()
    }

    /// Writes what became of the challenges. A number whose claim another number holds stays unproven.
    pub(super) async fn save(&self, tx: &mut Tx, inbox: &Inbox, now: Timestamp) -> sqlx::Result<()> {
        for claimed in self.open.values().flatten().filter(|claimed| claimed.changed) {
            if claimed.proof.is_proven() && !tx.take_over(&claimed.row, &inbox.ids, now).await? {
                continue;
            }
            tx.save_proof(&change_of(&claimed.row, &claimed.proof)?, now.as_millisecond()).await?;
            if claimed.proof.is_proven() {
                inbox.proven(tx, &claimed.row.address, claimed.row.account_id, now).await?;
            }
        }
        match &self.guards {
            Some(guards) => guards.save(tx, now).await,
            None => Ok(()),
        }
    }
}
