use super::*;
use phonenumber::metadata::DATABASE;
use proptest::prelude::*;

fn region(code: &str) -> Region {
    Region::parse(code).unwrap()
}

fn parsed(text: &str, code: &str) -> Result<String, PhoneError> {
    Phone::parse(text, region(code)).map(|phone| phone.to_string())
}

#[test]
fn one_number_is_read_from_all_its_spellings() {
    for (text, code, expected) in [
        ("9807969278", "NP", "+9779807969278"),
        ("09807969278", "NP", "+9779807969278"),
        ("+9779807969278", "NP", "+9779807969278"),
        ("9779807969278", "NP", "+9779807969278"),
        ("009779807969278", "NP", "+9779807969278"),
        ("+977 980-796 9278", "US", "+9779807969278"),
        ("(+977) 980.796.9278", "US", "+9779807969278"),
        ("\u{202a}+977\u{a0}9807969278\u{202c}", "US", "+9779807969278"),
        ("+14155238886", "NP", "+14155238886"),
        ("(415) 523-8886", "US", "+14155238886"),
        ("1 415 523 8886", "US", "+14155238886"),
        ("011 977 9807969278", "US", "+9779807969278"),
        ("00977 9807969278", "US", "+9779807969278"),
        ("+39 06 6982 0000", "NP", "+390669820000"),
        ("06 6982 0000", "IT", "+390669820000"),
        ("07400 123456", "GB", "+447400123456"),
        ("+44 (0)7400 123456", "US", "+447400123456"),
        ("0712 345678", "KE", "+254712345678"),
        ("8 912 345-67-89", "RU", "+79123456789"),
        ("+977 9807969278", "RU", "+9779807969278"),
        ("+15005550006", "US", "+15005550006"),
    ] {
        assert_eq!(parsed(text, code).as_deref(), Ok(expected), "{text} in {code}");
    }
}

#[test]
fn each_way_to_be_wrong_has_its_own_answer() {
    let nepal = |text: &str| parsed(text, "NP").unwrap_err();
    for text in ["", "   ", "\u{a0}", "+", "()-"] {
        assert_eq!(nepal(text), PhoneError::Empty, "{text}");
    }
    assert_eq!(nepal("null"), PhoneError::Null);
    assert_eq!(nepal("whatsapp:"), PhoneError::BareChannel);
    assert_eq!(nepal("whatsapp:+9779807969278"), PhoneError::Channel);
    assert_eq!(nepal("९८०७९६९२७८"), PhoneError::OtherDigits);
    assert_eq!(nepal("980796٣278"), PhoneError::OtherDigits);
    assert_eq!(nepal("98O7969278"), PhoneError::Letters);
    assert_eq!(nepal("call me"), PhoneError::Letters);
    for text in ["9807969278 ext. 5", "9807969278x5", "9807969278;ext=5", "9807969278,,5", "9807969278 #12"] {
        assert_eq!(nepal(text), PhoneError::Extension, "{text}");
    }
    assert_eq!(nepal("977+9807969278"), PhoneError::Plus);
    assert_eq!(nepal("++9779807969278"), PhoneError::Plus);
    assert_eq!(nepal("9807969278!"), PhoneError::Character('!'));
    assert_eq!(nepal("+9999807969278"), PhoneError::CountryCode);
    assert_eq!(nepal("+0779807969278"), PhoneError::CountryCode);
    assert!(matches!(nepal("98079"), PhoneError::TooShort(_)));
    assert!(matches!(nepal("+977980"), PhoneError::TooShort(_)));
    assert!(matches!(nepal("1"), PhoneError::TooShort(_)));
    assert_eq!(
        nepal("980796927899999"),
        PhoneError::TooLong(Expected { calling_code: 977, fewest: 8, most: 10 })
    );
    assert!(matches!(nepal(&"9".repeat(300)), PhoneError::TooLong(_)));
    assert_eq!(nepal("+11234567890"), PhoneError::NotInUse { calling_code: 1 });
    // As many digits as there should be: to call them too few would be false.
    assert_eq!(nepal("+440000000000"), PhoneError::NotInUse { calling_code: 44 });
    assert_eq!(nepal("+10000000000"), PhoneError::NotInUse { calling_code: 1 });
    assert_eq!(nepal("0000000000"), PhoneError::NotInUse { calling_code: 977 });
    assert!(matches!(nepal("+44000"), PhoneError::TooShort(Expected { calling_code: 44, .. })));
    let local = parsed("523-8886", "US").unwrap_err().to_string();
    assert_eq!(local, "the number is too short: expected 10 digits behind +1");
}

