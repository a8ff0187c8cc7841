//! What is said about several bookings in one text, and a choice that is corrected after it was made.

use super::{Answer, Booking, BookingReply, CHOICE_LIFETIME, Choice, Status};
use crate::dialog::step::{Ground, Turn};
use crate::dialog::words::{self, Intent, answer_named, answers_apart, choice_instead};

impl Turn {
    /// "No to the first, yes to the second", "yes to the dentist", and "not that, the other" after a choice; false if it
    /// is none of these.
    pub(in crate::dialog) fn answer_apart(&mut self, body: &str, ground: &Ground) -> bool {
        let answers = [Intent::Other, Intent::Confirm, Intent::Decline, Intent::Reschedule];
        answers.contains(&self.intent)
            && (self.choose_instead(body, ground)
                || self.answer_each(body, ground)
                || self.answer_named(body, ground))
    }

    /// Of several bookings one is answered that the text names.
    fn answer_named(&mut self, body: &str, ground: &Ground) -> bool {
        let open: Vec<&Booking> = ground.bookings.iter().filter(|booking| booking.is_open()).collect();
        let named = if open.len() > 1 { answer_named(body, &options(&open)) } else { None };
        let Some((answer, at)) = named.and_then(|(intent, at)| Some((Answer::of(intent)?, at))) else {
            return false;
        };
        self.intent = answer.intent();
        "names the booking that it answers".clone_into(&mut self.why);
        self.settle_booking(answer, open[at]);
        true
    }

    /// The other one is meant than the one that was chosen.
    fn choose_instead(&mut self, body: &str, ground: &Ground) -> bool {
        let Some(choice) = self.person.choice.clone() else { return false };
        let Some(taken) = choice.taken.filter(|_| ground.now.duration_since(choice.at) < CHOICE_LIFETIME)
        else {
            return false;
        };
        let offered = offered(&choice, ground.bookings);
        let asked_since = ground.bookings.iter().any(|booking| booking.asked_at > Some(choice.at));
        let Some(at) = offered.iter().position(|booking| booking.id == taken).filter(|_| !asked_since) else {
            return false;
        };
        let Some(instead) = choice_instead(body, &options(&offered), at).map(|at| offered[at]) else {
            return false;
        };
        let taken = offered[at];
        if !(instead.is_asked() && instead.stands()) || taken.status != choice.answer.status() {
            return false;
        }
        self.set_status(instead, choice.answer.status());
        self.person.choice = Some(Choice { taken: Some(instead.id), ..choice.clone() });
        let mut noted = Noted::default();
        noted.add(choice.answer, instead);
        if choice.answer == Answer::Confirm {
            self.set_status(taken, Status::Pending);
            noted.open.push(taken.line());
        } else {
            // Staff may have given the time away since: only they can say.
            self.show_staff(body);
            noted.with_staff.push(taken.line());
        }
        self.note(noted, choice.answer, "means the other one");
        true
    }

    /// Several bookings are answered, each in its way.
    fn answer_each(&mut self, body: &str, ground: &Ground) -> bool {
        let listed =
            self.person.choice.clone().filter(|choice| choice.is_live(ground.now) && choice.is_list());
        let open = match &listed {
            Some(choice) => offered(choice, ground.bookings),
            None => ground.bookings.iter().filter(|booking| booking.is_open()).collect(),
        };
        let answers = if open.len() > 1 { answers_apart(body, &options(&open)) } else { Vec::new() };
        let first = answers.first().and_then(|(intent, _)| Answer::of(*intent));
        let (Some(first), true) = (first, open.iter().all(|one| one.is_asked() && one.stands())) else {
            return false;
        };
        let mut noted = Noted::default();
        for (intent, at) in answers {
            let Some(answer) = Answer::of(intent) else { continue };
            self.set_status(open[at], answer.status());
            noted.add(answer, open[at]);
        }
        self.person.choice = None;
        self.note(noted, first, "answers about each of several bookings");
        true
    }

    fn note(&mut self, noted: Noted, answer: Answer, why: &str) {
        self.intent = answer.intent();
        why.clone_into(&mut self.why);
        let Noted { confirmed, declined, to_move, open, with_staff } = noted;
        self.say(BookingReply::Each { confirmed, declined, to_move, open, with_staff });
    }
}

/// The lines of what was noted.
#[derive(Default)]
struct Noted {
    confirmed: Vec<String>,
    declined: Vec<String>,
    to_move: Vec<String>,
    open: Vec<String>,
    with_staff: Vec<String>,
}

impl Noted {
    fn add(&mut self, answer: Answer, booking: &Booking) {
        let lines = match answer {
            Answer::Confirm => &mut self.confirmed,
            Answer::Decline => &mut self.declined,
            Answer::Reschedule => &mut self.to_move,
        };
        lines.push(booking.line());
    }
}

/// The bookings of a list that still are, in its order.
fn offered<'a>(choice: &Choice, bookings: &'a [Booking]) -> Vec<&'a Booking> {
    let find = |id: &i64| bookings.iter().find(|booking| booking.id == *id);
    choice.bookings.iter().filter_map(find).collect()
}

fn options<'a>(bookings: &[&'a Booking]) -> Vec<words::Choice<'a>> {
    bookings.iter().map(|booking| words::Choice { at: booking.at, title: &booking.title }).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::Play;
    use super::Status::{Confirmed, Declined, Pending};

    fn reminded(count: i64) -> Play {
        let mut play = Play::new(count);
        (0..play.bookings.len()).for_each(|index| play.remind(index));
        play
    }

    #[test]
    fn the_other_is_meant_after_all() {
        for text in ["no not that, the other", "not that one", "no, the other one", "not 1, 2"] {
            let mut play = reminded(2);
            play.says("yes");
            play.says("1");
            assert_eq!(play.says(text), "booking_each", "{text}");
            assert_eq!(play.statuses(), [Pending, Confirmed], "{text}");
            assert_eq!(play.says("yes"), "booking_confirmed", "the first still waits");
        }
        let mut play = reminded(2);
        play.says("can't make it");
        play.says("1");
        assert_eq!(play.says("no not that, the other"), "booking_each");
        assert_eq!(play.statuses(), [Declined, Declined], "only staff take back what was declined");
        assert!(play.person.doubts.attention.is_some());
    }

    #[test]
    fn a_number_answers_what_asked_for_one() {
        for (text, offered, reply, status) in [
            ("2", false, "booking_question", Pending),
            ("2", true, "booking_declined", Declined),
            ("1", true, "booking_confirmed", Confirmed),
        ] {
            let mut play = reminded(1);
            play.numbers_offered = offered;
            assert_eq!(play.says(text), reply, "{text}");
            assert_eq!(play.statuses(), [status], "{text}");
        }
    }

    #[test]
    fn each_is_answered_in_its_way() {
        for text in [
            "no to the first, yes to the second",
            "yes to 2 but no to 1",
            "1 no, 2 yes",
            "no to the first and yes to the second",
        ] {
            for asked in [true, false] {
                let mut play = reminded(2);
                if asked {
                    play.says("yes");
                }
                assert_eq!(play.says(text), "booking_each", "{text}");
                assert_eq!(play.statuses(), [Declined, Confirmed], "{text}");
            }
        }
    }

    #[test]
    fn what_is_no_answer_to_each_is_none() {
        for text in
            ["no, yes", "no to the first, yes", "yes to the second, no to the second", "yes, I'll be there"]
        {
            let mut play = reminded(2);
            assert_ne!(play.says(text), "booking_each", "{text}");
        }
    }
}
