//! The contacts of one slice, their turns, and the rows those make.

use super::announce::events_of;
use super::pass_on;
use super::rows::fresh_nonce;
use super::seat::Seat;
use super::text_back::TextBack;
use super::{AnswerBy, Handed, InboundText, Inbox, answers, outgoing};
use crate::dialog::{Consent, ConsentChange, Event, Ground, Heard, Reply, TipChoice, Turn, step};
use crate::phone::Address;
use crate::store::{AnswerRow, LedgerEntry, NewMessage, Tx};
use jiff::Timestamp;
use std::collections::HashMap;

/// The slice's contacts and what is to be written when all its texts were taken.
pub(super) struct Desk<'a> {
    inbox: &'a Inbox,
    now: Timestamp,
    seats: Vec<Seat>,
    by_address: HashMap<String, usize>,
    messages: Vec<NewMessage<'a>>,
    consents: Vec<LedgerEntry<'a>>,
    answers: Vec<AnswerRow>,
    pub(super) tips: Vec<(i64, TipChoice)>,
    /// Contact and the id of the text that asked for it.
    erased: Vec<(usize, i64, Timestamp)>,
    returned: Vec<usize>,
    /// Whose number has changed hands.
    passed_on: Vec<usize>,
    text_back: TextBack,
    events: Vec<crate::events::Event>,
}

impl<'a> Desk<'a> {
    /// Begins a transaction, loads the contacts of `texts`, locked, and adds those that are new.
    pub(super) async fn open(inbox: &'a Inbox, texts: &[InboundText]) -> sqlx::Result<(Self, Tx)> {
        let now = inbox.clock.now();
        let addresses: Vec<String> = texts.iter().map(|text| text.from.to_string()).collect();
        let (mut open, rows) = inbox.begin_with_contacts(addresses).await?;
        let tx = &mut open;
        let bodies = texts.iter().map(|text| (text.from.to_string(), text.body.as_str()));
        let text_back = TextBack::load(tx, &inbox.suppression_key, bodies, now).await?;
        let mut bookings = answers::load(tx, &rows, now).await?;
        let mut desk = Self {
            inbox,
            now,
            seats: Vec::with_capacity(rows.len()),
            by_address: HashMap::with_capacity(rows.len()),
            messages: Vec::with_capacity(texts.len() * 2),
            consents: Vec::new(),
            answers: Vec::new(),
            tips: Vec::new(),
            erased: Vec::new(),
            returned: Vec::new(),
            passed_on: Vec::new(),
            text_back,
            events: Vec::new(),
        };
        for row in rows {
            let person =
                serde_json::from_str(&row.person).map_err(|error| sqlx::Error::Decode(error.into()))?;
            desk.by_address.insert(row.address.clone(), desk.seats.len());
            let bookings = bookings.remove(&row.id).unwrap_or_default();
            desk.seats.push(Seat { row, person, before: None, bookings });
        }
        Ok((desk, open))
    }

