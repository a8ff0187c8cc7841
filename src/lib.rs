//! Tidings: SMS conversations on an organisation's own Twilio number.

pub mod carrier;
pub mod cli {
    //! The program's commands.

    pub mod carrier;
}
pub mod clock;
pub mod listen;
pub mod phone;
pub mod signature;
