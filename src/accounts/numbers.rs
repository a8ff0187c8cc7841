//! The numbers of an account. The account's row is locked first, so that their count holds.

use super::verification::NO_NUMBER;
use super::{Accounts, Refusal};
use crate::dialog::Proof;
use crate::phone::Phone;
use crate::store::{AccountRow, NumberRow, Tx};

/// A number to add.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The number.
    pub phone: Phone,
    /// Whether it is to be the primary one; the first always is.
    pub is_primary: bool,
}

impl Accounts {
    /// Adds a number, not proven yet.
    ///
    /// # Errors
    /// The account has it, or as many as it may, or another account holds one like it.
    pub async fn add_number(&self, account_id: i64, entry: &Entry) -> Result<NumberRow, Refusal> {
        let mut tx = self.inbox.store.begin().await?;
        tx.lock_account(account_id).await?.ok_or(NO_NUMBER)?;
        let row = self.enter(&mut tx, account_id, entry).await?;
        tx.commit().await?;
        Ok(row)
    }

    /// The same within a transaction that has the account locked.
    pub(super) async fn enter(
        &self,
        tx: &mut Tx,
        account_id: i64,
        entry: &Entry,
    ) -> Result<NumberRow, Refusal> {
        let numbers = tx.numbers(account_id).await?;
        let address = entry.phone.to_string();
        if numbers.iter().any(|number| number.address == address) {
            return Err(Refusal::NumberThere);
        }
        let most = self.settings.limits.max_numbers;
        if numbers.len() >= most as usize {
            return Err(Refusal::TooManyNumbers(most));
        }
        self.check_claim(tx, account_id, entry.phone).await?;
        let now = self.now();
        let row = NumberRow {
            id: self.inbox.ids.next(now),
            account_id,
            address: address.clone(),
            claim: self.claim(entry.phone),
            is_primary: numbers.is_empty(),
            is_verified: false,
            verification_method: None,
            proof: unproven()?,
            expires_at: None,
            created_at: now.as_millisecond(),
            updated_at: now.as_millisecond(),
        };
        tx.add_number(&row).await?;
        if entry.is_primary && !row.is_primary {
            tx.set_primary(&row, now.as_millisecond()).await?;
        }
        tx.number(account_id, &address).await?.ok_or(NO_NUMBER)
    }

    /// Puts another number in the place of one, or makes it primary, or both.
    ///
    /// # Errors
    /// As [`Accounts::add_number`], or there is no such number, or the primary one is to be it no more.
    pub async fn change_number(
        &self,
        account_id: i64,
        id: i64,
        phone: Option<Phone>,
        is_primary: Option<bool>,
    ) -> Result<NumberRow, Refusal> {
        let now = self.now().as_millisecond();
        let mut tx = self.inbox.store.begin().await?;
        tx.lock_account(account_id).await?.ok_or(NO_NUMBER)?;
        let numbers = tx.numbers(account_id).await?;
        let mut row = numbers.iter().find(|number| number.id == id).cloned().ok_or(NO_NUMBER)?;
        if row.is_primary && is_primary == Some(false) {
            return Err(Refusal::StaysPrimary);
        }
        if let Some(phone) = phone.filter(|phone| phone.to_string() != row.address) {
            let address = phone.to_string();
            if numbers.iter().any(|number| number.address == address) {
                return Err(Refusal::NumberThere);
            }
            self.check_claim(&mut tx, account_id, phone).await?;
            // Whoever has proven one number has proven nothing about another.
            row = NumberRow { address, claim: self.claim(phone), proof: unproven()?, updated_at: now, ..row };
            tx.renumber(&row).await?;
        }
        if is_primary == Some(true) && !row.is_primary {
            tx.set_primary(&row, now).await?;
        }
        let row = tx.number(account_id, &row.address).await?.ok_or(NO_NUMBER)?;
        tx.commit().await?;
        Ok(row)
    }

    /// Makes `phone` the account's own number: the primary one is replaced by it, unless it is among
    /// the account's numbers already.
    ///
    /// # Errors
    /// As [`Accounts::add_number`].
    pub async fn set_own_number(&self, account_id: i64, phone: Phone) -> Result<NumberRow, Refusal> {
        let numbers = self.inbox.store.numbers(account_id).await?;
        let same = numbers.iter().find(|number| number.address == phone.to_string());
        let primary = numbers.iter().find(|number| number.is_primary);
        match (same, primary) {
            (Some(number), _) => self.change_number(account_id, number.id, None, Some(true)).await,
            (None, Some(number)) => self.change_number(account_id, number.id, Some(phone), Some(true)).await,
            (None, None) => self.add_number(account_id, &Entry { phone, is_primary: true }).await,
        }
    }

    /// Removes a number; if it was the primary one, the next becomes that.
    ///
    /// # Errors
    /// There is no such number, or the second factor needs it.
    pub async fn remove_number(&self, account_id: i64, id: i64) -> Result<(), Refusal> {
        let mut tx = self.inbox.store.begin().await?;
        let account = tx.lock_account(account_id).await?.ok_or(NO_NUMBER)?;
        let numbers = tx.numbers(account_id).await?;
        let row = numbers.iter().find(|number| number.id == id).ok_or(NO_NUMBER)?;
        let proven = numbers.iter().filter(|number| number.is_verified).count();
        if account.second_factor == "sms" && row.is_verified && proven == 1 {
            return Err(Refusal::field(
                "second_factor",
                "signing in needs this number; switch that off first",
            ));
        }
        tx.remove_number(row).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Whether `phone` is free for this account: neither proven by another nor like one that is.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn is_available(&self, account_id: i64, phone: Phone) -> Result<bool, Refusal> {
        let holder = self.inbox.store.holder(&self.claim(phone)).await?;
        Ok(holder.is_none_or(|holder| holder.account_id == account_id))
    }

    /// Whose a proven number is.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn owner(&self, phone: Phone) -> Result<Option<AccountRow>, Refusal> {
        Ok(self.inbox.store.owner(&phone.to_string()).await?)
    }

    /// A number that another account has proven can still be entered: whoever proves it last has it. One
    /// that only looks like another's can't.
    async fn check_claim(&self, tx: &mut Tx, account_id: i64, phone: Phone) -> Result<(), Refusal> {
        let holder = tx.holder(&self.claim(phone)).await?;
        match holder {
            Some(holder) if holder.account_id != account_id && holder.address != phone.to_string() => {
                Err(Refusal::NumberTaken)
            }
            _ => Ok(()),
        }
    }
}

fn unproven() -> sqlx::Result<String> {
    serde_json::to_string(&Proof::default()).map_err(|error| sqlx::Error::Encode(error.into()))
}
