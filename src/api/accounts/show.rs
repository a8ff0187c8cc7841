//! Accounts and numbers as the API shows them.

use super::super::moment::{Time, time};
use crate::phone::{Phone, Region};
use crate::store::{AccountRow, NoticeRow, NumberRow};
use schemars::JsonSchema;
use serde::Serialize;

/// What is agreed to by entering a code, as an organisation may have it.
pub(super) const AGREEMENT: &str = "By entering the code you agree to get texts from Lakeside Clinic at this number. Up to 5 msgs/day. Msg & data rates may apply. Reply HELP for help, STOP to opt out at any time.";

/// An account.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct User {
    id: String,
    email: String,
    full_name: String,
    /// The id that another system of yours has for it.
    #[schemars(example = &"patient-4711")]
    external_id: Option<String>,
    /// What it may do.
    #[schemars(extend("enum" = ["user", "operator", "admin"]))]
    role: String,
    locale: Option<String>,
    time_zone: Option<String>,
    /// What is asked for beside the password.
    #[schemars(extend("enum" = ["none", "sms"]))]
    second_factor: String,
    /// Whether the person does not want to be asked for a number.
    #[schemars(example = false)]
    phone_prompt_dismissed: bool,
    phone_number: Option<String>,
    /// Whether the number was proven.
    is_phone_verified: bool,
    created_at: Option<Time>,
    updated_at: Option<Time>,
    /// When it was locked.
    #[schemars(extend("examples" = [null]))]
    disabled_at: Option<Time>,
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
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Notice {
    id: String,
    /// What happened.
    #[schemars(example = &"number_lost")]
    kind: String,
    /// The number; `null` where it was erased.
    phone_number: Option<String>,
    message: &'static str,
    created_at: Option<Time>,
}

impl From<NoticeRow> for Notice {
    fn from(row: NoticeRow) -> Self {
        let message = match row.kind.as_str() {
            "number_lost" => "somebody else has proven that this number is theirs; your account lost it",
            "number_erased" => "this number was erased, as whoever has it may ask; your account lost it",
            _ => "",
        };
        Self {
            id: row.id.to_string(),
            kind: row.kind,
            phone_number: Some(row.address).filter(|address| !address.is_empty()),
            message,
            created_at: time(row.created_at),
        }
    }
}

/// A number of an account.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct PhoneNumber {
    id: String,
    #[serde(rename = "phone_number")]
    address: String,
    /// The number as people in its country write it.
    #[schemars(example = &"(415) 555-0101")]
    national: Option<String>,
    country: Option<&'static str>,
    /// Whether texts go here.
    is_primary: bool,
    /// Whether it was proven.
    is_verified: bool,
    /// How it was proven.
    #[schemars(extend("enum" = ["sms", "sms_reply", null]))]
    verification_method: Option<String>,
    created_at: Option<Time>,
    updated_at: Option<Time>,
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
