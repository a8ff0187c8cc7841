//! What asks for the account's password once more, and erasing, which is the last of it.

use super::{Accounts, Refusal, Request, password};
use crate::store::AccountRow;

const NO_ACCOUNT: Refusal = Refusal::NotFound("no such account");

/// What came of asking for the current password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Given {
    Nothing,
    Wrong,
    Right,
}

impl Given {
    /// The field that is at fault, and why; none where the password was right.
    pub(super) fn fault(self) -> Option<(&'static str, &'static str)> {
        let words = match self {
            Self::Nothing => "is required for this: the password that you sign in with",
            Self::Wrong => "this is not the current password",
            Self::Right => return None,
        };
        Some(("current_password", words))
    }

    /// What is left of it once the account is locked: a password that has gone since is not right any more.
    pub(super) fn since(self, known: &AccountRow, row: &AccountRow) -> Self {
        match self {
            Self::Right if known.password_hash != row.password_hash => Self::Wrong,
            other => other,
        }
    }

    /// Fails unless the password was right.
    pub(super) fn require(self) -> Result<(), Refusal> {
        self.fault().map_or(Ok(()), |(field, words)| Err(Refusal::field(field, words)))
    }
}

impl Accounts {
    /// Whether this is the account's password.
    pub(super) async fn password(&self, row: &AccountRow, given: Option<String>) -> Result<Given, Refusal> {
        let Some(given) = given else { return Ok(Given::Nothing) };
        self.allow(Request::Password, &row.id.to_string()).await?;
        // One that is too long is nobody's; it must not cost more than others.
        let given: String = given.chars().take(password::LONGEST + 1).collect();
        let is_it = self.hasher.verify(given, Some(row.password_hash.clone())).await?;
        Ok(if is_it { Given::Right } else { Given::Wrong })
    }

    /// Erases an account as its owner wishes.
    ///
    /// # Errors
    /// This is not its password, or it is the last admin's.
    pub async fn delete(&self, account_id: i64, current_password: &str) -> Result<(), Refusal> {
        let known = self.inbox.store.account(account_id).await?.ok_or(NO_ACCOUNT)?;
        self.password(&known, Some(current_password.to_owned())).await?.require()?;
        self.remove(account_id).await
    }

    /// Erases an account as an admin or a program wishes; `by` is the admin's own.
    ///
    /// # Errors
    /// There is no such account, or it is the last admin's, or the admin's own: see [`Accounts::delete`].
    pub async fn delete_as_staff(&self, account_id: i64, by: Option<i64>) -> Result<(), Refusal> {
        if by == Some(account_id) { Err(Refusal::OwnAccount) } else { self.remove(account_id).await }
    }

    /// Removes an account, with its numbers, notices and sessions.
    async fn remove(&self, account_id: i64) -> Result<(), Refusal> {
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
