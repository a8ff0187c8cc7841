//! Keeps the tables of webhooks small: old rows go, and nobody's backlog grows without end.

use super::Deliverer;
use crate::events::DISABLE_AFTER;
use crate::ids::Ids;
use crate::store;
use jiff::{SignedDuration, Timestamp};

const EVERY: SignedDuration = SignedDuration::from_mins(1);
/// How long events and deliveries are kept, for questions and replays.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);
/// The most that may wait for one endpoint.
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

    /// Removes what is older than 30 days and switches off endpoints for which `max_pending` or more
    /// deliveries wait: they take nothing, and the rest of the house must not drown in it.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn tidy(&self, max_pending: i64) -> sqlx::Result<()> {
        let store = &self.inbox.store;
        let now = self.inbox.clock.now();
        store.sweep_webhooks(Ids::floor(now - KEPT), now.as_millisecond()).await?;
        for endpoint in store.endpoints().await?.into_iter().filter(|endpoint| endpoint.enabled) {
            if store.pending_deliveries(endpoint.id, max_pending).await? < max_pending {
                continue;
            }
            let reason = "too many deliveries wait for it; enable it again when it works";
            self.switch_off(endpoint.id, reason, true, now).await?;
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
