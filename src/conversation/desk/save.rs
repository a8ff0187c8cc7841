//! What is written when all texts of a slice were taken.

use super::super::outgoing::look_at;
use super::super::seat::Seat;
use super::super::text_back::asked_after;
use super::super::{Inbox, answers};
use super::Desk;
use crate::delivery::Status;
use crate::store::{ContactChange, NewSpeaker, ReadyTurns, SpeakerRow, Turns, Tx, Unasked, Written};
use std::collections::HashMap;

impl Desk {
    /// Whether turns are all there is to write, as it is of most slices.
    fn holds_only_turns(&self) -> bool {
        let follows = [self.answers.is_empty(), self.tips.is_empty(), self.events.is_empty()];
        follows.into_iter().all(|is_empty| is_empty) && self.is_of_speakers_alone()
    }

    /// Whether nobody is erased, comes back after that, passes a number on or answers an account's code.
    fn is_of_speakers_alone(&self) -> bool {
        let people = [self.erased.is_empty(), self.returned.is_empty(), self.passed_on.is_empty()];
        people.into_iter().all(|is_empty| is_empty) && self.text_back.is_idle()
    }

    /// Whether anybody asked to be erased, with the texts by which repeats are known.
    pub(in super::super) fn erases(&self) -> bool {
        !self.erased.is_empty()
    }

    /// Whether all that follows is checked where it is written, though nobody is locked.
    pub(in super::super) fn can_be_checked(&self) -> bool {
        let is_checked =
            |seat: &Seat| if seat.is_new { !seat.person.is_member() } else { seat.before.is_some() };
        self.is_of_speakers_alone() && self.seats.iter().all(is_checked)
    }

    /// Writes everything; false if one of the texts had come before, and then it must not be committed.
    /// Of whoever asked to be erased first all goes that was there, and of this slice what came before:
    /// ids say nothing about that where clocks were set back.
    pub(in super::super) async fn save(mut self, inbox: &Inbox, tx: &mut Tx) -> sqlx::Result<bool> {
        for (seat, asked, at) in &self.erased {
            let seat = &self.seats[*seat];
            inbox.forget(tx, (seat.row.id, &seat.row.address), &seat.person, *at).await?;
            self.messages.retain(|message| message.contact_id != seat.row.id || message.id >= *asked);
            self.consents.retain(|entry| entry.contact_id != seat.row.id || entry.id >= *asked);
        }
        self.hand_over(inbox);
        let last = self.holds_only_turns();
        let changes = self.changes()?;
        let turns = Turns {
            messages: &self.messages,
            changes: &changes,
            consents: &self.consents,
            ..Turns::default()
        };
        if !self.messages.is_empty() && !tx.save_turns(&turns, last).await? {
            return Ok(false);
        }
        drop(changes);
        if !last {
            self.save_rest(inbox, tx).await?;
        }
        Ok(true)
    }

    /// Replies leave with their webhooks when all is written, which is later than the slice began: looks at Twilio's
    /// list go by that time.
    fn hand_over(&mut self, inbox: &Inbox) {
        let now = inbox.clock.now();
        for reply in self.messages.iter_mut().filter(|message| message.status == Status::Handed.as_str()) {
            reply.sent_at = Some(now.as_millisecond());
            reply.due_at = Some(look_at(inbox, now));
        }
    }

    /// Makes ready what is to be written of people whom nobody locked, and remembers them as they will be.
    pub(in super::super) fn make_ready(&mut self, inbox: &Inbox) -> sqlx::Result<ReadyTurns> {
        self.hand_over(inbox);
        let changes = self.checked_changes()?;
        let new: sqlx::Result<Vec<NewSpeaker<'_>>> =
            self.seats.iter().filter(|seat| seat.is_new).map(|seat| seat.arrival(inbox, self.now)).collect();
        let new = new?;
        let unasked: Vec<&str> = self.unasked.iter().map(String::as_str).collect();
        let turns = Turns {
            new: &new,
            messages: &self.messages,
            changes: &changes,
            consents: &self.consents,
            unasked: Unasked { addresses: &unasked, since: asked_after(self.now) },
        };
        let ready = inbox.store.make_ready(&turns, self.holds_only_turns())?;
        let known = changes.into_iter().map(|change| (change.id, change.person));
        let new = new.into_iter().map(|new| (new.contact.id, new.contact.person));
        let people = known.chain(new).collect();
        self.remember(inbox, people);
        Ok(ready)
    }

    /// Writes everything durably, if those whom nobody locked are still who they were; otherwise nothing, and
    /// false.
    pub(in super::super) async fn save_ready(
        mut self,
        inbox: &Inbox,
        turns: ReadyTurns,
    ) -> sqlx::Result<bool> {
        match inbox.store.write_ready(turns).await? {
            Written::Done => {}
            Written::Taken => return Ok(false),
            Written::Stale => {
                if self.by_heart && self.unasked.is_empty() && inbox.store.is_shared() {
                    inbox.regulars.pause(inbox.clock.now());
                }
                return Ok(false);
            }
            Written::Open(mut tx) => {
                self.save_rest(inbox, &mut tx).await?;
                tx.commit().await?;
            }
        }
        Ok(true)
    }

    /// Leaves whoever wrote for the next slice, as they are in `people` by id; their seats are empty then, and nothing
    /// that can be checked asks for them any more.
    fn remember(&mut self, inbox: &Inbox, mut people: HashMap<i64, String>) {
        let seats = std::mem::take(&mut self.seats).into_iter();
        let people = seats.filter_map(|seat| {
            let person = people.remove(&seat.row.id)?;
            Some((SpeakerRow { person, ..seat.row }, seat.person))
        });
        inbox.regulars.remember(people, inbox.clock.now());
    }

    /// What became of those who were there before and said anything.
    fn changes(&self) -> sqlx::Result<Vec<ContactChange<'_>>> {
        let there = self.seats.iter().filter(|seat| !seat.is_new);
        there.filter_map(|seat| Seat::change(seat, self.now.as_millisecond())).collect()
    }

    /// The same, if they are who they were, in the order in which all nodes lock them.
    fn checked_changes(&self) -> sqlx::Result<Vec<ContactChange<'_>>> {
        let mut there: Vec<&Seat> = self.seats.iter().filter(|seat| !seat.is_new).collect();
        there.sort_unstable_by_key(|seat| seat.row.address.as_str());
        let changes =
            there.into_iter().filter_map(|seat| Some((seat.was(), seat.change(self.now.as_millisecond())?)));
        changes.map(|(was, change)| Ok(ContactChange { was: Some(was), ..change? })).collect()
    }

    /// Writes what few slices hold.
    async fn save_rest(&mut self, inbox: &Inbox, tx: &mut Tx) -> sqlx::Result<()> {
        answers::save(inbox, tx, std::mem::take(&mut self.answers), self.now).await?;
        inbox.save_tip_choices(tx, std::mem::take(&mut self.tips), self.now).await?;
        for seat in &self.passed_on {
            inbox.pass_on(tx, &self.seats[*seat].row.address, self.now).await?;
        }
        self.text_back.save(tx, inbox, self.now).await?;
        let erased = self.erased.iter().map(|(seat, ..)| self.seats[*seat].row.address.as_str());
        inbox.take_off_accounts(tx, &erased.collect::<Vec<_>>(), self.now).await?;
        for seat in &self.returned {
            tx.unsuppress(&inbox.suppression_key.hash(&self.seats[*seat].row.address)).await?;
        }
        inbox.announce(tx, std::mem::take(&mut self.events)).await
    }
}
