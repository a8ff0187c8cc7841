//! Everything that happened: messages both ways and every call the carrier made, bounded in number.

use super::message::{Direction, Message, Status, time};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap, VecDeque};

/// Why the carrier called the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// An inbound text.
    Inbound,
    /// An inbound text again, at the fallback address.
    Fallback,
    /// The next document of a `<Redirect>`.
    Redirect,
    /// A message's status.
    Status,
}

/// One call of the carrier to the application, or one that a fault kept back.
#[derive(Clone, Serialize)]
pub struct Call {
    /// Its place in the ledger.
    pub sequence: u64,
    /// Why it was made.
    pub purpose: Purpose,
    /// The message it is about.
    pub message_sid: String,
    /// The reported status, for a status callback.
    pub message_status: Option<Status>,
    /// The address called.
    pub url: String,
    /// 1 for the first try, 0 for a call that was not made.
    pub attempt: u32,
    /// When it ended.
    #[serde(serialize_with = "time")]
    pub at: Timestamp,
    /// The answer's status, if one came.
    pub http_status: Option<u16>,
    /// The code Twilio's debugger would show: 11200, 11205, 11750, 12100, 12300, 14109 …
    pub error_code: Option<u32>,
    /// The fault that the carrier was told to commit here.
    pub fault: Option<&'static str>,
    /// What went wrong, in words.
    pub problem: Option<String>,
}

/// A copy of the ledger, each list oldest first.
#[derive(Clone, Default, Serialize)]
pub struct Ledger {
    /// Texts from handsets.
    pub inbound: Vec<Message>,
    /// The application's messages.
    pub outbound: Vec<Message>,
    /// The carrier's own answers to reserved words.
    pub carrier_replies: Vec<Message>,
    /// Calls about inbound texts.
    pub webhooks: Vec<Call>,
    /// Calls about statuses.
    pub callbacks: Vec<Call>,
    /// The highest place in the ledger so far: ask for what comes after it.
    pub sequence: u64,
}

/// The ledger itself.
pub(super) struct Book {
    messages: BTreeMap<u64, Message>,
    by_sid: HashMap<String, u64>,
    by_handset: HashMap<String, VecDeque<u64>>,
    calls: VecDeque<Call>,
    sequence: u64,
    capacity: usize,
}

impl Book {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            messages: BTreeMap::new(),
            by_sid: HashMap::new(),
            by_handset: HashMap::new(),
            calls: VecDeque::new(),
            sequence: 0,
            capacity: capacity.max(1),
        }
    }

    fn next_sequence(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }

    /// Enters a message and forgets the oldest when there are too many.
    pub(super) fn enter(&mut self, mut message: Message) {
        message.sequence = self.next_sequence();
        self.by_sid.insert(message.sid.clone(), message.sequence);
        self.by_handset.entry(message.handset().to_owned()).or_default().push_back(message.sequence);
        self.messages.insert(message.sequence, message);
        while self.messages.len() > self.capacity
            && let Some(&oldest) = self.messages.keys().next()
        {
            self.remove(oldest);
        }
    }

    pub(super) fn enter_call(&mut self, mut call: Call) {
        call.sequence = self.next_sequence();
        self.calls.push_back(call);
        if self.calls.len() > self.capacity {
            self.calls.pop_front();
        }
    }

    fn remove(&mut self, sequence: u64) {
        let Some(message) = self.messages.remove(&sequence) else { return };
        self.by_sid.remove(&message.sid);
        if let Some(held) = self.by_handset.get_mut(message.handset()) {
            // The oldest is forgotten far more often than one in the middle is deleted.
            match held.front() {
                Some(&first) if first == sequence => drop(held.pop_front()),
                _ => held.retain(|other| *other != sequence),
            }
            if held.is_empty() {
                self.by_handset.remove(message.handset());
            }
        }
    }

    pub(super) fn get(&self, sid: &str) -> Option<&Message> {
        self.messages.get(self.by_sid.get(sid)?)
    }

    pub(super) fn get_mut(&mut self, sid: &str) -> Option<&mut Message> {
        self.messages.get_mut(self.by_sid.get(sid)?)
    }

    pub(super) fn delete(&mut self, sid: &str) {
        if let Some(&sequence) = self.by_sid.get(sid) {
            self.remove(sequence);
        }
    }

    /// All messages that came from or went to a handset, oldest first.
    pub(super) fn of_handset(&self, phone: &str) -> impl DoubleEndedIterator<Item = &Message> {
        self.by_handset.get(phone).into_iter().flatten().filter_map(|sequence| self.messages.get(sequence))
    }

    /// All messages, oldest first.
    pub(super) fn all(&self) -> impl DoubleEndedIterator<Item = &Message> {
        self.messages.values()
    }

    /// A copy of what came after a place in the ledger.
    pub(super) fn after(&self, sequence: u64) -> Ledger {
        let mut copy = Ledger { sequence: self.sequence, ..Ledger::default() };
        for (_, message) in self.messages.range(sequence.saturating_add(1)..) {
            let list = match message.direction {
                Direction::Inbound => &mut copy.inbound,
                _ if message.carrier_reply => &mut copy.carrier_replies,
                _ => &mut copy.outbound,
            };
            list.push(message.clone());
        }
        for call in self.calls.iter().filter(|call| call.sequence > sequence) {
            let list = match call.purpose {
                Purpose::Status => &mut copy.callbacks,
                _ => &mut copy.webhooks,
            };
            list.push(call.clone());
        }
        copy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(sid: &str) -> Message {
        Message {
            sequence: 0,
            sid: sid.to_owned(),
            direction: Direction::OutboundApi,
            from: None,
            to: "+15550100001".to_owned(),
            body: String::new(),
            content_sid: None,
            media: Vec::new(),
            status: Status::Queued,
            error_code: None,
            messaging_service_sid: None,
            status_callback: None,
            send_at: None,
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
            sent_at: None,
            carrier_reply: false,
            in_reply_to: None,
        }
    }

    #[test]
    fn the_oldest_is_forgotten_and_leaves_no_trace() {
        let mut book = Book::new(2);
        for sid in ["SM1", "SM2", "SM3"] {
            book.enter(message(sid));
        }
        let sids = |book: &Book| book.of_handset("+15550100001").map(|m| m.sid.clone()).collect::<Vec<_>>();
        assert!(book.get("SM1").is_none());
        assert_eq!(sids(&book), ["SM2", "SM3"]);
        book.delete("SM3");
        assert_eq!(sids(&book), ["SM2"]);
        book.delete("SM2");
        assert!(book.by_handset.is_empty() && book.by_sid.is_empty() && book.messages.is_empty());
        assert_eq!(book.after(0).sequence, 3);
    }
}
