//! What would become of a campaign's messages: the gate is asked as often as it would be, and the day's budget runs
//! out as it would, the earlier message before the later. No I/O, no clock.

use super::MOST_QUEUED;
use crate::campaign::Plan;
use crate::gate::{self, Budget, Message, Reason, Recipient, Rules, Spending, Verdict};
use crate::outbound::brake::CLOSED;
use crate::phone::Region;
use crate::price::micro_dollars;
use crate::purpose::Purpose;
use crate::schedule::local_date;
use jiff::{SignedDuration, Timestamp};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// How often a message is asked about until it leaves or is paid for: a week of days with window, quiet hours and cap
/// each.
const MOST_WAITS: usize = 40;

/// What those wait for who are behind the first [`MOST_QUEUED`].
const NO_ROOM: &str =
    "it waits for its place in the outbox, where at most 5,000 of a campaign's messages wait at once";

/// The places of a campaign in the outbox: each is free again when the message that took it leaves.
#[derive(Debug, Default)]
pub(super) struct Places(BinaryHeap<Reverse<Timestamp>>);

impl Places {
    /// When the next message gets a place, if they begin to do so at `start`.
    fn next(&mut self, start: Timestamp) -> Timestamp {
        let full = self.0.len() >= usize::try_from(MOST_QUEUED).unwrap_or(usize::MAX);
        let freed = if full { self.0.pop() } else { None };
        freed.map_or(start, |Reverse(at)| at.max(start))
    }
}

/// One reader's message that waits for its turn.
#[derive(Clone, Debug)]
pub(super) struct Letter {
    message: Message,
    recipient: Recipient,
    cost: Spending,
    at: Timestamp,
    waits_for: Option<&'static str>,
    beyond_budget: bool,
}

/// What would become of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It would leave then, having waited for this.
    Leaves { at: Timestamp, waits_for: Option<&'static str>, beyond_budget: bool },
    /// It would not leave.
    LeftOut { reason: Reason, beyond_budget: bool },
}

/// What may be spent, and what was by the days that began then.
#[derive(Clone, Debug)]
pub(super) struct Purse {
    pub(super) budget: Budget,
    pub(super) spent: BTreeMap<Timestamp, Spending>,
}

/// A campaign and the rules of the house.
#[derive(Debug)]
pub(super) struct Forecast<'a> {
    pub(super) start: Timestamp,
    pub(super) plan: &'a Plan,
    pub(super) rules: &'a Rules,
    pub(super) purse: Purse,
    pub(super) places: Places,
}

impl Purse {
    /// Pays `cost` on the day of `at`; if that is more than is left of it, says when the next day begins.
    fn pay(&mut self, cost: Spending, at: Timestamp) -> Result<(), Timestamp> {
        if self.budget.is_unlimited() {
            return Ok(());
        }
        let (began, ends) = self.budget.day(at);
        let spent = self.spent.entry(began).or_default();
        if !self.budget.admit(*spent, &[cost])[0] {
            return Err(ends);
        }
        *spent = spent.and(cost);
        Ok(())
    }
}

impl Forecast<'_> {
    /// The message of so many segments to the next of the audience, if the gate ever lets it pass.
    pub(super) fn letter(
        &mut self,
        recipient: Recipient,
        (country, premium_rate): (Option<Region>, bool),
        segments: i64,
    ) -> Result<Letter, Reason> {
        let queued_at = self.places.next(self.start);
        let opens = self.plan.open_from(queued_at, &recipient.zone);
        let lifetime = SignedDuration::from_hours(self.plan.expires_after_hours);
        let mut letter = Letter {
            message: Message {
                purpose: Purpose::Campaign,
                country,
                premium_rate,
                expires_at: Some(opens + lifetime),
                budget_until: None,
            },
            recipient,
            cost: Spending { messages: 1, micro_dollars: micro_dollars(country).saturating_mul(segments) },
            at: queued_at,
            waits_for: (queued_at > self.start).then_some(NO_ROOM),
            beyond_budget: false,
        };
        let refused = self.wait(&mut letter);
        // What may leave as soon as it is there, and what is refused then, makes room at once.
        self.places.0.push(Reverse(if refused.is_some() { queued_at } else { letter.at }));
        refused.map_or(Ok(letter), Err)
    }

    /// What becomes of each of `letters`, in their order.
    pub(super) fn fates(&mut self, mut letters: Vec<Letter>) -> Vec<Fate> {
        let mut left_out = vec![None; letters.len()];
        let mut turns: BinaryHeap<_> =
            letters.iter().enumerate().map(|(index, letter)| Reverse((letter.at, index))).collect();
        while let Some(Reverse((at, index))) = turns.pop() {
            let letter = &mut letters[index];
            let Err(tomorrow) = self.purse.pay(letter.cost, at) else { continue };
            letter.beyond_budget = true;
            letter.message.budget_until = Some(tomorrow);
            left_out[index] = self.wait(letter);
            if left_out[index].is_none() {
                turns.push(Reverse((letter.at, index)));
            }
        }
        letters.iter().zip(left_out).map(|(letter, reason)| letter.fate(reason)).collect()
    }

    /// Lets `letter` wait until the gate lets it pass; says why if it never does.
    fn wait(&self, letter: &mut Letter) -> Option<Reason> {
        for _ in 0..MOST_WAITS {
            // The campaign's hours come before the gate.
            let open = self.plan.open_from(letter.at, &letter.recipient.zone);
            if open > letter.at {
                letter.waits_for.get_or_insert(CLOSED);
                letter.at = open;
            }
            match gate::check(&letter.message, &letter.recipient, self.rules, letter.at) {
                Verdict::Wait(_, Reason::QuietHours | Reason::QuietElsewhere)
                | Verdict::Refuse(Reason::QuietTooLong)
                    if self.is_closed_by_day(letter) =>
                {
                    return Some(Reason::ClosedByDay);
                }
                Verdict::Refuse(reason) => return Some(reason),
                Verdict::Send => return None,
                Verdict::Wait(until, reason) => letter.wait_until(until, reason),
            }
        }
        Some(Reason::Expired)
    }
}

impl Forecast<'_> {
    fn is_closed_by_day(&self, letter: &Letter) -> bool {
        let Recipient { zone, elsewhere, .. } = &letter.recipient;
        self.plan.is_closed_by_day(letter.at, zone, elsewhere, self.rules.quiet_hours)
    }
}

impl Letter {
    fn wait_until(&mut self, until: Timestamp, reason: Reason) {
        // What keeps it longest is told, and that is the budget.
        if reason == Reason::Budget || self.waits_for.is_none() {
            self.waits_for = Some(reason.words());
        }
        if local_date(until, &self.recipient.zone) > local_date(self.at, &self.recipient.zone) {
            self.recipient.sent_today = 0;
        }
        self.message.budget_until = None;
        self.at = until;
    }

    fn fate(&self, left_out: Option<Reason>) -> Fate {
        let Self { at, waits_for, beyond_budget, .. } = *self;
        match left_out {
            Some(reason) => Fate::LeftOut { reason, beyond_budget },
            None => Fate::Leaves { at, waits_for, beyond_budget },
        }
    }
}

#[cfg(test)]
mod tests;
