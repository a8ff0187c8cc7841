//! Calls: whom to connect a caller with, and the token a browser's phone signs in with.

mod plan;
mod token;

pub use plan::{Destination, House, Plan, plan};
pub use token::{TokenKey, VoiceGrant, access_token};
