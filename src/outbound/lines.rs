//! The senders that messages leave from, each with a rate and with calls of its own.

use crate::config::{self, Config};
use crate::phone::Phone;
use crate::rate::Rate;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Calls to Twilio under way at once, for each line; Twilio's limit on concurrency is unpublished, 100 is
/// hearsay. Codes and answers have calls of their own, so that they never wait behind a campaign.
const URGENT_CALLS: usize = 8;
const BULK_CALLS: usize = 40;
/// Claimed messages for each call: the next ones are at hand when a call ends.
const AT_HAND: usize = 4;
/// Bulk is claimed in slices of at least this many, because each claim is a transaction.
const SLICE: usize = 80;
/// The last priority that is urgent: codes, answers, alerts and tests.
const LAST_URGENT: i64 = 1;

/// One sender, with what is under way from it in this process.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its name in the database: our number, messaging service or WhatsApp number.
    pub sender: String,
    /// Whether it takes the messages on WhatsApp or all others.
    pub whatsapp: bool,
    /// How fast it may send.
    pub rate: Rate,
    urgent: Lane,
    bulk: Lane,
}

/// What is claimed, and what is being sent of it.
#[derive(Clone, Debug)]
struct Lane {
    claimed: Arc<Semaphore>,
    calls: Arc<Semaphore>,
}

/// How many messages may be claimed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    urgent: usize,
    bulk: usize,
}

/// A claimed message's place in its lane, until this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    _claimed: Option<OwnedSemaphorePermit>,
    calls: Arc<Semaphore>,
}

impl Lane {
    fn of(calls: usize) -> Self {
        Self { claimed: Arc::new(Semaphore::new(calls * AT_HAND)), calls: Arc::new(Semaphore::new(calls)) }
    }
}

impl Line {
    /// The lines of an account: for WhatsApp and for everything else.
    #[must_use]
    pub fn both(twilio: &config::Twilio, config: &Config) -> [Self; 2] {
        let line = |whatsapp, rate| {
            let (_, name) = sender_for(&twilio.sender, twilio.whatsapp, whatsapp);
            let named = name.starts_with("whatsapp:");
            let sender = if whatsapp && !named { format!("whatsapp:{name}") } else { name };
            let rate = Rate::per_second(rate);
            Self { sender, whatsapp, rate, urgent: Lane::of(URGENT_CALLS), bulk: Lane::of(BULK_CALLS) }
        };
        [line(false, config.segments_per_second), line(true, config.whatsapp_messages_per_second)]
    }

    /// What its pauses are counted and logged under.
    #[must_use]
    pub fn channel(&self) -> &'static str {
        if self.whatsapp { "whatsapp" } else { "sms" }
    }

    pub(super) fn room(&self) -> Room {
        let bulk = self.bulk.claimed.available_permits();
        let urgent = self.urgent.claimed.available_permits();
        Room { urgent, bulk: if bulk < SLICE { 0 } else { bulk } }
    }

    /// Returns once a lane that was full has room again.
    pub(super) async fn room_again(&self, room: Room) {
        tokio::select! {
            _ = self.bulk.claimed.acquire_many(u32::try_from(SLICE).unwrap_or(1)) => {}
            _ = self.urgent.claimed.acquire(), if room.urgent == 0 => {}
        }
    }

    /// A place for a message that was claimed into [`Self::room`]. Urgent ones may take others' places.
    pub(super) async fn place(&self, priority: i64) -> Place {
        let urgent = self.urgent.claimed.clone().try_acquire_owned();
        match urgent.ok().filter(|_| priority <= LAST_URGENT) {
            Some(permit) => Place { _claimed: Some(permit), calls: self.urgent.calls.clone() },
            // The semaphores are never closed.
            None => Place {
                _claimed: self.bulk.claimed.clone().acquire_owned().await.ok(),
                calls: self.bulk.calls.clone(),
            },
        }
    }
}

impl Room {
    /// How many messages of this priority there is room for.
    pub(super) fn of(self, priority: i64) -> usize {
        if priority <= LAST_URGENT { self.urgent + self.bulk } else { self.bulk }
    }

    /// What is left when so many of this priority were claimed.
    pub(super) fn less(self, priority: i64, count: usize) -> Self {
        let urgent = if priority <= LAST_URGENT { count.min(self.urgent) } else { 0 };
        Self { urgent: self.urgent - urgent, bulk: self.bulk.saturating_sub(count - urgent) }
    }

    /// Whether something may have been left waiting for want of room.
    pub(super) fn is_full(self) -> bool {
        self.bulk == 0 || self.urgent == 0
    }

    /// Room for one message only: to try whether a sender works again.
    pub(super) fn for_one() -> Self {
        Self { urgent: 0, bulk: 1 }
    }
}

impl Place {
    /// Waits for its turn to call Twilio.
    pub(super) async fn call(&self) -> Option<OwnedSemaphorePermit> {
        self.calls.clone().acquire_owned().await.ok()
    }
}

/// The parameter that names the sender, and its value. Sender and recipient must be on one channel.
pub(super) fn sender_for(
    sender: &config::Sender,
    whatsapp_number: Option<Phone>,
    whatsapp: bool,
) -> (&'static str, String) {
    match (whatsapp, whatsapp_number, sender) {
        (true, Some(number), _) => ("From", format!("whatsapp:{number}")),
        (true, None, config::Sender::Number(number)) => ("From", format!("whatsapp:{number}")),
        (false, _, config::Sender::Number(number)) => ("From", number.to_string()),
        // A service may have a WhatsApp sender in its pool.
        (_, _, config::Sender::Service(sid)) => ("MessagingServiceSid", sid.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn room_is_never_overdrawn(urgent in 0..20_usize, bulk in 0..100_usize,
                                   asked in prop::collection::vec((0..5_i64, 0..50_usize), 0..9)) {
            let (mut room, mut claimed) = (Room { urgent, bulk }, 0);
            for (priority, due) in asked {
                let count = due.min(room.of(priority));
                room = room.less(priority, count);
                claimed += count;
                prop_assert_eq!(room.urgent + room.bulk + claimed, urgent + bulk);
            }
        }
    }
}
