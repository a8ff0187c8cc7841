//! Test messages that people send to a number of their own.

use super::budget::{TestSend, test_limits};
use super::{Accounts, Refusal};
use crate::phone::Phone;
use crate::segments;

const NOT_YOURS: &str = "is not among your numbers: add it and verify it first";
const NOT_VERIFIED: &str = "is not verified yet: verify it first";

impl Accounts {
    /// Queues a test message to a verified number of an account; returns its id.
    ///
    /// # Errors
    /// The account has no such number or has not proven it, or these were too many.
    pub async fn send_test(&self, account_id: i64, phone: Phone, body: &str) -> Result<i64, Refusal> {
        let mut tx = self.inbox.store.begin().await?;
        let (contact, _) = self.speaker(&mut tx, phone).await?;
        let number = tx.number(account_id, &contact.address).await?;
        let number = number.ok_or_else(|| Refusal::field("phone_number", NOT_YOURS))?;
        if !number.is_verified {
            return Err(Refusal::field("phone_number", NOT_VERIFIED));
        }
        let send = TestSend {
            phone,
            account_id,
            segments: segments::count(body).segments.try_into().unwrap_or(i64::MAX),
            country_cap: self.settings.limits.codes_per_country.into(),
            dollars: self.settings.limits.code_spend.into(),
        };
        self.spend(&mut tx, &test_limits(&send, |text| self.hash(text))).await?;
        let id = self.inbox.queue_test(&mut tx, contact.id, body, Some(account_id)).await?;
        tx.commit().await?;
        self.wake.notify_one();
        Ok(id)
    }
}
