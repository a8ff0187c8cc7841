//! What messages cost, as far as that can be known beforehand.

use crate::phone::Region;

/// What a segment costs where the caller does not say, in US dollars: Twilio's list price of 2026 for a text
/// within the United States. Carriers' fees are not in it.
pub const USUAL_PRICE: f64 = 0.0083;

/// What a segment costs, in millionths of a dollar, estimated on the high side: the bill says exactly.
#[must_use]
pub fn micro_dollars(country: Option<Region>) -> i64 {
    match country.map(Region::as_str) {
        Some("US" | "CA" | "PR") => 12_000,
        Some("GB" | "AU" | "IN" | "MX" | "BR" | "PL" | "SE" | "FI" | "ES" | "NL" | "IE") => 90_000,
        _ => 250_000,
    }
}
