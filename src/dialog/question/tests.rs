use super::super::{
    Booking, Challenge, CodeKey, Event, Heard, Name, Nonce, Person, Reply, State, Turn, step,
};
use super::Ground;
use crate::booking::Status;
use jiff::{SignedDuration, Timestamp};

const SUBJECT: &str = "+14155550123";
const CODE: Nonce = Nonce([3; 16]);

fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn ago(minutes: i64) -> Timestamp {
    now() - SignedDuration::from_mins(minutes)
}

/// Everywhere a conversation can be, with the code sent so many minutes ago.
fn states() -> Vec<(&'static str, State)> {
    let verifying = |minutes| State::Verifying(Challenge::new(CODE, ago(minutes)));
    vec![
        ("stranger", State::Stranger),
        ("naming", State::Naming { asked_again: 0 }),
        ("naming, asked again", State::Naming { asked_again: 2 }),
        ("verifying", verifying(1)),
        ("verifying, asked about the booking since", verifying(8)),
        ("verifying, expired", verifying(420)),
        ("member", State::Member { since: ago(9000) }),
    ]
}

fn booking(status: Status, asked: Option<i64>) -> Booking {
    Booking {
        id: 1,
        title: "Visit".to_owned(),
        place: String::new(),
        when: "tomorrow at 2:00 PM".to_owned(),
        starts_at: now() + SignedDuration::from_hours(26),
        at: jiff::civil::date(2026, 11, 22).at(14, 0, 0, 0),
        status,
        asked_at: asked.map(ago),
        is_moved: false,
    }
}

fn person(state: State) -> Person {
    let name = matches!(state, State::Verifying(_) | State::Member { .. });
    Person { state, name: name.then(|| Name::parse("Asha").unwrap()), ..Person::default() }
}

fn says(person: &Person, bookings: &[Booking], body: &str) -> Turn {
    let key = CodeKey::new(b"key");
    let ground = Ground {
        locale: "en",
        now: now(),
        nonce: Nonce([7; 16]),
        key: &key,
        subject: SUBJECT,
        numbers_offered: false,
        twilio_answers: false,
        bookings,
    };
    step(person, &Event::Heard(Heard { body, opt_out_type: None }), &ground)
}

fn template(turn: &Turn) -> &'static str {
    turn.reply.as_ref().map_or("nothing", Reply::template)
}

