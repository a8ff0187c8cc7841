//! Whose handset it is: a number on SMS or on WhatsApp.

use super::Demo;
use crate::phone::Phone;
use std::fmt;

const WHATSAPP: &str = "whatsapp:";

/// A handset of the demo. `Display` writes its address as Twilio does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Handset {
    phone: Phone,
    is_whatsapp: bool,
}

impl Handset {
    /// Reads an address.
    pub(super) fn from_address(address: &str) -> Option<Self> {
        let number = address.strip_prefix(WHATSAPP);
        let phone = Phone::from_e164(number.unwrap_or(address))?;
        Some(Self { phone, is_whatsapp: number.is_some() })
    }

    /// The number as people of its country write it.
    pub(super) fn shown(self) -> String {
        let channel = if self.is_whatsapp { " on WhatsApp" } else { "" };
        self.phone.national() + channel
    }

    /// The same number on the other channel.
    pub(super) fn on_other_channel(self) -> Self {
        Self { is_whatsapp: !self.is_whatsapp, ..self }
    }

    /// The address under which it reaches us at `number`.
    pub(super) fn ours(self, number: Phone) -> Self {
        Self { phone: number, ..self }
    }
}

impl fmt::Display for Handset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let channel = if self.is_whatsapp { WHATSAPP } else { "" };
        write!(f, "{channel}{}", self.phone)
    }
}

impl Demo {
    /// The handset that a visitor names, with `whatsapp:` before its number for one on WhatsApp; or what to
    /// do about it.
    pub(super) fn handset(&self, text: &str) -> Result<Handset, String> {
        let (head, rest) = text.trim_start().split_at_checked(WHATSAPP.len()).unwrap_or_default();
        let is_whatsapp = head.eq_ignore_ascii_case(WHATSAPP);
        let text = if is_whatsapp { rest } else { text };
        // A form or a URL typed by hand turns `+` into a space.
        let text = match text.strip_prefix(' ') {
            Some(digits) if digits.starts_with(|c: char| c.is_ascii_digit()) => format!("+{digits}"),
            _ => text.to_owned(),
        };
        let phone = Phone::parse(&text, self.default_region).map_err(|error| error.to_string())?;
        if phone == self.our_number {
            return Err("this is the number that you text to: choose another for your phone".to_owned());
        }
        Ok(Handset { phone, is_whatsapp })
    }
}
