//! What messages are for. The gate, the priority and the retries are decided by it.

use schemars::JsonSchema;
use serde::Serialize;

/// What a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Carries a verification code.
    Code,
    /// Answers what a person just wrote.
    Reply,
    /// Confirms that somebody opted out (47 CFR 64.1200(a)(12): one, and no marketing).
    StopConfirmation,
    /// Reminds of a booking.
    Reminder,
    /// Asks to fill in a form.
    Form,
    /// A daily tip, which the person subscribed to.
    Tip,
    /// Part of a campaign.
    Campaign,
    /// Tells staff.
    Alert,
    /// A test that staff sent.
    Test,
}

const ALL: [Purpose; 9] = [
    Purpose::Code,
    Purpose::Reply,
    Purpose::StopConfirmation,
    Purpose::Reminder,
    Purpose::Form,
    Purpose::Tip,
    Purpose::Campaign,
    Purpose::Alert,
    Purpose::Test,
];

impl Purpose {
    /// Every purpose.
    #[must_use]
    pub fn all() -> [Self; 9] {
        ALL
    }

    /// The name in the API and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Reply => "reply",
            Self::StopConfirmation => "stop_confirmation",
            Self::Reminder => "reminder",
            Self::Form => "form",
            Self::Tip => "tip",
            Self::Campaign => "campaign",
            Self::Alert => "alert",
            Self::Test => "test",
        }
    }

    /// Reads what [`Self::as_str`] wrote.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        ALL.into_iter().find(|purpose| purpose.as_str() == name)
    }

    /// The order of sending: codes and answers, then reminders, then tips, then campaigns.
    #[must_use]
    pub fn priority(self) -> i64 {
        match self {
            Self::Code | Self::Reply | Self::StopConfirmation => 0,
            Self::Alert | Self::Test => 1,
            Self::Reminder | Self::Form => 2,
            Self::Tip => 3,
            Self::Campaign => 4,
        }
    }

    /// Whether a message that may have been lost is sent again inside its time. A person asks for
    /// another code; a second tip or campaign message is worse than none.
    #[must_use]
    pub fn is_sent_again(self) -> bool {
        match self {
            Self::Reply | Self::StopConfirmation | Self::Reminder | Self::Form | Self::Alert => true,
            Self::Code | Self::Tip | Self::Campaign | Self::Test => false,
        }
    }

    /// Whether it is only sent to people who opted in, not to those who were never asked.
    #[must_use]
    pub fn needs_opt_in(self) -> bool {
        matches!(self, Self::Tip | Self::Campaign)
    }

    /// Whether it waits for the morning: nobody asked for it now. A tip comes at the time its reader
    /// chose, and alerts and tests go to staff.
    #[must_use]
    pub fn keeps_quiet_hours(self) -> bool {
        matches!(self, Self::Reminder | Self::Form | Self::Campaign)
    }

    /// Whether it waits for the morning where its reader may live if nobody told us where they do. The hour that
    /// a tip was asked for is the middle of the night some zones away.
    #[must_use]
    pub fn keeps_quiet_hours_elsewhere(self) -> bool {
        self.keeps_quiet_hours() || self == Self::Tip
    }

    /// Whether it counts towards the most that a person gets in a day, and waits when that is reached.
    #[must_use]
    pub fn is_capped(self) -> bool {
        matches!(self, Self::Reminder | Self::Form | Self::Tip | Self::Campaign)
    }

    /// Whether it counts towards the day's budget, and waits when that is spent: what promotes and can be
    /// any number. A booking's reminder, an answer and a code are owed to somebody.
    #[must_use]
    pub fn is_budgeted(self) -> bool {
        matches!(self, Self::Form | Self::Tip | Self::Campaign)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for purpose in ALL {
            assert_eq!(Purpose::from_name(purpose.as_str()), Some(purpose));
        }
    }
}
