use super::*;
use jiff::civil::{date, time};
use proptest::prelude::*;
use std::collections::BTreeSet;

const ZONES: [&str; 10] = [
    "UTC",
    "America/New_York",
    "America/Phoenix",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Casablanca",
    "America/St_Johns",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
];

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

const SEVEN: Time = time(7, 0, 0, 0);

#[test]
fn a_guessed_zone_moves_the_hour_to_one_by_day_everywhere() {
    let quiet = QuietHours { from: time(21, 0, 0, 0), to: time(8, 0, 0, 0) };
    for (asked, home, elsewhere, comes) in [
        (SEVEN, "Asia/Kathmandu", &[][..], SEVEN),
        // Eight in Perth is eleven in Sydney's summer; at seven in Perth it is ten in Sydney.
        (SEVEN, "Australia/Sydney", &["Australia/Perth"], time(11, 0, 0, 0)),
        (SEVEN, "Australia/Perth", &["Australia/Sydney"], SEVEN),
        (SEVEN, "America/New_York", &["America/Chicago", "Pacific/Honolulu"], time(13, 0, 0, 0)),
        (time(15, 0, 0, 0), "America/New_York", &["Pacific/Honolulu"], time(15, 0, 0, 0)),
        // Nobody waits for another date: then it is the first hour of this one.
        (time(22, 0, 0, 0), "America/Boise", &["America/Los_Angeles"], time(9, 0, 0, 0)),
    ] {
        let elsewhere: Vec<TimeZone> = elsewhere.iter().map(|name| zone(name)).collect();
        for now in ["2026-11-21T00:00:00Z", "2026-11-21T12:00:00Z"] {
            let told = time_by_day(asked, at(now), (&zone(home), &elsewhere), quiet);
            assert_eq!(told, comes, "{home} at {now}");
        }
    }
}

#[test]
fn late_within_the_grace_is_sent_and_later_is_skipped() {
    let zone = zone("America/New_York");
    let planned = at("2026-11-21T12:00:00Z");
    let due =
        Due { planned: planned.as_millisecond(), last: Some(date(2026, 11, 20)), time: SEVEN, zone: &zone };
    let tomorrow = at("2026-11-22T12:00:00Z");
    for minutes in [0, 1, 119] {
        let decision = decide(&due, planned + SignedDuration::from_mins(minutes));
        assert_eq!(decision.send, Some((date(2026, 11, 21), planned)));
        assert_eq!((decision.next, decision.skipped), (tomorrow, 0));
    }
    let late = decide(&due, planned + GRACE);
    assert_eq!(late, Decision { send: None, next: tomorrow, last: due.last, skipped: 1 });
    // Three days down, back at eight: today's is sent, three are skipped.
    let back = decide(&due, planned + SignedDuration::from_hours(73));
    assert_eq!(back.send.map(|(date, _)| date), Some(date(2026, 11, 24)));
    assert_eq!(back.skipped, 3);
}

#[test]
fn a_plan_made_anew_sends_nothing_at_once() {
    let zone = zone("Asia/Kathmandu");
    let due = Due { planned: PLAN_ANEW, last: None, time: SEVEN, zone: &zone };
    let decision = decide(&due, at("2026-11-21T01:20:00Z"));
    assert_eq!(decision.send, None);
    assert_eq!((decision.next, decision.skipped), (at("2026-11-22T01:15:00Z"), 0));
}

#[test]
fn whoever_moves_west_waits_for_a_new_date() {
    let phoenix = zone("America/Phoenix");
    // They had the tip of the 21st in Kathmandu; in Phoenix it is still the 20th.
    let due = Due { planned: PLAN_ANEW, last: Some(date(2026, 11, 21)), time: SEVEN, zone: &phoenix };
    let decision = decide(&due, at("2026-11-21T01:20:00Z"));
    assert_eq!(decision.next, at("2026-11-22T14:00:00Z"));
}

/// What happens to a person between two ticks.
#[derive(Clone, Debug)]
enum Step {
    Wait(i64),
    Jump(i64),
    Move(usize),
    Choose(i8, i8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (1_i64..600).prop_map(Step::Wait),
        1 => prop_oneof![Just(-60), Just(60)].prop_map(Step::Jump),
        1 => (0..ZONES.len()).prop_map(Step::Move),
        1 => (0_i8..24, 0_i8..60).prop_map(|(hour, minute)| Step::Choose(hour, minute)),
    ]
}

proptest! {
    /// One for a local date at most, at its time or within the grace after it, whatever happens;
    /// and the schedule always goes on.
    #[test]
    fn one_tip_a_local_date(
        start in 1_760_000_000_i64..1_830_000_000, first in 0..ZONES.len(),
        steps in proptest::collection::vec(step(), 1..300),
    ) {
        let mut zone = zone(ZONES[first]);
        let mut now = Timestamp::from_second(start).unwrap();
        let (mut time, mut last) = (SEVEN, None);
        let mut planned = next(now, last, time, &zone).as_millisecond();
        let mut sent = BTreeSet::new();
        for step in steps {
            match step {
                Step::Wait(minutes) | Step::Jump(minutes) => now += SignedDuration::from_mins(minutes),
                Step::Move(to) => {
                    zone = TimeZone::get(ZONES[to]).unwrap();
                    planned = PLAN_ANEW;
                }
                Step::Choose(hour, minute) => {
                    time = Time::constant(hour, minute, 0, 0);
                    planned = next(now, last, time, &zone).as_millisecond();
                }
            }
            if planned > now.as_millisecond() {
                continue;
            }
            let decision = decide(&Due { planned, last, time, zone: &zone }, now);
            prop_assert!(decision.next > now);
            if let Some((date, at)) = decision.send {
                prop_assert!(at <= now && now.duration_since(at) < GRACE);
                prop_assert_eq!(local_date(at, &zone), date);
                prop_assert!(last.is_none_or(|last| date > last));
                prop_assert!(sent.insert(date), "two tips for {}", date);
                prop_assert_eq!(decision.last, Some(date));
            } else {
                prop_assert_eq!(decision.last, last);
            }
            (planned, last) = (decision.next.as_millisecond(), decision.last);
        }
    }

    /// Where nothing is in the way, no date is left out: sent and skipped ones together are all.
    #[test]
    fn no_date_is_lost(
        start in 1_760_000_000_i64..1_830_000_000, index in 0..ZONES.len(), hour in 0_i8..24,
        waits in proptest::collection::vec(1_i64..4000, 1..100),
    ) {
        let zone = zone(ZONES[index]);
        let time = Time::constant(hour, 0, 0, 0);
        let mut now = Timestamp::from_second(start).unwrap();
        let begin = next(now, None, time, &zone);
        let (mut planned, mut last, mut dealt) = (begin, None, 0);
        for minutes in waits {
            now += SignedDuration::from_mins(minutes);
            if planned > now {
                continue;
            }
            let due = Due { planned: planned.as_millisecond(), last, time, zone: &zone };
            let decision = decide(&due, now);
            dealt += decision.skipped + i64::from(decision.send.is_some());
            (planned, last) = (decision.next, decision.last);
        }
        let days = local_date(planned, &zone).since(local_date(begin, &zone)).unwrap().get_days();
        prop_assert_eq!(dealt, i64::from(days));
    }
}
