//! Reading a phone number as people write it.

use super::calling_code::CallingCode;
use super::{Phone, Region, region};
use phonenumber::metadata::DATABASE;
use phonenumber::{Mode, ParseError, PhoneNumber};

/// More than any number takes with all its punctuation.
const LONGEST_TEXT: usize = 64;

/// What is wrong with a number, in words for the person who wrote it. It never holds the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// Nothing, or only spaces.
    #[error("enter a phone number, such as +14155238886")]
    Empty,
    /// `null` and the like.
    #[error("this is a program's word for nothing, not a phone number: expected one such as +14155238886")]
    Null,
    /// `whatsapp:` with nothing behind it.
    #[error("there is no number behind “whatsapp:”: expected one such as +14155238886")]
    BareChannel,
    /// `whatsapp:` or another channel with something behind it.
    #[error("write the number alone, without the channel before it")]
    Channel,
    /// Digits of another script.
    #[error("write the number with the digits 0 to 9")]
    OtherDigits,
    /// An extension behind the number, which texts can't be sent to.
    #[error("texts can't be sent to an extension: enter the number without it")]
    Extension,
    /// A letter.
    #[error("a phone number has no letters: enter digits, such as +14155238886")]
    Letters,
    /// A `+` that isn't the first sign.
    #[error("the + can only stand once, before the country code")]
    Plus,
    /// Something that never stands in a phone number.
    #[error("{0:?} can't stand in a phone number: enter digits, spaces, dashes or brackets")]
    Character(char),
    /// The digits behind + begin no country code.
    #[error("no country has this code: expected + and a country code, such as +1 or +977")]
    CountryCode,
    /// Too few digits for its country.
    #[error("the number is too short: {0}")]
    TooShort(Expected),
    /// Too many digits for its country.
    #[error("the number is too long: {0}")]
    TooLong(Expected),
    /// The right length, but no such number is given out.
    #[error("no such number is in use: check the digits behind +{calling_code}")]
    NotInUse {
        /// The country code it was read with.
        calling_code: u16,
    },
}

/// How long the numbers of a country are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The country code; 0 when it is not known.
    pub calling_code: u16,
    /// The fewest digits behind the country code.
    pub fewest: u16,
    /// The most.
    pub most: u16,
}

impl std::fmt::Display for Expected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { calling_code, fewest, most } = *self;
        match () {
            () if calling_code == 0 => write!(f, "expected {fewest} to {most} digits with the country code"),
            () if fewest == most => write!(f, "expected {most} digits behind +{calling_code}"),
            () => write!(f, "expected {fewest} to {most} digits behind +{calling_code}"),
        }
    }
}

/// What E.164 allows, for a number whose country can't be told.
const ANY: Expected = Expected { calling_code: 0, fewest: 7, most: 15 };

pub(super) fn parse(text: &str, default_region: Region) -> Result<Phone, PhoneError> {
    let dialled = dialled(text)?;
    let read = read(&dialled, default_region);
    // Many people write 00 for the plus, also where it isn't the way to dial abroad.
    match dialled.strip_prefix("00") {
        Some(abroad) if read.is_err() => self::read(&format!("+{abroad}"), default_region).or(read),
        _ => read,
    }
}

/// What would be dialled: digits, perhaps with `+` before them.
fn dialled(text: &str) -> Result<String, PhoneError> {
    // Copying from a contact list brings invisible marks of writing direction along.
    let is_mark = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    let text = text.trim_matches(|c: char| c.is_whitespace() || is_mark(c));
    if text.len() > LONGEST_TEXT {
        return Err(PhoneError::TooLong(ANY));
    }
    refuse_words(text)?;
    let mut dialled = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '0'..='9' => dialled.push(character),
            '+' if dialled.is_empty() => dialled.push('+'),
            '+' => return Err(PhoneError::Plus),
            '-' | '(' | ')' | '[' | ']' | '.' | '/' | '\u{2010}'..='\u{2015}' | '\u{2212}' => {}
            space if space.is_whitespace() || is_mark(space) => {}
            digit if digit.is_numeric() => return Err(PhoneError::OtherDigits),
            letter if letter.is_alphabetic() => return Err(PhoneError::Letters),
            other => return Err(PhoneError::Character(other)),
        }
    }
    if dialled.bytes().any(|byte| byte.is_ascii_digit()) { Ok(dialled) } else { Err(PhoneError::Empty) }
}

