//! The words for days and times, one language after the other.

use super::{Day, Language};
use jiff::civil::{DateTime, Time};

const ENGLISH_DAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const ENGLISH_MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const SPANISH_DAYS: [&str; 7] = ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"];
const SPANISH_MONTHS: [&str; 12] = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];
const FRENCH_DAYS: [&str; 7] = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];
const FRENCH_MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];
const NEPALI_DAYS: [&str; 7] = ["सोमबार", "मङ्गलबार", "बुधबार", "बिहीबार", "शुक्रबार", "शनिबार", "आइतबार"];
const NEPALI_MONTHS: [&str; 12] =
    ["जनवरी", "फेब्रुअरी", "मार्च", "अप्रिल", "मे", "जुन", "जुलाई", "अगस्ट", "सेप्टेम्बर", "अक्टोबर", "नोभेम्बर", "डिसेम्बर"];

/// When `local` is, on a day known as `day`, with the place whose clocks are meant if it must be said.
pub(super) fn say(language: Language, day: Day, local: DateTime, place: Option<&str>) -> String {
    let place = place.map(|place| match language {
        Language::English => format!(" ({place} time)"),
        Language::Spanish => format!(" (hora de {place})"),
        Language::French => format!(" (heure de {place})"),
        Language::Nepali => format!(" ({place} समय)"),
    });
    let when = match language {
        Language::English => english(day, local),
        Language::Spanish => spanish(day, local),
        Language::French => french(day, local),
        Language::Nepali => nepali(day, local),
    };
    when + &place.unwrap_or_default()
}

/// A time of day: "2:00 PM", "14:00", "14h00", "दिउँसो २:०० बजे".
pub(super) fn clock(language: Language, time: Time) -> String {
    let (hour, minute) = (time.hour(), time.minute());
    match language {
        Language::English => {
            format!("{}:{minute:02} {}", twelve(time), if hour < 12 { "AM" } else { "PM" })
        }
        Language::Spanish => format!("{hour}:{minute:02}"),
        Language::French => format!("{hour}h{minute:02}"),
        Language::Nepali => {
            let part = match hour {
                4..=11 => "बिहान",
                12..=16 => "दिउँसो",
                17..=19 => "साँझ",
                _ => "राति",
            };
            devanagari(&format!("{part} {}:{minute:02} बजे", twelve(time)))
        }
    }
}

fn english(day: Day, local: DateTime) -> String {
    let (weekday, month) = names(local, &ENGLISH_DAYS, &ENGLISH_MONTHS);
    let date = match day {
        Day::Today => "today".to_owned(),
        Day::Tomorrow => "tomorrow".to_owned(),
        Day::Named => format!("on {weekday}, {month} {}", local.day()),
        Day::Distant => format!("on {weekday}, {month} {}, {}", local.day(), local.year()),
    };
    format!("{date} at {}", clock(Language::English, local.time()))
}

fn spanish(day: Day, local: DateTime) -> String {
    let (weekday, month) = names(local, &SPANISH_DAYS, &SPANISH_MONTHS);
    let date = match day {
        Day::Today => "hoy".to_owned(),
        Day::Tomorrow => "mañana".to_owned(),
        Day::Named => format!("el {weekday} {} de {month}", local.day()),
        Day::Distant => format!("el {weekday} {} de {month} de {}", local.day(), local.year()),
    };
    let article = if local.hour() == 1 { "la" } else { "las" };
    format!("{date} a {article} {}", clock(Language::Spanish, local.time()))
}

fn french(day: Day, local: DateTime) -> String {
    let (weekday, month) = names(local, &FRENCH_DAYS, &FRENCH_MONTHS);
    let number = if local.day() == 1 { "1er".to_owned() } else { local.day().to_string() };
    let date = match day {
        Day::Today => "aujourd'hui".to_owned(),
        Day::Tomorrow => "demain".to_owned(),
        Day::Named => format!("le {weekday} {number} {month}"),
        Day::Distant => format!("le {weekday} {number} {month} {}", local.year()),
    };
    format!("{date} à {}", clock(Language::French, local.time()))
}

fn nepali(day: Day, local: DateTime) -> String {
    let (weekday, month) = names(local, &NEPALI_DAYS, &NEPALI_MONTHS);
    let date = match day {
        Day::Today => "आज".to_owned(),
        Day::Tomorrow => "भोलि".to_owned(),
        Day::Named => format!("{weekday}, {month} {},", local.day()),
        Day::Distant => format!("{weekday}, {month} {}, {},", local.day(), local.year()),
    };
    format!("{} {}", devanagari(&date), clock(Language::Nepali, local.time()))
}

/// The names of the weekday and the month.
fn names(
    local: DateTime,
    days: &[&'static str; 7],
    months: &[&'static str; 12],
) -> (&'static str, &'static str) {
    let month = usize::try_from(local.month() - 1).unwrap_or_default();
    let day = usize::try_from(local.weekday().to_monday_zero_offset()).unwrap_or_default();
    (days[day % 7], months[month % 12])
}

/// The hour of a clock with twelve.
fn twelve(time: Time) -> i8 {
    match time.hour() % 12 {
        0 => 12,
        hour => hour,
    }
}

/// The same with Devanagari digits.
fn devanagari(text: &str) -> String {
    let digit = |c: char| c.to_digit(10).and_then(|digit| char::from_u32('०' as u32 + digit));
    text.chars().map(|c| digit(c).unwrap_or(c)).collect()
}
