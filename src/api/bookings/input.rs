//! Requests about bookings, read and checked.

use crate::booking::{DEFAULT_REMINDERS, MAX_REMINDERS, REMINDER_MINUTES, Status};
use crate::conversation::{BookingPatch, Field, NewBooking};
use crate::gate::PREMIUM_RATE;
use crate::phone::{Address, Phone, Region};
use crate::problem::Problem;
use crate::schedule::zone_name;
use crate::store::BookingFilter;
use crate::visible;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

/// Longest title: with place and time, two segments hold it.
const MAX_TITLE: usize = 80;
/// Longest place.
const MAX_LOCATION: usize = 100;
/// How far ahead a booking may be.
const FARTHEST: SignedDuration = SignedDuration::from_hours(24 * 366 * 5);

/// The body of `POST /bookings`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Draft {
    phone_number: String,
    /// One line.
    #[schemars(length(min = 1, max = MAX_TITLE))]
    title: String,
    /// In the future, five years at most.
    #[schemars(example = &"2030-01-07T15:30:00Z")]
    #[serde(deserialize_with = "crate::moment::given")]
    starts_at: Timestamp,
    time_zone: Option<String>,
    /// One line.
    #[schemars(length(min = 1, max = MAX_LOCATION), example = &"12 Lake Road")]
    location: Option<String>,
    /// When to remind of it.
    #[schemars(length(max = MAX_REMINDERS), inner(range(min = *REMINDER_MINUTES.start(), max = *REMINDER_MINUTES.end())), example = [1440, 120])]
    remind_before_minutes: Option<Vec<i64>>,
}

impl Draft {
    pub(super) fn check(self, region: Region, now: Timestamp) -> Result<(Address, NewBooking), Problem> {
        let minutes = self.remind_before_minutes.unwrap_or_else(|| DEFAULT_REMINDERS.to_vec());
        let new = NewBooking {
            title: title(&self.title)?,
            location: self.location.as_deref().map(location).transpose()?,
            starts_at: starts_at(self.starts_at, now)?,
            time_zone: self.time_zone.as_deref().map(time_zone).transpose()?,
            remind_before_minutes: reminders(minutes)?,
        };
        let address = address(&self.phone_number, region)?;
        if address.is_premium_rate() {
            return Err(Problem::field("phone_number", PREMIUM_RATE));
        }
        Ok((address, new))
    }
}

/// The body of `PATCH /bookings/{id}`; what is left out stays as it is; `null` takes place and zone away.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Patch {
    /// One line.
    #[schemars(length(min = 1, max = MAX_TITLE))]
    title: Option<String>,
    /// In the future, five years at most.
    #[serde(default, deserialize_with = "crate::moment::maybe")]
    #[schemars(example = &"2030-01-07T15:30:00Z")]
    starts_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "field")]
    #[schemars(with = "Option<String>")]
    time_zone: Field,
    /// One line.
    #[serde(default, deserialize_with = "field")]
    #[schemars(with = "Option<String>", length(min = 1, max = MAX_LOCATION), example = &"12 Lake Road")]
    location: Field,
    /// When to remind of it.
    #[schemars(length(max = MAX_REMINDERS), inner(range(min = *REMINDER_MINUTES.start(), max = *REMINDER_MINUTES.end())), example = [1440, 120])]
    remind_before_minutes: Option<Vec<i64>>,
}

impl Patch {
    pub(super) fn check(self, now: Timestamp) -> Result<BookingPatch, Problem> {
        Ok(BookingPatch {
            title: self.title.as_deref().map(title).transpose()?,
            location: self.location.checked(location)?,
            starts_at: self.starts_at.map(|at| starts_at(at, now)).transpose()?,
            time_zone: self.time_zone.checked(time_zone)?,
            remind_before_minutes: self.remind_before_minutes.map(reminders).transpose()?,
        })
    }
}

/// A field that is there: `null`, or what it is set to.
fn field<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Field, D::Error> {
    Option::deserialize(deserializer).map(|text| text.map_or(Field::Clear, Field::Set))
}

/// The query of `GET /bookings`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(in crate::api) struct Filter {
    phone_number: Option<String>,
    #[schemars(extend("enum" = Status::names()))]
    status: Option<String>,
}

impl Filter {
    pub(super) fn check(self, region: Region) -> Result<BookingFilter, Problem> {
        let known = |name: &str| {
            Status::from_name(name).map(Status::as_str).ok_or_else(|| {
                let all = "pending, confirmed, change_requested, declined, cancelled or past";
                Problem::field("status", format!("must be {all}"))
            })
        };
        let address = self.phone_number.as_deref().map(|text| address(text, region)).transpose()?;
        let status = self.status.as_deref().map(known).transpose()?;
        Ok(BookingFilter { address: address.map(|address| address.to_string()), status })
    }
}

/// A number as people write it, or an address as Twilio does.
fn address(text: &str, region: Region) -> Result<Address, Problem> {
    match Address::parse(text) {
        Ok(address) if !matches!(address, Address::Other(_)) => Ok(address),
        _ => Phone::parse(text, region)
            .map(Address::Phone)
            .map_err(|error| Problem::field("phone_number", error.to_string())),
    }
}

fn title(text: &str) -> Result<String, Problem> {
    words("title", text, MAX_TITLE)
}

fn location(text: &str) -> Result<String, Problem> {
    words("location", text, MAX_LOCATION)
}

/// One line of text that is fit to be sent.
fn words(field: &'static str, text: &str, most: usize) -> Result<String, Problem> {
    visible::name(text, most).map_err(|error| Problem::field(field, error.to_string()))
}

fn starts_at(at: Timestamp, now: Timestamp) -> Result<Timestamp, Problem> {
    if at <= now || at.duration_since(now) > FARTHEST {
        return Err(Problem::field("starts_at", "must be in the future, five years at most"));
    }
    // The database keeps milliseconds.
    Ok(Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at))
}

/// The zone's name, as the database spells it.
fn time_zone(name: &str) -> Result<String, Problem> {
    zone_name(name).ok_or_else(|| {
        Problem::field("time_zone", "must be a name of the IANA time zone database, such as America/New_York")
    })
}

/// The longest first, none twice.
fn reminders(mut minutes: Vec<i64>) -> Result<Vec<i64>, Problem> {
    if minutes.len() > MAX_REMINDERS || minutes.iter().any(|one| !REMINDER_MINUTES.contains(one)) {
        let (first, last) = (REMINDER_MINUTES.start(), REMINDER_MINUTES.end());
        let message = format!("must be at most {MAX_REMINDERS} whole numbers from {first} to {last}");
        return Err(Problem::field("remind_before_minutes", message));
    }
    minutes.sort_unstable_by(|a, b| b.cmp(a));
    minutes.dedup();
    Ok(minutes)
}
