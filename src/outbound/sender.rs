//! The sender: claims line by line, and sees each message off.

use super::claim::{Claimed, Cleared};
use super::lines::{Line, Place, Room};
use super::recorder::Record;
use super::{ClaimId, Intent, Twilio};
use crate::batch::Batch;
use crate::conversation::Inbox;
use crate::gate::Rules;
use crate::metrics::Metrics;
use crate::purpose::Purpose;
use crate::store;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How often to look for what has come due while nobody wakes us.
const POLL: Duration = Duration::from_secs(1);

/// How long a claimed message may wait for a call; then it goes back to the queue. A call that begins
/// earlier is over before the claim ends.
const TURN: Duration = Duration::from_secs(10);

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
    /// The senders it leaves from: for WhatsApp, and for everything else.
    pub lines: [Line; 2],
    /// Base of callback URLs.
    pub public_url: String,
    /// The rules of the gate.
    pub rules: Arc<Rules>,
    /// Reads consent right before calls.
    pub consents: Batch<ClaimId, Option<Intent>>,
    /// Takes outcomes.
    pub recorder: Batch<Record, ()>,
    /// Counts.
    pub metrics: Metrics,
    /// Notified when something was queued.
    pub wake: Wake,
    /// Wakes who looks at campaigns.
    pub campaigns: Wake,
}

/// What the sender waits for when it has claimed what it could.
#[derive(Debug, Default)]
struct Waits {
    until: Option<Timestamp>,
    full: [Option<Room>; 2],
}

impl Sender {
    /// Sends until `stop`, then waits for the calls under way.
    pub async fn run(self, stop: CancellationToken) {
        let (sender, calls) = (Arc::new(self), TaskTracker::new());
        while !stop.is_cancelled() {
            let mut waits = Waits::default();
            for number in 0..sender.lines.len() {
                match sender.claim(&sender.lines[number]).await {
                    Ok(claimed) => {
                        waits.full[number] = claimed.full;
                        waits.until = [waits.until, claimed.next_at].into_iter().flatten().min();
                        sender.see_off(number, claimed, &calls).await;
                    }
                    Err(error) => {
                        tracing::warn!(error = %store::explain(&error), "the outbox could not be read");
                    }
                }
            }
            sender.rest(&stop, &waits).await;
        }
        calls.close();
        calls.wait().await;
    }

    async fn see_off(self: &Arc<Self>, number: usize, claimed: Claimed, calls: &TaskTracker) {
        for cleared in claimed.cleared {
            let purpose = cleared.row.purpose.as_deref().and_then(Purpose::from_name);
            let place = self.lines[number].place(purpose.map_or(0, Purpose::priority)).await;
            let sender = self.clone();
            calls.spawn(async move { sender.send_in_turn(&sender.lines[number], cleared, place).await });
        }
    }

    async fn send_in_turn(&self, line: &Line, cleared: Cleared, place: Place) {
        self.inbox.clock.sleep_until(cleared.leave_at).await;
        match tokio::time::timeout(TURN, place.call()).await {
            Ok(_call) => self.send(line, &cleared).await,
            Err(_) => self.put_back(&cleared).await,
        }
    }

    async fn rest(&self, stop: &CancellationToken, waits: &Waits) {
        let room = async |line: &Line, full: Option<Room>| match full {
            Some(room) => line.room_again(room).await,
            None => std::future::pending().await,
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.wake.notified() => {}
            () = self.inbox.clock.sleep(POLL) => {}
            () = self.inbox.clock.sleep_until(waits.until.unwrap_or(Timestamp::MAX)), if waits.until.is_some() => {}
            () = room(&self.lines[0], waits.full[0]) => {}
            () = room(&self.lines[1], waits.full[1]) => {}
        }
    }
}
