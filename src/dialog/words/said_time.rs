//! The times that somebody names beside a yes: `3pm works` is no yes to a booking at 2.

use super::hearing::{Ear, Hearing};
use super::tokens::Kind;
use jiff::civil::Time;

const HALF_A_DAY: i16 = 12 * 60;

/// Whether a text names a time, and none that is `at`.
pub(super) fn is_another_time(hearing: &Hearing, at: Time) -> bool {
    let booked = i16::from(at.hour()) * 60 + i16::from(at.minute());
    let mut times = hearing.ears.iter().flat_map(|ear| times(hearing, ear)).peekable();
    let named = times.peek().is_some();
    let fits =
        |(time, sure): (i16, bool)| time == booked || (!sure && time % HALF_A_DAY == booked % HALF_A_DAY);
    named && !times.any(fits)
}

/// Every time that is said to be one, in minutes, and whether it is said which half of the day.
fn times(hearing: &Hearing, ear: &Ear) -> Vec<(i16, bool)> {
    let number = |at: usize| ear.language.number(&ear.readings[at]);
    let text = hearing.times(ear);
    let (mut times, mut at) = (Vec::new(), 0);
    while at < hearing.tokens.len() {
        let Some((time, length)) = ear.language.clock.read(text, &number, at) else {
            at += 1;
            continue;
        };
        let before = |class: &str| at.checked_sub(1).is_some_and(|before| ear.is(before, class));
        let token = &hearing.tokens[at];
        let written = token.kind == Kind::Number && token.word.contains([':', '.']);
        // "In 2 hours" is no time of day, and "2" alone may be anything.
        if !before("@lasting") && (length > 1 || written || before("@at_time")) {
            let half = |at: usize| ear.is(at, "#morning") || ear.is(at, "#evening");
            times.push((time, (at..at + length).any(half)));
        }
        at += length;
    }
    times
}

#[cfg(test)]
mod tests {
    use super::super::says_another_time;

    #[test]
    fn a_yes_names_the_time_of_the_booking_or_none() {
        // A Sunday.
        let (at, today) = ("2026-11-22T14:00".parse().unwrap(), "2026-11-21".parse().unwrap());
        for text in "3pm works|3 pm is good|yes at 3|see you at 2am|yes 3:30|a las 3|sí, a las tres y media|à 15h|ok 15h30|\
            3 baje aauchu|बिहान २ बजे आउँछु|ok tuesday|el martes está bien|d'accord mardi|mangalbar aauchu"
            .split('|')
        {
            assert!(says_another_time(text, at, today), "{text}");
        }
        for text in "2pm works|yes|ok at 2|see you at 2|yes 14:00|a las 2|à 14h|2 baje aauchu|दिउँसो २ बजे आउँछु|sunday is fine|\
            I'll be there in 3 hours|see you in 10 min|the 1:30 bus gets me there for 2:00|C 1|we are 3|10 minutes early|\
            dans 3 heures|en 3 horas|c'est bon pour mon rdv|I sat down and yes|aaitabar aauchu"
            .split('|')
        {
            assert!(!says_another_time(text, at, today), "{text}");
        }
    }
}
