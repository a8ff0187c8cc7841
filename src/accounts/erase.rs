//! What asks for the account's password once more, and erasing, which is the last of it.

use super::{Accounts, Refusal, Request, password};
use crate::store::AccountRow;

const NO_ACCOUNT: Refusal = Refusal::NotFound("no such account");

impl Accounts {
    /// Whether this is the account's password. Nothing given is not.
    pub(super) async fn is_password(&self, row: &AccountRow, given: Option<String>) -> Result<bool, Refusal> {
        let Some(given) = given else { return Ok(false) };
        self.allow(Request::Password, &row.id.to_string()).await?;
        // One that is too long is nobody's; it must not cost more than others.
        let given: String = given.chars().take(password::LONGEST + 1).collect();
        Ok(self.hasher.verify(given, Some(row.password_hash.clone())).await?)
    }

    /// Erases an account as its owner wishes.
    ///
    /// # Errors
    /// This is not its password, or it is the last admin's.
    pub async fn delete(&self, account_id: i64, current_password: &str) -> Result<(), Refusal> {
        let known = self.inbox.store.account(account_id).await?.ok_or(NO_ACCOUNT)?;
        if !self.is_password(&known, Some(current_password.to_owned())).await? {
            return Err(wrong_password());
        }
        self.delete_as_staff(account_id).await
    }

    /// Erases an account, with its numbers, notices and sessions.
    ///
    /// # Errors
    /// There is no such account, or it is the last admin's.
    pub async fn delete_as_staff(&self, account_id: i64) -> Result<(), Refusal> {
        let mut tx = self.inbox.store.begin().await?;
        let (account, others) = tx.lock_account_and_admins(account_id).await?.ok_or(NO_ACCOUNT)?;
        if account.is_admin() && !others {
            return Err(Refusal::LastAdmin);
        }
        tx.delete_account(account_id).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Said where the current password is asked for.
pub(super) fn wrong_password() -> Refusal {
    Refusal::field("current_password", "this is not the current password")
}
