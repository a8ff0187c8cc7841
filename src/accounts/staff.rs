//! What an admin changes of an account.

use super::current_password::Given;
use super::profile::{Change, LONGEST_NAME, put};
use super::role::Role;
use super::{Accounts, Refusal, Witness};
use crate::store::AccountRow;
use crate::visible::is_all_visible;
use jiff::Timestamp;
use unicode_normalization::UnicodeNormalization as _;

/// What an admin changes.
#[derive(Clone, Default)]
#[expect(missing_docs, missing_debug_implementations, reason = "the API names them; it holds a secret")]
pub struct StaffChanges {
    pub external_id: Change<String>,
    pub role: Option<String>,
    /// Only to switch it off, for people who have lost their number.
    pub second_factor: Option<String>,
    pub disabled: Option<bool>,
    /// Whose account asks for it, unless a program does.
    pub by: Option<i64>,
    /// Asked for where it is their own account that has less to guard it, or may do less.
    pub current_password: Option<String>,
}

impl Accounts {
    /// Changes an account as an admin wishes. Disabling it ends every session, and so do another role and
    /// the end of its second factor. The API tokens that it made end with the scopes that it loses.
    ///
    /// # Errors
    /// A field that is wrong, or no such account, or there would be no admin any more, or it is the admin's own
    /// and the password is not right.
    pub async fn change_as_staff(
        &self,
        id: i64,
        changes: &StaffChanges,
        witness: Witness<'_>,
    ) -> Result<AccountRow, Refusal> {
        let given = self.given(id, changes).await?;
        let mut tx = self.inbox.store.begin().await?;
        let found = tx.lock_account_and_admins(id).await?;
        let (before, other_admins) = found.ok_or(Refusal::NotFound("no such account"))?;
        let row = changed_by_staff(&before, changes, self.now())?;
        if before.is_admin() && !row.is_admin() && !other_admins {
            return Err(Refusal::LastAdmin);
        }
        let guards = |row: &AccountRow| (row.role.clone(), row.second_factor.clone());
        let may_less = guards(&before) != guards(&row);
        if may_less || before.disabled_at != row.disabled_at {
            given.map_or(Ok(()), |(own, given)| given.since(&own, &before).require())?;
        }
        if may_less || row.disabled_at.is_some() {
            tx.end_sessions(id).await?;
        }
        self.revoke_tokens(&mut tx, id, Some(&row), witness).await?;
        match self.save(tx, row).await {
            Err(Refusal::Database(sqlx::Error::Database(error))) if error.is_unique_violation() => {
                Err(Refusal::field("external_id", "another account has this"))
            }
            other => other,
        }
    }

    /// The admin's own account and what came of asking for its password: nobody is asked for somebody else's.
    async fn given(&self, id: i64, changes: &StaffChanges) -> Result<Option<(AccountRow, Given)>, Refusal> {
        if changes.by != Some(id) {
            return Ok(None);
        }
        let own = self.inbox.store.account(id).await?.ok_or(Refusal::NotFound("no such account"))?;
        let given = self.password(&own, changes.current_password.clone()).await?;
        Ok(Some((own, given)))
    }
}

/// An account after an admin's changes.
fn changed_by_staff(
    before: &AccountRow,
    changes: &StaffChanges,
    now: Timestamp,
) -> Result<AccountRow, Refusal> {
    let (mut row, mut wrong) = (before.clone(), Vec::new());
    match changes.role.as_deref().map(Role::from_name) {
        Some(Some(role)) => role.as_str().clone_into(&mut row.role),
        Some(None) => wrong.push(("role", "must be user, operator or admin".to_owned())),
        None => {}
    }
    put(&mut row.external_id, &changes.external_id, read_external_id, "external_id", &mut wrong);
    match changes.second_factor.as_deref() {
        Some("none") => "none".clone_into(&mut row.second_factor),
        Some(_) => wrong.push(("second_factor", "can only be switched off: none".to_owned())),
        None => {}
    }
    match changes.disabled {
        Some(true) => row.disabled_at = row.disabled_at.or(Some(now.as_millisecond())),
        Some(false) => row.disabled_at = None,
        None => {}
    }
    if wrong.is_empty() { Ok(row) } else { Err(Refusal::Fields(wrong)) }
}

/// The id that another system has for an account, in one form: what looks alike must be alike.
///
/// # Errors
/// What it must be.
pub(super) fn read_external_id(text: &str) -> Result<String, String> {
    let id: String = text.nfc().collect();
    let fits = is_all_visible(&id) && id.chars().count() <= LONGEST_NAME && id.trim() == id;
    let must =
        format!("must have 1 to {LONGEST_NAME} characters that can be seen, and no space at either end");
    if fits { Ok(id) } else { Err(must) }
}
