//! Phone numbers, the regions they belong to, and the addresses that messages come from and go to.

mod address;
mod calling_code;
mod parse;
mod region;
#[cfg(test)]
mod tests;
mod whereabouts;

use calling_code::CallingCode;
use phonenumber::{Mode, PhoneNumber};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::borrow::Cow;
use std::fmt;

pub use address::{Address, AddressError};
pub use parse::{Expected, PhoneError};
pub use region::{Region, UnknownRegion, zone_for_region, zones_of_region};
pub use whereabouts::{is_guessed, likely_zone, possible_zones, zones_of};

/// A phone number in E.164 form. `Display` writes it in full, `Debug` hides all but its ends.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone(u64);

impl Phone {
    /// Reads strict E.164: `+`, then 7 to 15 ASCII digits of which the first is not 0.
    #[must_use]
    pub fn from_e164(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('+')?;
        let right = (7..=15).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.starts_with('0');
        right.then(|| digits.parse().ok()).flatten().map(Self)
    }

    /// Reads a number as a person writes it: E.164, or national format in `default_region`; spaces,
    /// dashes, brackets, dots and a leading zero are understood.
    ///
    /// # Errors
    /// Says in words for that person what is wrong and what was expected. A number must be in use by
    /// libphonenumber's plans, which [`Phone::from_e164`] doesn't ask.
    pub fn parse(text: &str, default_region: Region) -> Result<Self, PhoneError> {
        parse::parse(text, default_region)
    }

    /// The digits as a number, as the database keeps them.
    #[must_use]
    pub fn as_i64(self) -> i64 {
        self.0.cast_signed()
    }

    /// The number whose digits the database kept; `None` when they can't be a number's.
    #[must_use]
    pub fn from_i64(digits: i64) -> Option<Self> {
        u64::try_from(digits)
            .ok()
            .filter(|digits| (1_000_000..=999_999_999_999_999).contains(digits))
            .map(Self)
    }

    /// The number as people in its own country write it, such as `(415) 523-8886`; E.164 when its plan
    /// is not known.
    #[must_use]
    pub fn national(self) -> String {
        let known = self.known();
        known.map_or_else(|| self.to_string(), |number| number.format().mode(Mode::National).to_string())
    }

    /// The digits behind the country code, such as `4155238886`: what two numbers share that differ in
    /// their country only. All digits when the country code is not known.
    #[must_use]
    pub fn national_digits(self) -> String {
        self.known().map_or_else(|| self.0.to_string(), |number| number.national().to_string())
    }

    /// The region the number belongs to; `None` for numbers of no country (such as +800) and unknown
    /// plans.
    #[must_use]
    pub fn country(self) -> Option<Region> {
        let digits = self.0.to_string();
        let only = CallingCode::of(&digits).and_then(|(code, _)| code.only);
        only.or_else(|| region::of_number(&self.known()?))
    }

    /// Whether whoever texts or calls this number pays its owner for it.
    #[must_use]
    pub fn is_premium_rate(self) -> bool {
        let digits = self.0.to_string();
        CallingCode::of(&digits).is_some_and(|(code, national)| code.may_be_premium_rate(national))
            && self.known().is_some_and(|number| region::is_premium_rate(&number))
    }

    fn known(self) -> Option<PhoneNumber> {
        phonenumber::parse(None, self.to_string()).ok()
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{}", self.0)
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.to_string();
        write!(f, "{}…{}", &text[..3], &text[text.len() - 2..])
    }
}

impl JsonSchema for Phone {
    fn schema_name() -> Cow<'static, str> {
        "Phone".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^\\+[1-9][0-9]{6,14}$" })
    }
}

impl Serialize for Phone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Phone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        // The text itself stays out of the error: it may be a person's number.
        Self::from_e164(&text)
            .ok_or_else(|| de::Error::custom("must be a number in E.164, such as +14155238886"))
    }
}
