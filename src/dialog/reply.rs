//! What we may say in a conversation. Each variant has a template of the same name.

use super::{BookingReply, Nonce};
use crate::purpose::Purpose;
use serde::Serialize;

/// One thing to say. The fields are the template's variables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "reply", rename_all = "snake_case")]
pub enum Reply {
    /// To a stranger whose text is no request: who we are and how to begin.
    Invitation,
    /// To a stranger with a premium-rate number: no text goes there that is no answer, so there is nothing to sign
    /// up for.
    NotTextable,
    /// Asks for the name.
    AskName,
    /// Asks again: that was no name.
    AskNameAgain,
    /// Gives up asking.
    NoName,
    /// The code. The digits are filled in last, so they are never stored.
    Code {
        /// What the code follows from.
        #[serde(skip)]
        nonce: Nonce,
    },
    /// That code was wrong.
    WrongCode {
        /// Tries left, at least 1.
        tries_left: u8,
    },
    /// That code was right once, but is too old.
    ExpiredCode,
    /// Too many wrong codes for this challenge.
    Locked {
        /// Minutes until a new one can be asked for.
        minutes: i64,
    },
    /// Too many wrong codes today.
    LockedToday,
    /// Too many wrong codes ever: only a human can help.
    LockedForGood,
    /// A new code was asked for too soon.
    TooSoon {
        /// Seconds until it may be asked for.
        seconds: i64,
        /// Whether RESEND will do (else REGISTER).
        verifying: bool,
    },
    /// A code is expected, and this was none.
    CodeExpected,
    /// Registered.
    Welcome {
        /// The person's name.
        name: String,
    },
    /// A number of an account is proven by the code that was texted back.
    NumberVerified,
    /// What was texted back proves no number of an account.
    NumberNotVerified,
    /// Too many wrong codes came for a number of an account.
    NumberLocked {
        /// Minutes until the account can have another.
        minutes: i64,
    },
    /// REGISTER from a member.
    AlreadyMember {
        /// The person's name.
        name: String,
    },
    /// RESEND without a code to send again.
    NothingToResend,
    /// The name was changed.
    Renamed {
        /// The new name.
        name: String,
    },
    /// NAME without a usable name.
    NameExpected,
    /// STATUS.
    Status {
        /// The conversation's state.
        state: &'static str,
        /// The person's name, empty when not known.
        name: String,
        /// Whether daily tips come.
        tips: bool,
        /// When they come, empty for the usual time.
        tip_time: String,
    },
    /// TIPS ON, or a time for tips.
    TipsOn {
        /// When they come, empty for the usual time.
        time: String,
        /// Whether the number leaves several time zones, so that they may come later.
        zone_open: bool,
    },
    /// TIPS OFF.
    TipsOff,
    /// TIPS, with no time that can be read.
    TipTimeExpected,
    /// HELP.
    Help,
    /// The one confirmation after opting out.
    Stopped,
    /// START: where the person was.
    Resumed {
        /// The conversation's state.
        state: &'static str,
    },
    /// FORGET ME.
    Forgotten,
    /// From a member, but we don't understand: says what would be.
    Unclear,
    /// Asks whether all messages are to stop.
    AskStop,
    /// Asks for the words that erase, of somebody who perhaps wants that.
    AskForget,
    /// A person will read this.
    PersonWillRead,
    /// The language was changed.
    LanguageSet {
        /// Its own name.
        language: String,
    },
    /// The languages there are.
    Languages {
        /// Their own names.
        languages: String,
    },
    /// Offers the language that the template is in.
    OfferLanguage,
    /// About a booking.
    Booking(BookingReply),
}

impl Reply {
    /// Whether it says no more than that we did not understand.
    pub(super) fn is_unclear(&self) -> bool {
        matches!(
            self,
            Self::Unclear
                | Self::Invitation
                | Self::NotTextable
                | Self::Booking(BookingReply::Unclear { .. })
        )
    }

