//! Who a slice is about, locked or only looked at.

use super::super::erase::person_after;
use super::super::seat::Seat;
use super::super::text_back::{self, TextBack};
use super::super::{InboundText, Inbox, answers};
use super::Desk;
use crate::store::{SpeakerRow, Tx};
use jiff::Timestamp;
use std::collections::{BTreeSet, HashMap};

impl Desk {
    /// Begins a transaction, loads the contacts of `texts`, locked, and adds those that are new.
    pub(in super::super) async fn open(inbox: &Inbox, texts: &[InboundText]) -> sqlx::Result<(Self, Tx)> {
        let now = inbox.clock.now();
        let addresses: Vec<String> = texts.iter().map(|text| text.from.to_string()).collect();
        let (mut open, rows) = inbox.begin_with_contacts(addresses).await?;
        let tx = &mut open;
        let bodies = texts.iter().map(|text| (text.from.to_string(), text.body.as_str()));
        let text_back = TextBack::load(tx, &inbox.suppression_key, bodies, now).await?;
        let mut bookings = answers::load(tx, &rows, now).await?;
        let mut desk = Self::empty(now, rows.len(), text_back);
        for row in rows {
            let bookings = bookings.remove(&row.id).unwrap_or_default();
            desk.seat(Seat { bookings, ..Seat::of(row)? });
        }
        Ok((desk, open))
    }

    /// Loads the contacts of `texts` without locking them; `None` if more than who they are decides what follows
    /// from a text: a booking, an account's code, an erased conversation.
    pub(in super::super) async fn look(inbox: &Inbox, texts: &[InboundText]) -> sqlx::Result<Option<Self>> {
        let now = inbox.clock.now();
        let addresses: BTreeSet<String> = texts.iter().map(|text| text.from.to_string()).collect();
        let wanted: Vec<&str> = addresses.iter().map(String::as_str).collect();
        let mut desk = Self::empty(now, wanted.len(), TextBack::default());
        let rows = inbox.store.speakers(&wanted).await?;
        let alone = |row: &SpeakerRow| row.erased_at.is_none() && !answers::is_booked(row, now);
        let bodies = texts.iter().map(|text| (text.from.to_string(), text.body.as_str()));
        if !rows.iter().all(alone) || text_back::any(&inbox.store, bodies, now).await? {
            return Ok(None);
        }
        for row in rows {
            desk.seat(Seat::of(row)?);
        }
        let new = desk.missing(&wanted);
        Ok(desk.seat_new(inbox, &new).await?.then_some(desk))
    }

    /// Those of `addresses` who have no seat.
    fn missing<'w>(&self, addresses: &[&'w str]) -> Vec<&'w str> {
        addresses.iter().copied().filter(|address| !self.by_address.contains_key(*address)).collect()
    }

    /// Seats people who write for the first time; false if one of them was erased before.
    async fn seat_new(&mut self, inbox: &Inbox, addresses: &[&str]) -> sqlx::Result<bool> {
        if addresses.is_empty() {
            return Ok(true);
        }
        let hashes: Vec<String> =
            addresses.iter().map(|address| inbox.suppression_key.hash(address)).collect();
        if inbox.store.any_suppressed(&hashes).await? {
            return Ok(false);
        }
        for address in addresses {
            let row = SpeakerRow {
                id: inbox.ids.next(self.now),
                address: (*address).to_owned(),
                person: String::new(),
                locale: inbox.settings.default_locale.clone(),
                erased_at: None,
                booked_until: None,
            };
            self.seat(Seat { is_new: true, ..Seat::new(row, person_after(None)?) });
        }
        Ok(true)
    }

    fn empty(now: Timestamp, people: usize, text_back: TextBack) -> Self {
        Self {
            now,
            seats: Vec::with_capacity(people),
            by_address: HashMap::with_capacity(people),
            messages: Vec::with_capacity(people * 2),
            consents: Vec::new(),
            answers: Vec::new(),
            tips: Vec::new(),
            erased: Vec::new(),
            returned: Vec::new(),
            passed_on: Vec::new(),
            text_back,
            events: Vec::new(),
        }
    }

    fn seat(&mut self, seat: Seat) {
        self.by_address.insert(seat.row.address.clone(), self.seats.len());
        self.seats.push(seat);
    }
}
