//! Whom a campaign is for.

use super::Tag;
use crate::left_out;
use crate::moment;
use crate::phone::{Address, Region};
use crate::purpose::Purpose;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de};

/// Most entries of a list in an audience.
const MOST: usize = 100;

/// Whom a campaign is for: everybody who fits all that is given. Nothing given means everybody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Audience {
    /// In one of these states.
    #[serde(deserialize_with = "left_out::or_default", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = MOST))]
    pub state: Vec<MemberState>,
    /// Written to in one of these languages: `es` is also `es-MX`, and `es-MX` only that.
    #[serde(deserialize_with = "left_out::or_default", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = MOST))]
    pub locale: Vec<Locale>,
    /// With a number of one of these countries.
    #[serde(deserialize_with = "left_out::or_default", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = MOST))]
    pub country: Vec<Region>,
    /// With one of these tags at least.
    #[serde(deserialize_with = "left_out::or_default", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = MOST))]
    pub tags_any: Vec<Tag>,
    /// With none of these tags.
    #[serde(deserialize_with = "left_out::or_default", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = MOST))]
    pub tags_none: Vec<Tag>,
    /// Who were sent a message of this kind lately: tips, reminders of bookings, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received: Option<Received>,
    /// Registered then or later.
    #[serde(deserialize_with = "moment::maybe", skip_serializing_if = "Option::is_none")]
    pub registered_after: Option<Timestamp>,
    /// Registered before then.
    #[serde(deserialize_with = "moment::maybe", skip_serializing_if = "Option::is_none")]
    pub registered_before: Option<Timestamp>,
}

/// What somebody was sent, and how long ago at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Received {
    /// What it was for.
    #[serde(deserialize_with = "purpose")]
    pub purpose: Purpose,
    /// How many days ago at most: 1 to 365.
    #[schemars(range(min = 1, max = 365))]
    pub within_days: i64,
}

/// Where a contact is on the way to membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "see dialog::State")]
pub enum MemberState {
    Stranger,
    Naming,
    Verifying,
    Member,
}

/// The name of a locale, such as `en` or `es`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(extend("pattern" = "^[a-z][A-Za-z0-9-]{1,19}$", "examples" = ["en"]))]
pub struct Locale(String);

impl Locale {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its language: `pt` of `pt-BR`.
    #[must_use]
    pub fn language(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }
}

impl TryFrom<String> for Locale {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let right = (2..=20).contains(&text.len())
            && text.chars().all(|one| one.is_ascii_alphanumeric() || one == '-')
            && text.starts_with(|one: char| one.is_ascii_lowercase());
        if right { Ok(Self(text)) } else { Err("must be a language such as en or es") }
    }
}

impl Audience {
    /// The field that is not what it should be, and what it should be.
    #[must_use]
    pub fn fault(&self) -> Option<(&'static str, String)> {
        let lists = [
            ("audience.state", self.state.len()),
            ("audience.locale", self.locale.len()),
            ("audience.country", self.country.len()),
            ("audience.tags_any", self.tags_any.len()),
            ("audience.tags_none", self.tags_none.len()),
        ];
        if let Some((field, _)) = lists.into_iter().find(|(_, length)| *length > MOST) {
            return Some((field, format!("holds {MOST} entries at most")));
        }
        if self.tags_any.iter().any(|tag| self.tags_none.contains(tag)) {
            return Some(("audience.tags_none", "names a tag that tags_any asks for".to_owned()));
        }
        if self.received.is_some_and(|received| !(1..=365).contains(&received.within_days)) {
            let message = "must be a whole number from 1 to 365".to_owned();
            return Some(("audience.received.within_days", message));
        }
        let empty = matches!((self.registered_after, self.registered_before), (Some(after), Some(before)) if before <= after);
        empty.then(|| ("audience.registered_before", "must be later than registered_after".to_owned()))
    }

    /// The first of its locales whose language is none of `known`, with its place in the list.
    #[must_use]
    pub fn unknown_locale(&self, known: &[String]) -> Option<(usize, &Locale)> {
        let is_known = |locale: &Locale| known.iter().any(|known| known == locale.language());
        self.locale.iter().enumerate().find(|(_, locale)| !is_known(locale))
    }

    /// Whether the number at `address` belongs to one of the countries: the database can't tell, because
    /// countries share calling codes.
    #[must_use]
    pub fn has_country_of(&self, address: &str) -> bool {
        if self.country.is_empty() {
            return true;
        }
        let phone = Address::parse(address).ok().and_then(|address| address.phone());
        phone.and_then(crate::phone::Phone::country).is_some_and(|country| self.country.contains(&country))
    }
}

fn purpose<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Purpose, D::Error> {
    let name = std::borrow::Cow::<str>::deserialize(deserializer)?;
    Purpose::from_name(&name).ok_or_else(|| {
        let names: Vec<&str> = Purpose::all().iter().map(|purpose| purpose.as_str()).collect();
        de::Error::custom(format!("must be one of {}", names.join(", ")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: serde_json::Value) -> Result<Audience, String> {
        let audience: Audience = serde_json::from_value(value).map_err(|error| error.to_string())?;
        match audience.fault() {
            None => Ok(audience),
            Some((field, message)) => Err(format!("{field} {message}")),
        }
    }

    #[test]
    fn what_is_given_is_read_and_written_back() {
        let value = json!({
            "state": ["member"], "locale": ["en", "es"], "country": ["NP"], "tags_any": ["vip"],
            "tags_none": ["staff"], "received": {"purpose": "tip", "within_days": 30},
            "registered_after": "2026-01-01T00:00:00Z", "registered_before": "2026-11-01T00:00:00Z",
        });
        assert_eq!(serde_json::to_value(read(value.clone()).unwrap()).unwrap(), value);
        assert_eq!(read(json!({})).unwrap(), Audience::default());
        assert_eq!(read(json!({ "state": null, "tags_any": null })).unwrap(), Audience::default());
    }

    #[test]
    fn what_nobody_can_mean_is_refused() {
        for (value, word) in [
            (json!({"stat": ["member"]}), "stat"),
            (json!({"state": ["members"]}), "members"),
            (json!({"country": ["ZZZ"]}), "country code"),
            (json!({"locale": ["../en"]}), "a language such as en"),
            (json!({"tags_any": ["a b"]}), "tag"),
            (json!({"tags_any": ["a"], "tags_none": ["A"]}), "tags_none"),
            (json!({"received": {"purpose": "spam", "within_days": 3}}), "must be one of code, reply"),
            (json!({"received": {"purpose": "tip", "within_days": 0}}), "within_days"),
            (
                json!({"registered_after": "last week"}),
                "expected a date and time with its offset from UTC, such as 2030-01-07T15:30:00Z",
            ),
            (
                json!({"registered_after": "2026-01-02T00:00:00Z", "registered_before": "2026-01-02T00:00:00Z"}),
                "later",
            ),
            (json!({"tags_any": (0..101).map(|n| format!("t{n}")).collect::<Vec<_>>()}), "100 entries"),
        ] {
            let error = read(value).unwrap_err();
            assert!(error.contains(word), "{error}");
        }
    }

    #[test]
    fn countries_that_share_a_calling_code_are_told_apart() {
        let canada = read(json!({"country": ["CA"]})).unwrap();
        assert!(canada.has_country_of("+16135550123"));
        assert!(!canada.has_country_of("+14155550123"));
        assert!(!canada.has_country_of("12345"));
        assert!(Audience::default().has_country_of("12345"));
    }
}
