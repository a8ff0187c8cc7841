//! What would become of a campaign's messages: the gate is asked as often as it would be, and the day's budget runs
//! out as it would, the earlier message before the later. No I/O, no clock.

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
    /// The message of so many segments to somebody there, if the gate ever lets it pass.
    pub(super) fn letter(
        &self,
        recipient: Recipient,
        country: Option<Region>,
        segments: i64,
    ) -> Result<Letter, Reason> {
        let opens = self.plan.open_from(self.start, &recipient.zone);
        let lifetime = SignedDuration::from_hours(self.plan.expires_after_hours);
        let mut letter = Letter {
            message: Message {
                purpose: Purpose::Campaign,
                country,
                expires_at: Some(opens + lifetime),
                budget_until: None,
            },
            recipient,
            cost: Spending { messages: 1, micro_dollars: micro_dollars(country).saturating_mul(segments) },
            at: self.start,
            waits_for: None,
            beyond_budget: false,
        };
        self.wait(&mut letter).map_or(Ok(letter), Err)
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
                Verdict::Refuse(reason) => return Some(reason),
                Verdict::Send => return None,
                Verdict::Wait(until, reason) => letter.wait_until(until, reason),
            }
        }
        Some(Reason::Expired)
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
mod tests {
    use super::*;
    use crate::dialog::Consent;
    use crate::schedule::QuietHours;
    use jiff::civil::time;
    use jiff::tz::TimeZone;

    const NOON: &str = "2026-11-21T17:00:00Z";

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn plan(json: &str) -> Plan {
        serde_json::from_str(json).unwrap()
    }

    fn rules(messages: Option<i64>) -> Rules {
        let zone = TimeZone::get("America/New_York").unwrap();
        Rules {
            quiet_hours: QuietHours { from: time(21, 0, 0, 0), to: time(8, 0, 0, 0) },
            daily_cap: 5,
            countries: vec![Region::US],
            budget: Budget { messages, micro_dollars: None, zone },
        }
    }

    fn recipient(zone: &str, sent_today: u32) -> Recipient {
        let zone = TimeZone::get(zone).unwrap();
        Recipient { consent: Consent::Given, zone, sent_today, had_the_same: false }
    }

    /// What becomes of messages to people there, of whom each had so many today; some of the budget is spent.
    fn fates(start: &str, plan: &Plan, rules: &Rules, spent: i64, people: &[(&str, u32)]) -> Vec<Fate> {
        let today = rules.budget.day(at(start)).0;
        let spent = BTreeMap::from([(today, Spending { messages: spent, micro_dollars: 0 })]);
        let purse = Purse { budget: rules.budget.clone(), spent };
        let mut forecast = Forecast { start: at(start), plan, rules, purse };
        let letter =
            |(zone, sent): &(&str, u32)| forecast.letter(recipient(zone, *sent), Some(Region::US), 1);
        match people.iter().map(letter).collect() {
            Ok(letters) => forecast.fates(letters),
            Err(reason) => vec![Fate::LeftOut { reason, beyond_budget: false }],
        }
    }

    const NEW_YORK: (&str, u32) = ("America/New_York", 0);

    fn leaves(text: &str, waits_for: Option<&'static str>, beyond_budget: bool) -> Fate {
        Fate::Leaves { at: at(text), waits_for, beyond_budget }
    }

    #[test]
    fn a_budget_lets_so_many_through_each_day_and_the_rest_never() {
        let plan = plan(r#"{"expires_after_hours": 40, "auto_stop": {}}"#);
        let fates = fates(NOON, &plan, &rules(Some(3)), 1, &[NEW_YORK; 7]);
        let budget = Some(Reason::Budget.words());
        let tomorrow = leaves("2026-11-22T13:00:00Z", budget, true);
        let never = Fate::LeftOut { reason: Reason::Budget, beyond_budget: true };
        let now = leaves(NOON, None, false);
        assert_eq!(fates, [now, now, tomorrow, tomorrow, tomorrow, never, never]);
    }

    #[test]
    fn hours_that_open_tomorrow_are_waited_for() {
        let morning = plan(
            r#"{"window": {"from": "09:00", "to": "10:00"}, "expires_after_hours": 72, "auto_stop": {}}"#,
        );
        assert_eq!(
            fates(NOON, &morning, &rules(None), 0, &[NEW_YORK]),
            [leaves("2026-11-22T14:00:00Z", Some(CLOSED), false)]
        );
        let any = Plan::default();
        let quiet = Some(Reason::QuietHours.words());
        assert_eq!(
            fates("2026-11-22T03:00:00Z", &any, &rules(None), 0, &[NEW_YORK]),
            [leaves("2026-11-22T13:00:00Z", quiet, false)]
        );
    }

    #[test]
    fn hours_that_are_quiet_all_along_reach_nobody() {
        let night = plan(
            r#"{"window": {"from": "22:00", "to": "23:00"}, "expires_after_hours": 72, "auto_stop": {}}"#,
        );
        let fate = fates(NOON, &night, &rules(None), 0, &[NEW_YORK])[0];
        assert!(matches!(fate, Fate::LeftOut { beyond_budget: false, .. }), "{fate:?}");
    }

    #[test]
    fn whoever_has_had_enough_today_gets_it_tomorrow() {
        let fates = fates(NOON, &Plan::default(), &rules(None), 0, &[("America/New_York", 5)]);
        assert_eq!(fates, [leaves("2026-11-22T13:00:00Z", Some(Reason::DailyCap.words()), false)]);
    }

    #[test]
    fn the_budget_goes_to_those_who_can_be_written_to_first() {
        // In Honolulu it is seven in the morning, before the end of the night, and evening when the next day's budget begins.
        let people = [("Pacific/Honolulu", 0), NEW_YORK, NEW_YORK];
        let fates = fates(NOON, &Plan::default(), &rules(Some(2)), 0, &people);
        let now = leaves(NOON, None, false);
        let tomorrow = leaves("2026-11-22T05:00:00Z", Some(Reason::Budget.words()), true);
        assert_eq!(fates, [tomorrow, now, now]);
    }
}
