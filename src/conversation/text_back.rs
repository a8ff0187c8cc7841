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
        let senders: Vec<String> =
            texts.filter(|(_, body)| digits_of(body).is_some()).map(|(from, _)| from).collect();
        if senders.is_empty() {
            return Ok(Self::default());
        }
        let addresses: Vec<&str> = senders.iter().map(String::as_str).collect();
        let mut open: HashMap<String, Vec<Claimed>> = HashMap::new();
        for row in tx.asked(&addresses, (now - MEMORY).as_millisecond()).await? {
            let proof =
                serde_json::from_str(&row.proof).map_err(|error| sqlx::Error::Decode(error.into()))?;
            open.entry(row.address.clone()).or_default().push(Claimed { row, proof, changed: false });
        }
        let addresses: Vec<&str> = open.keys().map(String::as_str).collect();
        let guards = if open.is_empty() { None } else { Some(Guards::load(tx, key, &addresses).await?) };
        Ok(Self { open, guards })
    }

    /// The turn of a person whose text answers a challenge; `None` if it is the conversation's.
    pub(super) fn take(&mut self, person: &Person, body: &str, ground: &Ground) -> Option<Turn> {
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
        for (claimed, Claim { proof, guard }) in asked.iter_mut().zip(claims) {
            claimed.changed |= claimed.proof != proof;
            guards.put_own(ground.subject, claimed.row.account_id, guard);
            if proof.is_proven() {
                guards.proven(ground.subject);
            }
            claimed.proof = proof;
        }
        turn
    }

    /// Writes what became of the challenges. A number whose claim another number holds stays unproven.
    pub(super) async fn save(&self, tx: &mut Tx, inbox: &Inbox, now: Timestamp) -> sqlx::Result<()> {
        for claimed in self.open.values().flatten().filter(|claimed| claimed.changed) {
            if claimed.proof.is_proven() && !tx.take_over(&claimed.row, &inbox.ids, now).await? {
                continue;
            }
            tx.save_proof(&change_of(&claimed.row, &claimed.proof)?, now.as_millisecond()).await?;
        }
        match &self.guards {
            Some(guards) => guards.save(tx, now).await,
            None => Ok(()),
        }
    }
}