    /// What a message that says this is for.
    #[must_use]
    pub fn purpose(&self) -> Purpose {
        match self {
            Self::Code { .. } => Purpose::Code,
            Self::Stopped | Self::Forgotten => Purpose::StopConfirmation,
            _ => Purpose::Reply,
        }
    }

    /// The template that says this.
    #[must_use]
    pub fn template(&self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::NotTextable => "not_textable",
            Self::AskName => "ask_name",
            Self::AskNameAgain => "ask_name_again",
            Self::NoName => "no_name",
            Self::Code { .. } => "code",
            Self::WrongCode { .. } => "wrong_code",
            Self::ExpiredCode => "expired_code",
            Self::Locked { .. } => "locked",
            Self::LockedToday => "locked_today",
            Self::LockedForGood => "locked_for_good",
            Self::TooSoon { .. } => "too_soon",
            Self::CodeExpected => "code_expected",
            Self::Welcome { .. } => "welcome",
            Self::NumberVerified => "number_verified",
            Self::NumberNotVerified => "number_not_verified",
            Self::NumberLocked { .. } => "number_locked",
            Self::AlreadyMember { .. } => "already_member",
            Self::NothingToResend => "nothing_to_resend",
            Self::Renamed { .. } => "renamed",
            Self::NameExpected => "name_expected",
            Self::Status { .. } => "status",
            Self::TipsOn { .. } => "tips_on",
            Self::TipsOff => "tips_off",
            Self::TipTimeExpected => "tip_time_expected",
            Self::Help => "help",
            Self::Stopped => "stopped",
            Self::Resumed { .. } => "resumed",
            Self::Forgotten => "forgotten",
            Self::Unclear => "unclear",
            Self::AskStop => "ask_stop",
            Self::AskForget => "ask_forget",
            Self::PersonWillRead => "person_will_read",
            Self::LanguageSet { .. } => "language_set",
            Self::Languages { .. } => "languages",
            Self::OfferLanguage => "offer_language",
            Self::Booking(reply) => reply.template(),
        }
    }

    /// One of each, with values such as a person may have; the templates are checked with these.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let name = || "Asha Rai".to_owned();
        let mut all = vec![
            Self::Invitation,
            Self::NotTextable,
            Self::AskName,
            Self::AskNameAgain,
            Self::NoName,
            Self::Code { nonce: Nonce([7; 16]) },
            Self::WrongCode { tries_left: 1 },
            Self::WrongCode { tries_left: 4 },
            Self::ExpiredCode,
            Self::Locked { minutes: 1 },
            Self::Locked { minutes: 9 },
            Self::LockedToday,
            Self::LockedForGood,
            Self::TooSoon { seconds: 45, verifying: true },
            Self::TooSoon { seconds: 240, verifying: false },
            Self::CodeExpected,
            Self::Welcome { name: name() },
            Self::NumberVerified,
            Self::NumberNotVerified,
            Self::NumberLocked { minutes: 1 },
            Self::NumberLocked { minutes: 9 },
            Self::AlreadyMember { name: name() },
            Self::NothingToResend,
            Self::Renamed { name: name() },
            Self::NameExpected,
            Self::TipsOn { time: String::new(), zone_open: false },
            Self::TipsOn { time: "12:30 PM".to_owned(), zone_open: false },
            Self::TipsOn { time: "12:30 PM".to_owned(), zone_open: true },
            Self::TipsOff,
            Self::TipTimeExpected,
            Self::Help,
            Self::Stopped,
            Self::Forgotten,
            Self::Unclear,
            Self::AskStop,
            Self::AskForget,
            Self::PersonWillRead,
            Self::LanguageSet { language: "नेपाली".to_owned() },
            Self::Languages { languages: "English, Español, Français, नेपाली".to_owned() },
            Self::OfferLanguage,
        ];
        all.extend(BookingReply::samples().into_iter().map(Self::Booking));
        for state in ["stranger", "naming", "verifying", "member"] {
            all.push(Self::Status { state, name: name(), tips: false, tip_time: String::new() });
            all.push(Self::Status { state, name: name(), tips: true, tip_time: "12:30 PM".to_owned() });
            all.push(Self::Resumed { state });
        }
        all
    }
}
