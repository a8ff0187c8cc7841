//! The contacts of one slice, their turns, and the rows those make.

mod open;
mod save;

use super::announce::events_of;
use super::pass_on;
use super::rows::fresh_nonce;
use super::seat::Seat;
use super::text_back::TextBack;
use super::{AnswerBy, Handed, InboundText, Inbox, answers, outgoing};
use crate::dialog::{Consent, ConsentChange, Event, Ground, Heard, Reply, TipChoice, Turn, step};
use crate::phone::Address;
use crate::store::{AnswerRow, LedgerEntry, NewMessage};
use jiff::Timestamp;
use std::collections::HashMap;

/// The slice's contacts and what is to be written when all its texts were taken.
pub(super) struct Desk {
    now: Timestamp,
    seats: Vec<Seat>,
    by_address: HashMap<String, usize>,
    messages: Vec<NewMessage<'static>>,
    consents: Vec<LedgerEntry<'static>>,
    answers: Vec<AnswerRow>,
    pub(super) tips: Vec<(i64, TipChoice)>,
    /// Contact and the id of the text that asked for it.
    erased: Vec<(usize, i64, Timestamp)>,
    returned: Vec<usize>,
    /// Whose number has changed hands.
    passed_on: Vec<usize>,
    /// Somebody was not looked up, because they wrote lately.
    by_heart: bool,
    /// When those opted out, in milliseconds since 1970, of whom a text comes late.
    left_at: HashMap<usize, i64>,
    /// Who sent digits that were taken for no answer to an account's code, before anybody was locked.
    unasked: Vec<String>,
    text_back: TextBack,
    events: Vec<crate::events::Event>,
}

impl Desk {
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

    /// Whether any of its texts is from `address`.
    pub(super) fn is_about(&self, address: &str) -> bool {
        self.by_address.contains_key(address)
    }

    /// Makes room for what becomes of so many texts.
    pub(super) fn reserve(&mut self, texts: usize) {
        self.messages.reserve(2 * texts);
    }

    /// Takes one text: one step of its conversation.
    pub(super) fn take(&mut self, inbox: &Inbox, text: &InboundText) -> sqlx::Result<Option<Handed>> {
        let address = text.from.to_string();
        let seat = *self.by_address.get(&address).ok_or(sqlx::Error::RowNotFound)?;
        let id = inbox.ids.next(self.now);
        // Nobody can answer a short code's or a company name's text; it is kept for staff.
        if matches!(text.from, Address::Other(_)) {
            self.note_inbound(seat, id, text, None);
            return Ok(None);
        }
        let heard = Heard { body: &text.body, opt_out_type: text.opt_out_type };
        let ground = Ground {
            now: self.now,
            nonce: fresh_nonce()?,
            key: &inbox.code_key,
            subject: &address,
            locale: &self.seats[seat].row.locale,
            // Twilio's own answers to STOP, START and HELP are for SMS; on WhatsApp they are ours to give.
            twilio_answers: inbox.settings.twilio_answers && !text.from.is_whatsapp(),
            numbers_offered: answers::offers_numbers(inbox, &self.seats[seat], &text.body),
            bookings: &self.seats[seat].bookings,
        };
        let person = &self.seats[seat].person;
        let proof = self.text_back.take(person, &text.body, &ground);
        let turn = match proof {
            Some((turn, true)) => self.pass_on(inbox, seat, turn),
            Some((turn, false)) => turn,
            None => step(person, &Event::Heard(heard), &ground),
        };
        if turn.consent.is_some_and(|change| change.given) && self.left_since(seat, text) {
            self.note_inbound(seat, id, text, None);
            return Ok(None);
        }
        self.note_inbound(seat, id, text, Some(&turn));
        // The answer to LANGUAGE is in that language already.
        if let Some(locale) = &turn.person.locale {
            self.seats[seat].speaks(locale);
        }
        let handed = match &turn.reply {
            Some(reply) => {
                self.answer(inbox, seat, (reply, turn.also.as_ref(), turn.offer), text.answer_by)?
            }
            None => None,
        };
        self.settle_turn(inbox, seat, id, text, turn);
        Ok(handed)
    }

    /// Whether somebody opted out after they sent a text that comes late: then it opts them in no more.
    fn left_since(&self, seat: usize, text: &InboundText) -> bool {
        let Some(at) = text.taken_at else { return false };
        let contact_id = self.seats[seat].row.id;
        let in_slice = self.consents.iter().filter(|entry| entry.contact_id == contact_id && !entry.given);
        let left_at = in_slice.map(|entry| entry.created_at).max().max(self.left_at.get(&seat).copied());
        left_at.is_some_and(|left_at| left_at > at.as_millisecond())
    }

    /// The same turn, of somebody of whom nothing is known.
    fn pass_on(&mut self, inbox: &Inbox, seat: usize, mut turn: Turn) -> Turn {
        self.passed_on.push(seat);
        let seat = &mut self.seats[seat];
        if turn.person.consent == Consent::Given {
            self.consents.push(inbox.ended_consent(seat.row.id, self.now));
            self.events.push(pass_on::opted_out(&seat.row));
        }
        turn.person = turn.person.passed_on();
        seat.row.locale.clone_from(&inbox.settings.default_locale);
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
        inbox: &Inbox,
        seat: usize,
        said: (&Reply, Option<&Reply>, Option<&str>),
        by: AnswerBy,
    ) -> sqlx::Result<Option<Handed>> {
        let id = inbox.ids.next(self.now);
        let contact = &self.seats[seat].row;
        let (row, handed) = outgoing::compose(inbox, contact, said, id, self.now, by)?;
        if let Some(inbound) = self.messages.last_mut() {
            inbound.reply_id = Some(id);
        }
        self.messages.push(row);
        Ok(handed)
    }

    fn settle_turn(&mut self, inbox: &Inbox, seat: usize, id: i64, text: &InboundText, turn: Turn) {
        let now = self.now.as_millisecond();
        // What was written after it counts, also where this text was fetched late.
        let at = text.taken_at.unwrap_or(self.now).min(self.now);
        if turn.erase {
            self.erased.push((seat, id, at));
        } else if let Some(ConsentChange { given, how }) = turn.consent {
            self.consents.push(LedgerEntry {
                id: inbox.ids.next(self.now),
                contact_id: self.seats[seat].row.id,
                given,
                how,
                actor: "person",
                body: Some(text.body.clone()),
                message_id: Some(id),
                evidence: None,
                created_at: at.as_millisecond(),
            });
        }
        let seated = &mut self.seats[seat];
        if inbox.listeners.any() {
            if turn.erase {
                self.events.retain(|event| event.contact_id != Some(seated.row.id));
            }
            let key = &inbox.suppression_key;
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
}

/// The names of everything that a text asked for, with spaces between them.
fn intents(turn: &Turn) -> String {
    let names: Vec<&str> = turn.intents.iter().map(|intent| intent.as_str()).collect();
    names.join(" ")
}

fn mask_digits(body: &str) -> String {
    body.chars().map(|c| if c.is_numeric() { '*' } else { c }).collect()
}
