//! Whether an account has proven that a number is its owner's. One challenge, whatever the road: a
//! page, the API, or the code texted back to us. The limits are a [`Guard`] of the account and the number.

use super::code::Check;
use super::guard::Room;
use super::step::Ground;
use super::{Challenge, Guard, Nonce};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The state of a number that an account claims.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// No code was sent yet.
    #[default]
    Unproven,
    /// A code was sent.
    Asked(Challenge),
    /// It came back.
    Proven {
        /// When.
        at: Timestamp,
        /// How.
        by: Road,
    },
}

/// How a code came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Road {
    /// Entered on a page or through the API.
    Entered,
    /// Texted back to our number.
    TextedBack,
}

impl Road {
    /// The name of this way of verifying in the API and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Entered => "sms",
            Self::TextedBack => "sms_reply",
        }
    }
}

/// What happens to a proof.
#[derive(Clone, Copy, Debug)]
pub enum ProofEvent<'a> {
    /// A code is asked for.
    Ask,
    /// A code came back.
    Answer {
        /// Its digits alone; see [`digits_of`].
        digits: &'a str,
        /// How it came.
        by: Road,
    },
}

/// What comes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// Send the code that follows from this.
    Send(Nonce),
    /// Proven.
    Right,
    /// The code is wrong.
    Wrong {
        /// How many wrong ones may still come, at least 1.
        tries_left: u8,
    },
    /// The code was right once.
    Expired,
    /// It is proven already: there is nothing to send or to answer.
    Proven,
    /// Nobody asked for a code.
    NotAsked,
    /// Another code may be sent in so many seconds.
    TooSoon(i64),
    /// Too many wrong codes: in so many seconds a new challenge may begin.
    Locked(i64),
    /// Too many wrong codes for this number today.
    LockedToday,
    /// Too many wrong codes for this number ever.
    LockedForGood,
}

impl Proof {
    /// Moves the proof by one event; `guard` is whose codes are tried, and moves along.
    #[must_use]
    pub fn step(self, event: ProofEvent, guard: &mut Guard, ground: &Ground) -> (Self, Judgement) {
        match guard.room(ground.now) {
            Room::Open => {}
            Room::Tomorrow => return (self, Judgement::LockedToday),
            Room::Never => return (self, Judgement::LockedForGood),
        }
        match event {
            ProofEvent::Ask => self.ask(guard, ground),
            ProofEvent::Answer { digits, by } => self.answer(digits, by, guard, ground),
        }
    }

    fn ask(self, guard: &mut Guard, ground: &Ground) -> (Self, Judgement) {
        let challenge = match self {
            Self::Proven { .. } => return (self, Judgement::Proven),
            Self::Asked(challenge) => Some(challenge),
            Self::Unproven => None,
        };
        let open = challenge.as_ref().filter(|challenge| ground.now < challenge.expires_at());
        let locked = open.filter(|challenge| challenge.tries_left() == 0);
        let locked = locked.map(|challenge| challenge.expires_at().duration_since(ground.now).as_secs());
        let (seconds, is_open) = (guard.seconds_to_wait(ground.now), open.is_some());
        if locked.is_some() || seconds > 0 {
            let judgement = locked.map_or(Judgement::TooSoon(seconds), Judgement::Locked);
            return (challenge.map_or(Self::Unproven, Self::Asked), judgement);
        }
        guard.count_send(ground.now);
        let challenge = match challenge {
            Some(mut challenge) if is_open => {
                challenge.reissue(ground.nonce, ground.now);
                challenge
            }
            _ => Challenge::new(ground.nonce, ground.now),
        };
        (Self::Asked(challenge), Judgement::Send(ground.nonce))
    }

    fn answer(self, digits: &str, by: Road, guard: &mut Guard, ground: &Ground) -> (Self, Judgement) {
        let mut challenge = match self {
            Self::Asked(challenge) => challenge,
            Self::Proven { .. } => return (self, Judgement::Proven),
            Self::Unproven => return (self, Judgement::NotAsked),
        };
        let seconds = challenge.expires_at().duration_since(ground.now).as_secs().max(0);
        if challenge.tries_left() == 0 {
            let locked = if seconds == 0 { Judgement::Expired } else { Judgement::Locked(seconds) };
            return (Self::Asked(challenge), locked);
        }
        match challenge.check(ground.key, ground.subject, digits, ground.now) {
            Check::Right => {
                guard.count_right();
                return (Self::Proven { at: ground.now, by }, Judgement::Right);
            }
            Check::Expired => return (Self::Asked(challenge), Judgement::Expired),
            Check::Wrong => {}
        }
        challenge.count_wrong();
        guard.count_wrong(ground.now);
        let judgement = match challenge.tries_left() {
            0 => Judgement::Locked(seconds),
            tries_left => Judgement::Wrong { tries_left },
        };
        (Self::Asked(challenge), judgement)
    }

    /// Whether the number is proven.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        matches!(self, Self::Proven { .. })
    }

    /// How it was proven.
    #[must_use]
    pub fn road(&self) -> Option<Road> {
        match self {
            Self::Proven { by, .. } => Some(*by),
            Self::Unproven | Self::Asked(_) => None,
        }
    }

    /// How many wrong codes its challenge takes until it ends; 0 where none is open at `now`.
    #[must_use]
    pub fn tries_left(&self, now: Timestamp) -> u8 {
        match self {
            Self::Asked(challenge) if now < challenge.expires_at() => challenge.tries_left(),
            Self::Asked(_) | Self::Unproven | Self::Proven { .. } => 0,
        }
    }

    /// When the open challenge ends.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        match self {
            Self::Asked(challenge) => Some(challenge.expires_at()),
            Self::Unproven | Self::Proven { .. } => None,
        }
    }
}

/// The six digits of a code as people write it: `123456`, `123 456`, `123-456`. `None` if it is not one.
#[must_use]
pub fn digits_of(text: &str) -> Option<String> {
    let mut digits = String::with_capacity(6);
    for character in text.trim().chars() {
        match character {
            '0'..='9' if digits.len() < 6 => digits.push(character),
            ' ' | '-' | '\u{a0}' | '\u{2010}'..='\u{2015}' => {}
            _ => return None,
        }
    }
    (digits.len() == 6).then_some(digits)
}
