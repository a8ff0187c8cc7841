//! Accounts and numbers as the API shows them.

use crate::phone::{Phone, Region};
use crate::store::{AccountRow, NoticeRow, NumberRow};
use jiff::Timestamp;
use serde::Serialize;

/// An account.
#[derive(Debug, Serialize)]
pub(super) struct User {
    id: String,
    email: String,
    full_name: String,
    external_id: Option<String>,
    role: String,
    locale: Option<String>,
    time_zone: Option<String>,
    second_factor: String,
    phone_prompt_dismissed: bool,
    phone_number: Option<String>,
    is_phone_verified: bool,
    created_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
    disabled_at: Option<Timestamp>,
}

impl User {
    pub(super) fn new(row: AccountRow, numbers: &[NumberRow]) -> Self {
        let primary = numbers.iter().find(|number| number.is_primary);
        Self {
            id: row.id.to_string(),
            email: row.email,
            full_name: row.full_name,
            external_id: row.external_id,
            role: row.role,
            locale: row.locale,
            time_zone: row.time_zone,
            second_factor: row.second_factor,
            phone_prompt_dismissed: row.phone_prompt_dismissed,
            phone_number: primary.map(|number| number.address.clone()),
            is_phone_verified: primary.is_some_and(|number| number.is_verified),
            created_at: time(row.created_at),
            updated_at: time(row.updated_at),
            disabled_at: row.disabled_at.and_then(time),
        }
    }
}

/// Something the owner of an account is to be told.
#[derive(Debug, Serialize)]
pub(super) struct Notice {
    id: String,
    kind: String,
    phone_number: String,
    message: &'static str,
    created_at: Option<Timestamp>,
}

impl From<NoticeRow> for Notice {
    fn from(row: NoticeRow) -> Self {
        let message = match row.kind.as_str() {
            "number_lost" => "somebody else has proven that this number is theirs; your account lost it",
            _ => "",
        };
        Self {
            id: row.id.to_string(),
            kind: row.kind,
            phone_number: row.address,
            message,
            created_at: time(row.created_at),
        }
    }
}

/// A number of an account.
#[derive(Debug, Serialize)]
pub(super) struct PhoneNumber {
    id: String,
    #[serde(rename = "phone_number")]
    address: String,
    national: Option<String>,
    country: Option<&'static str>,
    is_primary: bool,
    is_verified: bool,
    verification_method: Option<String>,
    created_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
}

impl From<NumberRow> for PhoneNumber {
    fn from(row: NumberRow) -> Self {
        let phone = Phone::from_e164(&row.address);
        Self {
            id: row.id.to_string(),
            address: row.address,
            national: phone.map(Phone::national),
            country: phone.and_then(Phone::country).map(Region::as_str),
            is_primary: row.is_primary,
            is_verified: row.is_verified,
            verification_method: row.verification_method,
            created_at: time(row.created_at),
            updated_at: time(row.updated_at),
        }
    }
}

/// Milliseconds since 1970 as a time.
pub(super) fn time(milliseconds: i64) -> Option<Timestamp> {
    Timestamp::from_millisecond(milliseconds).ok()
}
