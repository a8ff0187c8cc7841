//! The send gate: who may be sent what, when. Every message that leaves by REST passes here.

use crate::dialog::{Consent, Purpose};
use jiff::Timestamp;

/// What the gate says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Send it now.
    Send,
    /// Never send it, for this reason.
    Refuse(&'static str),
    /// Its time is over.
    Expired,
}

/// Decides about one message.
#[must_use]
pub fn check(purpose: Purpose, expires_at: Option<Timestamp>, consent: Consent, now: Timestamp) -> Verdict {
    if expires_at.is_some_and(|end| now >= end) {
        return Verdict::Expired;
    }
    match (consent, purpose) {
        // The one message that somebody who opted out still gets.
        (Consent::Withdrawn, Purpose::StopConfirmation) => Verdict::Send,
        (Consent::Withdrawn, _) => Verdict::Refuse("the person has opted out"),
        _ => Verdict::Send,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_an_opt_out_only_its_confirmation_leaves() {
        let now = Timestamp::UNIX_EPOCH;
        for purpose in [Purpose::Code, Purpose::Reply] {
            assert!(matches!(check(purpose, None, Consent::Withdrawn, now), Verdict::Refuse(_)));
            assert_eq!(check(purpose, None, Consent::Given, now), Verdict::Send);
            assert_eq!(check(purpose, Some(now), Consent::Given, now), Verdict::Expired);
        }
        assert_eq!(check(Purpose::StopConfirmation, None, Consent::Withdrawn, now), Verdict::Send);
    }
}
