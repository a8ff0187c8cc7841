//! Where whoever has a number may live: in the zones that its area code stands for, else in its country's.

use super::region::zones_of_region;
use super::{Address, Phone, Region};
use std::sync::LazyLock;

/// The zones in which the owner of `address`, a number of `country`, may live, the one of most people first. They are
/// none where the address says nothing.
#[must_use]
pub fn possible_zones(address: &Address, country: Option<Region>) -> &'static [&'static str] {
    let by_code = address.phone().and_then(by_area_code);
    by_code.or_else(|| country.map(zones_of_region)).unwrap_or_default()
}

/// The same of whoever has `address`; the country is looked up only where the number says no more.
#[must_use]
pub fn zones_of(address: &Address) -> &'static [&'static str] {
    let by_code = address.phone().and_then(by_area_code);
    by_code.or_else(|| address.country().map(zones_of_region)).unwrap_or_default()
}

/// The zone to take for somebody of whom nothing but `address` is known, in an organisation in the zone `house`; and
/// how we know: `number` if the address leaves no other, `default` where it may be the organisation's, `country` where
/// most of those live who have such a number.
#[must_use]
pub fn likely_zone<'a>(address: &Address, house: &'a str) -> (&'a str, &'static str) {
    match zones_of(address) {
        [] => (house, "default"),
        [only] => (only, "number"),
        several if several.contains(&house) => (house, "default"),
        [first, ..] => (first, "country"),
    }
}

/// Whether a zone known in this way may be another one: nobody told it.
#[must_use]
pub fn is_guessed(time_zone_source: &str) -> bool {
    matches!(time_zone_source, "number" | "default" | "country")
}

/// The zones of the longest area code with which `phone` begins.
fn by_area_code(phone: Phone) -> Option<&'static [&'static str]> {
    let mut digits = phone.0;
    while digits > 0 {
        if let Ok(at) = AREA_CODES.binary_search_by_key(&digits, |(code, _)| *code) {
            return Some(&AREA_CODES[at].1);
        }
        digits /= 10;
    }
    None
}

/// Area codes behind their country codes, in order, each with its zones. `area_codes.txt` says where they are from.
static AREA_CODES: LazyLock<Vec<(u64, Vec<&'static str>)>> = LazyLock::new(|| {
    let (mut country, mut codes) = ("", Vec::new());
    for line in include_str!("area_codes.txt").lines().filter(|line| !line.starts_with('#')) {
        if let Some(code) = line.strip_prefix('+') {
            country = code;
        } else if let Some((zones, area_codes)) = line.split_once(": ") {
            let zones: Vec<&str> = zones.split(' ').collect();
            let full = area_codes.split(' ').filter_map(|code| format!("{country}{code}").parse().ok());
            codes.extend(full.map(|code| (code, zones.clone())));
        }
    }
    codes.sort_unstable();
    codes
});

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    fn likely(number: &str, house: &'static str) -> (&'static str, &'static str) {
        likely_zone(&Address::parse(number).unwrap(), house)
    }

    #[test]
    fn an_area_code_tells_the_zone() {
        for (number, zone) in [
            ("+18085550123", "Pacific/Honolulu"),
            ("whatsapp:+18085550123", "Pacific/Honolulu"),
            ("+14155550123", "America/Los_Angeles"),
            ("+13125550123", "America/Chicago"),
            ("+12125550123", "America/New_York"),
            ("+17805550123", "America/Edmonton"),
            ("+17875550123", "America/Puerto_Rico"),
            ("+18765550123", "America/Jamaica"),
            ("+526641234567", "America/Tijuana"),
            ("+525512345678", "America/Mexico_City"),
            ("+5592991234567", "America/Manaus"),
            ("+5511991234567", "America/Sao_Paulo"),
            ("+61891234567", "Australia/Perth"),
            ("+61889123456", "Australia/Darwin"),
            ("+74012123456", "Europe/Kaliningrad"),
            ("+9779841234567", "Asia/Kathmandu"),
            ("+447400123456", "Europe/London"),
            ("+77011234567", "Asia/Almaty"),
        ] {
            assert_eq!(likely(number, "America/New_York"), (zone, "number"), "{number}");
        }
    }

    #[test]
    fn where_a_number_fits_several_zones_the_house_s_own_is_taken_or_the_largest() {
        for (number, house, expected) in [
            ("+18005550123", "America/Chicago", ("America/Chicago", "default")),
            ("+18005550123", "Asia/Kathmandu", ("America/New_York", "country")),
            ("+12085550123", "America/New_York", ("America/Boise", "country")),
            ("+12085550123", "America/Los_Angeles", ("America/Los_Angeles", "default")),
            ("+61412345678", "Australia/Perth", ("Australia/Perth", "default")),
            ("+61412345678", "Europe/London", ("Australia/Sydney", "country")),
            ("+79161234567", "Europe/London", ("Europe/Moscow", "country")),
            ("+6281234567890", "Asia/Makassar", ("Asia/Makassar", "default")),
            ("whatsapp:US.1234", "Europe/London", ("America/New_York", "country")),
            ("+80012345678", "Europe/London", ("Europe/London", "default")),
        ] {
            assert_eq!(likely(number, house), expected, "{number}");
        }
    }

    #[test]
    fn every_area_code_stands_once_and_its_zones_exist() {
        assert!(AREA_CODES.len() > 400);
        assert!(AREA_CODES.windows(2).all(|pair| pair[0].0 != pair[1].0));
        for zone in AREA_CODES.iter().flat_map(|(_, zones)| zones) {
            assert!(TimeZone::get(zone).is_ok(), "{zone}");
        }
        for zone in Region::all().flat_map(zones_of_region) {
            assert!(TimeZone::get(zone).is_ok(), "{zone}");
        }
    }
}
