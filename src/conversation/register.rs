//! Registering people who agreed on paper or elsewhere, and greeting them.

use super::rows::change;
use super::{Inbox, Queued};
use crate::dialog::{Consent, Name, Person, State};
use crate::notice::Notice;
use crate::phone::{Address, Phone};
use crate::store::{LedgerEntry, NewMessage, SpeakerRow};
use jiff::{SignedDuration, Timestamp};

/// How long a welcome is worth sending: a hundred thousand take a day at one a second, and nights and
/// weekends pass.
const WELCOME_LIFETIME: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What a slice did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registered {
    /// The last contact that was looked at.
    pub last: i64,
    /// How many were looked at.
    pub seen: usize,
    /// How many are members now and were not before.
    pub registered: usize,
    /// How many are left alone because their numbers are premium-rate ones.
    pub premium_rate: usize,
}

impl Inbox {
    /// Registers up to `limit` contacts after `after` who agreed to be written to, and queues their
    /// welcome, in one transaction; with `dry_run` it is the same, rolled back. `None` when there are no more.
    /// Whoever is just being asked for a name or a code is left to finish that: the code is to prove whose number
    /// it is.
    ///
    /// # Errors
    /// The database did not answer; then nothing was changed.
    pub async fn register_slice(
        &self,
        after: i64,
        limit: i64,
        dry_run: bool,
    ) -> sqlx::Result<Option<Registered>> {
        let found = self.store.to_register(after, limit).await?;
        let Some((last, _)) = found.last() else { return Ok(None) };
        let (last, seen, now) = (*last, found.len(), self.clock.now());
        let addresses = found.iter().map(|(_, address)| address.as_str());
        let mut addresses: Vec<&str> = addresses.filter(|address| !is_premium_rate(address)).collect();
        let premium_rate = seen - addresses.len();
        addresses.sort_unstable();
        let mut tx = self.store.begin().await?;
        let mut people = Vec::with_capacity(addresses.len());
        for row in tx.contacts(&addresses).await? {
            // They may have written since they were found.
            if let Some(person) = registered(&row, now)? {
                let name = person.name.as_ref().map(Name::as_str).unwrap_or_default().to_owned();
                let body = self.texts.render(&Notice::Registered { name }, &row.locale);
                people.push((row, person, body.map_err(|error| sqlx::Error::Encode(error.into()))?));
            }
        }
        let done = Some(Registered { last, seen, registered: people.len(), premium_rate });
        if dry_run {
            return Ok(done);
        }
        let changes: sqlx::Result<Vec<_>> =
            people.iter().map(|(row, person, _)| change(row, person)).collect();
        let welcomes: Vec<Queued> = people.iter().map(|(row, _, body)| welcome(row.id, body, now)).collect();
        let messages: Vec<NewMessage> =
            welcomes.iter().map(|queued| queued.row(self.ids.next(now), now)).collect();
        let ledger: Vec<LedgerEntry> =
            people.iter().map(|(row, ..)| self.registration(row.id, now)).collect();
        tx.save_slice(&messages, &changes?).await?;
        tx.add_consent(&ledger).await?;
        tx.commit().await?;
        Ok(done)
    }

    fn registration(&self, contact_id: i64, now: Timestamp) -> LedgerEntry<'static> {
        LedgerEntry {
            id: self.ids.next(now),
            contact_id,
            given: true,
            how: "import",
            actor: "register-all",
            body: Some("registered by staff; the number was not proven by a code".to_owned()),
            message_id: None,
            evidence: None,
            created_at: now.as_millisecond(),
        }
    }
}

fn is_premium_rate(address: &str) -> bool {
    let phone = Address::parse(address).ok().and_then(|address| address.phone());
    phone.is_some_and(Phone::is_premium_rate)
}

/// The person behind `row` as a member; none if they are not to be registered.
fn registered(row: &SpeakerRow, now: Timestamp) -> sqlx::Result<Option<Person>> {
    let person: Person =
        serde_json::from_str(&row.person).map_err(|error| sqlx::Error::Decode(error.into()))?;
    let fits = row.erased_at.is_none() && person.consent == Consent::Given && person.state == State::Stranger;
    Ok(fits.then_some(Person { state: State::Member { since: now }, ..person }))
}

/// The welcome of a contact that has just become a member.
pub(super) fn welcome(contact_id: i64, body: &str, now: Timestamp) -> Queued<'_> {
    let purpose = Notice::Registered { name: String::new() }.purpose();
    Queued {
        content: None,
        contact_id,
        purpose,
        body,
        what_for: Some(format!("welcome:{contact_id}:{}", now.as_millisecond())),
        source_id: None,
        due_at: now,
        expires_at: now + WELCOME_LIFETIME,
    }
}
