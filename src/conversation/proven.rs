//! A number that an account has proven: whoever has it is a member from then on, and is greeted.

use super::announce::events_of;
use super::register::welcome;
use super::rows::change;
use super::{Inbox, Queued};
use crate::dialog::{Consent, Event, Name, Person};
use crate::notice::Notice;
use crate::purpose::Purpose;
use crate::store::{LedgerEntry, NewMessage, SpeakerRow, Tx};
use jiff::Timestamp;

impl Inbox {
    /// Makes a member of whoever has this number, which their account has just proven, notes what they
    /// agreed to, and queues the welcome: once, for it goes with becoming a member. Nothing is said to who
    /// opted out, and nothing at all is done about who was erased: they come back by texting START only.
    /// The contact must be locked.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn proven(
        &self,
        tx: &mut Tx,
        address: &str,
        account_id: i64,
        now: Timestamp,
    ) -> sqlx::Result<()> {
        let Some(account) = tx.lock_account(account_id).await? else { return Ok(()) };
        let row = tx.contacts(&[address]).await?.pop().filter(|row| row.erased_at.is_none());
        let Some(mut row) = row else { return Ok(()) };
        let before: Person =
            serde_json::from_str(&row.person).map_err(|error| sqlx::Error::Decode(error.into()))?;
        let name = Name::parse(&account.full_name);
        let turn = self.moved(&row, &before, &Event::Proven(name.as_ref()), now);
        // The language that they chose by text goes before the account's.
        if let Some(locale) = &turn.person.locale {
            row.locale.clone_from(locale);
        }
        let body = self.greeting(&row, &before, &turn.person)?;
        // It answers what they have just done, so it waits for no morning.
        let queued =
            body.as_deref().map(|body| Queued { purpose: Purpose::Reply, ..welcome(row.id, body, now) });
        let message: Vec<NewMessage> =
            queued.iter().map(|queued| queued.row(self.ids.next(now), now)).collect();
        tx.save_slice(&message, &[change(&row, &turn.person)?]).await?;
        if let Some(consent) = turn.consent {
            tx.add_consent(&[self.agreed(row.id, consent.how, account.locale.as_deref(), now)]).await?;
        }
        self.announce(tx, events_of(&before, &turn, &row, &self.suppression_key)).await
    }

    /// The words of the welcome, if there is to be one.
    fn greeting(&self, row: &SpeakerRow, before: &Person, after: &Person) -> sqlx::Result<Option<String>> {
        let may_write = after.consent == Consent::Given && !after.blocked_by_twilio;
        if before.is_member() || !may_write {
            return Ok(None);
        }
        let name = after.name.as_ref().map(Name::as_str).unwrap_or_default().to_owned();
        let body = self.texts.render(&Notice::Registered { name }, &row.locale);
        body.map(Some).map_err(|error| sqlx::Error::Encode(error.into()))
    }

    /// Agreed to in the words that were shown, which are in the account's language.
    fn agreed(
        &self,
        contact_id: i64,
        how: &'static str,
        locale: Option<&str>,
        now: Timestamp,
    ) -> LedgerEntry<'static> {
        let locale = locale.unwrap_or(&self.settings.default_locale);
        LedgerEntry {
            id: self.ids.next(now),
            contact_id,
            given: true,
            how,
            actor: "person",
            body: Some(self.texts.agreement(locale)),
            message_id: None,
            evidence: None,
            created_at: now.as_millisecond(),
        }
    }
}
