//! Sending codes and taking them back: one transaction each, with the contact locked first.

use super::budget::{CodeSend, code_limits};
use super::prefix::{Course, before_send};
use super::{Accounts, Refusal};
use crate::conversation::{Queued, change, change_of, fresh_nonce};
use crate::dialog::{CODE_LIFETIME, Ground, Judgement, Nonce, Person, Proof, ProofEvent, Road, digits_of};
use crate::notice::Notice;
use crate::phone::Phone;
use crate::segments;
use crate::store::{NewMessage, NumberRow, SpeakerRow, Tx, prefix_of};
use jiff::Timestamp;

/// A code is on its way.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    /// When it is no longer good.
    pub expires_at: Timestamp,
    /// Seconds until another can be had.
    pub pause: i64,
}

/// The pause after a first code; see `dialog::Guard`.
const FIRST_PAUSE: i64 = 60;

impl Accounts {
    /// Sends a code to a number of an account. `client` is who asks, if that is known.
    ///
    /// # Errors
    /// Why it was not sent.
    pub async fn send_code(
        &self,
        account_id: i64,
        phone: Phone,
        client: Option<&str>,
    ) -> Result<Sent, Refusal> {
        let mut tx = self.inbox.store.begin().await?;
        let (contact, mut person) = self.speaker(&mut tx, phone).await?;
        tx.lock_account(account_id).await?.ok_or(NO_NUMBER)?;
        let row = tx.number(account_id, &contact.address).await?.ok_or(NO_NUMBER)?;
        let (proof, judgement) =
            self.step(read(&row.proof)?, ProofEvent::Ask, &mut person, &contact.address)?;
        let Judgement::Send(nonce) = judgement else { return Err(Refusal::Judged(judgement)) };
        let mut tx = self.afford(tx, account_id, phone, client).await?;
        self.queue_code(&mut tx, &contact, &person, nonce, row.id).await?;
        let now = self.now();
        tx.save_proof(&change_of(&row, &proof)?, now.as_millisecond()).await?;
        tx.commit().await?;
        self.wake.notify_one();
        Ok(Sent { expires_at: now + CODE_LIFETIME, pause: FIRST_PAUSE })
    }

    /// Tries a code for a number of an account.
    ///
    /// # Errors
    /// [`Refusal::Judged`] says what was wrong with it.
    pub async fn verify(&self, account_id: i64, phone: Phone, code: &str) -> Result<NumberRow, Refusal> {
        let digits = digits_of(code)
            .ok_or_else(|| Refusal::field("code", "a code has six digits; spaces and hyphens are fine"))?;
        let mut tx = self.inbox.store.begin().await?;
        let (contact, mut person) = self.speaker(&mut tx, phone).await?;
        let row = tx.number(account_id, &contact.address).await?.ok_or(NO_NUMBER)?;
        let event = ProofEvent::Answer { digits: &digits, by: Road::Entered };
        let (proof, judgement) = self.step(read(&row.proof)?, event, &mut person, &contact.address)?;
        let now = self.now();
        if matches!(judgement, Judgement::Right | Judgement::Wrong { .. } | Judgement::Locked(_)) {
            tx.save_contacts(&[change(&contact, &person)?]).await?;
            if judgement == Judgement::Right {
                self.take(&mut tx, &row).await?;
            }
            if !tx.save_proof(&change_of(&row, &proof)?, now.as_millisecond()).await? {
                return Err(NO_NUMBER);
            }
        }
        let after = tx.number(account_id, &contact.address).await?.ok_or(NO_NUMBER)?;
        tx.commit().await?;
        if judgement == Judgement::Right { Ok(after) } else { Err(Refusal::Judged(judgement)) }
    }

    /// Makes a number that was just proven its account's. Where another account proved it before, the
    /// conversation starts anew.
    async fn take(&self, tx: &mut Tx, row: &NumberRow) -> Result<(), Refusal> {
        let now = self.now();
        let proven_by = tx.proven_by(&[&row.address]).await?;
        if proven_by.iter().any(|(_, account_id)| *account_id != row.account_id) {
            self.inbox.pass_on(tx, &row.address, now).await?;
        }
        if tx.take_over(row, &self.inbox.ids, now).await? { Ok(()) } else { Err(Refusal::NumberTaken) }
    }

