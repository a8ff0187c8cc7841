use super::super::Intent;
use super::*;

#[test]
fn people_name_one_of_several_in_many_ways() {
    // A Tuesday and a Thursday.
    let options = [
        Choice { at: "2026-11-24T09:00".parse().unwrap(), title: "Dental cleaning" },
        Choice { at: "2026-11-26T14:30".parse().unwrap(), title: "Eye test" },
    ];
    for (text, expected) in [
        ("2", Some(1)),
        ("1.", Some(0)),
        ("number two please", Some(1)),
        ("the second one", Some(1)),
        ("the first", Some(0)),
        ("Tuesday", Some(0)),
        ("not tuesday, thursday", Some(1)),
        ("the one at 2:30", Some(1)),
        ("the 24th", Some(0)),
        ("cleaning", Some(0)),
        ("no not that, the other", Some(1)),
        ("the last one", Some(1)),
        ("la segunda", Some(1)),
        ("el jueves", Some(1)),
        ("la deuxième", Some(1)),
        ("mardi", Some(0)),
        ("dosro", Some(1)),
        ("मंगलबार", Some(0)),
        ("अर्को", Some(1)),
        ("3", None),
        ("whatever", None),
        ("", None),
    ] {
        assert_eq!(choice(text, &options, true), Vec::from_iter(expected), "{text}");
    }
}

#[test]
fn people_name_all_of_them() {
    let option = |at: &str| Choice { at: at.parse().unwrap(), title: "Visit" };
    let options = ["2026-11-24T09:00", "2026-11-26T14:30", "2026-11-27T10:00"].map(option);
    for (text, expected) in [
        ("both", &[0, 1][..]),
        ("yes both please", &[0, 1]),
        ("Both are fine", &[0, 1]),
        ("1 and 2", &[0, 1]),
        ("1, 2", &[0, 1]),
        ("one & two", &[0, 1]),
        ("ambas", &[0, 1]),
        ("les deux svp", &[0, 1]),
        ("दुवै", &[0, 1]),
        ("all good", &[]),
        ("not both", &[]),
        ("both?", &[]),
        ("1 or 2?", &[]),
        ("1 and 3", &[]),
    ] {
        assert_eq!(choice(text, &options[..2], true), expected, "{text}");
    }
    assert_eq!(choice("all of them", &options, true), [0, 1, 2]);
    for (text, expected) in [
        ("1-3", &[0, 1, 2][..]),
        ("1 \u{2013} 2", &[0, 1]),
        ("2 to 3 please", &[1, 2]),
        ("one through three", &[0, 1, 2]),
        ("1 al 3", &[0, 1, 2]),
        ("de la 1 a la 3", &[0, 1, 2]),
        ("de 2 à 3", &[1, 2]),
        ("1 dekhi 3 samma", &[0, 1, 2]),
        ("१ देखि २ सम्म", &[0, 1]),
        ("first two", &[0, 1]),
        ("the first 2 please", &[0, 1]),
        ("last two", &[1, 2]),
        ("all three", &[0, 1, 2]),
        ("las dos primeras", &[0, 1]),
        ("los primeros dos", &[0, 1]),
        ("les deux premiers", &[0, 1]),
        ("les 2 dernières", &[1, 2]),
        ("पहिलो दुई", &[0, 1]),
        ("suru ko dui", &[0, 1]),
        ("1-4", &[]),
        ("0-2", &[]),
        ("0:0", &[]),
        ("first four", &[]),
        ("not the first two", &[]),
    ] {
        assert_eq!(choice(text, &options, true), expected, "{text}");
    }
    assert_eq!(choice("1 and 3", &options, true), [0, 2]);
}

#[test]
fn what_says_more_chooses_nothing() {
    let options = [
        Choice { at: "2026-11-24T14:00".parse().unwrap(), title: "Check-up" },
        Choice { at: "2026-11-24T16:00".parse().unwrap(), title: "Cleaning" },
    ];
    for text in "STOP 2|stop the cleaning|END 1|not 2|no 1|2 no|no to 2|I can't make 1|can't come at 4|cleaning is cancelled|\
        cancel 2|move 2|drop 1|1 is wrong|remove me from 2|la 2 no puedo|je ne peux pas la 2|neither 1 nor 2|\
        both are wrong|one moment please|give me 2 minutes|no one told me|2 kids?|what is the cleaning?|1 or 2"
        .split('|')
    {
        assert_eq!(choice(text, &options, true), [0; 0], "{text}");
    }
    for text in ["1 is fine", "both are fine", "yes 1"] {
        assert_eq!(choice(text, &options, false), [0; 0], "{text}");
    }
    for (text, expected) in [
        ("2pm", 0),
        ("2 PM please", 0),
        ("the 4 pm one", 1),
        ("not 1 but 2", 1),
        ("2", 1),
        ("all but 2", 0),
        ("1, not 2", 0),
    ] {
        assert_eq!(choice(text, &options, true), [expected], "{text}");
    }
}

#[test]
fn one_of_several_is_answered_by_its_name() {
    let (confirm, decline) = (Intent::Confirm, Intent::Decline);
    let options = [
        Choice { at: "2026-11-24T09:00".parse().unwrap(), title: "Dentist" },
        Choice { at: "2026-11-26T14:30".parse().unwrap(), title: "Eye test" },
    ];
    for (text, expected) in [
        ("yes to the dentist", Some((confirm, 0))),
        ("Dentist yes", Some((confirm, 0))),
        ("confirm dentist", Some((confirm, 0))),
        ("yes Thursday", Some((confirm, 1))),
        ("no to the eye test", Some((decline, 1))),
        ("can't make Tuesday", Some((decline, 0))),
        ("yes to the first", Some((confirm, 0))),
        ("si al dentist", Some((confirm, 0))),
        // No list was shown yet, or what is said does not agree.
        ("yes 1", None),
        ("yes dentist Thursday", None),
        ("dentist?", None),
        ("yes", None),
        ("no, Tuesday", None),
        ("move the dentist to Thursday", None),
        ("yes my dentist is nice", None),
    ] {
        assert_eq!(answer_named(text, &options), expected, "{text}");
    }
}
