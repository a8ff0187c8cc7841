//! "tomorrow at 2:00 PM": when a booking is, as people say it where they live.

mod words;

use jiff::Timestamp;
use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;

/// The languages in which times are worded; each has templates of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// The one that every other falls back to.
    English,
    /// Spanish.
    Spanish,
    /// French.
    French,
    /// Nepali.
    Nepali,
}

impl Language {
    /// The language of the templates for `locale`, so that the time agrees with the words around it.
    #[must_use]
    pub fn of(locale: &str) -> Self {
        match locale {
            "es" => Self::Spanish,
            "fr" => Self::French,
            "ne" => Self::Nepali,
            _ => Self::English,
        }
    }
}

/// A time of day as people write it: "2:00 PM", "14h00".
#[must_use]
pub fn clock(language: Language, time: Time) -> String {
    words::clock(language, time)
}

/// A time to be worded, and for whom.
#[derive(Clone, Copy, Debug)]
pub struct When<'a> {
    /// The time.
    pub at: Timestamp,
    /// The zone whose clocks count: where the booking takes place.
    pub zone: &'a TimeZone,
    /// The zone of the person who reads it.
    pub home: &'a TimeZone,
    /// The language they read.
    pub language: Language,
}

/// Where a day is, seen from today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Day {
    Today,
    Tomorrow,
    /// Close enough to be known by its weekday and date.
    Named,
    /// So far away that the year must be said.
    Distant,
}

/// Days after which, and before which, a date without its year could be another year's.
const YEAR_GOES_WITHOUT_SAYING: i32 = 300;

