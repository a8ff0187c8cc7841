//! What is asked for without being signed in: another code, and trying one. Nothing in the answers or
//! their time tells whether there is such an account.

use super::{Accounts, Email, Refusal, Request};
use crate::dialog::digits_of;
use crate::phone::Phone;
use crate::store::{AccountRow, NumberRow};
use std::time::Duration;

/// So long after the answer its work begins: beside it, the work would slow the answer down.
const BEHIND: Duration = Duration::from_millis(200);

impl Accounts {
    /// Sends another code to the number of this account that waits to be verified, if there is one. It
    /// happens after the answer, which therefore takes as long for everybody.
    ///
    /// # Errors
    /// Too many are under way.
    pub fn resend(&self, email: &str, client: &str) -> Result<(), Refusal> {
        let permit = self.resends.clone().try_acquire_owned();
        let permit = permit.map_err(|_| Refusal::Busy(super::HashError::Busy))?;
        let (accounts, client) = (self.clone(), client.to_owned());
        let key = Email::parse(email).map(|email| email.key());
        self.background.spawn(async move {
            let _held = permit;
            tokio::time::sleep(BEHIND).await;
            let Ok(_turn) = accounts.resending.acquire().await else { return };
            let Ok(key) = key else { return };
            match accounts.resend_to(&key, &client).await {
                Ok(()) => {}
                Err(Refusal::Database(error)) => {
                    tracing::warn!(error = %crate::store::explain(&error), "a code was not sent again");
                }
                Err(refusal) => tracing::info!(%refusal, "a code was not sent again"),
            }
        });
        Ok(())
    }

    async fn resend_to(&self, email_key: &str, client: &str) -> Result<(), Refusal> {
        let Some(account) = self.active(email_key).await? else { return Ok(()) };
        let numbers = self.inbox.store.numbers(account.id).await?;
        let waiting = numbers.iter().filter(|number| !number.is_verified);
        let Some(number) = waiting.max_by_key(|number| (number.is_primary, number.id)) else {
            return Ok(());
        };
        let Some(phone) = Phone::from_e164(&number.address) else { return Ok(()) };
        self.send_code(account.id, phone, Some(client)).await.map(drop)
    }

    /// Tries a code for the number of this account that was asked last.
    ///
    /// # Errors
    /// [`Refusal::Code`], whatever is wrong: with the code, the number or the account.
    pub async fn verify_by_email(&self, email: &str, code: &str) -> Result<NumberRow, Refusal> {
        // Nothing is looked up for what is no code.
        digits_of(code).ok_or(Refusal::Code)?;
        let Some((account_id, phone)) = self.awaited(email).await? else {
            self.pretend(email, code).await;
            return Err(Refusal::Code);
        };
        match self.verify(account_id, phone, code).await {
            Err(Refusal::Judged(_) | Refusal::NotFound(_) | Refusal::NumberTaken | Refusal::Fields(_)) => {
                Err(Refusal::Code)
            }
            other => other,
        }
    }

    /// Reads and writes about as much as where there is something to compare, so that a busy disk does
    /// not tell: a try at an account that is not there, which is undone, and a count.
    async fn pretend(&self, email: &str, code: &str) {
        let digits = u64::from_str_radix(&self.hash(email)[..15], 16).unwrap_or_default();
        let phone = Phone::from_e164(&format!("+1{}", 2_000_000_000 + digits % 7_999_999_993));
        if let Some(phone) = phone {
            let _ = self.verify(0, phone, code).await;
        }
        let _ = self.allow(Request::Verify, email).await;
    }

    /// The account with this email address, and its number that waits for a code.
    async fn awaited(&self, email: &str) -> sqlx::Result<Option<(i64, Phone)>> {
        let Ok(email) = Email::parse(email) else { return Ok(None) };
        let Some(account) = self.active(&email.key()).await? else { return Ok(None) };
        let numbers = self.inbox.store.numbers(account.id).await?;
        let asked = numbers.iter().filter(|number| number.expires_at.is_some());
        let number = asked.max_by_key(|number| number.expires_at);
        let phone = number.and_then(|number| Phone::from_e164(&number.address));
        Ok(phone.map(|phone| (account.id, phone)))
    }

    /// The account with this email address that may be used.
    pub(super) async fn active(&self, email_key: &str) -> sqlx::Result<Option<AccountRow>> {
        let account = self.inbox.store.account_by_email(email_key).await?;
        Ok(account.filter(|account| account.disabled_at.is_none()))
    }
}
