//! Sending codes and taking them back: one transaction each, with the contact locked first.

use super::budget::{CodeSend, Limit, code_limits};
use super::prefix::{Course, before_send};
use super::{Accounts, Refusal};
use crate::conversation::{Guards, Queued, change_of, fresh_nonce};
use crate::dialog::{CODE_LIFETIME, Ground, Guard, Judgement, Nonce, Proof, ProofEvent, Road, digits_of};
use crate::notice::Notice;
use crate::phone::Phone;
use crate::segments;
use crate::store::{AccountRow, NewMessage, NumberRow, SpeakerRow, Tx, prefix_of};
use jiff::Timestamp;

/// A code is on its way.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    /// When it is no longer good.
    pub expires_at: Timestamp,
    /// Seconds until another can be had.
    pub pause: i64,
}

impl Accounts {
    /// Sends a code to a number of an account. `client` is who asks, if that is known. Where nothing is
    /// sent, nothing counts as sent: no pause, no limit.
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
        let (contact, mut guards) = self.speaker(&mut tx, phone).await?;
        let account = tx.lock_account(account_id).await?.ok_or(NO_NUMBER)?;
        let row = tx.number(account_id, &contact.address).await?.ok_or(NO_NUMBER)?;
        let now = self.now();
        let proof: Proof = read(&row.proof)?;
        let is_new = proof.tries_left(now) == 0;
        let mut guard = guards.claimed(&contact.address, account_id);
        if !self.settings.sends {
            guard = guard.with_pauses_of(&Guard::default());
        }
        let (proof, judgement) = self.step(proof, ProofEvent::Ask, &mut guard, &contact.address)?;
        let Judgement::Send(nonce) = judgement else { return Err(Refusal::Judged(judgement)) };
        if is_new {
            self.check_tries(&mut tx, &guards, &row).await?;
        }
        let mut tx = self.admit(tx, account_id, phone, client).await?;
        let locale = self.locale_of(&mut tx, &account, &contact).await?;
        self.queue_code(&mut tx, contact.id, &locale, nonce, row.id).await?;
        let pause = if self.settings.sends { guard.seconds_to_wait(now) } else { 0 };
        if self.settings.sends {
            guards.put_pauses(&contact.address, &guard);
            guards.save(&mut tx, now).await?;
        }
        tx.save_proof(&change_of(&row, &proof)?, now.as_millisecond()).await?;
        tx.commit().await?;
        self.wake.notify_one();
        Ok(Sent { expires_at: now + CODE_LIFETIME, pause })
    }

    /// Tries a code for a number of an account.
    ///
    /// # Errors
    /// [`Refusal::Judged`] says what was wrong with it.
    pub async fn verify(&self, account_id: i64, phone: Phone, code: &str) -> Result<NumberRow, Refusal> {
        let digits = digits_of(code)
            .ok_or_else(|| Refusal::field("code", "a code has six digits; spaces and hyphens are fine"))?;
        let mut tx = self.inbox.store.begin().await?;
        let (contact, mut guards) = self.speaker(&mut tx, phone).await?;
        let row = tx.number(account_id, &contact.address).await?.ok_or(NO_NUMBER)?;
        let event = ProofEvent::Answer { digits: &digits, by: Road::Entered };
        let mut guard = guards.own(&contact.address, account_id);
        let (proof, judgement) = self.step(read(&row.proof)?, event, &mut guard, &contact.address)?;
        let now = self.now();
        if matches!(judgement, Judgement::Right | Judgement::Wrong { .. } | Judgement::Locked(_)) {
            guards.put_own(&contact.address, account_id, guard);
            if judgement == Judgement::Right {
                guards.proven(&contact.address);
            }
            guards.save(&mut tx, now).await?;
            if judgement == Judgement::Right {
                self.take(&mut tx, &row).await?;
            }
            if !tx.save_proof(&change_of(&row, &proof)?, now.as_millisecond()).await? {
                return Err(NO_NUMBER);
            }
        }
        let after = tx.number(account_id, &contact.address).await?.ok_or(NO_NUMBER)?;
        tx.commit().await?;
        self.wake.notify_one();
        if judgement == Judgement::Right { Ok(after) } else { Err(Refusal::Judged(judgement)) }
    }

    /// Makes a number that was just proven its account's, and a member of who has it. Where another account
    /// proved it before, the conversation starts anew.
    async fn take(&self, tx: &mut Tx, row: &NumberRow) -> Result<(), Refusal> {
        let now = self.now();
        let proven_by = tx.proven_by(&[&row.address]).await?;
        if proven_by.iter().any(|(_, account_id)| *account_id != row.account_id) {
            self.inbox.pass_on(tx, &row.address, now).await?;
        }
        if !tx.take_over(row, &self.inbox.ids, now).await? {
            return Err(Refusal::NumberTaken);
        }
        Ok(self.inbox.proven(tx, &row.address, row.account_id, now).await?)
    }

    /// The contact behind a number, locked, and what accounts have tried with the number.
    pub(super) async fn speaker(&self, tx: &mut Tx, phone: Phone) -> Result<(SpeakerRow, Guards), Refusal> {
        let rows = self.inbox.contacts(tx, vec![phone.to_string()]).await?;
        let contact = rows.into_iter().next().ok_or(sqlx::Error::RowNotFound)?;
        let guards = Guards::load(tx, &self.inbox.suppression_key, &[&contact.address]).await?;
        Ok((contact, guards))
    }

    /// Moves a proof by one event, on the ground of now.
    pub(super) fn step(
        &self,
        proof: Proof,
        event: ProofEvent,
        guard: &mut Guard,
        subject: &str,
    ) -> sqlx::Result<(Proof, Judgement)> {
        let ground = Ground {
            now: self.now(),
            nonce: fresh_nonce()?,
            key: &self.inbox.code_key,
            subject,
            // What is said to people is not said here.
            locale: &self.inbox.settings.default_locale,
            numbers_offered: false,
            twilio_answers: self.inbox.settings.twilio_answers,
            bookings: &[],
        };
        Ok(proof.step(event, guard, &ground))
    }

    /// Counts a code against all that limits it. Where nothing is sent, only how often is asked.
    async fn admit(
        &self,
        mut tx: Tx,
        account_id: i64,
        phone: Phone,
        client: Option<&str>,
    ) -> Result<Tx, Refusal> {
        if self.settings.sends {
            let tx = self.check_prefix(tx, &phone.to_string()).await?;
            return self.afford(tx, account_id, phone, client).await;
        }
        self.served(phone)?;
        let asked = format!("code:asked:{account_id}");
        self.spend(&mut tx, &[Limit::new("requests for codes", &asked, 60, 600)]).await?;
        Ok(tx)
    }

    /// Counts a code against what its prefix gets; nothing may have been written before. That the prefix
    /// is paused is kept also where the code is refused.
    async fn check_prefix(&self, mut tx: Tx, address: &str) -> Result<Tx, Refusal> {
        let mut prefix = tx.lock_prefix(prefix_of(address)).await?;
        let course = before_send(&mut prefix, self.now().as_millisecond());
        tx.save_prefix(&prefix).await?;
        if course == Course::Paused {
            tx.commit().await?;
            return Err(Refusal::PrefixPaused);
        }
        Ok(tx)
    }

    /// Texts go to some countries only.
    fn served(&self, phone: Phone) -> Result<(), Refusal> {
        let served = phone.country().is_some_and(|country| self.settings.countries.contains(&country));
        if served { Ok(()) } else { Err(Refusal::Country) }
    }

    /// Counts a code against every limit.
    pub(super) async fn afford(
        &self,
        mut tx: Tx,
        account_id: i64,
        phone: Phone,
        client: Option<&str>,
    ) -> Result<Tx, Refusal> {
        self.served(phone)?;
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

    /// The language of a code for a number that the account has yet to prove: the account's. Where it has none, what was
    /// chosen by text, but not by somebody else who has proven the number.
    async fn locale_of(
        &self,
        tx: &mut Tx,
        account: &AccountRow,
        contact: &SpeakerRow,
    ) -> sqlx::Result<String> {
        if let Some(locale) = &account.locale {
            return Ok(locale.clone());
        }
        let proven_by = tx.proven_by(&[&contact.address]).await?;
        let is_others = proven_by.iter().any(|(_, account_id)| *account_id != account.id);
        Ok(if is_others { &self.inbox.settings.default_locale } else { &contact.locale }.clone())
    }

    /// Puts a code into the outbox.
    pub(super) async fn queue_code(
        &self,
        tx: &mut Tx,
        contact_id: i64,
        locale: &str,
        nonce: Nonce,
        source_id: i64,
    ) -> Result<(), Refusal> {
        let now = self.now();
        let notice = Notice::WebCode { host: self.settings.host.clone() };
        let body = self.words(locale)?;
        let queued = Queued {
            contact_id,
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
        tx.save_slice(&[row], &[]).await?;
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
