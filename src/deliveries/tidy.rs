//! Keeps the tables of webhooks small: old rows go, and nobody's backlog grows without end.

use super::Deliverer;
use crate::events::DISABLE_AFTER;
use crate::ids::Ids;
use crate::store;
use jiff::{SignedDuration, Timestamp};

const EVERY: SignedDuration = SignedDuration::from_mins(1);
/// How long events and deliveries are kept, for questions and replays.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);
/// The most that may wait for an endpoint that fails, and half of what may wait for one that does not.
const MAX_PENDING: i64 = 200_000;

impl Deliverer {
    pub(super) async fn tidy_if_due(&self, tidy_at: &mut Timestamp) {
        let now = self.inbox.clock.now();
        if now < *tidy_at {
            return;
        }
        *tidy_at = now + EVERY;
        if let Err(error) = self.tidy(MAX_PENDING).await {
            tracing::warn!(error = %store::explain(&error), "old webhooks could not be removed");
        }
    }

    /// Removes what is older than 30 days and switches off endpoints for which too many deliveries wait
    /// (`max_pending` while it fails, else twice that): the rest of the house must not drown in them.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn tidy(&self, max_pending: i64) -> sqlx::Result<()> {
        let store = &self.inbox.store;
        let now = self.inbox.clock.now();
        store.sweep_webhooks(Ids::floor(now - KEPT), now.as_millisecond()).await?;
        for endpoint in store.endpoints().await?.into_iter().filter(|endpoint| endpoint.enabled) {
            let waiting = store.pending_deliveries(endpoint.id, max_pending * 2).await?;
            // One that works may catch up, unless it falls ever further behind.
            let most = if endpoint.failing_since.is_some() { max_pending } else { max_pending * 2 };
            if waiting >= most {
                let reason = "too many deliveries wait for it; enable it again when it works";
                self.switch_off(endpoint.id, reason, true, now).await?;
            }
        }
        Ok(())
    }

    /// Switches an endpoint off if it has failed for too long, or `anyway`, and says so in the log.
    pub(super) async fn switch_off(
        &self,
        endpoint: i64,
        reason: &str,
        anyway: bool,
        now: Timestamp,
    ) -> sqlx::Result<()> {
        let since = (now - DISABLE_AFTER).as_millisecond();
        let mut tx = self.inbox.store.begin().await?;
        if tx.disable_endpoint(endpoint, reason, anyway, since, now.as_millisecond()).await? {
            tx.commit().await?;
            tracing::error!(endpoint, reason, "a webhook endpoint was switched off");
        }
        Ok(())
    }
}
