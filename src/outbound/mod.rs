//! Everything we send by REST: who gets it, when, and what became of it.

mod bind;
mod brake;
pub mod campaigns;
mod clearance;
pub mod failure;
mod outcome;
mod recorder;
mod recover;
mod sender;
mod settle;
pub mod ticks;
mod twilio;

pub use recorder::Recorder;
pub use recover::Recovery;
pub use sender::{Sender, Wake};
pub use settle::Settler;
pub use twilio::{
    Accepted, Account, IncomingNumber, Listed, Outgoing, Received, SendError, Twilio, TwilioError,
};

/// Where the fate of attempt `attempt` at sending message `id` is reported. The signature covers
/// the query, so a report alone proves the send and yields its SID.
#[must_use]
pub fn callback_url(public_url: &str, id: i64, attempt: i64) -> String {
    format!("{public_url}/webhooks/twilio/status?m={id}&a={attempt}")
}
