//! Erasing an account.

use super::current_password::Given;
use super::{Accounts, Refusal, Witness};
use crate::store::AccountRow;

const NO_ACCOUNT: Refusal = Refusal::NotFound("no such account");

impl Accounts {
    /// Erases an account as its owner wishes.
    ///
    /// # Errors
    /// This is not its password, or it is the last admin's.
    pub async fn delete(
        &self,
        account_id: i64,
        current_password: &str,
        witness: Witness<'_>,
    ) -> Result<(), Refusal> {
        // Hashing takes a while, so it comes before the transaction.
        let known = self.inbox.store.account(account_id).await?.ok_or(NO_ACCOUNT)?;
        let given = self.password(&known, Some(current_password.to_owned())).await?;
        given.require()?;
        self.remove(account_id, Some((&known, given)), witness).await
    }

    /// Erases an account as an admin or a program wishes; `by` is the admin's own.
    ///
    /// # Errors
    /// There is no such account, or it is the last admin's, or the admin's own: see [`Accounts::delete`].
    pub async fn delete_as_staff(
        &self,
        account_id: i64,
        by: Option<i64>,
        witness: Witness<'_>,
    ) -> Result<(), Refusal> {
        if by == Some(account_id) {
            return Err(Refusal::OwnAccount);
        }
        self.remove(account_id, None, witness).await
    }

    /// Removes an account, with its numbers, notices, sessions and the API tokens that it made; with what
    /// `proof` says of its password, only if that is still its password.
    async fn remove(
        &self,
        account_id: i64,
        proof: Option<(&AccountRow, Given)>,
        witness: Witness<'_>,
    ) -> Result<(), Refusal> {
        let mut tx = self.inbox.store.begin().await?;
        let (account, others) = tx.lock_account_and_admins(account_id).await?.ok_or(NO_ACCOUNT)?;
        if let Some((known, given)) = proof {
            given.since(known, &account).require()?;
        }
        if account.is_admin() && !others {
            return Err(Refusal::LastAdmin);
        }
        tx.delete_account(account_id).await?;
        self.revoke_tokens(&mut tx, account_id, None, witness).await?;
        tx.commit().await?;
        Ok(())
    }
}
