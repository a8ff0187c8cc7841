//! The proof of a number, whatever happens to it.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use tidings::dialog::{
    Claim, CodeKey, Ground, Guard, Judgement, Nonce, Person, Proof, ProofEvent, Reply, Road, State,
    digits_of, text_back,
};

const SUBJECT: &str = "+14155550101";

/// One thing that happens.
#[derive(Clone, Debug)]
enum Happening {
    /// A code is asked for.
    Ask,
    /// One that never was sent comes back.
    Wrong,
    /// So long passes, in seconds.
    Pass(i64),
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        1 => Just(Happening::Ask),
        3 => Just(Happening::Wrong),
        1 => (1_i64..40_000).prop_map(Happening::Pass),
    ]
}

/// Digits that none of `nonces` stands for.
fn wrong_code(key: &CodeKey, nonces: &[Nonce]) -> String {
    let taken: Vec<String> = nonces.iter().map(|nonce| key.code(SUBJECT, *nonce)).collect();
    (0..1000).map(|number| format!("{number:06}")).find(|code| !taken.contains(code)).unwrap()
}

fn nonce(count: usize) -> Nonce {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&u64::try_from(count).unwrap().to_be_bytes());
    Nonce(bytes)
}

proptest! {
    #[test]
    fn guesses_are_limited_by_challenge_and_day(happenings in prop::collection::vec(happening(), 1..150)) {
        let key = CodeKey::new(b"a key for tests");
        let mut now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let (mut proof, mut guard) = (Proof::default(), Guard::default());
        let (mut nonces, mut wrong, mut in_challenge) = (Vec::new(), Vec::new(), 0);
        let mut ends = now;
        for happening in happenings {
            let ground = Ground { now, nonce: nonce(nonces.len()), key: &key, subject: SUBJECT, numbers_offered: false, twilio_answers: true, locale: "en", bookings: &[] };
            match happening {
                Happening::Pass(seconds) => now += SignedDuration::from_secs(seconds),
                Happening::Ask => {
                    let (moved, judgement) = proof.step(ProofEvent::Ask, &mut guard, &ground);
                    proof = moved;
                    if let Judgement::Send(nonce) = judgement {
                        if now >= ends {
                            in_challenge = 0;
                        }
                        nonces.push(nonce);
                        ends = proof.expires_at().unwrap();
                    }
                }
                Happening::Wrong => {
                    let digits = wrong_code(&key, &nonces);
                    let event = ProofEvent::Answer { digits: &digits, by: Road::Entered };
                    let (moved, judgement) = proof.step(event, &mut guard, &ground);
                    proof = moved;
                    prop_assert_ne!(judgement, Judgement::Right);
                    // The fifth wrong one is judged, and locks; those after it are not compared.
                    if matches!(judgement, Judgement::Wrong { .. }) {
                        in_challenge += 1;
                        wrong.push(now);
                    }
                }
            }
            prop_assert!(in_challenge <= 4, "four wrong ones leave one try");
            let today = wrong.iter().filter(|at| now.duration_since(**at) < SignedDuration::from_hours(24)).count();
            prop_assert!(today <= 20);
            let kept: Proof = serde_json::from_str(&serde_json::to_string(&proof).unwrap()).unwrap();
            prop_assert_eq!(&kept, &proof);
        }
    }

    #[test]
    fn the_right_code_proves_once_and_only_in_time(seconds in 0_i64..1300, by_text in any::<bool>()) {
        let key = CodeKey::new(b"a key for tests");
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let ground = Ground { now, nonce: nonce(1), key: &key, subject: SUBJECT, numbers_offered: false, twilio_answers: true, locale: "en", bookings: &[] };
        let mut guard = Guard::default();
        let (asked, judgement) = Proof::default().step(ProofEvent::Ask, &mut guard, &ground);
        prop_assert_eq!(judgement, Judgement::Send(nonce(1)));
        let later = Ground { now: now + SignedDuration::from_secs(seconds), ..ground };
        let digits = key.code(SUBJECT, nonce(1));
        let by = if by_text { Road::TextedBack } else { Road::Entered };
        let (proof, judgement) = asked.step(ProofEvent::Answer { digits: &digits, by }, &mut guard, &later);
        prop_assert_eq!(judgement == Judgement::Right, seconds < 600);
        prop_assert_eq!(proof.is_proven(), seconds < 600);
        prop_assert_eq!(proof.road(), (seconds < 600).then_some(by));
        let (_, again) = proof.step(ProofEvent::Answer { digits: &digits, by }, &mut guard, &later);
        prop_assert_ne!(again, Judgement::Right);
    }

    #[test]
    fn digits_are_six_and_nothing_but_spaces_and_hyphens_around(text in "[0-9 a-]{0,12}") {
        let plain: String = text.chars().filter(char::is_ascii_digit).collect();
        let expected = (plain.len() == 6 && !text.contains('a')).then_some(plain);
        prop_assert_eq!(digits_of(&text), expected);
    }
}

#[test]
fn one_text_is_one_try_at_each_claim_and_costs_the_phone_itself_nothing() {
    let key = CodeKey::new(b"a key for tests");
    let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
    let ground = |count| Ground {
        now,
        nonce: nonce(count),
        key: &key,
        subject: SUBJECT,
        numbers_offered: false,
        twilio_answers: true,
        locale: "en",
        bookings: &[],
    };
    let asked = |count| {
        let mut guard = Guard::default();
        let (proof, _) = Proof::default().step(ProofEvent::Ask, &mut guard, &ground(count));
        Claim { proof, guard }
    };
    let mut claims = [asked(1), asked(2)];
    let person = Person::default();
    let wrong = wrong_code(&key, &[nonce(1), nonce(2)]);
    let turn = text_back(&person, &mut claims, &wrong, &ground(3)).unwrap();
    assert_eq!((turn.reply, &turn.person.guard), (Some(Reply::NumberNotVerified), &Guard::default()));
    assert!(claims.iter().all(|claim| claim.guard.wrong_in_a_row() == 1 && claim.proof.tries_left(now) == 4));
    // The second of the two is proven; the first stays as it was but for the try.
    let turn = text_back(&turn.person, &mut claims, &key.code(SUBJECT, nonce(2)), &ground(3)).unwrap();
    assert_eq!(turn.reply, Some(Reply::NumberVerified));
    assert!(!claims[0].proof.is_proven() && claims[1].proof.is_proven());
    assert!(turn.holds_code && turn.person.state == State::Stranger);
    // Once every claim is locked, also the right code is answered with that.
    let mut locked = [asked(1)];
    for _ in 0..5 {
        text_back(&person, &mut locked, &wrong, &ground(3)).unwrap();
    }
    let turn = text_back(&person, &mut locked, &key.code(SUBJECT, nonce(1)), &ground(3)).unwrap();
    assert_eq!(turn.reply, Some(Reply::NumberLocked { minutes: 10 }));
    // Words are the conversation's.
    assert!(text_back(&person, &mut claims, "REGISTER", &ground(3)).is_none());
    assert!(text_back(&person, &mut [], &wrong, &ground(3)).is_none());
}