#[test]
fn a_number_knows_its_country_and_its_national_form() {
    for (text, country, national, digits) in [
        ("+14155238886", Some("US"), "(415) 523-8886", "4155238886"),
        ("+16132345678", Some("CA"), "(613) 234-5678", "6132345678"),
        ("+9779807969278", Some("NP"), "980-7969278", "9807969278"),
        ("+390669820000", Some("IT"), "06 6982 0000", "0669820000"),
        ("+447400123456", Some("GB"), "07400 123456", "7400123456"),
        ("+254712345678", Some("KE"), "0712 345678", "712345678"),
        ("+255712345678", Some("TZ"), "0712 345 678", "712345678"),
        ("+80012345678", None, "1234 5678", "12345678"),
    ] {
        let phone = Phone::from_e164(text).unwrap();
        assert_eq!(phone.country().map(Region::as_str), country, "{text}");
        assert_eq!((phone.national().as_str(), phone.national_digits().as_str()), (national, digits));
    }
    assert_eq!(Phone::from_e164("+9999999999").unwrap().country(), None);
}

#[test]
fn a_number_is_stored_and_sent_without_loss_and_debugged_without_its_digits() {
    let phone = Phone::from_e164("+14155238886").unwrap();
    assert_eq!(Phone::from_i64(phone.as_i64()), Some(phone));
    for digits in [0, -1, 999_999, 1_000_000_000_000_000, i64::MIN, i64::MAX] {
        assert_eq!(Phone::from_i64(digits), None);
    }
    assert_eq!(serde_json::to_string(&phone).unwrap(), "\"+14155238886\"");
    assert_eq!(serde_json::from_str::<Phone>("\"+14155238886\"").unwrap(), phone);
    let error = serde_json::from_str::<Phone>("\"4155238887\"").unwrap_err().to_string();
    assert!(error.contains("E.164") && !error.contains("4155238887"));
    assert_eq!(format!("{phone:?} {:?}", Address::Phone(phone)), "+14…86 Phone(+14…86)");
}

#[test]
fn every_region_has_a_zone_that_exists() {
    assert!(Region::all().is_sorted());
    for plan in DATABASE.iter().filter(|plan| plan.id() != "001") {
        let region = Region::parse(plan.id()).unwrap_or_else(|_| panic!("{} is not in zones.txt", plan.id()));
        assert!(region.id().is_some() && region.calling_code() > 0);
    }
    let known = jiff::tz::db();
    for region in Region::all() {
        assert!(DATABASE.by_id(region.as_str()).is_some(), "{region}");
        assert!(known.get(zone_for_region(region)).is_ok(), "{}", zone_for_region(region));
    }
    assert_eq!(zone_for_region(region("NP")), "Asia/Kathmandu");
    assert_eq!(Region::parse("np"), Ok(region("NP")));
    for text in ["", "XX", "001", "NEP", "É"] {
        assert_eq!(Region::parse(text), Err(UnknownRegion));
    }
}