/// Refuses what is no number at all, and extensions.
fn refuse_words(text: &str) -> Result<(), PhoneError> {
    let lower = text.to_lowercase();
    match lower.as_str() {
        "" => return Err(PhoneError::Empty),
        "null" | "undefined" | "none" | "nil" | "nan" => return Err(PhoneError::Null),
        _ => {}
    }
    if let Some((channel, number)) = lower.split_once(':') {
        let known = matches!(channel, "whatsapp" | "sms" | "tel" | "messenger" | "rcs" | "client" | "sip");
        match known {
            true if number.trim().is_empty() => return Err(PhoneError::BareChannel),
            true => return Err(PhoneError::Channel),
            false => {}
        }
    }
    // A run of digits, then a word or sign for an extension, then a digit.
    let marks = ["ext", "x", "#", ",", ";"];
    let is_extension = marks.iter().any(|mark| {
        lower.split_once(mark).is_some_and(|(before, after)| {
            before.bytes().filter(u8::is_ascii_digit).count() > 3
                && after.bytes().any(|byte| byte.is_ascii_digit())
                && before.chars().all(|one| !one.is_alphabetic())
        })
    });
    if is_extension { Err(PhoneError::Extension) } else { Ok(()) }
}

fn read(dialled: &str, default_region: Region) -> Result<Phone, PhoneError> {
    // Told a region, the crate would take that region's trunk prefix off foreign numbers as well.
    let region = if dialled.starts_with('+') { None } else { Some(default_region) };
    let expected = region.map_or(ANY, |region| lengths(region.calling_code(), Some(region)));
    let number = phonenumber::parse(region.and_then(Region::id), dialled).map_err(|error| match error {
        ParseError::TooLong => PhoneError::TooLong(expected),
        ParseError::InvalidCountryCode => PhoneError::CountryCode,
        _ => too_short(dialled, region),
    })?;
    if number.is_valid() {
        let text = number.format().mode(Mode::E164).to_string();
        return Phone::from_e164(&text).ok_or(PhoneError::TooShort(expected));
    }
    Err(why_invalid(&number, dialled, region))
}

/// Why a number is none of which the crate found too little left, perhaps behind zeros that it took off.
fn too_short(dialled: &str, region: Option<Region>) -> PhoneError {
    let Some(calling_code) = region.map(Region::calling_code).or_else(|| calling_code(dialled)) else {
        return PhoneError::TooShort(ANY);
    };
    let expected = lengths(calling_code, region);
    if is_long_enough(dialled, calling_code, expected) {
        return PhoneError::NotInUse { calling_code };
    }
    PhoneError::TooShort(expected)
}

/// The country code behind the `+`, if there is one.
fn calling_code(dialled: &str) -> Option<u16> {
    CallingCode::of(dialled.strip_prefix('+')?).map(|(code, _)| code.value)
}

/// Whether as many digits were dialled as the country has, but for a zero before them.
fn is_long_enough(dialled: &str, calling_code: u16, expected: Expected) -> bool {
    let digits = match dialled.strip_prefix('+') {
        Some(abroad) => abroad.strip_prefix(&calling_code.to_string()).unwrap_or(abroad),
        None => dialled,
    };
    // A single zero is dialled before a number, several are no number's.
    let own = digits.strip_prefix('0').filter(|rest| !rest.starts_with('0')).unwrap_or(digits);
    own.len() >= usize::from(expected.fewest)
}

fn why_invalid(number: &PhoneNumber, dialled: &str, region: Option<Region>) -> PhoneError {
    let calling_code = number.code().value();
    let expected = lengths(calling_code, region.or_else(|| region::of_number(number)));
    let digits = number.national().to_string().len();
    match () {
        () if digits < usize::from(expected.fewest) && !is_long_enough(dialled, calling_code, expected) => {
            PhoneError::TooShort(expected)
        }
        () if digits > usize::from(expected.most) => PhoneError::TooLong(expected),
        () => PhoneError::NotInUse { calling_code },
    }
}

/// How long the numbers behind `calling_code` are, in `region` if it is known.
fn lengths(calling_code: u16, region: Option<Region>) -> Expected {
    let plans = match region {
        Some(region) => DATABASE.by_id(region.as_str()).into_iter().collect(),
        None => DATABASE.by_code(&calling_code).unwrap_or_default(),
    };
    // The crate leaves the general lengths empty, so ask the kinds of number that people have.
    let kinds = plans.iter().flat_map(|plan| [plan.descriptors().mobile(), plan.descriptors().fixed_line()]);
    let lengths = kinds.flatten().flat_map(|kind| kind.possible_length().iter().copied());
    let (fewest, most) =
        lengths.fold((u16::MAX, 0), |(low, high), length| (low.min(length), high.max(length)));
    if most == 0 { ANY } else { Expected { calling_code, fewest, most } }
}
