//! Which of several things somebody means: `2`, `the second one`, `Tuesday`, `the other`, `both`.

mod apart;
mod except;
mod several;

pub use apart::{answer_named, answers_apart, choice_instead};
pub use except::chooses_none;

use super::hearing::Hearing;
use super::lexicon::Lexicon;
use super::tokens::{Break, Kind, Token, tokens};
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
/// not clear, or where it says more than that. Of two, `the other` is the second: the first was spoken of
/// first. `agrees` says whether a yes may stand beside it.
#[must_use]
pub fn choice(text: &str, options: &[Choice], agrees: bool) -> Vec<usize> {
    let hearing = Hearing::new(text);
    let whole = Said { hearing: &hearing, options, agrees };
    if let Some(left) = whole.left() {
        return left;
    }
    let from = whole.last_part();
    // "Not Tuesday, Thursday"
    let hearing = if from == 0 { hearing } else { Hearing::new(&text[from..]) };
    let said = Said { hearing: &hearing, options, agrees };
    if !said.is_plain() {
        return Vec::new();
    }
    if said.means_all(options.len()) {
        return (0..options.len()).collect();
    }
    said.several().unwrap_or_else(|| said.one().into_iter().collect())
}

/// Whether `text` speaks of all `count` things beside a yes: `both`, `yes all of them`.
#[must_use]
pub fn chooses_all(text: &str, count: usize) -> bool {
    let said = Said { hearing: &Hearing::new(text), options: &[], agrees: true };
    said.is_plain() && said.means_all(count)
}

/// More than are ever offered.
const MOST_ORDINALS: usize = 4;

/// Words that choose, each with all phrases of it.
const CHOOSING: [&str; 7] =
    ["@pick", "@weekday", "@daypart", "@the_last", "@the_other", "@both", "@them_all"];

/// The words of an option's title.
fn words(option: &Choice) -> Vec<Token> {
    tokens(option.title, &|_| true)
}

struct Said<'a, 't> {
    hearing: &'a Hearing<'t>,
    options: &'a [Choice<'a>],
    agrees: bool,
}

impl Said<'_, '_> {
    fn is(&self, at: usize, class: &str) -> bool {
        at < self.hearing.tokens.len() && self.hearing.ears.iter().any(|ear| ear.is(at, class))
    }

    fn length(&self, at: usize, class: &str) -> Option<usize> {
        self.hearing.ears.iter().filter_map(|ear| ear.length(at, class)).max()
    }

    /// Whether something is refused at token `at`.
    fn refuses(&self, at: usize) -> bool {
        ["@not", "@no", "@deny"].iter().any(|class| self.is(at, class))
    }

    /// Where the part begins that corrects what was refused before it, or 0.
    fn last_part(&self) -> usize {
        let tokens = &self.hearing.tokens;
        let begins = |at: &usize| tokens[*at].before != Break::None || self.is(*at, "#reservation");
        let last = (1..tokens.len()).rev().find(begins).unwrap_or(0);
        let refused = (0..last).any(|at| self.refuses(at));
        let begin = last + usize::from(self.is(last, "#reservation"));
        tokens.get(begin).filter(|_| refused).map_or(0, |token| token.start)
    }

    /// Whether all of it is about which one, and nothing is asked or refused: "1 is wrong" is not.
    fn is_plain(&self) -> bool {
        let tokens = &self.hearing.tokens;
        let mut covered: Vec<bool> =
            (0..tokens.len()).map(|at| self.hearing.is_light(at) && !self.is(at, "#reservation")).collect();
        let agreeing: &[&str] = if self.agrees { &["@yes", "@ok"] } else { &[] };
        let titles: Vec<Token> = self.options.iter().flat_map(words).collect();
        let ordinals: Vec<String> = (0..MOST_ORDINALS).map(|index| format!("@ordinal{index}")).collect();
        for at in 0..tokens.len() {
            let ordinal = ordinals.iter().filter_map(|class| self.length(at, class)).max();
            let class = CHOOSING.iter().chain(agreeing).filter_map(|class| self.length(at, class)).max();
            let number = tokens[at].kind == Kind::Number || self.number_word(at).is_some();
            let in_title = titles.iter().any(|token| token.word == tokens[at].word);
            let one = (number || in_title).then_some(1);
            let length =
                [ordinal, class, self.time_at(at).map(|(_, length)| length), one].into_iter().flatten();
            covered[at..at + length.max().unwrap_or(0)].fill(true);
        }
        if let Some((range, _)) = self.range() {
            covered[range].fill(true);
        }
        let refused = (0..tokens.len()).any(|at| tokens[at].asked || self.refuses(at));
        !refused && covered.iter().all(|covered| *covered)
    }

