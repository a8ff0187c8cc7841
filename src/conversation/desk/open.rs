//! Who a slice is about, locked or only looked at.

use super::super::erase::person_after;
use super::super::seat::Seat;
use super::super::text_back::{TextBack, senders_of_digits};
use super::super::{InboundText, Inbox, answers};
use super::Desk;
use crate::dialog::Consent;
use crate::store::{Look, SpeakerRow, Tx};
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
        let mut desk = Self::empty(now, text_back);
        for row in rows {
            let bookings = bookings.remove(&row.id).unwrap_or_default();
            desk.seat(Seat { bookings, ..Seat::of(row)? });
        }
        desk.load_departures(tx, texts).await?;
        Ok((desk, open))
    }

    /// Loads when the senders of late texts opted out.
    async fn load_departures(&mut self, tx: &mut Tx, texts: &[InboundText]) -> sqlx::Result<()> {
        for text in texts.iter().filter(|text| text.taken_at.is_some()) {
            let Some(seat) = self.by_address.get(&text.from.to_string()).copied() else { continue };
            let Seat { row, person, .. } = &self.seats[seat];
            if person.consent == Consent::Withdrawn
                && let Some(at) = tx.withdrawn_at(row.id).await?
            {
                self.left_at.insert(seat, at);
            }
        }
        Ok(())
    }

    /// Seats the contacts of `texts` without locking them; false if more than who they are decides what follows
    /// from a text: a booking, an erased conversation.
    pub(in super::super) async fn look(
        &mut self,
        inbox: &Inbox,
        texts: &[InboundText],
    ) -> sqlx::Result<bool> {
        let addresses: BTreeSet<String> = texts.iter().map(|text| text.from.to_string()).collect();
        let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
        for seat in inbox.regulars.take(&self.missing(&addresses)) {
            self.by_heart = true;
            self.seat(seat);
        }
        let bodies = texts.iter().map(|text| (text.from.to_string(), text.body.as_str()));
        self.unasked.extend(senders_of_digits(bodies));
        let Some(rows) = self.look_up(inbox, &self.missing(&addresses)).await? else {
            return Ok(false);
        };
        for row in rows {
            self.seat(Seat::of(row)?);
        }
        for address in self.missing(&addresses) {
            self.seat_new(inbox, address)?;
        }
        let alone = |seat: &Seat| seat.row.erased_at.is_none() && !answers::is_booked(&seat.row, self.now);
        Ok(self.seats.iter().all(alone))
    }

    /// Who is at `addresses`; `None` if one was erased.
    async fn look_up(&self, inbox: &Inbox, addresses: &[&str]) -> sqlx::Result<Option<Vec<SpeakerRow>>> {
        if addresses.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let hashes: Vec<String> =
            addresses.iter().map(|address| inbox.suppression_key.hash(address)).collect();
        inbox.store.look(&Look { addresses, hashes: &hashes }).await
    }

    /// Those of `addresses` who have no seat.
    fn missing<'w>(&self, addresses: &[&'w str]) -> Vec<&'w str> {
        addresses.iter().copied().filter(|address| !self.by_address.contains_key(*address)).collect()
    }

    /// Seats somebody who writes for the first time.
    fn seat_new(&mut self, inbox: &Inbox, address: &str) -> sqlx::Result<()> {
        let row = SpeakerRow {
            id: inbox.ids.next(self.now),
            address: address.to_owned(),
            person: String::new(),
            locale: inbox.settings.default_locale.clone(),
            erased_at: None,
            booked_until: None,
        };
        self.seat(Seat { is_new: true, ..Seat::new(row, person_after(None)?) });
        Ok(())
    }

    pub(in super::super) fn empty(now: Timestamp, text_back: TextBack) -> Self {
        Self {
            now,
            seats: Vec::new(),
            by_address: HashMap::new(),
            messages: Vec::new(),
            consents: Vec::new(),
            answers: Vec::new(),
            tips: Vec::new(),
            erased: Vec::new(),
            returned: Vec::new(),
            passed_on: Vec::new(),
            by_heart: false,
            left_at: HashMap::new(),
            unasked: Vec::new(),
            text_back,
            events: Vec::new(),
        }
    }

    fn seat(&mut self, seat: Seat) {
        self.by_address.insert(seat.row.address.clone(), self.seats.len());
        self.seats.push(seat);
    }
}
