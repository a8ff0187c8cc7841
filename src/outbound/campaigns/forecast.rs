//! What would become of a campaign's messages one after the other: the gate is asked as often as it would be, and
//! the day's budget runs out as it would. No I/O, no clock.

use crate::campaign::Plan;
use crate::gate::{self, Budget, Message, Reason, Recipient, Rules, Spending, Verdict};
use crate::outbound::brake::CLOSED;
use crate::phone::Region;
use crate::price::micro_dollars;
use crate::purpose::Purpose;
use crate::schedule::local_date;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// How often a message is asked about: a week of days with window, quiet hours, cap and budget each.
const MOST_WAITS: usize = 40;

/// One reader's message.
#[derive(Clone, Debug)]
pub(super) struct Letter {
    pub(super) country: Option<Region>,
    pub(super) recipient: Recipient,
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
    /// What would become of `letter`, after those asked about before it.
    pub(super) fn fate(&mut self, letter: Letter, segments: i64) -> Fate {
        let Letter { country, mut recipient } = letter;
        let cost = Spending { messages: 1, micro_dollars: micro_dollars(country).saturating_mul(segments) };
        let mut at = self.start;
        let opens = self.plan.open_from(at, &recipient.zone);
        let lifetime = SignedDuration::from_hours(self.plan.expires_after_hours);
        let mut message = Message {
            purpose: Purpose::Campaign,
            country,
            expires_at: Some(opens + lifetime),
            budget_until: None,
        };
        let (mut waits_for, mut beyond_budget) = (None, false);
        for _ in 0..MOST_WAITS {
            // The campaign's hours come before the gate.
            let open = self.plan.open_from(at, &recipient.zone);
            if open > at {
                waits_for.get_or_insert(CLOSED);
            }
            match gate::check(&message, &recipient, self.rules, open) {
                Verdict::Refuse(reason) => return Fate::LeftOut { reason, beyond_budget },
                Verdict::Wait(until, reason) => {
                    waits_for = Some(if reason == Reason::Budget {
                        reason.words()
                    } else {
                        waits_for.unwrap_or(reason.words())
                    });
                    if local_date(until, &recipient.zone) > local_date(open, &recipient.zone) {
                        recipient.sent_today = 0;
                    }
                    message.budget_until = None;
                    at = until;
                }
                Verdict::Send => match self.purse.pay(cost, open) {
                    Ok(()) => return Fate::Leaves { at: open, waits_for, beyond_budget },
                    Err(tomorrow) => {
                        beyond_budget = true;
                        message.budget_until = Some(tomorrow);
                        at = open;
                    }
                },
            }
        }
        Fate::LeftOut { reason: Reason::Expired, beyond_budget }
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

    fn letter(sent_today: u32) -> Letter {
        let zone = TimeZone::get("America/New_York").unwrap();
        let recipient = Recipient { consent: Consent::Given, zone, sent_today, had_the_same: false };
        Letter { country: Some(Region::US), recipient }
    }

    fn fates(start: &str, plan: &Plan, rules: &Rules, spent: i64, people: usize) -> Vec<Fate> {
        let today = rules.budget.day(at(start)).0;
        let spent = BTreeMap::from([(today, Spending { messages: spent, micro_dollars: 0 })]);
        let purse = Purse { budget: rules.budget.clone(), spent };
        let mut forecast = Forecast { start: at(start), plan, rules, purse };
        (0..people).map(|_| forecast.fate(letter(0), 1)).collect()
    }

    fn leaves(text: &str, waits_for: Option<&'static str>, beyond_budget: bool) -> Fate {
        Fate::Leaves { at: at(text), waits_for, beyond_budget }
    }

    #[test]
    fn a_budget_lets_so_many_through_each_day_and_the_rest_never() {
        let plan = plan(r#"{"expires_after_hours": 40, "auto_stop": {}}"#);
        let fates = fates(NOON, &plan, &rules(Some(3)), 1, 7);
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
            fates(NOON, &morning, &rules(None), 0, 1),
            [leaves("2026-11-22T14:00:00Z", Some(CLOSED), false)]
        );
        let any = Plan::default();
        let quiet = Some(Reason::QuietHours.words());
        assert_eq!(
            fates("2026-11-22T03:00:00Z", &any, &rules(None), 0, 1),
            [leaves("2026-11-22T13:00:00Z", quiet, false)]
        );
    }

    #[test]
    fn hours_that_are_quiet_all_along_reach_nobody() {
        let night = plan(
            r#"{"window": {"from": "22:00", "to": "23:00"}, "expires_after_hours": 72, "auto_stop": {}}"#,
        );
        let fate = fates(NOON, &night, &rules(None), 0, 1)[0];
        assert!(matches!(fate, Fate::LeftOut { beyond_budget: false, .. }), "{fate:?}");
    }

    #[test]
    fn whoever_has_had_enough_today_gets_it_tomorrow() {
        let (plan, rules) = (Plan::default(), rules(None));
        let purse = Purse { budget: Budget::unlimited(), spent: BTreeMap::new() };
        let mut forecast = Forecast { start: at(NOON), plan: &plan, rules: &rules, purse };
        let cap = Some(Reason::DailyCap.words());
        assert_eq!(forecast.fate(letter(5), 1), leaves("2026-11-22T13:00:00Z", cap, false));
    }
}
