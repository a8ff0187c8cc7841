use super::*;
use crate::dialog::{CodeKey, Event, Heard, Nonce, Person, step};
use jiff::SignedDuration;
use proptest::prelude::*;

/// A person with bookings, and what happened between them and us.
pub(super) struct Play {
    pub(super) person: Person,
    pub(super) bookings: Vec<Booking>,
    pub(super) now: Timestamp,
    pub(super) key: CodeKey,
    pub(super) numbers_offered: bool,
}

impl Play {
    pub(super) fn new(count: i64) -> Self {
        let bookings = (1..=count).map(|id| Booking {
            id,
            title: format!("Visit {id}"),
            when: "tomorrow at 2:00 PM".to_owned(),
            starts_at: "2026-11-22T14:00:00Z".parse().unwrap(),
            at: jiff::civil::date(2026, 11, 22).at(14, 0, 0, 0),
            status: Status::Pending,
            asked_at: None,
            is_moved: false,
        });
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        Self {
            person: Person::default(),
            bookings: bookings.collect(),
            now,
            key: CodeKey::new(b"key"),
            numbers_offered: false,
        }
    }

    /// The sender reminds of a booking, if it would.
    pub(super) fn remind(&mut self, index: usize) {
        let now = self.later();
        let booking = &mut self.bookings[index];
        if booking.stands() {
            (booking.asked_at, booking.is_moved) = (Some(now), false);
        }
    }

    /// Staff move a booking.
    pub(super) fn shift(&mut self, index: usize) {
        self.later();
        let booking = &mut self.bookings[index];
        if !booking.is_gone() {
            booking.is_moved = booking.asked_at.is_some();
            booking.status = Status::Pending;
        }
    }

    fn later(&mut self) -> Timestamp {
        self.now += SignedDuration::from_secs(60);
        self.now
    }

    pub(super) fn text(&mut self, body: &str) -> Turn {
        let now = self.later();
        let ground = Ground {
            locale: "en",
            now,
            nonce: Nonce([7; 16]),
            key: &self.key,
            subject: "+14155550123",
            numbers_offered: self.numbers_offered,
            twilio_answers: false,
            bookings: &self.bookings,
        };
        let turn = step(&self.person, &Event::Heard(Heard { body, opt_out_type: None }), &ground);
        self.person = turn.person.clone();
        for change in &turn.bookings {
            let booking = self.bookings.iter_mut().find(|booking| booking.id == change.id).unwrap();
            if let Some(status) = change.status {
                booking.status = status;
            } else {
                (booking.asked_at, booking.is_moved) = (Some(now), false);
            }
        }
        turn
    }

    pub(super) fn says(&mut self, body: &str) -> &'static str {
        self.text(body).reply.map_or("nothing", |reply| reply.template())
    }

    pub(super) fn statuses(&self) -> Vec<Status> {
        self.bookings.iter().map(|booking| booking.status).collect()
    }
}

#[test]
fn one_that_was_asked_about_is_answered() {
    for (text, reply, status) in [
        ("C", "booking_confirmed", Status::Confirmed),
        ("c.", "booking_confirmed", Status::Confirmed),
        ("YES", "booking_confirmed", Status::Confirmed),
        ("\u{1f44d}", "booking_confirmed", Status::Confirmed),
        ("CHANGE", "booking_change_noted", Status::ChangeRequested),
        ("no", "booking_declined", Status::Declined),
        ("yes?", "booking_question", Status::Pending),
        ("\u{bf}ok?", "booking_question", Status::Pending),
        ("yes but later", "booking_unclear", Status::Pending),
        ("1", "booking_question", Status::Pending),
        ("2", "booking_question", Status::Pending),
        ("STATUS", "status", Status::Pending),
    ] {
        let mut play = Play::new(1);
        play.remind(0);
        assert_eq!(play.says(text), reply, "{text}");
        assert_eq!(play.statuses(), [status], "{text}");
    }
}

#[test]
fn nobody_confirms_what_was_not_asked() {
    let mut play = Play::new(1);
    assert_eq!(play.says("hello"), "invitation");
    assert_eq!(play.says("YES"), "booking_question");
    assert_eq!(play.statuses(), [Status::Pending]);
    assert_eq!(play.says("YES"), "booking_confirmed");
    for text in ["C", "no"] {
        let mut play = Play::new(1);
        assert_eq!(play.says(text), "booking_question", "{text}");
        assert_eq!(play.statuses(), [Status::Pending], "{text}");
    }
    // It is moved: the answer to the old question does not do for the new time.
    play.shift(0);
    assert_eq!(
        play.text("C").reply,
        Some(Reply::Booking(BookingReply::Question {
            title: "Visit 1".to_owned(),
            when: "tomorrow at 2:00 PM".to_owned(),
            moved: true,
        }))
    );
    assert_eq!(play.says("C"), "booking_confirmed");
    assert_eq!(play.says("C"), "booking_confirmed", "once more changes nothing");
}

#[test]
fn of_two_the_person_chooses() {
    let mut play = Play::new(3);
    play.remind(0);
    play.remind(1);
    assert_eq!(play.says("yes"), "booking_choice");
    assert_eq!(play.says("3"), "booking_choice", "only two were offered");
    assert_eq!(play.says("2."), "booking_confirmed");
    assert_eq!(play.statuses(), [Status::Pending, Status::Confirmed, Status::Pending]);
    assert_eq!(play.says("change"), "booking_choice", "what is confirmed may be moved as well");
    assert_eq!(play.says("\u{967}"), "booking_change_noted");
    assert_eq!(play.statuses(), [Status::ChangeRequested, Status::Confirmed, Status::Pending]);
    // The reminder of the third comes between the choice and the number.
    let mut play = Play::new(3);
    play.remind(0);
    play.remind(1);
    play.says("yes");
    play.remind(2);
    assert_eq!(play.says("1"), "booking_choice");
    assert_eq!(play.statuses(), [Status::Pending; 3]);
}

