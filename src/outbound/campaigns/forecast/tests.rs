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
    Recipient { consent: Consent::Given, zone, elsewhere: Vec::new(), sent_today, had_the_same: false }
}

/// What becomes of messages to people there, of whom each had so many today; some of the budget is spent.
fn fates(start: &str, plan: &Plan, rules: &Rules, spent: i64, people: &[(&str, u32)]) -> Vec<Fate> {
    let today = rules.budget.day(at(start)).0;
    let spent = BTreeMap::from([(today, Spending { messages: spent, micro_dollars: 0 })]);
    let purse = Purse { budget: rules.budget.clone(), spent };
    let mut forecast = Forecast { start: at(start), plan, rules, purse, places: Places::default() };
    let letter =
        |(zone, sent): &(&str, u32)| forecast.letter(recipient(zone, *sent), (Some(Region::US), false), 1);
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
    let morning =
        plan(r#"{"window": {"from": "09:00", "to": "10:00"}, "expires_after_hours": 72, "auto_stop": {}}"#);
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
    let night =
        plan(r#"{"window": {"from": "22:00", "to": "23:00"}, "expires_after_hours": 72, "auto_stop": {}}"#);
    let fate = fates(NOON, &night, &rules(None), 0, &[NEW_YORK])[0];
    assert!(matches!(fate, Fate::LeftOut { beyond_budget: false, .. }), "{fate:?}");
}

#[test]
fn those_behind_the_first_five_thousand_wait_for_a_place() {
    // For Honolulu it is too early, and its people take all the places until the night ends there.
    let mut people = vec![("Pacific/Honolulu", 0); 5000];
    people.extend([NEW_YORK, NEW_YORK]);
    let fates = fates(NOON, &Plan::default(), &rules(None), 0, &people);
    let seven = "2026-11-21T18:00:00Z";
    assert_eq!(fates[4999], leaves(seven, Some(Reason::QuietHours.words()), false));
    assert_eq!(fates[5000..], [leaves(seven, Some(NO_ROOM), false); 2]);
    // Where all may be written to at once, nobody waits.
    let all = vec![NEW_YORK; 5002];
    assert_eq!(self::fates(NOON, &Plan::default(), &rules(None), 0, &all)[5001], leaves(NOON, None, false));
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
