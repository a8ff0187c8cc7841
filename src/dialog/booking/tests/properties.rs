//! Whatever is said and done, only a sure answer to what was asked confirms.

use super::super::*;
use super::Play;
use jiff::SignedDuration;
use proptest::prelude::*;

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
