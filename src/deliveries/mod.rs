//! Webhooks to the organisation's own systems: claimed by lease, posted, recorded, tried again.
//! Delivered at least once, in no promised order.

mod post;
mod record;
mod tidy;

pub use post::Post;
pub use record::Attempt;

use crate::conversation::Inbox;
use crate::events::{DISABLE_AFTER, SigningKey};
use crate::store::{self, ClaimedRow};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use post::Letter;
use record::{Health, record};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Calls to one endpoint under way at once, so that a slow one holds up only itself.
const CALLS_PER_ENDPOINT: usize = 4;
/// How long a claim holds: longer than a call may take. Then somebody else delivers.
const LEASE: SignedDuration = SignedDuration::from_secs(30);
/// How often to look for what has come due, and for endpoints that another node has changed.
const POLL: Duration = Duration::from_millis(500);
/// How long calls under way may take once the server is told to stop.
const GRACE: Duration = Duration::from_secs(4);

/// Delivers webhooks.
#[derive(Clone, Debug)]
pub struct Deliverer {
    /// Store, clock, ids and listeners.
    pub inbox: Arc<Inbox>,
    /// Posts them.
    pub post: Post,
    /// Endpoints' secrets follow from it.
    pub key: SigningKey,
}

/// The calls under way; those of a deliverer that panicked are still among them when it begins anew.
#[derive(Clone, Debug, Default)]
pub struct Calls {
    all: TaskTracker,
    busy: Arc<Busy>,
    abandoned: CancellationToken,
}

/// How many they are, by endpoint.
#[derive(Debug, Default)]
struct Busy(Mutex<HashMap<i64, usize>>);

impl Busy {
    fn room(&self, endpoint: i64) -> usize {
        let busy = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        CALLS_PER_ENDPOINT.saturating_sub(busy.get(&endpoint).copied().unwrap_or(0))
    }

    /// Counts a call until what is returned is dropped.
    fn begin(self: &Arc<Self>, endpoint: i64) -> Call {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(endpoint).or_default() += 1;
        Call { busy: self.clone(), endpoint }
    }

    fn end(&self, endpoint: i64) {
        let mut busy = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = busy.get_mut(&endpoint) {
            *count -= 1;
            if *count == 0 {
                busy.remove(&endpoint);
            }
        }
    }
}

/// A call that is under way, or has just ended: also by a panic.
struct Call {
    busy: Arc<Busy>,
    endpoint: i64,
}

impl Drop for Call {
    fn drop(&mut self) {
        self.busy.end(self.endpoint);
    }
}

impl Deliverer {
    /// Delivers until `stop`, then waits a little for the calls under way; what those would have
    /// recorded is delivered again by the next start.
    pub async fn run(self, calls: Calls, stop: CancellationToken) {
        let mut tidy_at = Timestamp::MIN;
        while !stop.is_cancelled() {
            if let Err(error) = self.start_due(&calls).await {
                tracing::warn!(error = %store::explain(&error), "webhooks could not be read");
            }
            self.tidy_if_due(&mut tidy_at).await;
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.inbox.listeners.changed.notified() => {}
                () = tokio::time::sleep(POLL) => {}
            }
        }
        calls.all.close();
        if tokio::time::timeout(GRACE, calls.all.wait()).await.is_err() {
            calls.abandoned.cancel();
            calls.all.wait().await;
        }
    }

    async fn start_due(&self, calls: &Calls) -> sqlx::Result<()> {
        for row in self.claim(|endpoint| calls.busy.room(endpoint)).await? {
            let (deliverer, abandoned) = (self.clone(), calls.abandoned.clone());
            let call = calls.busy.begin(row.endpoint_id);
            calls.all.spawn(async move {
                tokio::select! {
                    () = abandoned.cancelled() => {}
                    () = deliverer.deliver(&row) => {}
                }
                drop(call);
                deliverer.inbox.listeners.changed.notify_one();
            });
        }
        Ok(())
    }

    /// Delivers one slice of what is due and returns how many webhooks that were.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn deliver_due(&self) -> sqlx::Result<usize> {
        let rows = self.claim(|_| CALLS_PER_ENDPOINT).await?;
        join_all(rows.iter().map(|row| self.deliver(row))).await;
        Ok(rows.len())
    }

    /// Claims what is due, for each endpoint as many as it has room for.
    async fn claim(&self, room: impl Fn(i64) -> usize) -> sqlx::Result<Vec<ClaimedRow>> {
        let Inbox { store, listeners, clock, ids, .. } = &*self.inbox;
        listeners.refresh(store).await?;
        if !listeners.any() {
            return Ok(Vec::new());
        }
        let now = clock.now();
        let (at, lease_until) = (now.as_millisecond(), (now + LEASE).as_millisecond());
        let mut claimed = Vec::new();
        for endpoint in store.due_endpoints(at).await? {
            let limit = i64::try_from(room(endpoint)).unwrap_or(0);
            if limit > 0 {
                claimed
                    .extend(store.claim_deliveries(endpoint, at, lease_until, ids.next(now), limit).await?);
            }
        }
        Ok(claimed)
    }

    async fn deliver(&self, row: &ClaimedRow) {
        let at = self.inbox.clock.now();
        let attempt = Attempt::new(at, self.post.send(self.letter(row, at)).await);
        if let Some(error) = &attempt.error {
            let (endpoint, number) = (row.endpoint_id, row.attempts);
            tracing::warn!(delivery = row.id, endpoint, attempt = number, %error, "a webhook was not taken");
        }
        if let Err(error) = self.record(row, &attempt).await {
            // The lease ends, and the receiver gets the same webhook again.
            let error = store::explain(&error);
            tracing::warn!(delivery = row.id, %error, "a webhook's fate was not recorded");
        }
    }

    fn letter<'a>(&self, row: &'a ClaimedRow, at: Timestamp) -> Letter<'a> {
        // The same one for every attempt: by it receivers know a webhook that they have had.
        let id = format!("msg_{}", row.event_id);
        let previous = row.previous_nonce.iter();
        let previous = previous.filter(|_| row.previous_until.is_some_and(|end| at.as_millisecond() < end));
        let signatures: Vec<String> = std::iter::once(&row.nonce)
            .chain(previous)
            .map(|nonce| self.key.secret(nonce).sign(&id, at.as_second(), &row.body))
            .collect();
        Letter { url: &row.url, id, at, signatures: signatures.join(" "), body: row.body.clone() }
    }

    /// Writes what came of an attempt, and what it says about its endpoint.
    async fn record(&self, row: &ClaimedRow, attempt: &Attempt) -> sqlx::Result<()> {
        let now = self.inbox.clock.now();
        let mut tx = self.inbox.store.begin().await?;
        if !tx.record_delivery(&record(row, attempt, now)).await? {
            return Ok(());
        }
        let health = attempt.health();
        tx.note_health(row.endpoint_id, (health != Health::Works).then_some(now.as_millisecond())).await?;
        tx.commit().await?;
        match health {
            Health::Works => {}
            Health::Gone => {
                let reason = "it answered 410: it wants no more webhooks";
                self.switch_off(row.endpoint_id, reason, true, now).await?;
            }
            Health::Fails => {
                let endpoint = self.inbox.store.endpoint(row.endpoint_id).await?;
                let since = endpoint.and_then(|endpoint| endpoint.failing_since);
                if since.is_some_and(|since| since <= (now - DISABLE_AFTER).as_millisecond()) {
                    let reason = "it has failed for five days; enable it again when it works";
                    self.switch_off(row.endpoint_id, reason, false, now).await?;
                }
            }
        }
        Ok(())
    }
}
