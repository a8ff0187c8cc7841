//! What the carrier remembers, behind one lock that is never held across a wait.

use super::chance::Chance;
use super::faults::{Faults, Switch};
use super::ledger::{Book, Call, Ledger};
use super::message::Message;
use super::settings::{Ending, MessagingService, Number, Settings};
use super::{Carrier, locked};
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};

/// The carrier's memory.
pub(super) struct State {
    pub(super) book: Book,
    pub(super) numbers: Vec<Number>,
    services: Vec<MessagingService>,
    /// Scope (a number, or a service for its numbers) and handset.
    blocked: HashSet<(String, String)>,
    /// Which number of a service a handset has heard from (Twilio: Sticky Sender).
    sticky: HashMap<(String, String), String>,
    endings: HashMap<String, Ending>,
    faults: Faults,
    chance: Chance,
}

impl State {
    pub(super) fn new(settings: &Settings) -> Self {
        let faults = Faults::default();
        Self {
            book: Book::new(settings.capacity),
            numbers: settings.numbers.clone(),
            services: settings.messaging_services.clone(),
            blocked: HashSet::new(),
            sticky: HashMap::new(),
            endings: settings.endings.clone(),
            chance: Chance::seeded(faults.seed),
            faults,
        }
    }

    /// The scope of a block: the service of a number, or what was given.
    fn scope<'a>(&'a self, sender: &'a str) -> &'a str {
        let service = self.services.iter().find(|service| service.numbers.iter().any(|n| n == sender));
        service.map_or(sender, |service| &service.sid)
    }

    /// The service's number for a handset: the same one every time.
    pub(super) fn choose_sender(&mut self, service: &str, handset: &str) -> Option<String> {
        let key = (service.to_owned(), handset.to_owned());
        if let Some(number) = self.sticky.get(&key) {
            return Some(number.clone());
        }
        let numbers = &self.services.iter().find(|other| other.sid == service)?.numbers;
        // Any even spread does: the digits' sum.
        let spread: usize = handset.bytes().map(usize::from).sum();
        let number = numbers.get(spread % numbers.len().max(1))?.clone();
        self.sticky.insert(key, number.clone());
        Some(number)
    }
}

impl Carrier {
    /// The number of the account that is `phone`, on whatever channel.
    #[must_use]
    pub fn number(&self, phone: &str) -> Option<Number> {
        let phone = phone.strip_prefix("whatsapp:").unwrap_or(phone);
        locked(&self.0.state).numbers.iter().find(|number| number.phone == phone).cloned()
    }

    /// All numbers of the account.
    #[must_use]
    pub fn numbers(&self) -> Vec<Number> {
        locked(&self.0.state).numbers.clone()
    }

    /// Changes the number `phone`, which is added if the account doesn't have it yet. Returns it.
    pub fn set_number(&self, phone: &str, change: impl FnOnce(&mut Number)) -> Number {
        let mut state = locked(&self.0.state);
        let index = state.numbers.iter().position(|number| number.phone == phone).unwrap_or_else(|| {
            state.numbers.push(Number::new(phone, None));
            state.numbers.len() - 1
        });
        change(&mut state.numbers[index]);
        state.numbers[index].clone()
    }

    /// The service that a number belongs to.
    pub(super) fn service_of(&self, phone: &str) -> Option<String> {
        let state = locked(&self.0.state);
        let service = state.services.iter().find(|service| service.numbers.iter().any(|n| n == phone));
        service.map(|service| service.sid.clone())
    }

    /// How many numbers a service has; none if there is no such service.
    pub(super) fn service_size(&self, sid: &str) -> Option<usize> {
        let state = locked(&self.0.state);
        state.services.iter().find(|service| service.sid == sid).map(|service| service.numbers.len())
    }

