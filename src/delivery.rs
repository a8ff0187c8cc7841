//! The states of an outgoing message and the order in which they follow each other.

use serde::Serialize;

/// Where an outgoing message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Waits for its turn to be sent by REST.
    Queued,
    /// Waits for its campaign, which is paused.
    Held,
    /// The intent to send it is on disk; the call may or may not have happened.
    Sending,
    /// Given to Twilio in the answer to a webhook; no callback yet.
    Handed,
    /// The call ended without an answer we can trust; Twilio's list will tell.
    Uncertain,
    /// Twilio has it.
    Accepted,
    /// Twilio gave it to the carrier.
    Sent,
    /// The carrier reports it delivered.
    Delivered,
    /// The carrier reports it undelivered.
    Undelivered,
    /// It was not sent and won't be.
    Failed,
    /// The gate said no.
    Refused,
    /// Its time was over before it could be sent.
    Expired,
    /// There is neither Twilio nor the demo's carrier to send it by.
    Skipped,
    /// The person read it (WhatsApp and RCS report this).
    Read,
}

const ALL: [Status; 14] = [
    Status::Queued,
    Status::Held,
    Status::Sending,
    Status::Handed,
    Status::Uncertain,
    Status::Accepted,
    Status::Sent,
    Status::Delivered,
    Status::Undelivered,
    Status::Failed,
    Status::Refused,
    Status::Expired,
    Status::Skipped,
    Status::Read,
];

impl Status {
    /// The name in the API and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Held => "held",
            Self::Sending => "sending",
            Self::Handed => "handed",
            Self::Uncertain => "uncertain",
            Self::Accepted => "accepted",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Undelivered => "undelivered",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::Skipped => "skipped",
            Self::Read => "read",
        }
    }

    /// The name of each.
    #[must_use]
    pub fn names() -> [&'static str; 14] {
        ALL.map(Self::as_str)
    }

    /// Reads what [`Self::as_str`] wrote.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        ALL.into_iter().find(|status| status.as_str() == name)
    }

    /// What a `MessageStatus` of Twilio's means here; `None` for inbound and unknown ones.
    #[must_use]
    pub fn from_twilio(status: &str) -> Option<Self> {
        match status {
            "accepted" | "scheduled" | "queued" | "sending" => Some(Self::Accepted),
            "sent" => Some(Self::Sent),
            "delivered" | "partially_delivered" => Some(Self::Delivered),
            "undelivered" => Some(Self::Undelivered),
            "failed" | "canceled" => Some(Self::Failed),
            "read" => Some(Self::Read),
            _ => None,
        }
    }

    /// A report moves a message only to a higher rank, so that neither the order nor the
    /// repetition of callbacks matters: Twilio guarantees none.
    #[must_use]
    pub fn rank(self) -> i64 {
        match self {
            // What was skipped counts towards nothing that a person gets.
            Self::Queued | Self::Held | Self::Skipped => 0,
            Self::Sending | Self::Handed | Self::Uncertain => 1,
            Self::Accepted => 2,
            Self::Sent => 3,
            Self::Delivered | Self::Undelivered | Self::Failed | Self::Refused | Self::Expired => 4,
            Self::Read => 5,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for status in ALL {
            assert_eq!(Status::from_name(status.as_str()), Some(status));
        }
    }
}
