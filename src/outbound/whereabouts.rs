//! Where else somebody may live whose zone is a guess.

use crate::phone::{Address, Region, is_guessed, possible_zones};
use jiff::tz::TimeZone;

/// The zones in which the owner of `address`, a number of `country`, may live beside `zone`; none where somebody told
/// us which it is.
pub(super) fn elsewhere(
    address: Option<&Address>,
    country: Option<Region>,
    (zone, source): (&str, &str),
) -> Vec<TimeZone> {
    let Some(address) = address.filter(|_| is_guessed(source)) else { return Vec::new() };
    others(possible_zones(address, country), zone)
}

/// Those of the `possible` zones that are not `zone`.
pub(super) fn others(possible: &[&str], zone: &str) -> Vec<TimeZone> {
    let others = possible.iter().filter(|possible| **possible != zone);
    others.filter_map(|name| TimeZone::get(name).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(address: &str, zone: &str, source: &str) -> Vec<String> {
        let address = Address::parse(address).unwrap();
        let zones = elsewhere(Some(&address), address.country(), (zone, source));
        zones.iter().map(|zone| zone.iana_name().unwrap().to_owned()).collect()
    }

    #[test]
    fn only_a_guess_may_be_another_zone() {
        assert_eq!(names("+61412345678", "Australia/Sydney", "country").len(), 4);
        assert_eq!(names("+61412345678", "Australia/Sydney", "staff"), [""; 0]);
        assert_eq!(names("+18085550123", "Pacific/Honolulu", "number"), [""; 0]);
        // Known since before numbers told more than their country.
        assert_eq!(names("+18085550123", "America/New_York", "default"), ["Pacific/Honolulu"]);
    }
}
