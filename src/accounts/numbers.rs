//! The numbers of an account. The account's row is locked first, so that their count holds.

use super::second_factor::sign_in_number;
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

/// What is changed about a number.
#[derive(Clone, Default)]
#[expect(missing_debug_implementations, reason = "it holds a secret")]
pub struct NumberChange {
    /// The number from now on.
    pub phone: Option<Phone>,
    /// Whether it is to be the primary one; left out, that stays as it is.
    pub is_primary: Option<bool>,
    /// Asked for where codes of sign-ins would go elsewhere.
    pub current_password: Option<String>,
}

/// Whether an account may add a number.
#[derive(Debug)]
pub struct Availability {
    /// Whether no other account has proven it, or one that counts as the same. One that is another's can be
    /// added all the same, and moves to whoever proves it next.
    pub is_free: bool,
    /// What adding it would be refused for.
    pub refusal: Option<Refusal>,
}

/// Said to whoever names a number and changes nothing of it.
const NOTHING_TO_CHANGE: &str = "changes nothing: give phone_number, is_primary or both";

impl Accounts {
    /// Adds a number, not proven yet.
    ///
    /// # Errors
    /// The account has it, or as many as it may, or another account holds one like it; or it is to be
    /// primary in the place of a proven one.
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
        self.check_room(&numbers, entry.phone)?;
        if entry.is_primary && numbers.iter().any(|number| number.is_primary && number.is_verified) {
            return Err(Refusal::NumberNotVerified);
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
            takes_sign_ins: false,
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

    /// Puts another number in the place of one, or makes it primary, or both. With a second factor, where
    /// its codes go changes only with the password, and never to a number that is not proven.
    ///
    /// # Errors
    /// As [`Accounts::add_number`], or there is no such number, or it is not proven and can't be primary,
    /// or the primary one is to be it no more, or the password is not right.
    pub async fn change_number(
        &self,
        account: &AccountRow,
        id: i64,
        change: NumberChange,
    ) -> Result<NumberRow, Refusal> {
        let now = self.now().as_millisecond();
        // Hashing takes a while, so it comes before the transaction.
        let given = self.password(account, change.current_password).await?;
        let (known, mut tx) = (account, self.inbox.store.begin().await?);
        let account = tx.lock_account(known.id).await?.ok_or(NO_NUMBER)?;
        let (given, account_id) = (given.since(known, &account), account.id);
        let numbers = tx.numbers(account_id).await?;
        let mut row = numbers.iter().find(|number| number.id == id).cloned().ok_or(NO_NUMBER)?;
        if change.phone.is_none() && change.is_primary.is_none() {
            return Err(Refusal::field("body", NOTHING_TO_CHANGE));
        }
        if row.is_primary && change.is_primary == Some(false) {
            return Err(Refusal::StaysPrimary);
        }
        if let Some(phone) = change.phone.filter(|phone| phone.to_string() != row.address) {
            let address = phone.to_string();
            if numbers.iter().any(|number| number.address == address) {
                return Err(Refusal::NumberThere);
            }
            if takes_sign_ins(&account, &numbers, id) {
                return Err(Refusal::SecondFactorNumber);
            }
            if row.is_primary && row.is_verified {
                return Err(Refusal::NumberNotVerified);
            }
            self.check_claim(&mut tx, account_id, phone).await?;
            // Whoever has proven one number has proven nothing about another.
            let (claim, proof) = (self.claim(phone), unproven()?);
            row = NumberRow { address, claim, proof, is_verified: false, updated_at: now, ..row };
            tx.renumber(&row).await?;
        }
        if change.is_primary == Some(true) {
            if !row.is_primary && !row.is_verified {
                return Err(Refusal::NumberNotVerified);
            }
            // Also where it became the primary one by itself, because the one before was lost.
            if account.second_factor == "sms" && row.is_verified && !row.takes_sign_ins {
                given.require()?;
                tx.take_sign_ins(&row).await?;
            }
            if !row.is_primary {
                tx.set_primary(&row, now).await?;
            }
        }
        let row = tx.number(account_id, &row.address).await?.ok_or(NO_NUMBER)?;
        tx.commit().await?;
        Ok(row)
    }

    /// Makes `phone` the account's own number. It takes the place of a primary one that was never proven;
    /// a proven one stays primary beside it, until the new one is proven and made primary.
    ///
    /// # Errors
    /// As [`Accounts::change_number`].
    pub async fn set_own_number(
        &self,
        account: &AccountRow,
        phone: Phone,
        current_password: Option<String>,
    ) -> Result<NumberRow, Refusal> {
        let numbers = self.inbox.store.numbers(account.id).await?;
        let same = numbers.iter().find(|number| number.address == phone.to_string());
        let primary = numbers.iter().find(|number| number.is_primary);
        let change = NumberChange { phone: None, is_primary: Some(true), current_password };
        match (same, primary) {
            (Some(number), _) => self.change_number(account, number.id, change).await,
            (None, Some(number)) if !number.is_verified => {
                self.change_number(account, number.id, NumberChange { phone: Some(phone), ..change }).await
            }
            (None, other) => self.add_number(account.id, &Entry { phone, is_primary: other.is_none() }).await,
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
        if takes_sign_ins(&account, &numbers, id) {
            return Err(Refusal::SecondFactorNumber);
        }
        tx.remove_number(row).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Whether this account may add `phone`, and what becomes of it if so.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn availability(&self, account_id: i64, phone: Phone) -> Result<Availability, Refusal> {
        let numbers = self.inbox.store.numbers(account_id).await?;
        let holder = self.inbox.store.holder(&self.claim(phone)).await?;
        let other = holder.filter(|holder| holder.account_id != account_id);
        let refusal =
            self.check_room(&numbers, phone).and_then(|()| check_holder(other.as_ref(), phone)).err();
        Ok(Availability { is_free: other.is_none(), refusal })
    }

    /// An account has a number once, and not more of them than it may.
    fn check_room(&self, numbers: &[NumberRow], phone: Phone) -> Result<(), Refusal> {
        let (address, most) = (phone.to_string(), self.settings.limits.max_numbers);
        if numbers.iter().any(|number| number.address == address) {
            return Err(Refusal::NumberThere);
        }
        if numbers.len() >= most as usize { Err(Refusal::TooManyNumbers(most)) } else { Ok(()) }
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
        check_holder(holder.filter(|holder| holder.account_id != account_id).as_ref(), phone)
    }
}

/// Whether the account that holds this number, or one that counts as the same, holds the very same.
fn check_holder(other: Option<&NumberRow>, phone: Phone) -> Result<(), Refusal> {
    let is_like_it = other.is_some_and(|holder| holder.address != phone.to_string());
    if is_like_it { Err(Refusal::NumberTaken) } else { Ok(()) }
}

/// Whether codes of the account's sign-ins go to the number with this id.
fn takes_sign_ins(account: &AccountRow, numbers: &[NumberRow], id: i64) -> bool {
    account.second_factor == "sms" && sign_in_number(numbers).is_some_and(|number| number.id == id)
}

fn unproven() -> sqlx::Result<String> {
    serde_json::to_string(&Proof::default()).map_err(|error| sqlx::Error::Encode(error.into()))
}
