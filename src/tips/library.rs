//! Which tip comes next: the one of the date, else the next of the course, in the person's language.

use super::Place;
use jiff::civil::Date;
use std::collections::{BTreeMap, HashMap};

/// One tip of the library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tip {
    /// Its id.
    pub id: i64,
    /// Its language.
    pub locale: String,
    /// Its place.
    pub place: Place,
    /// Its words.
    pub body: String,
}

/// What somebody gets today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Picked<'a> {
    /// The tip's id.
    pub id: i64,
    /// Its words.
    pub body: &'a str,
    /// How far in the course its reader is with it.
    pub position: i64,
}

/// The id and the words of a tip.
type Text = (i64, String);

/// The tips in use, by language.
#[derive(Debug, Default)]
pub struct Library {
    courses: HashMap<String, BTreeMap<i64, Text>>,
    calendars: HashMap<String, HashMap<Date, Text>>,
    /// Where a language lacks a tip, these are looked at, in this order.
    fallbacks: Vec<String>,
}

impl Library {
    /// A library of `tips`; `fallbacks` are the languages that stand in for others.
    pub fn new(tips: impl IntoIterator<Item = Tip>, fallbacks: &[&str]) -> Self {
        let fallbacks = fallbacks.iter().map(|locale| key(locale)).collect();
        let mut library = Self { fallbacks, ..Self::default() };
        for tip in tips {
            let (locale, text) = (key(&tip.locale), (tip.id, tip.body));
            match tip.place {
                Place::Position(position) => {
                    library.courses.entry(locale).or_default().insert(position, text);
                }
                Place::Date(date) => {
                    library.calendars.entry(locale).or_default().insert(date, text);
                }
            }
        }
        library
    }

    /// The tip for `date` in `locale`, to somebody who is at `position` of the course; none at the
    /// course's end. A date's own tip comes before the course, which waits that day. Languages share
    /// their positions, so nobody gets a tip again in another language.
    #[must_use]
    pub fn pick(&self, locale: &str, date: Date, position: i64) -> Option<Picked<'_>> {
        let locale = key(locale);
        let language = locale.split('-').next().unwrap_or_default();
        let chain = || {
            let own = [locale.as_str(), language].into_iter();
            own.chain(self.fallbacks.iter().map(String::as_str))
        };
        let of_date = chain().find_map(|locale| self.calendars.get(locale)?.get(&date));
        if let Some((id, body)) = of_date {
            return Some(Picked { id: *id, body, position });
        }
        let after = position.saturating_add(1);
        let next = |locale: &str| self.courses.get(locale)?.range(after..).next();
        // Of equal positions the first is taken, and that is the language the person understands best.
        let (position, (id, body)) = chain().filter_map(next).min_by_key(|(position, _)| **position)?;
        Some(Picked { id: *id, body, position: *position })
    }
}

/// Locales are compared without regard to case.
fn key(locale: &str) -> String {
    locale.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;
    use std::collections::HashSet;

    fn tip(id: i64, locale: &str, place: Place) -> Tip {
        Tip { id, locale: locale.to_owned(), place, body: format!("tip {id}") }
    }

    fn library() -> Library {
        let course = [
            tip(1, "en", Place::Position(1)),
            tip(2, "en", Place::Position(2)),
            tip(3, "en", Place::Position(5)),
            tip(12, "ne", Place::Position(2)),
            tip(20, "en", Place::Date(date(2026, 12, 25))),
            tip(21, "fr", Place::Date(date(2026, 12, 25))),
        ];
        Library::new(course, &["en"])
    }

    #[test]
    fn the_course_goes_on_in_ones_own_language_where_it_can() {
        let library = library();
        let today = date(2026, 11, 21);
        let ids = |locale| {
            let (mut position, mut ids) = (0, Vec::new());
            while let Some(picked) = library.pick(locale, today, position) {
                position = picked.position;
                ids.push(picked.id);
            }
            ids
        };
        assert_eq!(ids("en-US"), [1, 2, 3]);
        assert_eq!(ids("NE-np"), [1, 12, 3]);
        assert_eq!(ids("xx"), [1, 2, 3]);
    }

    #[test]
    fn a_date_has_its_own_tip_and_the_course_waits() {
        let library = library();
        let christmas = date(2026, 12, 25);
        assert_eq!(library.pick("fr", christmas, 1).map(|tip| (tip.id, tip.position)), Some((21, 1)));
        assert_eq!(library.pick("ne", christmas, 9).map(|tip| (tip.id, tip.position)), Some((20, 9)));
        assert_eq!(library.pick("fr", date(2026, 12, 26), 9), None);
        assert_eq!(Library::default().pick("en", christmas, 0), None);
    }

    proptest! {
        /// Whatever the library and however often somebody changes language: no tip twice.
        #[test]
        fn never_the_same_twice(
            places in proptest::collection::vec((0..3_usize, prop_oneof![
                (1_i64..30).prop_map(Place::Position),
                (1_i8..29).prop_map(|day| Place::Date(date(2026, 11, day))),
            ]), 0..60),
            languages in proptest::collection::vec(0..3_usize, 28),
        ) {
            let locales = ["en", "ne", "es"];
            let tips = places.iter().enumerate().map(|(id, (locale, place))| {
                tip(i64::try_from(id).unwrap(), locales[*locale], *place)
            });
            let library = Library::new(tips, &["en"]);
            let (mut position, mut had) = (0, HashSet::new());
            for (day, language) in (1_i8..29).zip(languages) {
                if let Some(picked) = library.pick(locales[language], date(2026, 11, day), position) {
                    prop_assert!(had.insert(picked.id));
                    prop_assert!(picked.position >= position);
                    position = picked.position;
                }
            }
        }
    }
}
