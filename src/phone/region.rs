//! Regions and their time zones.

use phonenumber::metadata::DATABASE;
use phonenumber::{PhoneNumber, country};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

/// A country or territory with phone numbers of its own, by its ISO 3166 alpha-2 code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(&'static str);

/// The text is not the code of a region with phone numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a region is a two-letter country code such as US or NP")]
pub struct UnknownRegion;

impl Region {
    /// The United States, whose numbers are the default.
    pub const US: Self = Self("US");

    /// Reads a two-letter code in either case.
    ///
    /// # Errors
    /// When libphonenumber knows no such region.
    pub fn parse(text: &str) -> Result<Self, UnknownRegion> {
        let code = text.to_ascii_uppercase();
        let found = ZONES.binary_search_by(|(region, _)| region.0.cmp(code.as_str()));
        found.map(|at| ZONES[at].0).map_err(|_| UnknownRegion)
    }

    /// Every region, by code.
    pub fn all() -> impl Iterator<Item = Self> {
        ZONES.iter().map(|(region, _)| *region)
    }

    /// The two-letter code, in capitals.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// The digits before national numbers, such as 977; 0 is never one.
    #[must_use]
    pub fn calling_code(self) -> u16 {
        DATABASE.by_id(self.0).map_or(0, phonenumber::Metadata::country_code)
    }

    /// The region as the `phonenumber` crate names it.
    pub(super) fn id(self) -> Option<country::Id> {
        self.0.parse().ok()
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::str::FromStr for Region {
    type Err = UnknownRegion;

    fn from_str(text: &str) -> Result<Self, UnknownRegion> {
        Self::parse(text)
    }
}

impl Serialize for Region {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for Region {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&Cow::<str>::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

impl JsonSchema for Region {
    fn schema_name() -> Cow<'static, str> {
        "Region".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[A-Za-z]{2}$", "examples": ["US"] })
    }
}

/// The IANA name of the time zone where most people of `region` live, or its capital's.
///
/// # Panics
/// Never: every region has its line in `zones.txt`.
#[must_use]
pub fn zone_for_region(region: Region) -> &'static str {
    zones_of_region(region).first().expect("every region has a zone")
}

/// The time zones of `region` in which ten thousand people and more live and whose clocks differ, the one of most
/// people first.
#[must_use]
pub fn zones_of_region(region: Region) -> &'static [&'static str] {
    let at = ZONES.binary_search_by_key(&region, |(region, _)| *region);
    at.map_or(&[], |at| &ZONES[at].1)
}

/// Regions in order, each with its zones.
static ZONES: LazyLock<Vec<(Region, Vec<&'static str>)>> = LazyLock::new(|| {
    let lines = include_str!("zones.txt").lines();
    let lines = lines.filter_map(|line| line.split_once(' '));
    lines.map(|(code, zones)| (Region(code), zones.split(' ').collect())).collect()
});

/// Whether a number's plan says that its owner is paid by whoever calls it.
pub(super) fn is_premium_rate(number: &PhoneNumber) -> bool {
    let region = of_number(number);
    let plans = match region.and_then(|region| DATABASE.by_id(region.as_str())) {
        Some(plan) => vec![plan],
        None => DATABASE.by_code(&number.code().value()).unwrap_or_default(),
    };
    let national = number.national().to_string();
    let kinds = plans.into_iter().filter_map(|plan| plan.descriptors().premium_rate());
    kinds.into_iter().any(|kind| kind.is_match(&national))
}

/// The region of a number, unless it belongs to none or its plan doesn't say.
pub(super) fn of_number(number: &PhoneNumber) -> Option<Region> {
    let code = number.code().value();
    let regions = DATABASE.region(&code)?;
    if let [only] = regions[..] {
        return Region::parse(only).ok();
    }
    if let Some(id) = number.country().id() {
        return Region::parse(id.as_ref()).ok();
    }
    // The crate overlooks a national number's leading zeros, which Italy's have.
    let national = number.national().to_string();
    let fits = |region: &str| {
        DATABASE.by_id(region).is_some_and(|plan| plan.descriptors().general().is_match(&national))
    };
    regions.into_iter().find(|region| fits(region)).and_then(|region| Region::parse(region).ok())
}
