use super::*;
use jiff::SignedDuration;
use jiff::civil::time;
use proptest::prelude::*;

fn rules() -> Rules {
    let quiet_hours = QuietHours { from: time(21, 0, 0, 0), to: time(8, 0, 0, 0) };
    Rules { quiet_hours, daily_cap: 3, countries: vec![Region::US], budget: Budget::unlimited() }
}

fn recipient(consent: Consent) -> Recipient {
    let zone = TimeZone::get("America/New_York").unwrap();
    Recipient { consent, zone, elsewhere: Vec::new(), sent_today: 0, had_the_same: false }
}

fn message(purpose: Purpose) -> Message {
    Message { purpose, country: Some(Region::US), premium_rate: false, expires_at: None, budget_until: None }
}

/// Noon in New York.
fn noon() -> Timestamp {
    "2026-11-21T17:00:00Z".parse().unwrap()
}

const ELSEWHERE: [&str; 3] = ["America/Chicago", "America/Los_Angeles", "Pacific/Honolulu"];

fn purpose() -> impl Strategy<Value = Purpose> {
    prop::sample::select(Purpose::all().to_vec())
}

fn consent() -> impl Strategy<Value = Consent> {
    prop::sample::select(vec![Consent::Unasked, Consent::Given, Consent::Withdrawn])
}

#[test]
fn each_rule_has_its_reason() {
    let (rules, given) = (rules(), recipient(Consent::Given));
    let says = |message: &Message, recipient: &Recipient, now| check(message, recipient, &rules, now);
    let campaign = message(Purpose::Campaign);
    assert_eq!(says(&campaign, &given, noon()), Verdict::Send);
    assert_eq!(says(&campaign, &recipient(Consent::Unasked), noon()), Verdict::Refuse(Reason::NotOptedIn));
    let same = Recipient { had_the_same: true, ..given.clone() };
    assert_eq!(says(&campaign, &same, noon()), Verdict::Refuse(Reason::Duplicate));
    let abroad = Message { country: Region::parse("NP").ok(), ..campaign.clone() };
    assert_eq!(says(&abroad, &given, noon()), Verdict::Refuse(Reason::Country));
    let answer = Message { purpose: Purpose::Reply, ..abroad };
    assert_eq!(says(&answer, &given, noon()), Verdict::Send);

    let night: Timestamp = "2026-11-22T03:00:00Z".parse().unwrap();
    let morning: Timestamp = "2026-11-22T13:00:00Z".parse().unwrap();
    assert_eq!(says(&campaign, &given, night), Verdict::Wait(morning, Reason::QuietHours));
    let until_dawn =
        Message { expires_at: Some(morning - SignedDuration::from_hours(1)), ..campaign.clone() };
    assert_eq!(says(&until_dawn, &given, night), Verdict::Refuse(Reason::QuietTooLong));
    assert_eq!(says(&message(Purpose::Tip), &given, night), Verdict::Send);
    let full = Recipient { sent_today: 3, ..given.clone() };
    assert_eq!(says(&campaign, &full, noon()), Verdict::Wait(morning, Reason::DailyCap));
    let midnight: Timestamp = "2026-11-22T05:00:00Z".parse().unwrap();
    assert_eq!(says(&message(Purpose::Tip), &full, noon()), Verdict::Wait(midnight, Reason::DailyCap));
    let today_only = Message { expires_at: Some(midnight), ..message(Purpose::Tip) };
    assert_eq!(says(&today_only, &full, noon()), Verdict::Refuse(Reason::DailyCap));
    let spent = |message: Message| Message { budget_until: Some(midnight), ..message };
    assert_eq!(says(&spent(campaign), &given, noon()), Verdict::Wait(morning, Reason::Budget));
    assert_eq!(says(&spent(message(Purpose::Tip)), &given, noon()), Verdict::Wait(midnight, Reason::Budget));
    assert_eq!(says(&spent(today_only), &given, noon()), Verdict::Refuse(Reason::Budget));
    assert_eq!(says(&spent(message(Purpose::Reminder)), &given, noon()), Verdict::Send);
}

#[test]
fn whose_zone_is_guessed_is_written_to_by_day_in_all_of_them() {
    let honolulu = vec![TimeZone::get("Pacific/Honolulu").unwrap()];
    let guessed = Recipient { elsewhere: honolulu, ..recipient(Consent::Given) };
    let campaign = message(Purpose::Campaign);
    // Noon in New York is seven in Honolulu.
    let seven = noon() + SignedDuration::from_hours(1);
    assert_eq!(check(&campaign, &guessed, &rules(), noon()), Verdict::Wait(seven, Reason::QuietElsewhere));
    assert_eq!(check(&campaign, &guessed, &rules(), seven), Verdict::Send);
    let night: Timestamp = "2026-11-22T03:00:00Z".parse().unwrap();
    let next = seven + SignedDuration::from_hours(24);
    assert_eq!(check(&campaign, &guessed, &rules(), night), Verdict::Wait(next, Reason::QuietHours));
    let until_noon = Message { expires_at: Some(seven), ..campaign };
    assert_eq!(check(&until_noon, &guessed, &rules(), noon()), Verdict::Refuse(Reason::QuietTooLong));
    // A tip comes when its reader said, unless that may be in the night elsewhere.
    assert_eq!(check(&message(Purpose::Tip), &guessed, &rules(), night), Verdict::Send);
    assert_eq!(
        check(&message(Purpose::Tip), &guessed, &rules(), noon()),
        Verdict::Wait(seven, Reason::QuietElsewhere)
    );
    assert_eq!(check(&message(Purpose::Alert), &guessed, &rules(), noon()), Verdict::Send);
}

