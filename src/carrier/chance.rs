//! Chance: identifiers from the operating system, faults from a generator that can be seeded.

use std::fmt::Write as _;

/// A generator whose draws repeat for the same seed (`SplitMix64`), so that a run can be replayed.
#[derive(Clone, Debug)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 (included) to 1 (left out).
    pub(super) fn unit(&mut self) -> f64 {
        let high = u32::try_from(self.next() >> 32).unwrap_or(u32::MAX);
        f64::from(high) / 4_294_967_296.0
    }
}

/// A seed from the operating system.
///
/// It keeps to 53 bits, so that it survives a trip through JSON readers that know only doubles.
pub(super) fn random_seed() -> u64 {
    getrandom::u64().expect("the operating system gives random bytes") >> 11
}

/// `prefix` and 32 random hex digits: the form of all of Twilio's identifiers.
pub(super) fn sid(prefix: &str) -> String {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes.iter().fold(prefix.to_owned(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_repeat_for_a_seed_and_stay_in_range() {
        let (mut one, mut two) = (Chance::seeded(7), Chance::seeded(7));
        for _ in 0..1000 {
            let draw = one.unit();
            assert!((0.0..1.0).contains(&draw));
            assert!((draw - two.unit()).abs() < f64::EPSILON);
        }
    }

    #[test]
    fn identifiers_have_twilios_form() {
        let text = sid("SM");
        assert_eq!(text.len(), 34);
        assert!(text[2..].bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)));
    }
}