    /// The time that begins at a token, in minutes, and how many tokens it has.
    fn time_at(&self, at: usize) -> Option<(i16, usize)> {
        self.hearing.ears.iter().find_map(|ear| {
            let number = |at: usize| Lexicon::number(ear.language, &ear.readings[at]);
            ear.language.clock.read(self.hearing.times(ear), &number, at)
        })
    }

    /// Whether all `count` are meant. A word such as "all" says so only alone or beside a yes: "all good"
    /// does not.
    fn means_all(&self, count: usize) -> bool {
        let classes: &[&str] = if count == 2 { &["@both", "@them_all"] } else { &["@them_all"] };
        let tokens = self.hearing.tokens.len();
        let found = (0..tokens).find_map(|at| {
            classes.iter().filter_map(|class| self.length(at, class)).max().map(|n| at..at + n)
        });
        found.is_some_and(|all| {
            let counts = |at: usize| self.numbers()[..] == [(at, count)];
            let light = |at: usize| self.hearing.fillers[at] || self.is(at, "@yes") || counts(at);
            all.len() > 1 || (0..tokens).all(|at| all.contains(&at) || light(at))
        })
    }

    fn one(&self) -> Option<usize> {
        // "2 pm" is no number of the list.
        if (0..self.hearing.tokens.len()).any(|at| self.time_at(at).is_some_and(|(_, length)| length > 1)) {
            return self.time();
        }
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

    /// The only option that `fits`.
    fn only(&self, fits: impl Fn(&Choice) -> bool) -> Option<usize> {
        let mut fitting = (0..self.options.len()).filter(|at| fits(&self.options[*at]));
        fitting.next().filter(|_| fitting.next().is_none())
    }

    fn ordinal(&self) -> Option<usize> {
        let mut named = (0..self.options.len()).filter(|at| self.hearing.says(&format!("@ordinal{at}")));
        named.next().filter(|_| named.next().is_none())
    }

    fn weekday(&self) -> Option<usize> {
        let named = |option: &Choice| {
            self.hearing.says(&format!("@weekday{}", option.at.weekday().to_monday_zero_offset()))
        };
        self.only(named)
    }

    fn title(&self) -> Option<usize> {
        let said = |word: &str| self.hearing.tokens.iter().any(|token| token.word == word);
        self.only(|option| {
            words(option).iter().any(|token| token.word.chars().count() >= TITLE_WORD && said(&token.word))
        })
    }

    /// The plain numbers in the text, as digits or as words, with the tokens that they are.
    fn numbers(&self) -> Vec<(usize, usize)> {
        let tokens = self.hearing.tokens.iter().enumerate();
        let number = |(at, token): (usize, &Token)| match token.kind {
            Kind::Number => Some((at, token.word.parse().ok()?)),
            _ => Some((at, self.number_word(at)?)),
        };
        tokens.filter_map(number).collect()
    }

    fn number_word(&self, at: usize) -> Option<usize> {
        let mut ears = self.hearing.ears.iter();
        ears.find_map(|ear| ear.language.number(&ear.readings[at])).map(usize::from)
    }

    fn number(&self) -> Option<usize> {
        let [(_, number)] = self.numbers()[..] else { return None };
        number.checked_sub(1).filter(|index| *index < self.options.len())
    }

    fn time(&self) -> Option<usize> {
        self.only(|option| {
            let minutes = i16::from(option.at.hour()) * 60 + i16::from(option.at.minute());
            (0..self.hearing.tokens.len()).any(|at| self.time_at(at).is_some_and(|(time, _)| time == minutes))
        })
    }

    /// The day of the month.
    fn day(&self) -> Option<usize> {
        let numbers = self.numbers();
        let said = |day: usize| numbers.iter().any(|(_, number)| *number == day);
        self.only(|option| usize::try_from(option.at.day()).is_ok_and(said))
    }

    fn last(&self) -> Option<usize> {
        self.options.len().checked_sub(1).filter(|_| self.hearing.says("@the_last"))
    }

    fn other(&self) -> Option<usize> {
        (self.options.len() == 2 && self.hearing.says("@the_other")).then_some(1)
    }
}

#[cfg(test)]
mod tests;