#[test]
fn premium_rate_numbers_get_answers_and_nothing_else() {
    for purpose in Purpose::all() {
        let message = Message { premium_rate: true, ..message(purpose) };
        let answers = matches!(purpose, Purpose::Reply | Purpose::StopConfirmation);
        let expected = if answers { Verdict::Send } else { Verdict::Refuse(Reason::PremiumRate) };
        assert_eq!(check(&message, &recipient(Consent::Given), &rules(), noon()), expected, "{purpose:?}");
    }
}

#[test]
fn a_budget_s_day_is_the_organisation_s() {
    let zone = TimeZone::get("America/New_York").unwrap();
    let (began, ends) = Budget { zone, ..Budget::unlimited() }.day(noon());
    assert_eq!(
        (began.to_string(), ends.to_string()),
        ("2026-11-21T05:00:00Z".into(), "2026-11-22T05:00:00Z".into())
    );
}

fn spending() -> impl Strategy<Value = Spending> {
    (0_i64..3, 0_i64..300_000).prop_map(|(messages, micro_dollars)| Spending { messages, micro_dollars })
}

proptest! {
    #[test]
    fn after_an_opt_out_only_its_confirmation_leaves(purpose in purpose(), seconds in 0_i64..200_000) {
        let now = noon() + SignedDuration::from_secs(seconds);
        let verdict = check(&message(purpose), &recipient(Consent::Withdrawn), &rules(), now);
        if purpose == Purpose::StopConfirmation {
            prop_assert_eq!(verdict, Verdict::Send);
        } else {
            prop_assert_eq!(verdict, Verdict::Refuse(Reason::OptedOut));
        }
    }

    #[test]
    fn waiting_ends(
        purpose in purpose(), consent in consent(), seconds in 0_i64..200_000, sent_today in 0_u32..6,
        lifetime in prop::option::of(1_i64..200_000), spent in any::<bool>(),
        elsewhere in prop::sample::subsequence(ELSEWHERE.to_vec(), 0..=ELSEWHERE.len()),
    ) {
        let rules = rules();
        let now = noon() + SignedDuration::from_secs(seconds);
        let expires_at = lifetime.map(|seconds| now + SignedDuration::from_secs(seconds));
        let (_, tomorrow) = rules.budget.day(now);
        let message = Message { expires_at, budget_until: spent.then_some(tomorrow), ..message(purpose) };
        // Till the next day, and to the end of its night where the person may live.
        let longest = SignedDuration::from_hours(if elsewhere.is_empty() { 24 + 8 } else { 24 + 14 });
        let elsewhere = elsewhere.into_iter().map(|name| TimeZone::get(name).unwrap()).collect();
        let recipient = Recipient { elsewhere, sent_today, ..recipient(consent) };
        if let Verdict::Wait(until, _) = check(&message, &recipient, &rules, now) {
            prop_assert!(until > now && until.duration_since(now) <= longest);
            prop_assert!(expires_at.is_none_or(|end| until < end));
            // Then it is another day, and nothing has been sent on it.
            let then = Recipient { sent_today: 0, ..recipient };
            let message = Message { budget_until: None, ..message };
            prop_assert_eq!(check(&message, &then, &rules, until), Verdict::Send);
        }
    }

    #[test]
    fn what_was_asked_for_never_waits(consent in consent(), seconds in 0_i64..200_000, sent_today in 0_u32..9) {
        let now = noon() + SignedDuration::from_secs(seconds);
        let recipient = Recipient { sent_today, ..recipient(consent) };
        for purpose in [Purpose::Code, Purpose::Reply, Purpose::StopConfirmation] {
            let message = Message { budget_until: Some(now + SignedDuration::from_hours(9)), ..message(purpose) };
            prop_assert!(!matches!(check(&message, &recipient, &rules(), now), Verdict::Wait(..)));
        }
    }

    #[test]
    fn a_budget_is_never_overdrawn_and_nothing_that_fits_waits(
        messages in prop::option::of(0_i64..9), micro_dollars in prop::option::of(0_i64..900_000),
        before in spending(), costs in prop::collection::vec(spending(), 0..12),
    ) {
        let budget = Budget { messages, micro_dollars, zone: TimeZone::UTC };
        let mut spent = before;
        for (cost, admitted) in costs.iter().zip(budget.admit(before, &costs)) {
            let total = spent.and(*cost);
            let fits = messages.is_none_or(|most| total.messages <= most)
                && micro_dollars.is_none_or(|most| total.micro_dollars <= most);
            prop_assert_eq!(admitted, fits);
            if admitted {
                spent = total;
            }
        }
        prop_assert!(budget.admit(before, &costs).len() == costs.len());
        prop_assert!(!budget.is_unlimited() || budget.admit(before, &costs).iter().all(|admitted| *admitted));
    }
}
