//! Settings about accounts and the codes that prove their numbers.

use super::checks::{number, one_of};
use super::{ConfigError, Values};
use ipnet::IpNet;
use std::net::IpAddr;

/// What may be once only among proven numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UniqueBy {
    /// The whole number.
    E164,
    /// The digits behind the country code.
    National,
}

/// Limits of accounts and their codes.
#[derive(Clone, Debug)]
pub struct AccountSettings {
    /// Numbers an account may have.
    pub max_numbers: u32,
    /// What makes a number unique.
    pub unique_by: UniqueBy,
    /// Most codes sent to one country in 24 hours.
    pub codes_per_country: u32,
    /// Most dollars spent on codes in 24 hours, estimated.
    pub code_spend: u32,
    /// Peers whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
}

impl AccountSettings {
    pub(super) fn from_values(values: &Values) -> Result<Self, ConfigError> {
        let unique_by = match one_of(values, "TIDINGS_UNIQUE_BY", ["e164", "national"])? {
            "national" => UniqueBy::National,
            _ => UniqueBy::E164,
        };
        Ok(Self {
            max_numbers: number(values, "TIDINGS_MAX_NUMBERS_PER_ACCOUNT", 5, 1..=1000)?,
            unique_by,
            codes_per_country: number(values, "TIDINGS_CODES_PER_COUNTRY", 1000, 0..=1_000_000)?,
            code_spend: number(values, "TIDINGS_CODE_SPEND", 50, 0..=1_000_000)?,
            trusted_proxies: proxies(values.get("TIDINGS_TRUSTED_PROXIES").unwrap_or_default())?,
        })
    }
}

fn proxies(list: &str) -> Result<Vec<IpNet>, ConfigError> {
    let network = |text: &str| {
        let address = text.parse::<IpAddr>().map(IpNet::from);
        text.parse().or(address).map_err(|_| {
            ConfigError::new(
                "TIDINGS_TRUSTED_PROXIES",
                "must be addresses or networks such as 10.0.0.0/8, separated by commas",
            )
        })
    };
    list.split(',').map(str::trim).filter(|text| !text.is_empty()).map(network).collect()
}
