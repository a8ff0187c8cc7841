//! Telling an operator what stays uncertain.

use super::TwilioError;
use super::fate::age;
use super::settle::Settler;
use crate::store::{Outcome, OutgoingRow};
use jiff::SignedDuration;

/// After this long without an answer from Twilio, an operator is told.
pub(super) const RAISE_AFTER: SignedDuration = SignedDuration::from_mins(10);
/// Most that are raised at once.
const SLICE: i64 = 1000;
const NO_LIST: &str = "the operator: Twilio's message list can't be read, so nobody knows whether it was sent. \
                       Check TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and the network.";
const OVERDUE: &str = "the operator: Twilio's message lists come too slowly to look all messages up, so nobody knows \
                       whether it was sent. It is looked up when its turn comes; Twilio's console tells sooner.";

impl Settler {
    /// Raises what should have been looked up and was not: where Twilio takes long for each list, looks fall behind.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn raise_overdue(&self) -> sqlx::Result<()> {
        let now = self.inbox.clock.now();
        let sent_by = (now - RAISE_AFTER).as_millisecond();
        let mut tx = self.inbox.store.begin().await?;
        let raised = tx.raise_overdue(now.as_millisecond(), sent_by, OVERDUE, SLICE).await?;
        if raised.is_empty() {
            return Ok(());
        }
        for _ in &raised {
            self.metrics.settled("raised");
        }
        tracing::error!(
            messages = raised.len(),
            "messages are still uncertain, and Twilio's lists are too slow to tell"
        );
        self.inbox.announce_fates(&mut tx, raised).await?;
        tx.commit().await
    }

    /// Twilio's list could not be read: wait, and tell an operator in time.
    pub(super) fn no_list(&self, row: &OutgoingRow, error: &TwilioError) -> Outcome {
        let sight = self.steps.sight(&self.inbox.clock);
        tracing::debug!(message = row.id, %error, "Twilio's message list could not be read");
        // It may seem longer than it is where the clock was set: nothing is sent for that.
        let waited = self.waited(self.waits(row, &sight)).max(age(row, &sight) + sight.back);
        let raised = waited >= RAISE_AFTER;
        if raised {
            self.raise(row, waited < RAISE_AFTER + self.waited(2));
        }
        self.wait(row, sight.now, raised.then(|| NO_LIST.to_owned()))
    }

    /// Tells an operator about a message that has been uncertain for too long; loudly the first time, not at each look.
    pub(super) fn raise(&self, row: &OutgoingRow, first: bool) {
        self.metrics.settled("raised");
        if first {
            tracing::error!(message = row.id, "a message is still uncertain and needs an operator");
        }
    }
}
