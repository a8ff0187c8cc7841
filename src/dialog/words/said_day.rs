//! The days that somebody names beside a yes: `see you tomorrow` is no yes to a booking on Friday.

use super::hearing::{Ear, Hearing};
use super::tokens::{Break, Kind, Token};
use jiff::civil::{Date, Weekday};

/// Short names of days and months are other words as well.
const SHORT: usize = 3;
/// "Friday 2" may be an hour.
const LAST_HOUR: i8 = 12;
/// Nobody who says "next week" means one that begins later.
const NEXT_WEEK_ENDS: i32 = 14;
const WEEK: i32 = 7;

/// What somebody says of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    /// So many days from today.
    Ahead(i32),
    /// This week, or the next.
    Week { next: bool },
    /// A Saturday or Sunday.
    Weekend,
    /// A month, January being 1.
    Month(i8),
    /// A day of the month.
    Day(i8),
    /// A day of the week, Monday being 0.
    Weekday(i8),
}

/// Whether a text names a day of some kind, and none of that kind that `day` is, when it is `today`.
pub(super) fn is_another_day(hearing: &Hearing, day: Date, today: Date) -> bool {
    let named: Vec<Named> = hearing.ears.iter().flat_map(|ear| named(hearing, ear, today)).collect();
    let kind = std::mem::discriminant::<Named>;
    named.iter().any(|one| {
        let mut same = named.iter().filter(|other| kind(other) == kind(one));
        !same.any(|other| other.fits(day, today))
    })
}

impl Named {
    fn fits(self, day: Date, today: Date) -> bool {
        let ahead = today.until(day).map_or(0, |span| span.get_days());
        let weekday = |day: Date| day.weekday().to_monday_zero_offset();
        let until_monday = WEEK - i32::from(weekday(today));
        match self {
            Self::Ahead(days) => ahead == days,
            Self::Week { next: false } => ahead <= WEEK,
            Self::Week { next: true } => (until_monday.min(WEEK - 1)..NEXT_WEEK_ENDS).contains(&ahead),
            Self::Weekend => matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday),
            Self::Month(month) => month == day.month(),
            Self::Day(number) => number == day.day(),
            Self::Weekday(named) => named == weekday(day),
        }
    }
}

/// All that one language hears of days.
fn named(hearing: &Hearing, ear: &Ear, today: Date) -> Vec<Named> {
    let tokens = &hearing.tokens;
    let next_month = Named::Month(today.month() % 12 + 1);
    let kinds = [
        ("#day0", Some(Named::Ahead(0))),
        ("#day1", Some(Named::Ahead(1))),
        ("#day2", Some(Named::Ahead(2))),
        ("#this_week", Some(Named::Week { next: false })),
        ("#next_week", Some(Named::Week { next: true })),
        ("#weekend", Some(Named::Weekend)),
        ("#next_month", Some(next_month)),
        ("#no_day", None),
    ];
    let mut all = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        all.extend(weekday(ear, tokens, at));
        all.extend(month(ear, tokens, at));
        all.extend(day_of_month(hearing, ear, at));
        let said = kinds.iter().filter_map(|(class, named)| Some((ear.length(at, class)?, *named)));
        let Some((length, named)) = said.max_by_key(|(length, _)| *length) else {
            at += 1;
            continue;
        };
        all.extend(named);
        all.extend((at + 1..at + length).filter_map(|at| weekday(ear, tokens, at)));
        at += length;
    }
    all
}

fn is_long(token: &Token) -> bool {
    token.word.chars().count() > SHORT
}

fn weekday(ear: &Ear, tokens: &[Token], at: usize) -> Option<Named> {
    let day = (0..7_i8).find(|day| ear.is(at, &format!("@weekday{day}")))?;
    (is_long(&tokens[at]) || number(tokens, at + 1).is_some()).then_some(Named::Weekday(day))
}

fn month(ear: &Ear, tokens: &[Token], at: usize) -> Option<Named> {
    let month = (1..=12_i8).find(|month| ear.is(at, &format!("#month{month}")))?;
    let beside =
        number(tokens, at + 1).is_some() || at.checked_sub(1).and_then(|at| number(tokens, at)).is_some();
    (is_long(&tokens[at]) || beside).then_some(Named::Month(month))
}

/// "The 25th", "25 de mayo", "le 25", "Friday 25".
fn day_of_month(hearing: &Hearing, ear: &Ear, at: usize) -> Option<Named> {
    let tokens = &hearing.tokens;
    let day = number(tokens, at)?;
    let is_month =
        |at: usize| (1..=12).any(|month| at < tokens.len() && ear.is(at, &format!("#month{month}")));
    let before = |class: &str| at.checked_sub(1).is_some_and(|before| ear.is(before, class));
    let after = |class: &str| {
        tokens.get(at + 1).is_some_and(|next| next.before == Break::None) && ear.is(at + 1, class)
    };
    let marked = after("#day_mark") || tokens[at].kind == Kind::Word;
    let of_month =
        is_month(at + 1 + usize::from(marked || after("#day_of"))) || at.checked_sub(1).is_some_and(is_month);
    let led = before("#day_lead") && hearing.closes(at + 1);
    let of_week = day > LAST_HOUR && before("@weekday");
    (marked || of_month || led || of_week).then_some(Named::Day(day))
}

/// The number that may be a day of a month: the `25` of "25", and of "25th".
fn number(tokens: &[Token], at: usize) -> Option<i8> {
    let word = &tokens.get(at)?.word;
    let digits = word.find(|c: char| !c.is_ascii_digit()).map_or(word.as_str(), |end| &word[..end]);
    digits.parse().ok().filter(|day| (1..=31).contains(day))
}

#[cfg(test)]
mod tests {
    use super::super::says_another_time;

    #[test]
    fn a_yes_names_the_day_of_the_booking_or_none() {
        // A Friday, on the Wednesday before it.
        let (at, today) = ("2026-11-20T14:00".parse().unwrap(), "2026-11-18".parse().unwrap());
        for text in "see you tomorrow|yes next week|yes in december|yes 21st|I'll be there tonight|see you on the 25th|the 3rd works|\
            yes, November 27|next friday|saturday|see you this weekend|sí, mañana|la próxima semana|el 25|25 de noviembre|\
            sí, hoy|en diciembre|oui à demain|la semaine prochaine|le 25|aujourd'hui|en décembre|vendredi prochain|bholi aauchu|\
            arko hapta|भोलि आउँछु|अर्को हप्ता|aaja aauchu|25 tarikh|next month|yes dec 20|tomorrow on friday"
            .split('|')
        {
            assert!(says_another_time(text, at, today), "{text}");
        }
        for text in "yes|see you friday|the 20th|November 20|yes nov 20|this week|friday the 20th at 2|yes may|pasado mañana|\
            sí, por la mañana|en la mañana|el 20|el viernes 20 de noviembre|après-demain|le 20|vendredi 20|parsi aauchu|\
            पर्सि आउँछु|20 tarikh|in november|I'll be there in 3 days|my son is 4|we are 3|day after tomorrow"
            .split('|')
        {
            assert!(!says_another_time(text, at, today), "{text}");
        }
        let monday = "2026-11-23T14:00".parse().unwrap();
        for text in
            "yes, next week|sí, la próxima semana|oui, la semaine prochaine|arko hapta aauchu".split('|')
        {
            assert!(!says_another_time(text, monday, today), "{text}");
        }
    }
}
