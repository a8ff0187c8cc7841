//! Where a campaign is, and what may be done with it there.

use jiff::Timestamp;
use serde::Serialize;

/// Where a campaign is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Made, not started.
    Draft,
    /// Started, and waits for its time.
    Scheduled,
    /// Its people are being written to.
    Running,
    /// Held back, by staff or by itself; it can go on.
    Paused,
    /// Ended before it was through.
    Stopped,
    /// Nobody is left to write to.
    Done,
}

/// What staff may do with a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Sends it, now or at its time.
    Start,
    /// Holds it back.
    Pause,
    /// Goes on.
    Resume,
    /// Ends it.
    Stop,
}

const ALL: [Status; 6] =
    [Status::Draft, Status::Scheduled, Status::Running, Status::Paused, Status::Stopped, Status::Done];

impl Status {
    /// The name in the API and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Scheduled => "scheduled",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
            Self::Done => "done",
        }
    }

    /// The name of each.
    #[must_use]
    pub fn names() -> [&'static str; 6] {
        ALL.map(Self::as_str)
    }

    /// Reads what [`Self::as_str`] wrote.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        ALL.into_iter().find(|status| status.as_str() == name)
    }

    /// Where a campaign that is to begin at `send_at` gets by `action`; `None` if that can't be done here.
    #[must_use]
    pub fn after(self, action: Action, send_at: Option<Timestamp>, now: Timestamp) -> Option<Self> {
        let begun = if send_at.is_some_and(|at| at > now) { Self::Scheduled } else { Self::Running };
        match (self, action) {
            (Self::Draft, Action::Start) | (Self::Paused, Action::Resume) => Some(begun),
            (Self::Scheduled | Self::Running, Action::Pause) => Some(Self::Paused),
            (Self::Draft | Self::Scheduled | Self::Running | Self::Paused, Action::Stop) => {
                Some(Self::Stopped)
            }
            _ => None,
        }
    }
}

impl Action {
    /// The name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Stop => "stop",
        }
    }

    /// Reads what [`Self::as_str`] wrote.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let all = [Self::Start, Self::Pause, Self::Resume, Self::Stop];
        all.into_iter().find(|action| action.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ACTIONS: [Action; 4] = [Action::Start, Action::Pause, Action::Resume, Action::Stop];

    #[test]
    fn names_round_trip() {
        for status in ALL {
            assert_eq!(Status::from_name(status.as_str()), Some(status));
        }
    }

    #[test]
    fn a_campaign_of_tomorrow_waits_whenever_it_is_started_or_resumed() {
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let later = now + jiff::SignedDuration::from_hours(24);
        for (at, expected) in
            [(None, Status::Running), (Some(now), Status::Running), (Some(later), Status::Scheduled)]
        {
            assert_eq!(Status::Draft.after(Action::Start, at, now), Some(expected));
            assert_eq!(Status::Paused.after(Action::Resume, at, now), Some(expected));
        }
    }

    proptest! {
        #[test]
        fn what_has_ended_stays_ended_and_what_is_stopped_has_ended(
            actions in proptest::collection::vec(0_usize..4, 0..12),
        ) {
            let now = Timestamp::UNIX_EPOCH;
            let (mut status, mut stopped) = (Status::Draft, false);
            for action in actions.into_iter().map(|index| ACTIONS[index]) {
                if let Some(next) = status.after(action, None, now) {
                    prop_assert!(!stopped);
                    prop_assert_ne!(next, status);
                    status = next;
                }
                stopped |= action == Action::Stop;
                prop_assert_eq!(status == Status::Stopped, stopped);
            }
        }
    }
}
