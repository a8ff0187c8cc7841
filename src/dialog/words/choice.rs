//! Which of several things somebody means: `2`, `the second one`, `Tuesday`, `the other`, `both`.

use super::hearing::Hearing;
use super::lexicon::Lexicon;
use super::tokens::{Kind, tokens};
use jiff::civil::DateTime;

/// Something that can be chosen.
#[derive(Clone, Copy, Debug)]
pub struct Choice<'a> {
    /// When it is, where the person is.
    pub at: DateTime,
    /// What it is called.
    pub title: &'a str,
}

/// Titles are told apart by words at least this long.
const TITLE_WORD: usize = 4;

/// Which of `options`, as they were numbered to the person from 1 on, `text` means; none where that is
/// not clear. Of two, `the other` is the second: the first was spoken of first.
#[must_use]
pub fn choice(text: &str, options: &[Choice]) -> Vec<usize> {
    let hearing = Hearing::new(text);
    let said = Said { hearing: &hearing, options };
    if means_all(&hearing, options.len()) {
        return (0..options.len()).collect();
    }
    said.several().unwrap_or_else(|| said.one().into_iter().collect())
}

/// Whether `text` speaks of all `count` things: `both`, `yes all of them`.
#[must_use]
pub fn chooses_all(text: &str, count: usize) -> bool {
    means_all(&Hearing::new(text), count)
}

/// A word such as "all" says so only alone or beside a yes: "all good" does not.
fn means_all(hearing: &Hearing, many: usize) -> bool {
    let count = hearing.tokens.len();
    let is = |at: usize, class: &str| hearing.ears.iter().any(|ear| ear.is(at, class));
    let classes: &[&str] = if many == 2 { &["@both", "@them_all"] } else { &["@them_all"] };
    let longest = |at: usize| {
        let lengths =
            hearing.ears.iter().flat_map(|ear| classes.iter().map(move |class| ear.length(at, class)));
        lengths.flatten().max()
    };
    let found = (0..count).find_map(|at| longest(at).map(|length| at..at + length));
    found.is_some_and(|all| {
        let light = |at: usize| hearing.fillers[at] || is(at, "@yes");
        let alone = (0..count).all(|at| all.contains(&at) || light(at));
        let doubtful = (0..count).any(|at| is(at, "@not") || is(at, "@no") || hearing.tokens[at].asked);
        !doubtful && !hearing.denies() && (all.len() > 1 || alone)
    })
}

struct Said<'a, 't> {
    hearing: &'a Hearing<'t>,
    options: &'a [Choice<'a>],
}

impl Said<'_, '_> {
    /// Nothing but numbers of the list, as in `1 and 2`.
    fn several(&self) -> Option<Vec<usize>> {
        let numbers = self.numbers();
        let offered = |number: &usize| (1..=self.options.len()).contains(number);
        let only = self.hearing.tokens.iter().enumerate().all(|(at, token)| {
            !token.asked
                && (token.kind == Kind::Number || self.hearing.is_light(at) || self.number_word(at).is_some())
        });
        let mut chosen: Vec<usize> = numbers.iter().map(|number| number - 1).collect();
        chosen.dedup();
        (only && numbers.len() > 1 && numbers.iter().all(offered)).then_some(chosen)
    }

    fn one(&self) -> Option<usize> {
        let ways = [
            Said::ordinal,
            Said::weekday,
            Said::title,
            Said::last,
            Said::number,
            Said::time,
            Said::day,
            Said::other,
        ];
        ways.iter().find_map(|way| way(self))
    }

    /// Whether a phrase of the class is in the text, and is not what is not meant.
    fn has(&self, class: &str) -> bool {
        let negated = |at: usize| {
            at.checked_sub(1).is_some_and(|before| {
                matches!(self.hearing.tokens[before].word.as_str(), "not" | "no" | "pas")
            })
        };
        let mut ears = self.hearing.ears.iter();
        ears.any(|ear| (0..self.hearing.tokens.len()).any(|at| ear.is(at, class) && !negated(at)))
    }

    /// The only option that `fits`.
    fn only(&self, fits: impl Fn(&Choice) -> bool) -> Option<usize> {
        let mut fitting = (0..self.options.len()).filter(|at| fits(&self.options[*at]));
        fitting.next().filter(|_| fitting.next().is_none())
    }

    fn ordinal(&self) -> Option<usize> {
        let mut named = (0..self.options.len()).filter(|at| self.has(&format!("@ordinal{at}")));
        named.next().filter(|_| named.next().is_none())
    }