#[test]
fn addresses_are_read_strictly() {
    for text in ["+14155238886", "whatsapp:+14155238886", "12345", "Tidings", "A & B-1"] {
        assert_eq!(Address::parse(text).unwrap().to_string(), text);
    }
    for (text, expected) in [
        ("", AddressError::Empty),
        ("null", AddressError::Empty),
        ("whatsapp:", AddressError::BareChannel),
        ("whatsapp:US.", AddressError::WhatsApp),
        ("whatsapp:us.1234", AddressError::WhatsApp),
        ("whatsapp:US.12 34", AddressError::WhatsApp),
        ("whatsapp:14155238886", AddressError::WhatsApp),
        ("+1415523888६", AddressError::Phone),
        ("+", AddressError::Phone),
        (" 14155238886", AddressError::Unknown),
        ("14155238886", AddressError::Unknown),
        ("12", AddressError::Unknown),
        ("TwelveLetters", AddressError::Unknown),
        ("messenger:12", AddressError::Unknown),
    ] {
        assert_eq!(Address::parse(text), Err(expected), "{text}");
    }
}

/// What all patterns of all plans say of a number. If it begins with a prefix and has next to nothing behind that, only
/// its code tells the country.
fn by_all_patterns(phone: Phone) -> (Option<Region>, bool) {
    let known = phone.known();
    let country = known.as_ref().map_or_else(|| phone.country(), region::of_number);
    (country, known.is_some_and(|number| region::is_premium_rate(&number)))
}

#[test]
fn what_a_calling_code_says_alone_is_what_all_patterns_say() {
    let (mut seen, mut premium_rate) = (0, 0);
    for plan in DATABASE.iter() {
        let kinds = plan.descriptors();
        let kinds =
            [kinds.premium_rate(), kinds.toll_free(), kinds.mobile(), kinds.fixed_line(), kinds.voip()];
        for example in kinds.into_iter().flatten().filter_map(phonenumber::metadata::Descriptor::example) {
            // As it is dialled abroad, and with a prefix that is dialled at home.
            for prefix in ["", plan.national_prefix().unwrap_or("0")] {
                let text = format!("+{}{prefix}{example}", plan.country_code());
                let Some(phone) = Phone::from_e164(&text) else { continue };
                assert_eq!((phone.country(), phone.is_premium_rate()), by_all_patterns(phone), "{text}");
                seen += 1;
                premium_rate += usize::from(phone.is_premium_rate());
            }
        }
    }
    assert!(seen > 1000 && premium_rate > 200, "{seen} numbers, {premium_rate} of them at premium rates");
}

proptest! {
    #[test]
    fn of_any_number_a_calling_code_says_what_all_patterns_say(code in 1..1000_u16, rest in "[0-9]{5,11}", beginning in "(|0|1|8|9|90|900|19|199|89|806|976)") {
        if let Some(phone) = Phone::from_e164(&format!("+{code}{beginning}{rest}")) {
            prop_assert_eq!((phone.country(), phone.is_premium_rate()), by_all_patterns(phone));
        }
    }

    #[test]
    fn what_is_displayed_reads_back(digits in 1_000_000..=999_999_999_999_999_i64) {
        let phone = Phone::from_i64(digits).unwrap();
        prop_assert_eq!(Phone::from_e164(&phone.to_string()), Some(phone));
        for address in [Address::Phone(phone), Address::WhatsApp(phone)] {
            prop_assert_eq!(Address::parse(&address.to_string()), Ok(address));
        }
        if let Ok(valid) = Phone::parse(&phone.to_string(), Region::US) {
            prop_assert_eq!(Phone::parse(&valid.to_string(), region("NP")), Ok(valid));
        }
        // Numbers of no known plan must be shown as well.
        let _ = (phone.national(), phone.national_digits(), phone.country());
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,40}", digits in "[+0-9 ()x.-]{0,24}") {
        for code in ["US", "NP", "IT", "AR"] {
            let _ = (Phone::parse(&text, region(code)), Phone::parse(&digits, region(code)));
        }
        let _ = (Address::parse(&text), Address::parse(&digits), Region::parse(&text));
    }
}
