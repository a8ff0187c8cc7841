//! Load, step, render, save: a slice of inbound texts in one transaction.

mod announce;
mod answers;
mod bookings;
mod contacts;
mod desk;
mod erase;
mod guards;
mod opt_out_list;
mod outgoing;
mod pass_on;
mod proven;
mod register;
mod regulars;
mod rename;
mod reports;
mod roster;
mod rows;
mod seat;
mod send_test;
mod slice;
mod staff;
mod suppression;
mod text_back;
mod tips;

pub use bookings::{BookingError, BookingPatch, Field, NewBooking, reminders_of, status_of, when};
pub use erase::purge_erased;
pub use guards::Guards;
pub use opt_out_list::{ListError, OptOutList, write_opt_outs};
pub use outgoing::{Content, Queued};
pub use register::Registered;
pub use regulars::Regulars;
pub use reports::{Reported, Reports};
pub use roster::{Imported, Outcome};
pub use rows::{change, change_of, fresh_nonce};
pub use send_test::{Reach, TestError};
pub use slice::{Ready, Taken};
pub use staff::{Note, StaffError};
pub use suppression::SuppressionKey;
pub use tips::tip_time;

use crate::clock::Clock;
use crate::dialog::CodeKey;
use crate::dialog::words::OptOutWord;
use crate::ids::Ids;
use crate::listeners::Listeners;
use crate::phone::Address;
use crate::sid::Sid;
use crate::store::Store;
use crate::texts::Texts;
use jiff::SignedDuration;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use tokio::sync::Notify;

/// A text that came in, already checked.
#[derive(Clone, Debug)]
pub struct InboundText {
    /// Twilio's identifier; the same one again is a repeat.
    pub sid: Sid,
    /// Who wrote.
    pub from: Address,
    /// What they wrote.
    pub body: String,
    /// Twilio has answered already, as an opt-out word of this kind.
    pub opt_out_type: Option<OptOutWord>,
    /// Segments it came in.
    pub segments: i64,
    /// Media, place and buttons, as JSON.
    pub extra: Option<String>,
    /// When Twilio took it, where that is long ago; otherwise it is now.
    pub taken_at: Option<jiff::Timestamp>,
    /// How the answer gets to the person.
    pub answer_by: AnswerBy,
}

/// How an answer gets to the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerBy {
    /// In the answer to the webhook that brought the text.
    Webhook,
    /// By REST: no webhook waits for it.
    Rest,
}

/// The reply that goes back in the answer to the webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handed {
    /// Our id of the message.
    pub message_id: i64,
    /// Which attempt at sending it this is.
    pub attempt: i64,
    /// The words, with the code if there is one.
    pub body: String,
}

/// What conversations need to know beside the texts.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether Twilio answers STOP, START and HELP words by itself.
    pub twilio_answers: bool,
    /// Locale of new contacts.
    pub default_locale: String,
    /// Zone of new contacts whose numbers may belong to it.
    pub default_time_zone: String,
    /// Local time of tips for people who did not choose one.
    pub tip_time: jiff::civil::Time,
    /// How long to wait for a reply's callback before it is looked up.
    pub settle_after: SignedDuration,
}

/// Everything a conversation is held with.
#[derive(Debug)]
pub struct Inbox {
    /// Where conversations are kept.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Ids for what is added.
    pub ids: Arc<Ids>,
    /// The words.
    pub texts: Arc<Texts>,
    /// Makes codes out of nonces.
    pub code_key: CodeKey,
    /// Makes hashes of erased numbers.
    pub suppression_key: SuppressionKey,
    /// Those who wrote lately.
    pub regulars: Regulars,
    /// Whether the slice carried out last could not be written as it was made ready.
    pub taken_anew: AtomicBool,
    /// Webhook endpoints, who are told of what happens.
    pub listeners: Arc<Listeners>,
    /// Notified when somebody's next tip was planned, or is to be planned anew.
    pub tips_planned: Arc<Notify>,
    /// The rest.
    pub settings: Settings,
}
