//! Whom a caller is connected with, decided purely. What a caller asks for is never trusted: it may name
//! a number of an allowed country or a client of ours, and nothing else.

use crate::phone::{Phone, Region};

/// The longest identity of a client, in characters (Twilio's limit).
const MAX_IDENTITY: usize = 121;

/// Where a call goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// A phone.
    Number(Phone),
    /// A browser or an app, by the identity in its access token.
    Client(String),
}

impl Destination {
    /// Reads `client:` and an identity, or a number as people in `region` write them.
    #[must_use]
    pub fn parse(text: &str, region: Region) -> Option<Self> {
        let text = text.trim();
        if let Ok(phone) = Phone::parse(text, region) {
            return Some(Self::Number(phone));
        }
        // What looks like a number but is none is a slip, not somebody's name.
        let identity = text.strip_prefix("client:").unwrap_or(text);
        let digits = identity.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with("client:");
        (is_identity(identity) && !digits).then(|| Self::Client(identity.to_owned()))
    }
}

/// Twilio allows letters, digits and underscores; the rest people use in ids does no harm in XML either.
fn is_identity(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.@".contains(&byte);
    (1..=MAX_IDENTITY).contains(&text.len()) && text.bytes().all(allowed)
}

/// How calls are handled here.
#[derive(Clone, Debug)]
pub struct House {
    /// The number that callers see, one that we own.
    pub caller_id: Option<Phone>,
    /// Who takes calls from outside.
    pub reception: Option<Destination>,
    /// Countries that may be called.
    pub countries: Vec<Region>,
    /// Country of numbers written without a country code.
    pub default_region: Region,
}

/// What is to be done with a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Connect it; a phone shows this number.
    Dial(Destination, Option<Phone>),
    /// Say why not, and hang up.
    Say(&'static str),
}

/// Decides about a call by Twilio's parameters `From` and `To`.
#[must_use]
pub fn plan(from: &str, to: &str, house: &House) -> Plan {
    match from.strip_prefix("client:") {
        Some(caller) => from_client(caller, to, house),
        None => match &house.reception {
            Some(reception) => Plan::Dial(reception.clone(), house.caller_id),
            None => Plan::Say("This number takes text messages only. Please send a text. Goodbye."),
        },
    }
}

fn from_client(caller: &str, to: &str, house: &House) -> Plan {
    match Destination::parse(to, house.default_region) {
        Some(Destination::Number(phone)) => {
            let allowed = phone.country().is_some_and(|country| house.countries.contains(&country));
            match house.caller_id {
                _ if !allowed => Plan::Say("Numbers of that country can't be called from here."),
                _ if phone.is_premium_rate() => Plan::Say("Premium-rate numbers can't be called from here."),
                Some(ours) if ours == phone => Plan::Say("That is our own number."),
                Some(ours) => Plan::Dial(Destination::Number(phone), Some(ours)),
                None => Plan::Say("Phones can't be called from here: no number is set up to call from."),
            }
        }
        Some(Destination::Client(identity)) if identity == caller => Plan::Say("You can't call yourself."),
        Some(client) => Plan::Dial(client, None),
        None => Plan::Say("That is neither a phone number nor a name that can be called."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn house() -> House {
        House {
            caller_id: Phone::from_e164("+14155550000"),
            reception: Some(Destination::Client("front_desk".to_owned())),
            countries: vec![Region::parse("US").unwrap()],
            default_region: Region::parse("US").unwrap(),
        }
    }

    #[test]
    fn a_client_reaches_phones_of_allowed_countries_and_other_clients() {
        let house = house();
        let number = |text| Plan::Dial(Destination::Number(Phone::from_e164(text).unwrap()), house.caller_id);
        let client = |text: &str| Plan::Dial(Destination::Client(text.to_owned()), None);
        assert_eq!(plan("client:asha", "+14155238886", &house), number("+14155238886"));
        assert_eq!(plan("client:asha", "(415) 523-8886", &house), number("+14155238886"));
        assert_eq!(plan("client:asha", "client:bina", &house), client("bina"));
        assert_eq!(plan("client:asha", "care-0042", &house), client("care-0042"));
        for refused in [
            "",
            "+977980796",
            "+9779807969278",
            "+14155550000",
            "+19005551234",
            "asha",
            "client:asha",
            "12345",
            "<Dial/>",
            "a b",
        ] {
            assert!(matches!(plan("client:asha", refused, &house), Plan::Say(_)), "{refused}");
        }
    }

    #[test]
    fn a_caller_from_outside_reaches_the_reception_and_nobody_else() {
        let mut house = house();
        let reception = Plan::Dial(Destination::Client("front_desk".to_owned()), house.caller_id);
        for to in ["+14155550000", "client:asha", "+14155238886"] {
            assert_eq!(plan("+14155238886", to, &house), reception);
        }
        house.reception = None;
        assert!(matches!(plan("+14155238886", "+14155550000", &house), Plan::Say(_)));
    }
}
