//! A number that changes hands: the conversation starts anew, so that whoever has it now hears nothing
//! of whoever had it before. Nothing is removed: staff still read what was, and since when it is over.

use super::Inbox;
use super::rows::change;
use crate::dialog::{Consent, Person};
use crate::events::{Event, EventKind};
use crate::store::{LedgerEntry, SpeakerRow, Tx};
use jiff::Timestamp;

/// How the ledger and webhooks name it.
const HOW: &str = "changed_hands";

impl Inbox {
    /// Starts anew what is said with this number, by SMS and WhatsApp. The contact must be locked.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn pass_on(&self, tx: &mut Tx, address: &str, now: Timestamp) -> sqlx::Result<()> {
        let whatsapp = format!("whatsapp:{address}");
        for mut row in tx.contacts(&[address, &whatsapp]).await? {
            let before: Person =
                serde_json::from_str(&row.person).map_err(|error| sqlx::Error::Decode(error.into()))?;
            let after = before.passed_on();
            row.locale.clone_from(&self.settings.default_locale);
            tx.save_contacts(&[change(&row, &after)?]).await?;
            let refused = tx.pass_on(row.id, self.zone_of(address), now.as_millisecond()).await?;
            self.announce_fates(tx, refused).await?;
            if before.consent == Consent::Given {
                tx.add_consent(&[self.ended_consent(row.id, now)]).await?;
                self.announce(tx, vec![opted_out(&row)]).await?;
            }
        }
        Ok(())
    }

    /// What the earlier holder agreed to does not hold for the new one.
    pub(super) fn ended_consent(&self, contact_id: i64, now: Timestamp) -> LedgerEntry<'static> {
        LedgerEntry {
            id: self.ids.next(now),
            contact_id,
            given: false,
            how: HOW,
            actor: "tidings",
            body: None,
            message_id: None,
            evidence: None,
            created_at: now.as_millisecond(),
        }
    }
}

/// The organisation's own systems must not write to the new holder either.
pub(super) fn opted_out(row: &SpeakerRow) -> Event {
    Event::contact(EventKind::ContactOptedOut, row.id, &row.address, None, Some(HOW))
}
