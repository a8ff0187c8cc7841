use super::*;
use crate::dialog::{Consent, Person, State};
use crate::phone::Region;
use crate::table::Separator;
use proptest::prelude::*;

fn columns(line: &str) -> Columns {
    Columns::read(line.split(',').map(str::as_bytes)).unwrap()
}

fn read(line: &str) -> Result<Option<Entry>, Fault> {
    let cells: Vec<&[u8]> = line.split(',').map(str::as_bytes).collect();
    read_cells("phone,name,locale,time_zone,consent", &cells)
}

fn read_cells(first: &str, cells: &[&[u8]]) -> Result<Option<Entry>, Fault> {
    let languages = ["en", "es", "ne"].map(str::to_owned);
    Entry::read(&columns(first), cells, House { default_region: Region::US, languages: &languages })
}

fn fault(line: &str) -> String {
    read(line).unwrap_err().to_string()
}

#[test]
fn the_first_line_names_the_columns() {
    let columns = columns("\u{feff}Mobile, Name ,shoe size");
    assert_eq!((columns.width(), columns.ignored()), (3, &["shoe_size".to_owned()][..]));
    let wrong = |line: &str| Columns::read(line.split(',').map(str::as_bytes)).unwrap_err();
    assert!(wrong("name,consent").contains("phone_number"));
    assert!(wrong("phone,mobile").contains("two columns"));
    assert_eq!(Separator::of(b"phone;name\n1,2,3,4"), Separator::Semicolon);
    assert_eq!(Separator::of(b"phone\tname"), Separator::Tab);
    assert_eq!(Separator::of(b"phone"), Separator::Comma);
}

#[test]
fn a_line_is_read_as_people_write_it() {
    let entry = read("(415) 555-0101,Asha Rai,EN,america/new_york,Yes").unwrap().unwrap();
    assert_eq!(entry.phone.to_string(), "+14155550101");
    assert_eq!(entry.name.unwrap().as_str(), "Asha Rai");
    assert_eq!(entry.locale.as_deref(), Some("en"));
    assert_eq!(entry.time_zone.as_deref(), Some("America/New_York"));
    assert!(entry.consented);
    let bare = read("'+14155550101").unwrap().unwrap();
    assert!(bare.name.is_none() && !bare.consented);
    assert_eq!(read("+14155550101,,es_MX").unwrap().unwrap().locale.as_deref(), Some("es"));
    assert_eq!(read(",, ,").unwrap(), None);
}

#[test]
fn each_fault_names_its_field() {
    for (line, start) in [
        ("12", "phone_number: "),
        (",Asha", "phone_number: is empty"),
        ("1.41555E+10", "phone_number: a spreadsheet"),
        ("+14155550101,http://x.example/1", "name: "),
        ("+19005550101", "phone_number: texts are not sent to premium-rate numbers"),
        ("+14155550101,,english!", "locale: must be one of en, es, ne"),
        ("+14155550101,,de", "locale: must be one of en, es, ne"),
        ("+14155550101,,,Mars/Base", "time_zone: "),
        ("+14155550101,,,,maybe", "consent: must be"),
        ("+14155550101,,,,stop", "consent: opting out"),
        ("+14155550101,Rai, Asha,en,America/New_York,yes", "line: "),
        ("+14155550101,A\nB", "name: has a line break"),
    ] {
        assert!(fault(line).starts_with(start), "{line:?}: {}", fault(line));
    }
    let latin = read_cells("phone,name", &[b"+14155550101", b"Jos\xe9"]);
    assert!(latin.unwrap_err().to_string().starts_with("name: is not UTF-8"));
}

#[test]
fn cells_that_look_like_formulas_are_guarded() {
    for (cell, expected) in
        [("=1+1", "'=1+1"), ("+1", "'+1"), ("-", "'-"), ("@x", "'@x"), ("\tx", "'\tx"), ("a=", "a=")]
    {
        assert_eq!(guarded(cell), expected);
    }
}

fn people() -> impl Strategy<Value = (Person, bool)> {
    let consent = prop_oneof![Just(Consent::Unasked), Just(Consent::Given), Just(Consent::Withdrawn)];
    let state = prop_oneof![Just(State::Stranger), Just(State::Naming { asked_again: 1 })];
    (consent, state, any::<bool>())
        .prop_map(|(consent, state, erased)| (Person { state, consent, ..Person::default() }, erased))
}

fn entries() -> impl Strategy<Value = Entry> {
    let name = prop_oneof![Just(""), Just("Asha"), Just("Bina")];
    let locale = prop_oneof![Just(""), Just("en"), Just("ne")];
    let zone = prop_oneof![Just(""), Just("Asia/Kathmandu"), Just("UTC")];
    let consent = prop_oneof![Just(""), Just("yes")];
    (name, locale, zone, consent).prop_map(|(name, locale, zone, consent)| {
        read(&format!("+14155550101,{name},{locale},{zone},{consent}")).unwrap().unwrap()
    })
}

proptest! {
    #[test]
    fn a_list_never_opts_anybody_in_again_and_says_nothing_new_twice(
        (person, erased) in people(),
        entry in entries(),
        source in prop_oneof![Just("default"), Just("person"), Just("number")],
    ) {
        let known = Known { person: &person, locale: "en", time_zone: "UTC", time_zone_source: source, erased };
        match decide(&entry, &known) {
            Verdict::Change(change) => {
                prop_assert!(!erased && person.consent != Consent::Withdrawn);
                prop_assert_eq!(&change.person.state, &person.state);
                prop_assert_eq!(change.opts_in, person.consent != change.person.consent);
                prop_assert!(!change.opts_in || entry.consented && person.consent == Consent::Unasked);
                prop_assert!(source != "person" || change.time_zone == "UTC");
                let after = Known {
                    person: &change.person,
                    locale: &change.locale,
                    time_zone: &change.time_zone,
                    time_zone_source: change.time_zone_source,
                    erased: false,
                };
                prop_assert_eq!(decide(&entry, &after), Verdict::Nothing(None));
            }
            Verdict::Nothing(reason) => prop_assert_eq!(reason.is_some(), person.consent == Consent::Withdrawn && !erased),
            Verdict::Refuse(_) => prop_assert!(erased || person.consent == Consent::Withdrawn && entry.consented),
        }
    }

    #[test]
    fn no_bytes_break_the_reader(cells in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..20), 0..8)) {
        let cells: Vec<&[u8]> = cells.iter().map(Vec::as_slice).collect();
        let _ = Columns::read(cells.iter().copied());
        let _ = read_cells("phone,name,locale,time_zone,consent", &cells);
    }
}
