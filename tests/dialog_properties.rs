//! What must hold in every conversation, whatever is texted and whenever.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use tidings::dialog::words::OptOutWord;
use tidings::dialog::{
    CodeKey, Consent, Event, Ground, Heard, MAX_WRONG_A_DAY, MAX_WRONG_CODES, MAX_WRONG_IN_A_ROW, Nonce,
    Person, Reply, State, step,
};
use tidings::purpose::Purpose;

const SUBJECT: &str = "+14155550123";

/// What somebody does next.
#[derive(Clone, Debug)]
enum Act {
    Text(String),
    /// The code that was sent last.
    RightCode,
    Code(u32),
    OptOutType(OptOutWord),
    RefusedByCarrier,
    /// Seconds go by, or back.
    Wait(i64),
}

fn act() -> impl Strategy<Value = Act> {
    let words = prop::sample::select(vec![
        "REGISTER",
        "join",
        "Asha",
        "STOP",
        "stop",
        "Stop.",
        "opt out",
        "END",
        "cancel",
        "START",
        "unstop",
        "YES",
        "HELP",
        "info",
        "help!",
        "STATUS",
        "RESEND",
        "FORGET ME",
        "NAME Bo",
        "NAME",
        "hello",
        "ok",
        "",
        "12345",
        "\u{1f44d}",
        "stop by at five",
    ]);
    prop_oneof![
        8 => words.prop_map(|word| Act::Text(word.to_owned())),
        1 => "\\PC{0,30}".prop_map(Act::Text),
        2 => Just(Act::RightCode),
        4 => (0..1_000_000_u32).prop_map(Act::Code),
        1 => prop::sample::select(vec![OptOutWord::Stop, OptOutWord::Start, OptOutWord::Help]).prop_map(Act::OptOutType),
        1 => Just(Act::RefusedByCarrier),
        3 => (-100..4000_i64).prop_map(Act::Wait),
    ]
}

/// One conversation, with the counts that the promises are about.
struct Play {
    person: Person,
    now: Timestamp,
    key: CodeKey,
    code: Option<String>,
    nonces: u128,
    twilio_answers: bool,
}

/// What an act led to.
struct Response {
    reply: Option<Reply>,
    before: Person,
    body: Option<String>,
    opt_out_type: bool,
}

impl Play {
    fn new(twilio_answers: bool) -> Self {
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        Self {
            person: Person::default(),
            now,
            key: CodeKey::new(b"key"),
            code: None,
            nonces: 1,
            twilio_answers,
        }
    }

    fn act(&mut self, act: &Act) -> Option<Response> {
        let (body, opt_out_type) = match act {
            Act::Wait(seconds) => {
                self.now += SignedDuration::from_secs(*seconds);
                return None;
            }
            Act::RefusedByCarrier => {
                let before = self.person.clone();
                let reply = self.step(&Event::RefusedByCarrier);
                return Some(Response { reply, before, body: None, opt_out_type: false });
            }
            Act::Text(body) => (body.clone(), None),
            Act::RightCode => (self.code.clone().unwrap_or_default(), None),
            Act::Code(number) => (format!("{number:06}"), None),
            Act::OptOutType(word) => ("whatever".to_owned(), Some(*word)),
        };
        let before = self.person.clone();
        let reply = self.step(&Event::Heard(Heard { body: &body, opt_out_type }));
        Some(Response { reply, before, body: Some(body), opt_out_type: opt_out_type.is_some() })
    }

    fn step(&mut self, event: &Event) -> Option<Reply> {
        self.nonces += 1;
        let nonce = Nonce(self.nonces.to_be_bytes());
        let ground = Ground {
            now: self.now,
            nonce,
            key: &self.key,
            subject: SUBJECT,
            numbers_offered: false,
            twilio_answers: self.twilio_answers,
            locale: "en",
            bookings: &[],
        };
        let turn = step(&self.person, event, &ground);
        self.person = turn.person;
        if let Some(Reply::Code { nonce }) = turn.reply {
            self.code = Some(self.key.code(SUBJECT, nonce));
        }
        turn.reply
    }
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    prop::collection::vec(act(), 1..120)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn words_that_twilio_answers_are_not_answered_twice(acts in acts()) {
        let mut play = Play::new(true);
        for act in &acts {
            let Some(heard) = play.act(act) else { continue };
            let opted_out = heard.before.consent == Consent::Withdrawn;
            let answered = heard.body.as_deref().is_some_and(|body| OptOutWord::seen_by_twilio(body, opted_out).is_some());
            if answered || heard.opt_out_type {
                prop_assert_eq!(heard.reply, None, "after {:?}", act);
            }
        }
    }