    /// Texts of people who were erased: one may be a repeat from before.
    pub(super) fn of_erased<'t>(&self, texts: &'t [InboundText]) -> Vec<&'t InboundText> {
        if self.seats.iter().all(|seat| seat.row.erased_at.is_none()) {
            return Vec::new();
        }
        let is_erased = |text: &&InboundText| {
            let seat = self.by_address.get(&text.from.to_string());
            seat.is_some_and(|seat| self.seats[*seat].row.erased_at.is_some())
        };
        texts.iter().filter(is_erased).collect()
    }

    /// When a reply handed over now is looked up if nothing confirms it.
    pub(super) fn due_at(&self) -> i64 {
        outgoing::look_at(self.inbox, self.now)
    }

    /// The slice's time, in milliseconds since 1970.
    pub(super) fn now(&self) -> i64 {
        self.now.as_millisecond()
    }

    /// Takes one text: one step of its conversation.
    pub(super) fn take(&mut self, text: &InboundText) -> sqlx::Result<Option<Handed>> {
        let address = text.from.to_string();
        let seat = *self.by_address.get(&address).ok_or(sqlx::Error::RowNotFound)?;
        let id = self.inbox.ids.next(self.now);
        // Nobody can answer a short code's or a company name's text; it is kept for staff.
        if matches!(text.from, Address::Other(_)) {
            self.note_inbound(seat, id, text, None);
            return Ok(None);
        }
        let heard = Heard { body: &text.body, opt_out_type: text.opt_out_type };
        let ground = Ground {
            now: self.now,
            nonce: fresh_nonce()?,
            key: &self.inbox.code_key,
            subject: &address,
            locale: &self.seats[seat].row.locale,
            // Twilio's own answers to STOP, START and HELP are for SMS; on WhatsApp they are ours to give.
            twilio_answers: self.inbox.settings.twilio_answers && !text.from.is_whatsapp(),
            numbers_offered: answers::offers_numbers(self.inbox, &self.seats[seat], &text.body),
            bookings: &self.seats[seat].bookings,
        };
        let person = &self.seats[seat].person;
        let proof = self.text_back.take(person, &text.body, &ground);
        let turn = match proof {
            Some((turn, true)) => self.pass_on(seat, turn),
            Some((turn, false)) => turn,
            None => step(person, &Event::Heard(heard), &ground),
        };
        self.note_inbound(seat, id, text, Some(&turn));
        // The answer to LANGUAGE is in that language already.
        if let Some(locale) = &turn.person.locale {
            self.seats[seat].row.locale.clone_from(locale);
        }
        let handed = match &turn.reply {
            Some(reply) => self.answer(seat, (reply, turn.also.as_ref(), turn.offer), text.answer_by)?,
            None => None,
        };
        self.settle_turn(seat, id, text, turn);
        Ok(handed)
    }

    /// The same turn, of somebody of whom nothing is known.
    fn pass_on(&mut self, seat: usize, mut turn: Turn) -> Turn {
        self.passed_on.push(seat);
        let seat = &mut self.seats[seat];
        if turn.person.consent == Consent::Given {
            self.consents.push(self.inbox.ended_consent(seat.row.id, self.now));
            self.events.push(pass_on::opted_out(&seat.row));
        }
        turn.person = turn.person.passed_on();
        seat.row.locale.clone_from(&self.inbox.settings.default_locale);
        seat.bookings.clear();
        self.tips.retain(|(contact_id, _)| *contact_id != seat.row.id);
        turn
    }

    fn note_inbound(&mut self, seat: usize, id: i64, text: &InboundText, turn: Option<&Turn>) {
        let body = match turn {
            Some(turn) if turn.holds_code => mask_digits(&text.body),
            _ => text.body.clone(),
        };
        self.messages.push(NewMessage {
            id,
            contact_id: self.seats[seat].row.id,
            sid: Some(text.sid.id),
            mms: text.sid.mms,
            body: body.into(),
            segments: text.segments,
            created_at: self.now.as_millisecond(),
            intent: turn.map(|turn| intents(turn).into()),
            why: turn.map(|turn| turn.why.clone()),
            extra: text.extra.clone(),
            status: "received",
            ..NewMessage::default()
        });
    }

    /// Writes the reply into the outbox; returns it if the webhook is to carry it.
    fn answer(
        &mut self,
        seat: usize,
        said: (&Reply, Option<&Reply>, Option<&str>),
        by: AnswerBy,
    ) -> sqlx::Result<Option<Handed>> {
        let id = self.inbox.ids.next(self.now);
        let contact = &self.seats[seat].row;
        let (row, handed) = outgoing::compose(self.inbox, contact, said, id, self.now, by)?;
        if let Some(inbound) = self.messages.last_mut() {
            inbound.reply_id = Some(id);
        }
        self.messages.push(row);
        Ok(handed)
    }

    fn settle_turn(&mut self, seat: usize, id: i64, text: &InboundText, turn: Turn) {
        let now = self.now.as_millisecond();
        if turn.erase {
            // What was written after it counts, also where this text was fetched late.
            let at = text.taken_at.unwrap_or(self.now).min(self.now);
            self.erased.push((seat, id, at));
        } else if let Some(ConsentChange { given, how }) = turn.consent {
            self.consents.push(LedgerEntry {
                id: self.inbox.ids.next(self.now),
                contact_id: self.seats[seat].row.id,
                given,
                how,
                actor: "person",
                body: Some(text.body.clone()),
                message_id: Some(id),
                evidence: None,
                created_at: now,
            });
        }
        let seated = &mut self.seats[seat];
        if self.inbox.listeners.any() {
            if turn.erase {
                self.events.retain(|event| event.contact_id != Some(seated.row.id));
            }
            let key = &self.inbox.suppression_key;
            self.events.extend(events_of(&seated.person, &turn, &seated.row, key));
            let answers = turn.bookings.iter();
            self.events
                .extend(answers.filter_map(|change| answers::event(&seated.bookings, *change, &seated.row)));
        }
        let erased_at = seated.row.erased_at;
        let bookings = &mut seated.bookings;
        let changes = turn.bookings.into_iter();
        self.answers.extend(changes.map(|change| answers::change(bookings, change, self.now)));
        self.tips.extend(turn.tips.map(|choice| (seated.row.id, choice)));
        if turn.erase {
            self.tips.retain(|(contact_id, _)| *contact_id != seated.row.id);
            bookings.clear();
            self.text_back.forget(&seated.row.address);
            seated.row.erased_at = Some(now);
        } else if seated.row.erased_at.is_some() && turn.consent.is_some_and(|change| change.given) {
            seated.row.erased_at = None;
            self.returned.push(seat);
        }
        let before = std::mem::replace(&mut seated.person, turn.person);
        seated.before.get_or_insert((before, erased_at));
    }

    /// Whether messages and contacts are all there is to write, as it is of most slices.
    fn holds_only_turns(&self) -> bool {
        let follows = [self.consents.is_empty(), self.answers.is_empty(), self.tips.is_empty()];
        let people = [self.erased.is_empty(), self.returned.is_empty(), self.passed_on.is_empty()];
        let rest = [self.events.is_empty(), self.text_back.is_idle()];
        follows.into_iter().chain(people).chain(rest).all(|is_empty| is_empty)
    }

    /// Whether anybody asked to be erased, with the texts by which repeats are known.
    pub(super) fn erases(&self) -> bool {
        !self.erased.is_empty()
    }

    /// Writes everything; false if one of the texts had come before, and then it must not be committed.
    /// Of whoever asked to be erased first all goes that was there, and of this slice what came before:
    /// ids say nothing about that where clocks were set back.
    pub(super) async fn save(mut self, tx: &mut Tx) -> sqlx::Result<bool> {
        for (seat, asked, at) in &self.erased {
            let seat = &self.seats[*seat];
            self.inbox.forget(tx, (seat.row.id, &seat.row.address), &seat.person, *at).await?;
            self.messages.retain(|message| message.contact_id != seat.row.id || message.id >= *asked);
            self.consents.retain(|entry| entry.contact_id != seat.row.id || entry.id >= *asked);
        }

        let changes: sqlx::Result<Vec<_>> =
            self.seats.iter().filter_map(|seat| seat.change(self.now.as_millisecond())).collect();
        let last = self.holds_only_turns();
        if !self.messages.is_empty() && !tx.save_turns(&self.messages, &changes?, last).await? {
            return Ok(false);
        }
        if last {
            return Ok(true);
        }
        if !self.consents.is_empty() {
            tx.add_consent(&self.consents).await?;
        }
        answers::save(self.inbox, tx, self.answers, self.now).await?;
        self.inbox.save_tip_choices(tx, self.tips, self.now).await?;
        for seat in &self.passed_on {
            self.inbox.pass_on(tx, &self.seats[*seat].row.address, self.now).await?;
        }
        self.text_back.save(tx, self.inbox, self.now).await?;
        let erased = self.erased.iter().map(|(seat, ..)| self.seats[*seat].row.address.as_str());
        self.inbox.take_off_accounts(tx, &erased.collect::<Vec<_>>(), self.now).await?;
        for seat in &self.returned {
            tx.unsuppress(&self.inbox.suppression_key.hash(&self.seats[*seat].row.address)).await?;
        }
        self.inbox.announce(tx, self.events).await?;
        Ok(true)
    }
}

/// The names of everything that a text asked for, with spaces between them.
fn intents(turn: &Turn) -> String {
    let names: Vec<&str> = turn.intents.iter().map(|intent| intent.as_str()).collect();
    names.join(" ")
}

fn mask_digits(body: &str) -> String {
    body.chars().map(|c| if c.is_numeric() { '*' } else { c }).collect()
}