    /// The contact behind a number, locked, and the person in it.
    pub(super) async fn speaker(&self, tx: &mut Tx, phone: Phone) -> Result<(SpeakerRow, Person), Refusal> {
        let rows = self.inbox.contacts(tx, vec![phone.to_string()]).await?;
        let contact = rows.into_iter().next().ok_or(sqlx::Error::RowNotFound)?;
        let person = read(&contact.person)?;
        Ok((contact, person))
    }

    /// Moves a proof by one event, on the ground of now.
    pub(super) fn step(
        &self,
        proof: Proof,
        event: ProofEvent,
        person: &mut Person,
        subject: &str,
    ) -> sqlx::Result<(Proof, Judgement)> {
        let ground = Ground {
            now: self.now(),
            nonce: fresh_nonce()?,
            key: &self.inbox.code_key,
            subject,
            // What is said to people is not said here.
            locale: &self.inbox.settings.default_locale,
            twilio_answers: self.inbox.settings.twilio_answers,
            bookings: &[],
        };
        Ok(proof.step(event, &mut person.guard, &ground))
    }

    /// Counts a code against every limit; nothing but the limits may have been written before. That a
    /// prefix is paused is kept also where the code is refused.
    pub(super) async fn afford(
        &self,
        mut tx: Tx,
        account_id: i64,
        phone: Phone,
        client: Option<&str>,
    ) -> Result<Tx, Refusal> {
        let country = phone.country().filter(|country| self.settings.countries.contains(country));
        country.ok_or(Refusal::Country)?;
        let address = phone.to_string();
        let mut prefix = tx.lock_prefix(prefix_of(&address)).await?;
        let course = before_send(&mut prefix, self.now().as_millisecond());
        tx.save_prefix(&prefix).await?;
        if course == Course::Paused {
            tx.commit().await?;
            return Err(Refusal::PrefixPaused);
        }
        let client = client.map(|client| self.hash(client));
        let body = self.words(&self.inbox.settings.default_locale)?;
        let send = CodeSend {
            phone,
            account_id,
            client: client.as_deref(),
            segments: segments::count(&body).segments.try_into().unwrap_or(i64::MAX),
            country_cap: self.settings.limits.codes_per_country.into(),
            dollars: self.settings.limits.code_spend.into(),
        };
        self.spend(&mut tx, &code_limits(&send, |text| self.hash(text))).await?;
        Ok(tx)
    }

    /// Puts a code into the outbox and saves the contact whose guard has counted it.
    pub(super) async fn queue_code(
        &self,
        tx: &mut Tx,
        contact: &SpeakerRow,
        person: &Person,
        nonce: Nonce,
        source_id: i64,
    ) -> Result<(), Refusal> {
        let now = self.now();
        let notice = Notice::WebCode { host: self.settings.host.clone() };
        let body = self.words(&contact.locale)?;
        let queued = Queued {
            contact_id: contact.id,
            purpose: notice.purpose(),
            body: &body,
            content: None,
            what_for: None,
            source_id: Some(source_id),
            due_at: now,
            expires_at: now + CODE_LIFETIME,
        };
        let row = queued.row(self.inbox.ids.next(now), now);
        let row = NewMessage { nonce: Some(nonce.to_string()), ..row };
        tx.save_slice(&[row], &[change(contact, person)?]).await?;
        Ok(())
    }

    fn words(&self, locale: &str) -> sqlx::Result<String> {
        let notice = Notice::WebCode { host: self.settings.host.clone() };
        self.inbox.texts.render(&notice, locale).map_err(|error| sqlx::Error::Encode(error.into()))
    }
}

/// Said when there is no such number in the account.
pub(super) const NO_NUMBER: Refusal = Refusal::NotFound("your account has no such number");

/// What a column holds as JSON.
pub(super) fn read<T: serde::de::DeserializeOwned>(json: &str) -> sqlx::Result<T> {
    serde_json::from_str(json).map_err(|error| sqlx::Error::Decode(error.into()))
}
