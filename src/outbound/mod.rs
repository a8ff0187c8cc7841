//! Everything we send by REST: who gets it, when, and what became of it.

mod alerts;
mod bind;
mod brake;
mod budget;
mod call;
pub mod campaigns;
mod claim;
mod clearance;
mod consents;
pub mod failure;
mod fate;
mod finish;
mod follow_ups;
mod forms;
mod in_time;
mod lines;
mod outcome;
mod past;
mod raise;
mod recall;
mod recorder;
mod recover;
mod reminders;
mod retention;
mod sender;
mod settle;
mod steps;
pub mod ticks;
mod tips;
mod trouble;
mod twilio;
mod uncalled;
mod whereabouts;

pub use alerts::{Alert, raise};
pub use consents::{ClaimId, Consents, Intent};
pub use finish::Finisher;
pub use follow_ups::FollowUps;
pub use forms::{Ask, Asked, Forms};
pub use lines::Line;
pub use past::PastBookings;
pub use recorder::{Record, Recorder};
pub use recover::Recovery;
pub use reminders::Reminders;
pub use retention::Retention;
pub use sender::{Sender, Wake};
pub use settle::Settler;
pub use steps::Steps;
pub use tips::{MAX_TIPS, Tips};
pub use trouble::Trouble;
pub use twilio::{
    Accepted, Account, IncomingNumber, Listed, Outgoing, Received, SendError, Twilio, TwilioError,
};

/// Where the fate of attempt `attempt` at sending message `id` is reported. The signature covers
/// the query, so a report alone proves the send and yields its SID.
#[must_use]
pub fn callback_url(public_url: &str, id: i64, attempt: i64) -> String {
    format!("{public_url}/webhooks/twilio/status?m={id}&a={attempt}")
}
