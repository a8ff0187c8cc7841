use super::super::tests::Play;
use super::Status;

/// Somebody with so many bookings, all of which they were reminded of.
fn reminded(count: i64) -> Play {
    let mut play = Play::new(count);
    for index in 0..play.bookings.len() {
        play.remind(index);
    }
    play
}

#[test]
fn what_is_no_plain_no_is_asked_about_and_done_on_a_yes() {
    for (text, status) in [
        ("my dog is sick", Status::Declined),
        ("I'm busy with the garden these days", Status::Declined),
        ("my sister moved to Boston", Status::ChangeRequested),
    ] {
        let mut play = reminded(1);
        assert_eq!(play.says(text), "booking_ask_first", "{text}");
        assert_eq!(play.statuses(), [Status::Pending], "{text}");
        let mut other = Play { person: play.person.clone(), bookings: play.bookings.clone(), ..reminded(1) };
        play.says("yes please");
        assert_eq!(play.statuses(), [status], "{text}");
        assert_eq!(play.person.choice, None);
        assert_eq!(other.says("no, keep it"), "booking_question", "{text}");
        assert_eq!(other.statuses(), [Status::Pending], "{text}");
        assert_eq!(other.says("yes"), "booking_confirmed", "{text}");
    }
}

#[test]
fn only_a_bare_yes_does_it() {
    for (text, reply, status) in [
        ("ok", "booking_ask_first", Status::Pending),
        ("what?", "booking_ask_first", Status::Pending),
        ("yes I'll be there", "booking_confirmed", Status::Confirmed),
        ("C", "booking_ask_first", Status::Pending),
        ("no I can't come", "booking_declined", Status::Declined),
        ("can't make it", "booking_declined", Status::Declined),
        ("my dog is sick again", "person_will_read", Status::Pending),
        ("STOP", "stopped", Status::Pending),
    ] {
        let mut play = reminded(1);
        play.says("my dog is sick");
        assert_eq!(play.says(text), reply, "{text}");
        assert_eq!(play.statuses(), [status], "{text}");
    }
}

#[test]
fn a_yes_long_after_is_still_to_that_question_unless_another_came() {
    let mut play = reminded(1);
    play.says("my dog is sick");
    play.now += jiff::SignedDuration::from_hours(30);
    assert_eq!(play.says("yes"), "booking_declined");
    let mut play = reminded(1);
    play.says("my dog is sick");
    play.remind(0);
    assert_eq!(play.says("yes"), "booking_confirmed");
}

#[test]
fn of_several_one_is_chosen_or_none() {
    let mut play = reminded(2);
    assert_eq!(play.says("my dog is sick"), "booking_ask_first");
    assert_eq!(play.says("yes"), "booking_ask_first", "of two, a yes says too little");
    assert_eq!(play.says("2"), "booking_declined");
    assert_eq!(play.statuses(), [Status::Pending, Status::Declined]);
    let mut play = reminded(2);
    play.says("my dog is sick");
    assert_eq!(play.says("NO"), "booking_upcoming");
    assert_eq!(play.statuses(), [Status::Pending, Status::Pending]);
}

#[test]
fn whoever_has_confirmed_is_asked_too_and_keeps_it() {
    let mut play = reminded(1);
    play.says("yes");
    assert_eq!(play.says("my dog is sick"), "booking_ask_first");
    assert_eq!(play.says("no"), "booking_upcoming");
    assert_eq!(play.statuses(), [Status::Confirmed]);
}

#[test]
fn who_comes_after_all_is_read_by_staff() {
    for text in ["sorry, I can make it", "yes I'll come"] {
        let mut play = reminded(1);
        play.says("can't make it");
        assert_eq!(play.says(text), "booking_with_staff", "{text}");
        assert_eq!(play.statuses(), [Status::Declined], "{text}");
        assert_eq!(play.person.doubts.attention.as_deref(), Some(text));
    }
    let mut play = reminded(1);
    play.says("can't make it");
    assert_eq!(play.says("ok thanks"), "nothing");
    assert_eq!(play.person.doubts.attention, None);
}

#[test]
fn who_was_not_reminded_yet_is_asked_the_same() {
    for count in [1, 2] {
        let mut play = Play::new(count);
        assert_eq!(play.says("I feel better today"), "booking_ask_first", "{count}");
        assert_eq!(
            play.says("no"),
            if count == 1 { "booking_question" } else { "booking_upcoming" },
            "{count}"
        );
        assert!(play.statuses().iter().all(|status| *status == Status::Pending), "{count}");
    }
    let mut play = Play::new(2);
    play.says("my dog is sick");
    assert_eq!(play.says("2"), "booking_declined");
    assert_eq!(play.statuses(), [Status::Pending, Status::Declined]);
}

#[test]
fn a_yes_with_more_behind_it_confirms_nothing() {
    for text in [
        "yes, unfortunately",
        "yes but stop the tips",
        "yes. help",
        "yes and my name is Bob",
        "yes, the vet said he'll be ok",
        "he said yes",
    ] {
        let mut play = reminded(1);
        play.says("my dog is sick");
        play.says(text);
        assert_eq!(play.statuses(), [Status::Pending], "{text}");
        play.says("YES");
        assert_eq!(play.statuses(), [Status::Declined], "{text}");
    }
}

#[test]
fn a_question_from_before_stop_is_over() {
    let mut play = reminded(1);
    for text in ["my dog is sick", "STOP", "START", "YES"] {
        play.says(text);
    }
    assert_ne!(play.statuses(), [Status::Declined]);
}
