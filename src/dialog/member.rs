//! Becoming a member by an account: its owner has proven that the number is theirs, and agreed to our texts
//! by doing so.

use super::step::{ConsentChange, Turn};
use super::words::Intent;
use super::{Consent, Name, Person, State};
use jiff::Timestamp;

/// How the ledger names the consent that comes with a number's proof.
pub const VERIFIED: &str = "web_verification";

impl Turn {
    /// The turn of somebody whose account has proven the number: a member from now on, whatever a text had
    /// begun. What they told us themselves stays, an opt-out before all else.
    pub(super) fn proven(person: &Person, name: Option<&Name>, now: Timestamp) -> Self {
        let mut turn = Self::new(person, Intent::Other, "an account proved the number".to_owned());
        let person = &mut turn.person;
        if !person.is_member() {
            person.state = State::Member { since: now };
        }
        if person.name.is_none() {
            person.name = name.cloned();
        }
        if person.consent == Consent::Unasked && !person.blocked_by_twilio {
            person.consent = Consent::Given;
            turn.consent = Some(ConsentChange { given: true, how: VERIFIED });
        }
        turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_proof_makes_a_member_once_and_keeps_what_they_said() {
        let (asha, bina) = (Name::parse("Asha").unwrap(), Name::parse("Bina").unwrap());
        let first = Turn::proven(&Person::default(), Some(&asha), at(7));
        assert_eq!(first.person.state, State::Member { since: at(7) });
        assert_eq!(first.consent, Some(ConsentChange { given: true, how: VERIFIED }));
        assert!(first.reply.is_none());
        let again = Turn::proven(&first.person, Some(&bina), at(8));
        assert_eq!((again.person, again.consent), (first.person, None));
    }

    #[test]
    fn an_opt_out_and_a_block_win() {
        let out = Person { consent: Consent::Withdrawn, ..Person::default() };
        let blocked = Person { blocked_by_twilio: true, ..Person::default() };
        for person in [out, blocked] {
            let turn = Turn::proven(&person, None, at(7));
            assert!(turn.person.is_member());
            assert_eq!((turn.person.consent, turn.consent), (person.consent, None));
        }
    }
}
