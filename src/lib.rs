//! Tidings: SMS conversations on an organisation's own Twilio number.

pub mod cli;
pub mod clock;
pub mod listen;
pub mod outbound;
pub mod phone;
pub mod segments;
pub mod signature;
