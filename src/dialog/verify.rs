//! The moves about codes: send one, send another, try what came back. The challenge moves as that of an
//! account's number does: [`Proof::step`] decides, here it is said.

use super::person::State;
use super::proof::{Judgement, Proof, ProofEvent, Road};
use super::step::{Ground, Turn};
use super::{Challenge, Reply};

impl Turn {
    /// A new challenge, if this number may have one.
    pub(super) fn send_code(&mut self, ground: &Ground) -> Reply {
        let judgement = self.prove(Proof::Unproven, ProofEvent::Ask, ground);
        self.tell(judgement)
    }

    pub(super) fn resend(&mut self, ground: &Ground) -> Reply {
        let State::Verifying(challenge) = &self.person.state else { return Reply::NothingToResend };
        let judgement = self.prove(Proof::Asked(challenge.clone()), ProofEvent::Ask, ground);
        self.tell(judgement)
    }

    pub(super) fn try_code(&mut self, challenge: Challenge, digits: &str, ground: &Ground) -> Reply {
        let event = ProofEvent::Answer { digits, by: Road::TextedBack };
        let judgement = self.prove(Proof::Asked(challenge), event, ground);
        self.tell(judgement)
    }

    /// What is to be said to whoever waits for a code, and can have none now.
    pub(super) fn locked(&self, ground: &Ground) -> Option<Reply> {
        let State::Verifying(challenge) = &self.person.state else { return None };
        let judgement = challenge.lock(&self.person.guard, ground.now)?;
        Some(self.tell(judgement))
    }

    fn prove(&mut self, proof: Proof, event: ProofEvent, ground: &Ground) -> Judgement {
        let (proof, judgement) = proof.step(event, &mut self.person.guard, ground);
        self.person.state = match proof {
            Proof::Unproven => State::Stranger,
            Proof::Asked(challenge) => State::Verifying(challenge),
            Proof::Proven { at, .. } => State::Member { since: at },
        };
        judgement
    }

    fn tell(&self, judgement: Judgement) -> Reply {
        match judgement {
            Judgement::Send(nonce) => Reply::Code { nonce },
            Judgement::Right | Judgement::Proven => Reply::Welcome { name: self.name() },
            Judgement::Wrong { tries_left } => Reply::WrongCode { tries_left },
            Judgement::Expired => Reply::ExpiredCode,
            Judgement::NotAsked => Reply::NothingToResend,
            Judgement::TooSoon(seconds) => {
                Reply::TooSoon { seconds, verifying: matches!(self.person.state, State::Verifying(_)) }
            }
            // Rounded up, so that whoever waits as long as we say is not turned away again.
            Judgement::Locked(seconds) => Reply::Locked { minutes: (seconds + 59) / 60 },
            Judgement::LockedToday => Reply::LockedToday,
            Judgement::LockedForGood => Reply::LockedForGood,
        }
    }
}
