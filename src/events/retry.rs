//! When a delivery that failed is tried again, and when its endpoint is given up.

use jiff::SignedDuration;

/// The pauses that the Standard Webhooks specification suggests, in seconds: 5 s, 5 min, 30 min, 2 h,
/// 5 h, 10 h, 14 h, 20 h and 24 h. Together a little more than three days.
const PAUSES: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/// A pause is longer by up to this part of itself, so that what failed together comes back apart.
const JITTER: i64 = 10;

/// An endpoint that has failed for so long without a success is switched off.
pub const DISABLE_AFTER: SignedDuration = SignedDuration::from_hours(5 * 24);

/// What follows a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Another attempt, after this pause.
    Again(SignedDuration),
    /// No more attempts, unless somebody asks for a replay.
    GiveUp,
}

/// What follows the failed attempt number `attempt` (from 1). `chance` spreads the attempts; any
/// number does.
#[must_use]
pub fn after_failure(attempt: i64, chance: i64) -> Next {
    let pause = usize::try_from(attempt - 1).ok().and_then(|at| PAUSES.get(at));
    match pause {
        Some(seconds) => {
            let milliseconds = seconds * 1000;
            let jitter = chance.rem_euclid(milliseconds / JITTER);
            Next::Again(SignedDuration::from_millis(milliseconds + jitter))
        }
        None => Next::GiveUp,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pauses_grow_and_stay_near_their_table(attempt in 1_i64..=9, chance in any::<i64>()) {
            let Next::Again(pause) = after_failure(attempt, chance) else { panic!("gave up at {attempt}") };
            let table = SignedDuration::from_secs(PAUSES[usize::try_from(attempt - 1).unwrap()]);
            prop_assert!(pause >= table && pause < table + table / 10);
            if let Next::Again(next) = after_failure(attempt + 1, chance) {
                prop_assert!(next > pause);
            }
        }

        #[test]
        fn whatever_the_count_there_is_an_end(attempt in prop_oneof![10_i64.., ..=0_i64], chance in any::<i64>()) {
            prop_assert_eq!(after_failure(attempt, chance), Next::GiveUp);
        }
    }
}
