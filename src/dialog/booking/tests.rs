use super::*;
use crate::dialog::{CodeKey, Event, Heard, Nonce, Person, step};
use jiff::SignedDuration;

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
            place: String::new(),
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

mod properties;