    /// Has `handset` stopped messages from `sender`, a number or a service?
    #[must_use]
    pub fn is_blocked(&self, sender: &str, handset: &str) -> bool {
        let state = locked(&self.0.state);
        state.blocked.contains(&(state.scope(sender).to_owned(), handset.to_owned()))
    }

    /// Returns whether that is new.
    pub(super) fn block(&self, scope: &str, handset: &str) -> bool {
        locked(&self.0.state).blocked.insert((scope.to_owned(), handset.to_owned()))
    }

    /// Returns whether there was a block.
    pub(super) fn unblock(&self, scope: &str, handset: &str) -> bool {
        locked(&self.0.state).blocked.remove(&(scope.to_owned(), handset.to_owned()))
    }

    /// How messages to a handset end at present.
    #[must_use]
    pub fn ending(&self, handset: &str) -> Ending {
        locked(&self.0.state).endings.get(handset).copied().unwrap_or(Ending::Delivered)
    }

    /// Decides how messages to a handset end from now on.
    pub fn set_ending(&self, handset: &str, ending: Ending) {
        locked(&self.0.state).endings.insert(handset.to_owned(), ending);
    }

    /// The faults as they are switched now; what counts down has counted down.
    #[must_use]
    pub fn faults(&self) -> Faults {
        locked(&self.0.state).faults.clone()
    }

    /// Switches faults, and begins their series of draws again from `faults.seed`.
    pub fn set_faults(&self, faults: Faults) {
        let mut state = locked(&self.0.state);
        state.chance = Chance::seeded(faults.seed);
        state.faults = faults;
    }

    /// Switches the faults that a JSON object names; a seed among them begins the draws again.
    ///
    /// # Errors
    /// See [`Faults::merged`]; nothing is switched then.
    pub fn merge_faults(&self, changes: &Map<String, Value>) -> Result<Faults, (String, String)> {
        let mut state = locked(&self.0.state);
        state.faults = state.faults.merged(changes)?;
        if changes.contains_key("seed") {
            state.chance = Chance::seeded(state.faults.seed);
        }
        Ok(state.faults.clone())
    }

    /// Decides whether a fault happens now.
    pub(super) fn fires(&self, switch: impl FnOnce(&mut Faults) -> &mut Switch) -> bool {
        let state = &mut *locked(&self.0.state);
        switch(&mut state.faults).fires(&mut state.chance)
    }

    pub(super) fn enter(&self, message: Message) {
        locked(&self.0.state).book.enter(message);
        self.tell();
    }

    pub(super) fn enter_call(&self, call: Call) {
        locked(&self.0.state).book.enter_call(call);
        self.tell();
    }

    /// A copy of everything in the ledger after a place in it; 0 is its beginning.
    #[must_use]
    pub fn ledger(&self, after: u64) -> Ledger {
        locked(&self.0.state).book.after(after)
    }

    /// The last `limit` messages that a handset sent or that were meant for it, oldest first, also those that
    /// have not reached it.
    #[must_use]
    pub fn history(&self, phone: &str, limit: usize) -> Vec<Message> {
        let state = locked(&self.0.state);
        let mut newest: Vec<Message> = state.book.of_handset(phone).rev().take(limit).cloned().collect();
        newest.reverse();
        newest
    }

    /// The handsets that were used last, at most `limit`, the latest first.
    #[must_use]
    pub fn handsets(&self, limit: usize) -> Vec<String> {
        let state = locked(&self.0.state);
        let mut found: Vec<String> = Vec::new();
        for message in state.book.all().rev() {
            if found.len() == limit {
                break;
            }
            if !found.iter().any(|phone| phone == message.handset()) {
                found.push(message.handset().to_owned());
            }
        }
        found
    }

    /// What is on a handset: what was typed there and what was delivered to it, oldest first.
    #[must_use]
    pub fn conversation(&self, phone: &str) -> Vec<Message> {
        let state = locked(&self.0.state);
        state.book.of_handset(phone).filter(|message| message.on_handset()).cloned().collect()
    }
}
