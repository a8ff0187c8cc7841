//! The sender: claim, gate, intent on disk, call, record.

use super::clearance::{Standing, standings, verdict};
use super::outcome::{again_later, held, outcome, skipped, words};
use super::{Outgoing, SendError, Twilio, callback_url};
use crate::batch::Batch;
use crate::conversation::Inbox;
use crate::delivery::Status;
use crate::gate::{Rules, Verdict};
use crate::metrics::Metrics;
use crate::store::{self, Outcome, OutgoingRow};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Calls to Twilio under way at once; its limit on concurrency is unpublished, 100 is hearsay.
const MAX_CALLS: usize = 48;
/// How long a claim holds: longer than a call may take, after that the settler takes over.
const LEASE: SignedDuration = SignedDuration::from_secs(30);
/// How often to look for what has come due while nobody wakes us.
const POLL: Duration = Duration::from_secs(1);

/// Wakes the sender when something was queued.
pub type Wake = Arc<Notify>;

/// Sends what is queued.
#[derive(Clone, Debug)]
pub struct Sender {
    /// Store, clock, ids and keys.
    pub inbox: Arc<Inbox>,
    /// Whether there is anybody to send by; without, messages are recorded as skipped.
    pub sends: bool,
    /// Where it is sent.
    pub twilio: Twilio,
    /// Base of callback URLs.
    pub public_url: String,
    /// The rules of the gate.
    pub rules: Arc<Rules>,
    /// Takes outcomes.
    pub recorder: Batch<(Outcome, bool), ()>,
    /// Counts.
    pub metrics: Metrics,
    /// Notified when something was queued.
    pub wake: Wake,
}

impl Sender {
    /// Sends until `stop`, then waits for the calls under way.
    pub async fn run(self, stop: CancellationToken) {
        let calls = TaskTracker::new();
        let permits = Arc::new(Semaphore::new(MAX_CALLS));
        while !stop.is_cancelled() {
            // Room for one call at least; how many more there is room for is seen when it is had.
            let Ok(first) = permits.clone().acquire_owned().await else { break };
            match self.claim(permits.available_permits() + 1).await {
                Ok(Some(cleared)) => {
                    drop(first);
                    for (row, standing) in cleared {
                        let Ok(permit) = permits.clone().acquire_owned().await else { break };
                        let sender = self.clone();
                        calls.spawn(async move {
                            sender.send(row, standing).await;
                            drop(permit);
                        });
                    }
                }
                Ok(None) => self.rest(&stop).await,
                Err(error) => {
                    tracing::warn!(error = %store::explain(&error), "the outbox could not be read");
                    self.rest(&stop).await;
                }
            }
        }
        calls.close();
        calls.wait().await;
    }

    async fn rest(&self, stop: &CancellationToken) {
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.wake.notified() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }

    /// Claims what is due and asks the gate; what may not leave is recorded at once. When this
    /// returns, the intent to send the rest is on disk. `None` when nothing was due.
    async fn claim(&self, room: usize) -> sqlx::Result<Option<Vec<(OutgoingRow, Standing)>>> {
        let now = self.inbox.clock.now();
        let lease_until = (now + LEASE).as_millisecond();
        let fence = self.inbox.ids.next(now);
        let limit = i64::try_from(room).unwrap_or(1);
        let mut tx = self.inbox.store.begin().await?;
        let ids = tx.claim_queued(now.as_millisecond(), lease_until, fence, limit).await?;
        if ids.is_empty() {
            return Ok(None);
        }
        let rows = tx.outgoing(&ids).await?;
        let standings = standings(&mut tx, &rows, now).await?;
        let (mut cleared, mut stopped) = (Vec::new(), Vec::new());
        for row in rows {
            let standing = standings.get(&row.id).copied().unwrap_or_default();
            match verdict(&row, &row.consent, standing, &self.rules, now) {
                Verdict::Send if !self.sends => stopped.push(skipped(&row, now)),
                Verdict::Send => cleared.push((row, standing)),
                verdict => stopped.push(held(&row, verdict, now)),
            }
        }
        if !stopped.is_empty() {
            tx.record(&stopped).await?;
        }
        tx.commit().await?;
        Ok(Some(cleared))
    }

    async fn send(&self, row: OutgoingRow, standing: Standing) {
        let now = self.inbox.clock.now();
        let (outcome, opted_out) = match self.still_allowed(&row, standing, now).await {
            Ok(Some(Verdict::Send)) => self.call(&row, now).await,
            Ok(Some(verdict)) => (held(&row, verdict, now), false),
            // A report of an earlier attempt has come, or the lease has ended: it is not ours to send.
            Ok(None) => return,
            Err(error) => {
                tracing::warn!(message = row.id, error = %store::explain(&error), "consent could not be read");
                (again_later(&row, now), false)
            }
        };
        self.metrics.send(outcome.status);
        let again = outcome.status == Status::Queued.as_str();
        if let Err(error) = self.recorder.submit((outcome, opted_out)).await {
            // The lease ends and the settler finds out by Twilio's list.
            tracing::warn!(message = row.id, %error, "an outcome was not recorded");
        }
        if again {
            self.wake.notify_one();
        }
    }

    /// Asks for consent once more right before the call, so that none starts after a STOP, and
    /// whether the message is still ours to send.
    async fn still_allowed(
        &self,
        row: &OutgoingRow,
        standing: Standing,
        now: Timestamp,
    ) -> sqlx::Result<Option<Verdict>> {
        let consent = self.inbox.store.consent_for_claim(row.id, row.fence).await?;
        Ok(consent.map(|consent| verdict(row, &consent, standing, &self.rules, now)))
    }

    async fn call(&self, row: &OutgoingRow, now: Timestamp) -> (Outcome, bool) {
        let body = words(&self.inbox, row);
        let callback = callback_url(&self.public_url, row.id, row.attempts);
        let validity_seconds = row.expires_at.map_or(36_000, |end| (end - now.as_millisecond()) / 1000);
        let message = Outgoing { to: &row.address, body: &body, callback: &callback, validity_seconds };
        let result = self.twilio.send(&message).await;
        if let Err(error) = &result {
            tracing::warn!(message = row.id, attempt = row.attempts, %error, "a message was not sent");
        }
        let now = self.inbox.clock.now();
        let blank = outcome(row, Status::Accepted, now);
        match result {
            Ok(accepted) => {
                let sid = Some(accepted.sid.id.simple().to_string());
                (Outcome { sid, mms: Some(accepted.sid.mms), ..blank }, false)
            }
            Err(SendError::Retry(_)) => (again_later(row, now), false),
            Err(SendError::Uncertain(_)) => {
                let due_at = Some((now + self.inbox.settings.settle_after).as_millisecond());
                (Outcome { due_at, ..outcome(row, Status::Uncertain, now) }, false)
            }
            Err(SendError::Permanent { code, words }) => {
                let error_code = code.map(i64::from);
                (Outcome { error_code, reason: Some(words), ..outcome(row, Status::Failed, now) }, false)
            }
            Err(SendError::OptedOut) => {
                let reason = Some("the person has opted out at Twilio".to_owned());
                (Outcome { error_code: Some(21610), reason, ..outcome(row, Status::Failed, now) }, true)
            }
        }
    }
}
