//! Whether a refused call was the message's fault or the sender's, and how long the sender then pauses.

use super::failure::Class;
use jiff::SignedDuration;

/// The first pause of a sender; it doubles with each further one.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(5);
/// The longest, so that sending goes on soon after somebody has put it right.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_mins(15);
/// The longest pause that Twilio is given when it asks for one.
const LONGEST_ASKED: SignedDuration = SignedDuration::from_hours(1);
/// So many messages in a row that fail for what may be the sender's fault: it is the sender's.
const SUSPICIOUS: i64 = 5;

/// Whose fault it was that Twilio did not take a message that it may take later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// This message's alone, or its recipient's.
    Message,
    /// Perhaps the sender's: it is, when it happens to message after message.
    Perhaps,
    /// The sender's or the account's; Twilio may have asked for a pause of this length.
    Sender(Option<SignedDuration>),
}

/// Whose fault an answer is that says "not now" or "not so": a class, Twilio's code, and what Twilio asked
/// for in `Retry-After`.
#[must_use]
pub(super) fn trouble(class: Class, code: Option<u32>, retry_after: Option<SignedDuration>) -> Trouble {
    if retry_after.is_some() {
        return Trouble::Sender(retry_after);
    }
    match (class, code) {
        // Thirty replies to one number; the account's concurrency, which each message's own pause eases.
        (_, Some(14107)) | (Class::RetrySafe, _) => Trouble::Message,
        // A country or a destination that this sender can't reach, a number that a trial can't text, one
        // template: others may go.
        (Class::Config, Some(21408 | 21606 | 21608 | 21655 | 30450)) => Trouble::Perhaps,
        (Class::RetryLater | Class::Config, _) => Trouble::Sender(None),
        _ => Trouble::Message,
    }
}

/// How long the sender pauses after `trouble`, `failures` messages in a row (this one included) and
/// `pauses` in a row before; `None` if it goes on.
#[must_use]
pub(super) fn pause(trouble: Trouble, failures: i64, pauses: i64) -> Option<SignedDuration> {
    match trouble {
        Trouble::Message => None,
        Trouble::Perhaps if failures < SUSPICIOUS => None,
        Trouble::Sender(Some(asked)) => Some(asked.clamp(SignedDuration::from_secs(1), LONGEST_ASKED)),
        Trouble::Perhaps | Trouble::Sender(None) => {
            let doublings = u32::try_from(pauses.clamp(0, 10)).unwrap_or(10);
            Some((FIRST_PAUSE * 2_i32.pow(doublings)).min(LONGEST_PAUSE))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::failure::classify_response;
    use proptest::prelude::*;

    #[test]
    fn the_account_and_the_sender_are_told_from_the_message() {
        let of = |status, code| trouble(classify_response(status, code), code, None);
        assert_eq!(of(401, Some(20003)), Trouble::Sender(None));
        assert_eq!(of(403, None), Trouble::Sender(None));
        assert_eq!(of(400, Some(21611)), Trouble::Sender(None));
        assert_eq!(of(400, Some(21606)), Trouble::Perhaps);
        assert_eq!(of(429, Some(20429)), Trouble::Message);
        assert_eq!(of(400, Some(14107)), Trouble::Message);
        let asked = Some(SignedDuration::from_secs(7));
        assert_eq!(trouble(Class::RetrySafe, Some(20429), asked), Trouble::Sender(asked));
    }

    proptest! {
        #[test]
        fn pauses_grow_and_end(pauses in 0..1_000_i64, failures in 0..100_i64) {
            let first = pause(Trouble::Sender(None), failures, pauses).unwrap();
            let next = pause(Trouble::Sender(None), failures, pauses + 1).unwrap();
            prop_assert!(first <= next && first >= FIRST_PAUSE && next <= LONGEST_PAUSE);
            prop_assert_eq!(pause(Trouble::Perhaps, failures, pauses).is_some(), failures >= SUSPICIOUS);
            prop_assert_eq!(pause(Trouble::Message, failures, pauses), None);
        }

        #[test]
        fn what_twilio_asks_for_is_bounded(seconds in any::<i32>()) {
            let asked = SignedDuration::from_secs(seconds.into());
            let given = pause(Trouble::Sender(Some(asked)), 1, 0).unwrap();
            prop_assert!(given >= SignedDuration::from_secs(1) && given <= LONGEST_ASKED);
        }
    }
}