#[test]
fn what_is_gone_is_said_to_be() {
    for status in [Status::Cancelled, Status::Past] {
        let mut play = Play::new(2);
        play.remind(0);
        play.bookings[0].status = status;
        assert_eq!(play.says("YES"), "booking_gone");
        assert_eq!(play.says("CHANGE"), "booking_gone");
        assert_eq!(play.statuses(), [status, Status::Pending]);
        // Another that was asked about before is offered, and answered by the next text.
        let mut play = Play::new(2);
        play.remind(1);
        play.remind(0);
        play.bookings[0].status = status;
        assert_eq!(play.says("YES"), "booking_gone");
        assert_eq!(play.statuses(), [status, Status::Pending]);
        assert_eq!(play.says("YES"), "booking_confirmed");
        assert_eq!(play.statuses(), [status, Status::Confirmed]);
    }
}

#[test]
fn a_no_is_left_to_staff() {
    let mut play = Play::new(1);
    play.remind(0);
    assert_eq!(play.says("NO"), "booking_declined");
    assert_eq!(play.says("YES"), "booking_with_staff");
    assert_eq!(play.says("CHANGE"), "booking_change_noted");
    assert_eq!(play.statuses(), [Status::ChangeRequested]);
}

#[test]
fn a_choice_is_open_for_a_day() {
    let mut play = Play::new(2);
    play.remind(0);
    play.remind(1);
    play.says("yes");
    play.now += SignedDuration::from_hours(25);
    // What was numbered is forgotten; a bare 1 is a yes, and asks anew which is meant.
    assert_eq!(play.says("1"), "booking_choice");
    assert_eq!(play.statuses(), [Status::Pending; 2]);
}

#[derive(Clone, Debug)]
enum Act {
    Text(&'static str),
    Remind(usize),
    Move(usize),
    Cancel(usize),
    Begin(usize),
    Wait(i64),
}

const SURE: [&str; 7] = ["YES", "C", "confirm", "ok", "y", "confirmed", "\u{1f44d}"];
const NUMBERS: [&str; 5] = ["1", "2", "#3", "4.", "0"];

fn act() -> impl Strategy<Value = Act> {
    let doubtful = "yes?|ok?|maybe|yes no|1 or 2|12|both|C or YES||yes but at 3|NO|\
        no?|CHANGE|STATUS|REGISTER|Asha|cc|123456|STOP|START|\u{bf}confirm?";
    let doubtful: Vec<&str> = doubtful.split('|').collect();
    prop_oneof![
        4 => prop::sample::select(SURE.to_vec()).prop_map(Act::Text),
        3 => prop::sample::select(NUMBERS.to_vec()).prop_map(Act::Text),
        4 => prop::sample::select(doubtful).prop_map(Act::Text),
        4 => (0..3_usize).prop_map(Act::Remind),
        2 => (0..3_usize).prop_map(Act::Move),
        1 => (0..3_usize).prop_map(Act::Cancel),
        1 => (0..3_usize).prop_map(Act::Begin),
        1 => (0..100_000_i64).prop_map(Act::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn only_a_sure_answer_confirms_and_only_what_was_asked(acts in prop::collection::vec(act(), 1..40)) {
        let mut play = Play::new(3);
        // The bookings that our last question was about, in the order in which it named them.
        let mut asked: Vec<i64> = Vec::new();
        for act in acts {
            let text = match act {
                Act::Text(text) => text,
                Act::Remind(index) => {
                    play.remind(index);
                    if play.bookings[index].stands() {
                        asked = vec![play.bookings[index].id];
                    }
                    continue;
                }
                Act::Move(index) => { play.shift(index); continue }
                Act::Cancel(index) => { play.bookings[index].status = Status::Cancelled; continue }
                Act::Begin(index) => { play.bookings[index].status = Status::Past; continue }
                Act::Wait(seconds) => { play.now += SignedDuration::from_secs(seconds); continue }
            };
            let before = play.bookings.clone();
            let turn = play.text(text);
            for change in &turn.bookings {
                let booking = before.iter().find(|booking| booking.id == change.id).unwrap();
                let Some(status) = change.status else { continue };
                prop_assert!(booking.is_asked() && !booking.is_gone(), "{:?} by {}", booking, text);
                if status == Status::Confirmed {
                    prop_assert_eq!(booking.status, Status::Pending);
                    let open = before.iter().filter(|booking| booking.is_open()).count();
                    let number = number(text).map(|number| asked.get(number.wrapping_sub(1)) == Some(&booking.id));
                    match number {
                        None if text == "both" => prop_assert!(asked.len() == 2 && asked.contains(&booking.id)),
                        Some(right) => prop_assert!(right, "{} is not {} in {:?}", booking.id, text, asked),
                        None => prop_assert!(SURE.contains(&text) && open == 1, "{} with {} open", text, open),
                    }
                }
            }
            let told = turn.bookings.iter().filter(|change| change.status.is_none());
            let told: Vec<i64> = told.map(|change| change.id).collect();
            if !told.is_empty() {
                asked = told;
            }
        }
    }

    #[test]
    fn any_text_is_survived_and_nonsense_changes_nothing(
        body in "\\PC{0,60}", nonsense in "[ bdfghjpqvwxz?!.,;]{0,40}", count in 0_i64..4,
    ) {
        let mut play = Play::new(count);
        for index in 0..play.bookings.len() {
            play.remind(index);
        }
        let before = play.statuses();
        play.text(&nonsense);
        prop_assert_eq!(play.statuses(), before);
        play.text(&body);
    }
}
