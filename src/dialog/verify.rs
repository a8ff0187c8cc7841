//! The moves about codes: send one, send another, try what came back.

use super::code::Check;
use super::guard::Room;
use super::person::State;
use super::step::{Ground, Turn};
use super::{Challenge, Reply};
use jiff::Timestamp;

impl Turn {
    /// A new challenge, if this number may have one.
    pub(super) fn send_code(&mut self, ground: &Ground) -> Reply {
        if let Some(refusal) = self.no_room(ground.now) {
            self.person.state = State::Stranger;
            return refusal;
        }
        let seconds = self.person.guard.seconds_to_wait(ground.now);
        if seconds > 0 {
            self.person.state = State::Stranger;
            return Reply::TooSoon { seconds, verifying: false };
        }
        self.person.guard.count_send(ground.now);
        self.person.state = State::Verifying(Challenge::new(ground.nonce, ground.now));
        Reply::Code { nonce: ground.nonce }
    }

    pub(super) fn resend(&mut self, ground: &Ground) -> Reply {
        if let Some(refusal) = self.no_room(ground.now) {
            return refusal;
        }
        let seconds = self.person.guard.seconds_to_wait(ground.now);
        let State::Verifying(challenge) = &mut self.person.state else {
            return Reply::NothingToResend;
        };
        let expired = ground.now >= challenge.expires_at();
        if challenge.tries_left() == 0 && !expired {
            return locked(challenge, ground.now);
        }
        if seconds > 0 {
            return Reply::TooSoon { seconds, verifying: true };
        }
        if expired {
            *challenge = Challenge::new(ground.nonce, ground.now);
        } else {
            challenge.reissue(ground.nonce, ground.now);
        }
        self.person.guard.count_send(ground.now);
        Reply::Code { nonce: ground.nonce }
    }

    pub(super) fn try_code(&mut self, mut challenge: Challenge, digits: &str, ground: &Ground) -> Reply {
        if let Some(refusal) = self.no_room(ground.now) {
            return refusal;
        }
        if challenge.tries_left() == 0 {
            let expired = ground.now >= challenge.expires_at();
            return if expired { Reply::ExpiredCode } else { locked(&challenge, ground.now) };
        }
        match challenge.check(ground.key, ground.subject, digits, ground.now) {
            Check::Right => {
                self.person.guard.count_right();
                self.person.state = State::Member { since: ground.now };
                return Reply::Welcome { name: self.name() };
            }
            Check::Expired => return Reply::ExpiredCode,
            Check::Wrong => {}
        }
        challenge.count_wrong();
        self.person.guard.count_wrong(ground.now);
        let reply = match challenge.tries_left() {
            0 => locked(&challenge, ground.now),
            tries_left => Reply::WrongCode { tries_left },
        };
        self.person.state = State::Verifying(challenge);
        reply
    }

    fn no_room(&self, now: Timestamp) -> Option<Reply> {
        match self.person.guard.room(now) {
            Room::Open => None,
            Room::Tomorrow => Some(Reply::LockedToday),
            Room::Never => Some(Reply::LockedForGood),
        }
    }
}

/// Rounded up, so that whoever waits as long as we say is not turned away again.
fn locked(challenge: &Challenge, now: Timestamp) -> Reply {
    let seconds = challenge.expires_at().duration_since(now).as_secs().max(0);
    Reply::Locked { minutes: (seconds + 59) / 60 }
}
