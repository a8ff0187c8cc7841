//! A code of an account, texted back to our number.

use super::step::{Ground, Turn};
use super::words::Intent;
use super::{Consent, Guard, Judgement, Person, Proof, ProofEvent, Reply, Road, digits_of};

/// What an account claims about a number: how far that is proven, and the wrong codes it has had.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claim {
    /// How far it is proven.
    pub proof: Proof,
    /// The account's wrong codes for this number.
    pub guard: Guard,
}

/// A turn in which `person` texted a code back while `claims` to their number were open. One text is one
/// try at each of them; one that the code proves is moved. What others claim costs the person nothing.
/// `None` if the text is the conversation's to judge.
#[must_use]
pub fn text_back(person: &Person, claims: &mut [Claim], body: &str, ground: &Ground) -> Option<Turn> {
    let digits = digits_of(body).filter(|_| !claims.is_empty() && person.consent != Consent::Withdrawn)?;
    let event = ProofEvent::Answer { digits: &digits, by: Road::TextedBack };
    // The conversation may itself wait for a code: then it judges what proves nothing here, and counts it.
    let ours_to_judge = !matches!(person.state, super::State::Verifying(_));
    let mut said = Judgement::NotAsked;
    for claim in claims.iter_mut() {
        let (moved, judgement) = std::mem::take(&mut claim.proof).step(event, &mut claim.guard, ground);
        claim.proof = moved;
        if rank(judgement) > rank(said) {
            said = judgement;
        }
        if judgement == Judgement::Right {
            break;
        }
    }
    if said != Judgement::Right && !ours_to_judge {
        return None;
    }
    let mut turn = Turn::new(person, Intent::Code, "six digits while a code is awaited".to_owned());
    turn.holds_code = true;
    turn.reply = Some(reply(said)?);
    turn.hush(false, ground.now);
    Some(turn)
}

/// Of what is to be said about several claims, the most hopeful is: the others may be strangers'.
fn rank(said: Judgement) -> u8 {
    match said {
        Judgement::Right => 5,
        Judgement::Wrong { .. } | Judgement::Expired => 4,
        Judgement::Locked(_) => 3,
        Judgement::LockedToday => 2,
        Judgement::LockedForGood => 1,
        Judgement::Send(_) | Judgement::Proven | Judgement::NotAsked | Judgement::TooSoon(_) => 0,
    }
}

/// What a text that answers a challenge is answered with. It does not say whether a wrong code was right
/// once: whoever asked for it may not be who texts.
fn reply(said: Judgement) -> Option<Reply> {
    Some(match said {
        Judgement::Right => Reply::NumberVerified,
        Judgement::Wrong { .. } | Judgement::Expired => Reply::NumberNotVerified,
        // Rounded up, so that whoever waits as long as we say is not turned away again.
        Judgement::Locked(seconds) => Reply::NumberLocked { minutes: (seconds + 59) / 60 },
        Judgement::LockedToday => Reply::LockedToday,
        Judgement::LockedForGood => Reply::LockedForGood,
        Judgement::Send(_) | Judgement::Proven | Judgement::NotAsked | Judgement::TooSoon(_) => return None,
    })
}
