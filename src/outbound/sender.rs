//! The sender: claim, gate, intent on disk, call, record.

use super::{Outgoing, SendError, Twilio, callback_url};
use crate::batch::Batch;
use crate::conversation::Inbox;
use crate::delivery::Status;
use crate::dialog::{Consent, Purpose};
use crate::gate::{Verdict, check};
use crate::metrics::Metrics;
use crate::store::{self, Outcome, OutgoingRow};
use crate::texts::reveal;
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
const MAX_BACKOFF_SECONDS: i64 = 300;

/// Wakes the sender when something was queued.
pub type Wake = Arc<Notify>;

/// Sends what is queued.
#[derive(Clone, Debug)]
pub struct Sender {
    /// Store, clock, ids and keys.
    pub inbox: Arc<Inbox>,
    /// Where it is sent.
    pub twilio: Twilio,
    /// Base of callback URLs.
    pub public_url: String,
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
            let claimed = match self.claim(permits.available_permits()).await {
                Ok(rows) => rows,
                Err(error) => {
                    tracing::warn!(error = %store::explain(&error), "the outbox could not be read");
                    Vec::new()
                }
            };
            if claimed.is_empty() {
                self.rest(&stop).await;
                continue;
            }
            for row in claimed {
                let Ok(permit) = permits.clone().acquire_owned().await else { break };
                let sender = self.clone();
                calls.spawn(async move {
                    sender.send(row).await;
                    drop(permit);
                });
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
    /// returns, the intent to send the rest is on disk.
    async fn claim(&self, room: usize) -> sqlx::Result<Vec<OutgoingRow>> {
        if room == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
            return Ok(Vec::new());
        }
        let now = self.inbox.clock.now();
        let lease_until = (now + LEASE).as_millisecond();
        let fence = self.inbox.ids.next(now);
        let limit = i64::try_from(room).unwrap_or(1);
        let mut tx = self.inbox.store.begin().await?;
        let ids = tx.claim_queued(now.as_millisecond(), lease_until, fence, limit).await?;
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let (mut cleared, mut stopped) = (Vec::new(), Vec::new());
        for row in tx.outgoing(&ids).await? {
            match verdict(&row, &row.consent, now) {
                Verdict::Send => cleared.push(row),
                verdict => stopped.push(refusal(&row, verdict, now)),
            }
        }
        if !stopped.is_empty() {
            tx.record(&stopped).await?;
        }
        tx.commit().await?;
        Ok(cleared)
    }

    async fn send(&self, row: OutgoingRow) {
        let now = self.inbox.clock.now();
        let (outcome, opted_out) = match self.still_allowed(&row, now).await {
            Ok(Some(Verdict::Send)) => self.call(&row, now).await,
            Ok(Some(verdict)) => (refusal(&row, verdict, now), false),
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
    async fn still_allowed(&self, row: &OutgoingRow, now: Timestamp) -> sqlx::Result<Option<Verdict>> {
        let consent = self.inbox.store.consent_for_claim(row.id, row.fence).await?;
        Ok(consent.map(|consent| verdict(row, &consent, now)))
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

fn verdict(row: &OutgoingRow, consent: &str, now: Timestamp) -> Verdict {
    let purpose = row.purpose.as_deref().and_then(Purpose::from_name).unwrap_or(Purpose::Reply);
    let expires_at = row.expires_at.and_then(|end| Timestamp::from_millisecond(end).ok());
    check(purpose, expires_at, Consent::from_name(consent), now)
}

fn refusal(row: &OutgoingRow, verdict: Verdict, now: Timestamp) -> Outcome {
    let (status, reason) = match verdict {
        Verdict::Refuse(reason) => (Status::Refused, reason),
        Verdict::Expired | Verdict::Send => (Status::Expired, "its time was over before it could be sent"),
    };
    Outcome { reason: Some(reason.to_owned()), ..outcome(row, status, now) }
}

fn again_later(row: &OutgoingRow, now: Timestamp) -> Outcome {
    let due_at = Some((now + backoff(row)).as_millisecond());
    Outcome { due_at, ..outcome(row, Status::Queued, now) }
}

/// What came of `row`, with nothing said beside the status.
pub(super) fn outcome(row: &OutgoingRow, status: Status, now: Timestamp) -> Outcome {
    Outcome {
        id: row.id,
        fence: row.fence,
        status: status.as_str(),
        rank: status.rank(),
        sid: None,
        mms: None,
        error_code: None,
        reason: None,
        due_at: None,
        by_rest: true,
        expires_at: None,
        now: now.as_millisecond(),
    }
}

/// The words as they are sent: with the code, if there is one.
pub(super) fn words(inbox: &Inbox, row: &OutgoingRow) -> String {
    match row.nonce.as_deref().and_then(|nonce| nonce.parse().ok()) {
        Some(nonce) => reveal(&row.body, &inbox.code_key.code(&row.address, nonce)),
        None => row.body.clone(),
    }
}

/// Doubles with each attempt; the id spreads messages that failed together.
fn backoff(row: &OutgoingRow) -> SignedDuration {
    let exponent = u32::try_from(row.attempts.clamp(1, 10)).unwrap_or(10);
    let seconds = (1_i64 << exponent).min(MAX_BACKOFF_SECONDS);
    SignedDuration::from_millis(seconds * 500 + row.id.rem_euclid(seconds * 500))
}