#[test]
fn whoever_is_asked_about_a_booking_may_answer_in_every_state() {
    let answers: [(&str, &[&str]); 4] = [
        (
            "booking_confirmed",
            &[
                "C",
                "c.",
                "ok",
                "OK",
                "yes",
                "Y",
                "yep",
                "sure",
                "\u{1f44d}",
                "confirm",
                "CONFRIM",
                "si",
                "ok thanks",
                "see you there",
                "I'll be there",
            ],
        ),
        (
            "booking_declined",
            &[
                "NO",
                "no",
                "nope",
                "no thanks",
                "can't make it",
                "sorry can't come",
                "i cant make it tomorrow",
            ],
        ),
        (
            "booking_change_noted",
            &["CHANGE", "can we move it?", "can I come another day", "reschedule please"],
        ),
        ("booking_unclear", &["yes but later"]),
    ];
    let mut wrong = Vec::new();
    for (place, state) in states() {
        let person = person(state);
        for (expected, texts) in answers {
            for text in texts {
                let turn = says(&person, &[booking(Status::Pending, Some(5))], text);
                if template(&turn) != expected
                    || turn.person.state != person.state
                    || turn.person.name != person.name
                {
                    wrong.push(format!("{place}: {text}: {} ({})", template(&turn), turn.why));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_name_and_a_code_stay_what_they_are() {
    let asked = [booking(Status::Pending, Some(5))];
    let naming = person(State::Naming { asked_again: 0 });
    for name in ["Asha", "Hope Moore", "I'm Asha", "my name is Will", "Mark", "Si Nguyen", "yes, I'm Asha"] {
        let turn = says(&naming, &asked, name);
        assert!(matches!(turn.person.state, State::Verifying(_)), "{name}: {}", template(&turn));
    }
    let code = CodeKey::new(b"key").code(SUBJECT, CODE);
    for (place, state) in states() {
        let person = person(state);
        if !matches!(person.state, State::Verifying(_)) {
            continue;
        }
        let expected = if place == "verifying, expired" { "expired_code" } else { "welcome" };
        assert_eq!(template(&says(&person, &asked, &format!("it's {code}"))), expected, "{place}");
        assert_eq!(template(&says(&person, &asked, "resend")), "code");
        assert_eq!(template(&says(&person, &asked, "STATUS")), "status");
        assert_eq!(template(&says(&person, &asked, "HELP")), "help");
        assert_eq!(template(&says(&person, &asked, "STOP")), "stopped");
    }
    let verifying = person(State::Verifying(Challenge::new(CODE, ago(1))));
    assert_eq!(template(&says(&verifying, &asked, "no code came")), "code");
    assert_eq!(template(&says(&verifying, &[], "NO")), "code");
    assert_eq!(template(&says(&verifying, &[], "ok")), "code_expected");
}

#[test]
fn no_letter_and_no_yes_is_a_name() {
    for asked in [None, Some(5)] {
        for text in ["C", "c", "Y", "n", "yes", "no", "ok", "k", "\u{1f44d}", "1"] {
            let turn =
                says(&person(State::Naming { asked_again: 0 }), &[booking(Status::Pending, asked)], text);
            assert_eq!(turn.person.name, None, "{text}");
        }
    }
}

#[test]
fn an_answer_to_what_is_gone_says_so_in_every_state() {
    for (place, state) in states() {
        let person = person(state);
        for text in ["C", "yes", "ok"] {
            let turn = says(&person, &[booking(Status::Cancelled, Some(5))], text);
            assert_eq!(template(&turn), "booking_gone", "{place}: {text}");
        }
    }
}

#[test]
fn a_yes_answers_the_last_of_two_questions() {
    let doubtful = says(&person(State::Member { since: ago(9000) }), &[], "this is spam");
    assert_eq!(template(&doubtful), "ask_stop");
    let stopped = says(&doubtful.person, &[booking(Status::Pending, Some(5))], "yes");
    assert_eq!(template(&stopped), "stopped");
    // The reminder came after the question about stopping.
    let reminded = says(&doubtful.person, &[booking(Status::Pending, Some(-5))], "yes");
    assert_eq!(template(&reminded), "booking_confirmed");
    for (place, state) in states() {
        let doubtful = says(&person(state), &[], "this is spam");
        assert_eq!(template(&says(&doubtful.person, &[], "NO")), "resumed", "{place}");
        assert_eq!(template(&says(&doubtful.person, &[], "ok")), "stopped", "{place}");
    }
}

#[test]
fn thanks_after_a_no_is_answered_by_silence() {
    let member = person(State::Member { since: ago(9000) });
    for status in [Status::Declined, Status::ChangeRequested] {
        for text in ["ok thanks", "OK", "ok", "\u{1f44d}", "thanks", "thank you", "ok thank you so much"] {
            let turn = says(&member, &[booking(status, Some(5))], text);
            assert_eq!(template(&turn), "nothing", "{text}: {}", turn.why);
            assert!(turn.bookings.is_empty());
        }
        for text in ["yes", "C", "confirm", "I'll be there"] {
            let turn = says(&member, &[booking(status, Some(5))], text);
            assert_eq!(template(&turn), "booking_with_staff", "{text}");
        }
    }
}

#[test]
fn who_has_to_wait_is_told_so() {
    let mut asked = person(State::Verifying(Challenge::new(CODE, ago(1))));
    for _ in 0..5 {
        asked = says(&asked, &[], "000001").person;
    }
    for text in ["STATUS", "RESEND", "hello", "000001"] {
        assert_eq!(template(&says(&asked, &[], text)), "locked", "{text}");
    }
}

#[test]
fn a_name_may_come_with_the_wish_to_register() {
    for text in [
        "REGISTER John Smith",
        "register john smith",
        "REGISTER\nJohn Smith",
        "Register: John Smith",
        "JOIN Asha Rai",
        "sign me up, I'm Asha",
        "Sign me up. My name is Asha",
        "register me, my name is Asha Rai",
        "REGISTER Hope Moore",
        "registrar Lucía Gómez",
        "inscription Zoé Martin",
        "hi, I'm Asha and I want to register",
    ] {
        for state in [State::Stranger, State::Naming { asked_again: 0 }] {
            let turn = says(&person(state), &[], text);
            assert_eq!(template(&turn), "code", "{text}: {}", turn.why);
            let name = turn.person.name.unwrap();
            assert!(!name.as_str().to_lowercase().contains("reg"), "{text}: {}", name.as_str());
            assert!(name.as_str().split(' ').count() <= 2, "{text}: {}", name.as_str());
        }
    }
    for text in [
        "REGISTER",
        "sign me up",
        "register please",
        "JOIN now",
        "register me for the tips",
        "join the class today",
    ] {
        let turn = says(&person(State::Stranger), &[], text);
        assert_ne!(template(&turn), "code", "{text}: {}", turn.why);
    }
}

#[test]
fn nothing_promotes_to_whoever_would_rather_not_register() {
    let asked = says(&Person::default(), &[], "REGISTER").person;
    assert!(asked.may_be_promoted_to(), "asking to register is a consent");
    let left = says(&asked, &[], "no thanks");
    assert_eq!((template(&left), left.person.may_be_promoted_to()), ("no_name", false));
    let back = says(&left.person, &[], "REGISTER");
    assert_eq!((template(&back), back.person.may_be_promoted_to()), ("ask_name", true));
    // What is no name three times may be anything: staff read it.
    let third = says(&person(State::Naming { asked_again: 2 }), &[], "why do you ask me that?");
    assert_eq!(template(&third), "no_name");
    assert!(third.person.doubts.attention.is_some());
}