impl When<'_> {
    /// The words at `now`, such as "tomorrow at 2:00 PM". The zone is named only where the person's
    /// clocks show another time.
    #[must_use]
    pub fn words(&self, now: Timestamp) -> String {
        let local = self.zone.to_datetime(self.at);
        let elsewhere = local != self.home.to_datetime(self.at);
        let zone = elsewhere.then(|| self.place());
        words::say(self.language, self.day(local, now, elsewhere), local, zone.as_deref())
    }

    fn day(&self, local: DateTime, now: Timestamp, elsewhere: bool) -> Day {
        let today = self.zone.to_datetime(now).date();
        let days = (local.date() - today).get_days();
        // Where today is another date at home, "today" could be misread.
        let relative = !elsewhere || today == self.home.to_datetime(now).date();
        match days {
            0 if relative => Day::Today,
            1 if relative => Day::Tomorrow,
            days if days.abs() < YEAR_GOES_WITHOUT_SAYING => Day::Named,
            _ => Day::Distant,
        }
    }

    /// The zone by its city, as the zone database names it: "New York".
    fn place(&self) -> String {
        let name = self.zone.iana_name().unwrap_or("UTC");
        let city = name.rsplit('/').next().unwrap_or(name);
        city.replace('_', " ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    fn say(language: Language, at: &str, now: &str, place: &str, home: &str) -> String {
        let (zone, home) = (zone(place), zone(home));
        let when = When { at: at.parse().unwrap(), zone: &zone, home: &home, language };
        when.words(now.parse().unwrap())
    }

    #[test]
    fn as_people_say_it() {
        use Language::{English, French, Nepali, Spanish};
        let (new_york, kathmandu) = ("America/New_York", "Asia/Kathmandu");
        // 14:00 in New York, seen from two days before, the eve and the day itself.
        let at = "2026-11-24T19:00:00Z";
        let (before, eve, day) = ("2026-11-22T12:00:00Z", "2026-11-23T19:00:00Z", "2026-11-24T12:00:00Z");
        for (language, now, words) in [
            (English, day, "today at 2:00 PM"),
            (English, eve, "tomorrow at 2:00 PM"),
            (English, before, "on Tuesday, November 24 at 2:00 PM"),
            (English, "2025-11-22T12:00:00Z", "on Tuesday, November 24, 2026 at 2:00 PM"),
            (Spanish, day, "hoy a las 14:00"),
            (Spanish, eve, "mañana a las 14:00"),
            (Spanish, before, "el martes 24 de noviembre a las 14:00"),
            (French, day, "aujourd'hui à 14h00"),
            (French, eve, "demain à 14h00"),
            (French, before, "le mardi 24 novembre à 14h00"),
            (Nepali, day, "आज दिउँसो २:०० बजे"),
            (Nepali, eve, "भोलि दिउँसो २:०० बजे"),
            (Nepali, before, "मङ्गलबार, नोभेम्बर २४, दिउँसो २:०० बजे"),
        ] {
            assert_eq!(say(language, at, now, new_york, new_york), words);
        }
        assert_eq!(say(English, "2026-11-24T17:00:00Z", day, new_york, new_york), "today at 12:00 PM");
        assert_eq!(say(English, "2026-11-25T05:05:00Z", day, new_york, new_york), "tomorrow at 12:05 AM");
        assert_eq!(say(Spanish, "2026-11-24T18:30:00Z", day, new_york, new_york), "hoy a las 13:30");
        assert_eq!(say(Spanish, "2026-11-25T06:30:00Z", day, new_york, new_york), "mañana a la 1:30");
        assert_eq!(
            say(French, "2026-12-01T14:05:00Z", day, new_york, new_york),
            "le mardi 1er décembre à 9h05"
        );
        assert_eq!(
            say(Nepali, "2026-11-24T02:00:00Z", "2026-11-23T20:00:00Z", kathmandu, kathmandu),
            "आज बिहान ७:४५ बजे"
        );
    }

    #[test]
    fn the_zone_is_named_only_where_clocks_differ() {
        let at = "2026-11-24T19:00:00Z";
        let now = "2026-11-23T19:30:00Z";
        let english = |place, home, now| say(Language::English, at, now, place, home);
        assert_eq!(english("America/New_York", "America/Toronto", now), "tomorrow at 2:00 PM");
        assert_eq!(
            english("America/New_York", "America/Phoenix", now),
            "tomorrow at 2:00 PM (New York time)"
        );
        // In Kathmandu it is Tuesday already: "tomorrow" would be another day there.
        assert_eq!(
            english("America/New_York", "Asia/Kathmandu", now),
            "on Tuesday, November 24 at 2:00 PM (New York time)"
        );
        let other = |language| say(language, at, now, "America/New_York", "America/Phoenix");
        assert_eq!(other(Language::Spanish), "mañana a las 14:00 (hora de New York)");
        assert_eq!(other(Language::French), "demain à 14h00 (heure de New York)");
        assert_eq!(other(Language::Nepali), "भोलि दिउँसो २:०० बजे (New York समय)");
    }

    proptest! {
        #[test]
        fn every_moment_has_words_in_every_zone(at in 1_760_000_000_i64..1_830_000_000, ahead in 0_i64..40_000_000) {
            let now = Timestamp::from_second(at - ahead).unwrap();
            for name in ["America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"] {
                let (zone, home) = (zone(name), zone("America/Phoenix"));
                for language in [Language::English, Language::Spanish, Language::French, Language::Nepali] {
                    let at = Timestamp::from_second(at).unwrap();
                    let words = When { at, zone: &zone, home: &zone, language }.words(now);
                    prop_assert!(!words.contains('(') && words.trim() == words && words.chars().count() < 60, "{}", words);
                    let minutes = format!("{:02}", zone.to_datetime(at).minute());
                    if language != Language::Nepali {
                        prop_assert!(words.contains(&minutes), "{} lacks {}", words, minutes);
                    }
                    let elsewhere = When { at, zone: &zone, home: &home, language }.words(now);
                    let differs = zone.to_datetime(at) != home.to_datetime(at);
                    prop_assert_eq!(elsewhere.contains('('), differs);
                }
            }
        }
    }
}
