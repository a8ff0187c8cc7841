//! The words a carrier answers itself (Twilio: default keyword handling for long codes).

use serde::Serialize;

/// The meaning of a reserved word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Keyword {
    /// No more messages from this sender.
    Stop,
    /// Messages again.
    Start,
    /// Who is this?
    Help,
}

impl Keyword {
    /// The keyword that the whole of `body` is, whatever its case and the blanks around it.
    #[must_use]
    pub fn of(body: &str) -> Option<Self> {
        match body.trim().to_ascii_uppercase().as_str() {
            "STOP" | "UNSUBSCRIBE" | "END" | "QUIT" | "STOPALL" | "REVOKE" | "OPTOUT" | "CANCEL" => {
                Some(Self::Stop)
            }
            "START" | "UNSTOP" | "YES" => Some(Self::Start),
            "HELP" | "INFO" => Some(Self::Help),
            _ => None,
        }
    }

    /// The value of the webhook's `OptOutType`.
    #[must_use]
    pub fn opt_out_type(self) -> &'static str {
        match self {
            Self::Stop => "STOP",
            Self::Start => "START",
            Self::Help => "HELP",
        }
    }

    /// What the carrier answers (STOP and START: the example texts of Twilio's messaging specification).
    #[must_use]
    pub fn reply(self) -> &'static str {
        match self {
            Self::Stop => {
                "You have successfully been unsubscribed. You will not receive any more messages from this \
                 number. Reply START to resubscribe."
            }
            Self::Start => {
                "You have successfully been re-subscribed to messages from this number. Reply HELP for help. \
                 Reply STOP to unsubscribe. Msg&Data Rates May Apply."
            }
            Self::Help => "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_messages_count() {
        assert_eq!(Keyword::of(" stop\n"), Some(Keyword::Stop));
        assert_eq!(Keyword::of("Yes"), Some(Keyword::Start));
        assert_eq!(Keyword::of("info"), Some(Keyword::Help));
        for body in ["stop it", "STOP.", "", "please stop"] {
            assert_eq!(Keyword::of(body), None);
        }
    }
}