    #[test]
    fn after_stop_nothing_but_its_confirmation(acts in acts(), twilio_answers in any::<bool>()) {
        let mut play = Play::new(twilio_answers);
        let mut confirmations = 0;
        for act in &acts {
            let Some(heard) = play.act(act) else { continue };
            if heard.before.consent != Consent::Withdrawn {
                confirmations = 0;
            }
            if play.person.consent == Consent::Withdrawn {
                match heard.reply {
                    None | Some(Reply::Help) => {}
                    Some(reply) => {
                        prop_assert_eq!(reply.purpose(), Purpose::StopConfirmation, "after {:?}", act);
                        confirmations += 1;
                    }
                }
            }
            prop_assert!(confirmations <= 1);
        }
    }

    #[test]
    fn nobody_becomes_a_member_without_the_code(acts in acts()) {
        let mut play = Play::new(true);
        for act in &acts {
            let code = play.code.clone();
            let Some(heard) = play.act(act) else { continue };
            let was = matches!(heard.before.state, State::Member { .. });
            if matches!(play.person.state, State::Member { .. }) && !was {
                // Earlier codes of the same challenge stay good, so any six digits may have been one.
                prop_assert!(matches!(act, Act::RightCode | Act::Code(_)) && code.is_some());
            }
        }
    }

    #[test]
    fn stored_people_read_back(acts in acts()) {
        let mut play = Play::new(false);
        for act in &acts {
            play.act(act);
        }
        let stored = serde_json::to_string(&play.person).unwrap();
        let read: Person = serde_json::from_str(&stored).unwrap();
        prop_assert_eq!(read, play.person);
    }

    #[test]
    fn any_text_is_survived(body in "\\PC{0,400}", twilio_answers in any::<bool>()) {
        let mut play = Play::new(twilio_answers);
        for state in ["", "REGISTER", "Asha"] {
            play.act(&Act::Text(state.to_owned()));
            play.act(&Act::Text(body.clone()));
        }
    }
}

/// Guesses as fast and as cleverly as the conversation allows; counts what is compared with a code.
#[test]
fn codes_are_not_guessable_past_the_limit() {
    let mut play = Play::new(false);
    let around =
        ["REGISTER", "Asha", "RESEND", "FORGET ME", "START", "REGISTER", "Asha", "STOP", "START", "RESEND"];
    let mut compared: Vec<Timestamp> = Vec::new();
    for round in 0..20_000_usize {
        play.act(&Act::Text(around[round % around.len()].to_owned()));
        let mut here = 0;
        while let State::Verifying(challenge) = &play.person.state {
            let left = challenge.tries_left();
            let wrong = if play.code.as_deref() == Some("111111") { 222_222 } else { 111_111 };
            play.act(&Act::Code(wrong));
            let State::Verifying(challenge) = &play.person.state else { panic!("a wrong code was right") };
            if challenge.tries_left() == left {
                break;
            }
            here += 1;
            compared.push(play.now);
        }
        assert!(here <= u32::from(MAX_WRONG_CODES), "one challenge took {here} wrong codes at once");
        play.now += SignedDuration::from_mins(7);
    }
    for (first, at) in compared.iter().enumerate() {
        let day = compared[first..]
            .iter()
            .take_while(|later| later.duration_since(*at) < SignedDuration::from_hours(24));
        assert!(day.count() <= usize::from(MAX_WRONG_A_DAY), "too many within a day from {at}");
    }
    // The limit in a row is what ends it, so it was reached and not passed.
    assert_eq!(compared.len(), usize::from(MAX_WRONG_IN_A_ROW));
}
