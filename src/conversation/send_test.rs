//! Test messages that staff and the owners of accounts send: through the same outbox and gate as everything else.

use super::{Inbox, Queued};
use crate::phone::Phone;
use crate::problem::ERASED;
use crate::purpose::Purpose;
use crate::store::Tx;
use jiff::SignedDuration;

/// How long a test is worth sending: somebody is watching for it.
const TEST_LIFETIME: SignedDuration = SignedDuration::from_mins(10);

/// Why a test message was not queued.
#[derive(Debug, thiserror::Error)]
pub enum TestError {
    /// The number was erased.
    #[error("{ERASED}")]
    Erased,
    /// The database did not answer.
    #[error("the database did not answer")]
    Store(#[from] sqlx::Error),
}

/// Whom a message may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The person it is for.
    Person,
    /// Nobody: whoever sends it holds a test token.
    Nobody,
}

impl Inbox {
    /// Puts the messages `ids`, just queued in `tx`, aside where they are to reach nobody.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn restrain(&self, tx: &mut Tx, ids: &[i64], reach: Reach) -> sqlx::Result<()> {
        match reach {
            Reach::Person => Ok(()),
            Reach::Nobody => {
                let reason = "it came by a test token, whose messages reach no phone";
                tx.skip_messages(ids, reason, self.clock.now().as_millisecond()).await
            }
        }
    }

    /// Queues a test message with these words; returns its id. `account_id` is whose owner sends it, if it
    /// is one.
    ///
    /// # Errors
    /// The number was erased, or the database did not answer.
    pub async fn send_test(
        &self,
        to: Phone,
        body: &str,
        reach: Reach,
        account_id: Option<i64>,
    ) -> Result<i64, TestError> {
        let mut tx = self.store.begin().await?;
        let contact = self.contacts(&mut tx, vec![to.to_string()]).await?.pop();
        let contact = contact.ok_or(sqlx::Error::RowNotFound)?;
        if contact.erased_at.is_some() {
            return Err(TestError::Erased);
        }
        let id = self.queue_test(&mut tx, contact.id, body, account_id).await?;
        self.restrain(&mut tx, &[id], reach).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// The same within a transaction that has the contact locked.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn queue_test(
        &self,
        tx: &mut Tx,
        contact_id: i64,
        body: &str,
        account_id: Option<i64>,
    ) -> sqlx::Result<i64> {
        let now = self.clock.now();
        let queued = Queued {
            content: None,
            contact_id,
            purpose: Purpose::Test,
            body,
            what_for: None,
            source_id: account_id,
            due_at: now,
            expires_at: now + TEST_LIFETIME,
        };
        let id = self.ids.next(now);
        tx.save_slice(&[queued.row(id, now)], &[]).await?;
        Ok(id)
    }
}
