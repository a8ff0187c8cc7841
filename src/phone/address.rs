//! Where a message comes from or goes to, as Twilio writes it.

use super::{Phone, Region};
use std::fmt;
use std::str::FromStr;

const WHATSAPP: &str = "whatsapp:";

/// One end of a message. `Display` writes it as Twilio does, `Debug` hides its digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Address {
    /// A phone number on SMS or MMS.
    Phone(Phone),
    /// A phone number on WhatsApp, written `whatsapp:+14155238886`.
    WhatsApp(Phone),
    /// A person on WhatsApp whom we know by a business-scoped user id only, written `whatsapp:US.1234`: a
    /// country, a dot, and at most 128 letters and digits.
    WhatsAppUser(Box<str>),
    /// A short code of 3 to 8 digits, or an alphanumeric sender of at most 11 characters: nobody to
    /// hold a conversation with.
    Other(Box<str>),
}

/// Why a text is no address. It never holds the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Nothing, or a program's word for nothing.
    #[error("the address is empty")]
    Empty,
    /// `whatsapp:` with nothing behind it.
    #[error("there is no number behind “whatsapp:”")]
    BareChannel,
    /// `whatsapp:` before something that is neither E.164 nor a business-scoped user id.
    #[error("expected a number such as +14155238886, or a user id such as US.1234, behind “whatsapp:”")]
    WhatsApp,
    /// `+` before something that is not E.164.
    #[error("expected 7 to 15 digits behind the +, the first of them not 0")]
    Phone,
    /// Nothing that can send or receive a text.
    #[error("expected +14155238886, whatsapp:+14155238886, a short code or a sender name")]
    Unknown,
}

impl Address {
    /// Reads an address strictly: E.164, `whatsapp:` and E.164 or a user id, a short code or a sender name.
    ///
    /// # Errors
    /// Says what was expected.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        match text {
            "" | "null" | "undefined" => Err(AddressError::Empty),
            WHATSAPP => Err(AddressError::BareChannel),
            _ if text.starts_with('+') => Phone::from_e164(text).map(Self::Phone).ok_or(AddressError::Phone),
            _ => match text.strip_prefix(WHATSAPP) {
                Some(id) if is_user_id(id) => Ok(Self::WhatsAppUser(id.into())),
                Some(number) => Phone::from_e164(number).map(Self::WhatsApp).ok_or(AddressError::WhatsApp),
                None if is_short_code(text) || is_sender_name(text) => Ok(Self::Other(text.into())),
                None => Err(AddressError::Unknown),
            },
        }
    }

    /// The phone number behind the address, if it has one.
    #[must_use]
    pub fn phone(&self) -> Option<Phone> {
        match self {
            Self::Phone(phone) | Self::WhatsApp(phone) => Some(*phone),
            Self::WhatsAppUser(_) | Self::Other(_) => None,
        }
    }

    /// Whether messages to it go by WhatsApp.
    #[must_use]
    pub fn is_whatsapp(&self) -> bool {
        matches!(self, Self::WhatsApp(_) | Self::WhatsAppUser(_))
    }

    /// Whether whoever texts it pays its owner for it.
    #[must_use]
    pub fn is_premium_rate(&self) -> bool {
        self.phone().is_some_and(Phone::is_premium_rate)
    }

    /// The country it belongs to; of a user id the one it begins with.
    #[must_use]
    pub fn country(&self) -> Option<Region> {
        match self {
            Self::WhatsAppUser(id) => Region::parse(id.get(..2)?).ok(),
            _ => self.phone()?.country(),
        }
    }
}

fn is_user_id(text: &str) -> bool {
    text.split_once('.').is_some_and(|(country, id)| {
        country.len() == 2
            && country.bytes().all(|byte| byte.is_ascii_uppercase())
            && (1..=128).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

fn is_short_code(text: &str) -> bool {
    (3..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_sender_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b" +-_&.".contains(&byte);
    text.len() <= 11
        && text.trim() == text
        && text.bytes().all(allowed)
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Phone(phone) => phone.fmt(f),
            Self::WhatsApp(phone) => write!(f, "{WHATSAPP}{phone}"),
            Self::WhatsAppUser(id) => write!(f, "{WHATSAPP}{id}"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Phone(phone) => write!(f, "Phone({phone:?})"),
            Self::WhatsApp(phone) => write!(f, "WhatsApp({phone:?})"),
            Self::WhatsAppUser(id) => write!(f, "WhatsAppUser({} characters)", id.len()),
            Self::Other(text) => write!(f, "Other({} characters)", text.len()),
        }
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        Self::parse(text)
    }
}