    fn weekday(&self) -> Option<usize> {
        let named =
            |option: &Choice| self.has(&format!("@weekday{}", option.at.weekday().to_monday_zero_offset()));
        self.only(named)
    }

    fn title(&self) -> Option<usize> {
        let said = |word: &str| self.hearing.tokens.iter().any(|token| token.word == word);
        self.only(|option| {
            let words = tokens(option.title, &|_| true);
            words.iter().any(|token| token.word.chars().count() >= TITLE_WORD && said(&token.word))
        })
    }

    /// The plain numbers in the text, as digits or as words.
    fn numbers(&self) -> Vec<usize> {
        let tokens = self.hearing.tokens.iter().enumerate();
        let number = |(at, token): (usize, &super::tokens::Token)| match token.kind {
            Kind::Number => token.word.parse().ok(),
            _ => self.number_word(at),
        };
        tokens.filter_map(number).collect()
    }

    fn number_word(&self, at: usize) -> Option<usize> {
        let mut ears = self.hearing.ears.iter();
        ears.find_map(|ear| ear.language.number(&ear.readings[at])).map(usize::from)
    }

    fn number(&self) -> Option<usize> {
        let [number] = self.numbers()[..] else { return None };
        let meant = self.options.len() >= number && self.hearing.tokens.len() <= 6;
        number.checked_sub(1).filter(|_| meant)
    }

    fn time(&self) -> Option<usize> {
        self.only(|option| {
            let minutes = i16::from(option.at.hour()) * 60 + i16::from(option.at.minute());
            self.hearing.ears.iter().any(|ear| {
                let number = |at: usize| Lexicon::number(ear.language, &ear.readings[at]);
                let clock = &ear.language.clock;
                let read = |at| clock.read(self.hearing.times(ear), &number, at);
                (0..self.hearing.tokens.len()).any(|at| read(at).is_some_and(|(time, _)| time == minutes))
            })
        })
    }

    /// The day of the month.
    fn day(&self) -> Option<usize> {
        let numbers = self.numbers();
        self.only(|option| usize::try_from(option.at.day()).is_ok_and(|day| numbers.contains(&day)))
    }

    fn last(&self) -> Option<usize> {
        self.options.len().checked_sub(1).filter(|_| self.has("@the_last"))
    }

    fn other(&self) -> Option<usize> {
        (self.options.len() == 2 && self.has("@the_other")).then_some(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_name_one_of_several_in_many_ways() {
        // A Tuesday and a Thursday.
        let options = [
            Choice { at: "2026-11-24T09:00".parse().unwrap(), title: "Dental cleaning" },
            Choice { at: "2026-11-26T14:30".parse().unwrap(), title: "Eye test" },
        ];
        for (text, expected) in [
            ("2", Some(1)),
            ("1.", Some(0)),
            ("number two please", Some(1)),
            ("the second one", Some(1)),
            ("the first", Some(0)),
            ("Tuesday", Some(0)),
            ("not tuesday, thursday", Some(1)),
            ("the one at 2:30", Some(1)),
            ("the 24th", Some(0)),
            ("cleaning", Some(0)),
            ("no not that, the other", Some(1)),
            ("the last one", Some(1)),
            ("la segunda", Some(1)),
            ("el jueves", Some(1)),
            ("la deuxième", Some(1)),
            ("mardi", Some(0)),
            ("dosro", Some(1)),
            ("मंगलबार", Some(0)),
            ("अर्को", Some(1)),
            ("3", None),
            ("whatever", None),
            ("", None),
        ] {
            assert_eq!(choice(text, &options), Vec::from_iter(expected), "{text}");
        }
    }

    #[test]
    fn people_name_all_of_them() {
        let option = |at: &str| Choice { at: at.parse().unwrap(), title: "Visit" };
        let options = ["2026-11-24T09:00", "2026-11-26T14:30", "2026-11-27T10:00"].map(option);
        for (text, expected) in [
            ("both", &[0, 1][..]),
            ("yes both please", &[0, 1]),
            ("Both are fine", &[0, 1]),
            ("1 and 2", &[0, 1]),
            ("1, 2", &[0, 1]),
            ("one & two", &[0, 1]),
            ("ambas", &[0, 1]),
            ("les deux svp", &[0, 1]),
            ("दुवै", &[0, 1]),
            ("all good", &[]),
            ("not both", &[]),
            ("both?", &[]),
            ("1 or 2?", &[]),
            ("1 and 3", &[]),
        ] {
            assert_eq!(choice(text, &options[..2]), expected, "{text}");
        }
        assert_eq!(choice("all of them", &options), [0, 1, 2]);
        assert_eq!(choice("1 and 3", &options), [0, 2]);
    }
}
