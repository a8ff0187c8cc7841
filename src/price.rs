//! What messages cost, as far as that can be known beforehand.

use crate::phone::Region;

/// What a segment costs where neither the caller nor the country says, in US dollars: within the United States.
pub const USUAL_PRICE: f64 = 0.012;

/// What a segment costs, in millionths of a dollar, with carriers' fees, estimated on the high side: the bill says
/// exactly. Budgets count by it, and dry runs tell it.
#[must_use]
pub fn micro_dollars(country: Option<Region>) -> i64 {
    match country.map(Region::as_str) {
        Some("US" | "CA" | "PR") => 12_000,
        Some("GB" | "AU" | "IN" | "MX" | "BR" | "PL" | "SE" | "FI" | "ES" | "NL" | "IE") => 90_000,
        _ => 250_000,
    }
}

/// The same in dollars.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "no sum comes near 2^52")]
pub fn dollars(micro_dollars: i64) -> f64 {
    micro_dollars as f64 / 1_000_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "both are what is written here")]
    fn the_usual_price_is_that_of_the_united_states() {
        assert_eq!(dollars(micro_dollars(Some(Region::US))), USUAL_PRICE);
    }
}
