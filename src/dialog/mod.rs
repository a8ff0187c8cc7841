//! The conversation, decided purely: [`step()`] takes a person, what happened and the ground it
//! stands on (time, chance, settings) and returns the person as they are afterwards and what is
//! to be done. No I/O, no clock, no randomness of its own.

mod booking;
mod code;
mod doubt;
mod guard;
mod language;
mod member;
mod name;
mod person;
mod proof;
mod question;
mod reply;
mod staff;
mod step;
mod text_back;
mod tips;
mod turn;
mod verify;
pub mod words;

pub use booking::{Answer, Booking, BookingChange, BookingReply, Choice};
pub use code::{CODE_LIFETIME, Challenge, CodeKey, MAX_WRONG_CODES, Nonce};
pub use doubt::Doubts;
pub use guard::{Guard, MAX_WRONG_A_DAY, MAX_WRONG_IN_A_ROW};
pub use member::VERIFIED;
pub use name::Name;
pub use person::{Consent, Person, State};
pub use proof::{Judgement, Proof, ProofEvent, Road, digits_of};
pub use reply::Reply;
pub use staff::{Agreed, StaffAct};
pub use step::{ConsentChange, Event, Ground, Heard, Turn, step};
pub use text_back::{Claim, text_back};
pub use tips::{TipChoice, tip_time, tips_time};
