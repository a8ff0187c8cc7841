//! Counters that outlive every challenge, so that starting over gives nobody more guesses. The
//! conversation has one for each number, and so has every account for each number it claims.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Wrong codes that one guard takes before it has to be left alone for 24 hours.
pub const MAX_WRONG_A_DAY: u8 = 20;
/// Wrong codes that one guard ever takes without a right one between them.
pub const MAX_WRONG_IN_A_ROW: u8 = 100;

const DAY: SignedDuration = SignedDuration::from_hours(24);
/// The pause after the first code; it doubles with each further one.
const FIRST_PAUSE_SECONDS: i64 = 60;
/// After this long without a code, the pause starts small again.
const PAUSE_MEMORY: SignedDuration = SignedDuration::from_hours(6);

/// Limits on codes: wrong ones received, and how soon the next may be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guard {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wrong_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "is_zero")]
    wrong_today: u8,
    #[serde(default, skip_serializing_if = "is_zero")]
    wrong_in_a_row: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sent_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "is_zero")]
    sends: u8,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(value: &u8) -> bool {
    *value == 0
}

/// Whether another guess is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    Open,
    Tomorrow,
    Never,
}

impl Guard {
    pub(super) fn room(&self, now: Timestamp) -> Room {
        if self.wrong_in_a_row >= MAX_WRONG_IN_A_ROW {
            Room::Never
        } else if self.wrong_today >= MAX_WRONG_A_DAY && !self.rested(now) {
            Room::Tomorrow
        } else {
            Room::Open
        }
    }

    pub(super) fn count_wrong(&mut self, now: Timestamp) {
        if self.rested(now) {
            self.wrong_today = 0;
        }
        self.wrong_at = Some(now);
        self.wrong_today = self.wrong_today.saturating_add(1);
        self.wrong_in_a_row = self.wrong_in_a_row.saturating_add(1);
    }

    /// A right code: the run of wrong ones and the growing pause end; the day's count stays.
    pub(super) fn count_right(&mut self) {
        self.wrong_in_a_row = 0;
        self.sends = 0;
    }

    pub(super) fn count_send(&mut self, now: Timestamp) {
        if self.sent_at.is_none_or(|at| now.duration_since(at) > PAUSE_MEMORY) {
            self.sends = 0;
        }
        self.sends = self.sends.saturating_add(1);
        self.sent_at = Some(now);
    }

    /// The wrong codes of `self` with the pauses of `other`.
    #[must_use]
    pub fn with_pauses_of(self, other: &Self) -> Self {
        Self { sent_at: other.sent_at, sends: other.sends, ..self }
    }

    /// The wrong codes of the last 24 hours, or a few more.
    #[must_use]
    pub fn wrong_lately(&self, now: Timestamp) -> u8 {
        if self.rested(now) { 0 } else { self.wrong_today }
    }

    /// Wrong codes since the last right one.
    #[must_use]
    pub fn wrong_in_a_row(&self) -> u8 {
        self.wrong_in_a_row
    }

    /// Forgets the wrong codes: somebody looked at them and lifts what they locked. False if there were none.
    pub fn lift(&mut self) -> bool {
        let counted = self.wrong_today > 0 || self.wrong_in_a_row > 0;
        (self.wrong_at, self.wrong_today, self.wrong_in_a_row) = (None, 0, 0);
        counted
    }

    /// Seconds until another code may be sent; 0 when it may be sent now.
    #[must_use]
    pub fn seconds_to_wait(&self, now: Timestamp) -> i64 {
        let (Some(sent_at), 1..) = (self.sent_at, self.sends) else { return 0 };
        let pause = FIRST_PAUSE_SECONDS << u32::from(self.sends - 1).min(6);
        let passed = now.duration_since(sent_at).as_secs();
        // A clock that was set back must not lock anybody out for longer than one pause.
        if passed < 0 { pause } else { (pause - passed).max(0) }
    }

    /// Whether there is anything here worth keeping.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a day has passed since the last wrong code. Counting from the last one, not from the
    /// first, means that no 24 hours whatever hold more than the limit.
    fn rested(&self, now: Timestamp) -> bool {
        self.wrong_at.is_none_or(|at| now.duration_since(at) >= DAY)
    }
}
