//! Two thousand people in forty zones, and what they text.

use crate::harness::people::Dice;
use tidings::phone::{Phone, zone_for_region};

/// Numbers of forty countries, but for their last four digits.
const COUNTRIES: [&str; 40] = [
    "+1212200",
    "+44740012",
    "+3361234",
    "+4915123456",
    "+3461234",
    "+39312345",
    "+35191234",
    "+3161234",
    "+3247012",
    "+4178123",
    "+4670123",
    "+474061",
    "+453212",
    "+4851234",
    "+42060112",
    "+30691234",
    "+90501234",
    "+97250234",
    "+97150123",
    "+96651234",
    "+91812345",
    "+97798412",
    "+880181234",
    "+9471234",
    "+6681234",
    "+8491234",
    "+6012345",
    "+658123",
    "+62812345",
    "+63905123",
    "+81901234",
    "+82102000",
    "+6141234",
    "+6421123",
    "+2771123",
    "+25471212",
    "+234802123",
    "+20100123",
    "+57321123",
    "+35841234",
];

/// Somebody with a phone.
pub(crate) struct Person {
    pub(crate) phone: String,
    /// The zone of their number's country.
    pub(crate) zone: &'static str,
}

impl Person {
    /// Person number `index` of the town.
    pub(crate) fn new(index: usize) -> Self {
        let head = COUNTRIES[index % COUNTRIES.len()];
        let phone = format!("{head}{:04}", 1000 + index / COUNTRIES.len());
        let country = Phone::from_e164(&phone).and_then(Phone::country);
        let country = country.unwrap_or_else(|| panic!("{phone} belongs to no country"));
        Self { phone, zone: zone_for_region(country) }
    }
}

/// The countries that the server must be allowed to write to.
pub(crate) fn countries() -> String {
    let code = |index| {
        let phone = Phone::from_e164(&Person::new(index).phone).unwrap();
        phone.country().unwrap().as_str().to_owned()
    };
    (0..COUNTRIES.len()).map(code).collect::<Vec<_>>().join(",")
}

/// What somebody texts on an ordinary day.
pub(crate) fn whim(dice: &mut Dice) -> &'static str {
    dice.one_of(&[
        "STATUS",
        "HELP",
        "hello?",
        "NAME Eva",
        "STOP",
        "START",
        "START",
        "YES",
        "CHANGE",
        "TIPS ON",
        "TIPS 7:30",
        "TIPS OFF",
    ])
}
