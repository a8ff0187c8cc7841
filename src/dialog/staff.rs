//! What staff do about a person. It moves the person as their own texts do, and nothing is said.

use super::step::{ConsentChange, Turn};
use super::words::Intent;
use super::{Consent, Person};

/// An act of staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaffAct {
    /// They may not be written to any more; said by hand, or by a list that was imported.
    OptOut {
        /// Whether a list says so.
        listed: bool,
    },
    /// They may be written to.
    OptIn(Agreed),
    /// Erase everything about them but the opt-out.
    Erase,
    /// Somebody on our side has answered them.
    Answered,
}

/// Proof that staff may opt a person in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreed(());

impl Agreed {
    /// Staff may take back by hand what staff did by hand. Every other opt-out is the person's own, or
    /// may be: it ends only where it is on record that they agreed anew. `withdrawn_how` says how the
    /// ledger's last opt-out came about.
    #[must_use]
    pub fn check(consent: Consent, withdrawn_how: Option<&str>, has_evidence: bool) -> Option<Self> {
        let by_staff = withdrawn_how == Some("operator");
        (consent != Consent::Withdrawn || by_staff || has_evidence).then_some(Self(()))
    }
}

impl Turn {
    /// The turn that an act of staff makes.
    pub(super) fn staff(person: &Person, act: StaffAct) -> Self {
        let mut turn = Self::new(person, Intent::Other, "an act of staff".to_owned());
        match act {
            StaffAct::OptOut { listed } => {
                turn.end_doubt();
                turn.withdraw(if listed { "import" } else { "operator" });
            }
            StaffAct::OptIn(Agreed(())) => {
                turn.end_doubt();
                if turn.person.consent != Consent::Given {
                    turn.person.consent = Consent::Given;
                    turn.consent = Some(ConsentChange { given: true, how: "operator" });
                }
            }
            StaffAct::Erase => {
                turn.forget();
                turn.reply = None;
            }
            StaffAct::Answered => turn.person.doubts.answered(),
        }
        turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_persons_own_stop_ends_with_evidence_only() {
        let withdrawn = Consent::Withdrawn;
        for own in [None, Some("keyword"), Some("plain_words"), Some("opt_out_type"), Some("error_21610")] {
            assert_eq!(Agreed::check(withdrawn, own, false), None, "{own:?}");
            assert!(Agreed::check(withdrawn, own, true).is_some());
        }
        assert_eq!(Agreed::check(withdrawn, Some("import"), false), None, "whose word it was is not known");
        assert!(Agreed::check(withdrawn, Some("operator"), false).is_some());
        assert!(Agreed::check(Consent::Unasked, None, false).is_some());
    }

    #[test]
    fn an_act_says_nothing_and_notes_only_what_changes() {
        let person = Person::default();
        let out = Turn::staff(&person, StaffAct::OptOut { listed: false });
        assert_eq!((out.person.consent, out.reply.is_none()), (Consent::Withdrawn, true));
        assert_eq!(out.consent, Some(ConsentChange { given: false, how: "operator" }));
        assert_eq!(Turn::staff(&out.person, StaffAct::OptOut { listed: true }).consent, None);
        let back = Turn::staff(&out.person, StaffAct::OptIn(Agreed(())));
        assert_eq!(
            (back.person.consent, back.consent.map(|change| change.given)),
            (Consent::Given, Some(true))
        );
        let erased = Turn::staff(&back.person, StaffAct::Erase);
        assert!(erased.erase && erased.reply.is_none() && erased.person.consent == Consent::Withdrawn);
    }
}
