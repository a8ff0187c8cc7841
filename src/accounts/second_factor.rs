//! A code by SMS beside the password. There is one challenge for each account, whichever sign-in asked,
//! so that starting over gives nobody more guesses. Wrong codes and pauses are the account's own: what
//! others try with its number must not keep its owner out.

use super::verification::read;
use super::{Accounts, Refusal, Session, hash_token, new_token};
use crate::dialog::{Judgement, Proof, ProofEvent, Road, digits_of};
use crate::phone::Phone;
use crate::store::{AccountRow, NumberRow, SecondFactorRow};

impl Accounts {
    /// Sends a code to the account's proven number and returns what names this sign-in. A code that was
    /// sent less than the pause ago and is still good is not sent again.
    pub(super) async fn ask_second_factor(
        &self,
        account: &AccountRow,
        client: &str,
    ) -> Result<String, Refusal> {
        if !self.settings.sends {
            return Err(Refusal::NothingSent);
        }
        let numbers = self.inbox.store.numbers(account.id).await?;
        let number = sign_in_number(&numbers).ok_or(Refusal::NoSecondFactor)?;
        let phone = Phone::from_e164(&number.address).ok_or(Refusal::Credentials)?;
        let mut tx = self.inbox.store.begin().await?;
        let (contact, mut guards) = self.speaker(&mut tx, phone).await?;
        self.still(&mut tx, account).await?;
        let open = tx.second_factor(account.id).await?.filter(|row| row.address == contact.address);
        let proof: Proof = open.as_ref().map(|row| read(&row.proof)).transpose()?.unwrap_or_default();
        let now = self.now();
        let mut guard = guards.own(&contact.address, account.id);
        let (proof, judgement) = self.step(proof, ProofEvent::Ask, &mut guard, &contact.address)?;
        let still_good = proof.expires_at().is_some_and(|end| end > now);
        match judgement {
            Judgement::Send(nonce) => {
                tx = self.afford(tx, account.id, phone, Some(client)).await?;
                self.queue_code(&mut tx, contact.id, &contact.locale, nonce, account.id).await?;
                guards.put_own(&contact.address, account.id, guard);
                guards.save(&mut tx, now).await?;
            }
            Judgement::TooSoon(_) if still_good => {}
            other => return Err(Refusal::Judged(other)),
        }
        let id = new_token().map_err(std::io::Error::other).map_err(sqlx::Error::Io)?;
        let id = id.replacen("tid_", "sif_", 1);
        tx.put_second_factor(&SecondFactorRow {
            account_id: account.id,
            hash: hash_token(&id),
            address: contact.address,
            proof: write(&proof)?,
            expires_at: proof.expires_at().unwrap_or(now).as_millisecond(),
        })
        .await?;
        tx.commit().await?;
        self.wake.notify_one();
        Ok(id)
    }

    /// Ends a sign-in with its code.
    ///
    /// # Errors
    /// [`Refusal::Code`] when the code is wrong, too old, or there is no such sign-in.
    pub async fn second_factor(&self, challenge_id: &str, code: &str) -> Result<Session, Refusal> {
        let digits = digits_of(code).ok_or(Refusal::Code)?;
        let hash = hash_token(challenge_id);
        let row = self.inbox.store.second_factor_by_hash(&hash).await?.ok_or(Refusal::Code)?;
        let phone = Phone::from_e164(&row.address).ok_or(Refusal::Code)?;
        let mut tx = self.inbox.store.begin().await?;
        let (contact, mut guards) = self.speaker(&mut tx, phone).await?;
        let account = tx.lock_account(row.account_id).await?.ok_or(Refusal::Code)?;
        // Read again now that the locks are held: another try may have counted, or have ended it.
        let row = tx.second_factor(row.account_id).await?.filter(|row| row.hash == hash);
        let row = row.ok_or(Refusal::Code)?;
        let event = ProofEvent::Answer { digits: &digits, by: Road::Entered };
        let mut guard = guards.own(&contact.address, row.account_id);
        let (proof, judgement) = self.step(read(&row.proof)?, event, &mut guard, &contact.address)?;
        guards.put_own(&contact.address, row.account_id, guard);
        guards.save(&mut tx, self.now()).await?;
        if judgement != Judgement::Right {
            tx.put_second_factor(&SecondFactorRow { proof: write(&proof)?, ..row }).await?;
            tx.commit().await?;
            return Err(Refusal::Code);
        }
        tx.end_second_factor(row.account_id).await?;
        let session = self.begin_session(&mut tx, account).await?;
        tx.commit().await?;
        Ok(session)
    }
}

/// The number that codes of sign-ins go to: the one for which the password was given, and no other that came
/// in its place since.
pub(super) fn sign_in_number(numbers: &[NumberRow]) -> Option<&NumberRow> {
    numbers.iter().find(|number| number.takes_sign_ins && number.is_verified)
}

/// The number that codes of sign-ins can go to: the primary one, else the one that was there first.
pub(super) fn best_number(numbers: &[NumberRow]) -> Option<&NumberRow> {
    let proven = || numbers.iter().filter(|number| number.is_verified);
    proven().find(|number| number.is_primary).or_else(|| proven().min_by_key(|number| number.id))
}

fn write(proof: &Proof) -> sqlx::Result<String> {
    serde_json::to_string(proof).map_err(|error| sqlx::Error::Encode(error.into()))
}
