//! API tokens that an account has made: what it may not do any more, they may not either.

use super::{Accounts, Role};
use crate::audit::{AuditKey, Entry};
use crate::store::{AccountRow, Tx};

/// Who acts, and the log in which that is noted.
#[derive(Clone, Copy, Debug)]
pub struct Witness<'a> {
    /// Signs the log.
    pub key: &'a AuditKey,
    /// Who, as the log names them.
    pub actor: &'a str,
}

/// The person with this account, as the audit log and the consent ledger name them.
#[must_use]
pub fn account_name(id: i64) -> String {
    format!("account {id}")
}

/// Whether a name is that of an account.
#[must_use]
pub fn is_account(name: &str) -> bool {
    name.strip_prefix("account ").is_some_and(|id| id.parse::<i64>().is_ok())
}

/// What an account may do by its role; one that is disabled, nothing.
fn role_of(row: &AccountRow) -> Option<Role> {
    Role::from_name(&row.role).filter(|_| row.disabled_at.is_none())
}

impl Accounts {
    /// Revokes the tokens that an account has made and that hold a scope which `row`, the account as it is
    /// from now on, lacks; without a `row` all of them. Each leaves an entry in the log. The account must be
    /// locked.
    pub(super) async fn revoke_tokens(
        &self,
        tx: &mut Tx,
        account_id: i64,
        row: Option<&AccountRow>,
        witness: Witness<'_>,
    ) -> sqlx::Result<()> {
        let role = row.and_then(role_of);
        let now = self.now();
        for (id, scopes) in tx.tokens_of(&account_name(account_id)).await? {
            if scopes.split(' ').all(|scope| role.is_some_and(|role| role.includes(scope))) {
                continue;
            }
            tx.revoke_token(id, now.as_millisecond()).await?;
            let entry = Entry {
                id: self.inbox.ids.next(now),
                at: now.as_millisecond(),
                actor: witness.actor.to_owned(),
                action: "revoke token".to_owned(),
                subject: format!("id {id}, made by {}", account_name(account_id)),
            };
            tx.add_audit(witness.key, entry).await?;
        }
        Ok(())
    }

    /// Locks an account that is about to make a token, and says whether it still has all these scopes.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn still_has(&self, tx: &mut Tx, account_id: i64, scopes: &[&str]) -> sqlx::Result<bool> {
        let role = tx.lock_account(account_id).await?.as_ref().and_then(role_of);
        Ok(scopes.iter().all(|scope| role.is_some_and(|role| role.includes(scope))))
    }
}
