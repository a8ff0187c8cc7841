//! The account's password once more, which a session alone does not stand for.

use super::{Accounts, Refusal, Request, password};
use crate::store::AccountRow;

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
}
