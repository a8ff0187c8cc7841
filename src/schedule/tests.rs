use super::*;
use jiff::civil::{date, time};
use proptest::prelude::*;

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

const SPREAD: [&str; 7] = [
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "America/Phoenix",
    "Pacific/Honolulu",
    "America/St_Johns",
    "Asia/Kathmandu",
];

#[test]
fn a_zone_is_named_as_its_database_does() {
    for (text, name) in [
        ("asia/kathmandu", Some("Asia/Kathmandu")),
        ("utc", Some("UTC")),
        ("Etc/Unknown", None),
        ("../etc/passwd", None),
        ("", None),
    ] {
        assert_eq!(zone_name(text).as_deref(), name, "{text}");
    }
}

#[test]
fn the_night_ends_at_eight_where_the_person_is() {
    let kathmandu = zone("Asia/Kathmandu");
    for (now, open) in [
        ("2026-11-21T02:14:00Z", "2026-11-21T02:15:00Z"),
        ("2026-11-21T02:15:00Z", "2026-11-21T02:15:00Z"),
        ("2026-11-21T15:14:59Z", "2026-11-21T15:14:59Z"),
        ("2026-11-21T15:15:00Z", "2026-11-22T02:15:00Z"),
    ] {
        let now: Timestamp = now.parse().unwrap();
        assert_eq!(NIGHT.open_from(now, &kathmandu).to_string(), open);
    }
}

#[test]
fn quiet_hours_that_leave_some_of_the_night_are_known() {
    let quiet = |from, to| QuietHours { from: time(from, 0, 0, 0), to: time(to, 0, 0, 0) };
    for (quiet, leaves) in [
        (quiet(21, 8), false),
        (quiet(20, 9), false),
        (quiet(22, 8), true),
        (quiet(21, 7), true),
        (quiet(0, 0), true),
        (quiet(8, 21), true),
    ] {
        assert_eq!(quiet.leave_night(), leaves, "{quiet:?}");
    }
}

#[test]
fn quiet_hours_cover_what_lies_within_them() {
    let day = QuietHours { from: time(12, 0, 0, 0), to: time(14, 0, 0, 0) };
    let none = QuietHours { from: time(9, 0, 0, 0), to: time(9, 0, 0, 0) };
    for (quiet, from, to, covered) in [
        (NIGHT, 22, 23, true),
        (NIGHT, 21, 8, true),
        (NIGHT, 23, 2, true),
        (NIGHT, 2, 5, true),
        (NIGHT, 2, 9, false),
        (NIGHT, 20, 23, false),
        (NIGHT, 22, 9, false),
        (NIGHT, 22, 21, false),
        (NIGHT, 9, 17, false),
        (day, 12, 14, true),
        (day, 13, 12, false),
        (none, 9, 10, false),
    ] {
        assert_eq!(quiet.cover(time(from, 0, 0, 0), time(to, 0, 0, 0)), covered, "{quiet:?} {from}-{to}");
    }
}

#[test]
fn seven_oclock_on_the_days_the_clocks_change() {
    let new_york = zone("America/New_York");
    let seven = time(7, 0, 0, 0);
    let mut at: Timestamp = "2026-03-07T00:00:00Z".parse().unwrap();
    let mut times = Vec::new();
    for _ in 0..3 {
        at = next_daily(at, None, seven, &new_york);
        times.push(at.to_string());
    }
    assert_eq!(times, ["2026-03-07T12:00:00Z", "2026-03-08T11:00:00Z", "2026-03-09T11:00:00Z"]);
    // 02:30 does not exist on the 8th; the message comes at 03:30, once.
    let skipped = at_local(date(2026, 3, 8), time(2, 30, 0, 0), &new_york);
    assert_eq!(skipped.to_string(), "2026-03-08T07:30:00Z");
}

#[test]
fn a_date_that_never_was_gets_no_message() {
    let apia = zone("Pacific/Apia");
    let before: Timestamp = "2011-12-29T20:00:00Z".parse().unwrap();
    let last = local_date(before, &apia);
    let next = next_daily(before, Some(last), time(7, 0, 0, 0), &apia);
    assert_eq!(local_date(next, &apia), date(2011, 12, 31));
}

proptest! {
    #[test]
    fn one_a_date_whatever_the_zone(
        zone_index in 0_usize..40, start in 1_760_000_000_i64..1_830_000_000, hour in 0_i8..24, minute in 0_i8..60,
    ) {
        let names = ["UTC", "America/New_York", "America/Phoenix", "Asia/Kathmandu", "Australia/Lord_Howe",
            "Pacific/Apia", "Africa/Casablanca", "America/St_Johns", "Europe/Dublin", "Pacific/Kiritimati"];
        let zone = zone(names[zone_index % names.len()]);
        let mut at = Timestamp::from_second(start).unwrap();
        let mut last = None;
        for _ in 0..400 {
            let next = next_daily(at, last, time(hour, minute, 0, 0), &zone);
            let date = local_date(next, &zone);
            prop_assert!(next > at);
            if let Some(last) = last {
                prop_assert_eq!(date, next_day(last));
            }
            last = Some(date);
            at = next;
        }
    }

    #[test]
    fn what_leaves_for_several_zones_leaves_by_day_in_all_that_share_an_hour(
        start in 1_760_000_000_i64..1_830_000_000, from in 0_i8..24, to in 0_i8..24,
        picked in prop::sample::subsequence(SPREAD.to_vec(), 1..SPREAD.len()),
    ) {
        prop_assume!(from != to);
        let quiet = QuietHours { from: time(from, 0, 0, 0), to: time(to, 0, 0, 0) };
        let zones: Vec<TimeZone> = picked.into_iter().map(zone).collect();
        let now = Timestamp::from_second(start).unwrap();
        let open = quiet.open_everywhere_from(now, &zones);
        let by_day = |at: Timestamp| zones.iter().take_while(|zone| quiet.open_from(at, zone) == at).count();
        // No quarter of an hour of the two days before it or after it suits more of them.
        let quarters = (0..192).map(|quarter| now + SignedDuration::from_mins(15 * quarter));
        let best = quarters.clone().map(by_day).max().unwrap();
        prop_assert!(open >= now && by_day(open) >= best, "{} of {} at {open}", by_day(open), best);
        prop_assert!(quarters.take_while(|at| *at < open).all(|at| by_day(at) < by_day(open)));
        // Where clocks change, more of them may share an hour soon.
        let again = quiet.open_everywhere_from(open, &zones);
        prop_assert!(again == open || by_day(again) > by_day(open));
    }

    #[test]
    fn what_leaves_leaves_by_day(start in 1_760_000_000_i64..1_830_000_000, from in 0_i8..24, to in 0_i8..24) {
        prop_assume!(from != to);
        let quiet = QuietHours { from: time(from, 0, 0, 0), to: time(to, 0, 0, 0) };
        for name in ["Asia/Kathmandu", "America/Phoenix", "Australia/Lord_Howe"] {
            let zone = zone(name);
            let now = Timestamp::from_second(start).unwrap();
            let open = quiet.open_from(now, &zone);
            prop_assert!(open >= now);
            prop_assert!(open.duration_since(now) <= SignedDuration::from_hours(25));
            prop_assert_eq!(quiet.open_from(open, &zone), open);
        }
    }
}
