//! Times as people write them: `7.30`, `half past 7`, `à 7h30`, `बिहान ७ बजे`.

use super::language;
use super::lexicon::alternatives;
use super::phrases::Spoken;
use super::tokens::{Break, Kind, Token};
use super::vocabulary::{Collecting, Vocabulary};

/// How a language tells times, as classes of its vocabulary.
#[derive(Debug)]
pub(super) struct Clock {
    hour: u32,
    morning: u32,
    evening: u32,
    /// Minutes to add, said before the hour.
    before: Vec<(u32, i16)>,
    /// Minutes to add, said after it.
    after: Vec<(u32, i16)>,
    /// Parts of the day, with the hour they stand for.
    parts: Vec<(u32, i16)>,
}

/// A text, read in one language.
#[derive(Clone, Copy)]
pub(super) struct Text<'a> {
    /// What the language knows.
    pub(super) vocabulary: &'a Vocabulary,
    /// The words.
    pub(super) tokens: &'a [Token],
    /// The phrases that begin at each.
    pub(super) spoken: &'a Spoken,
}

impl Text<'_> {
    /// The length of the shortest phrase of a class that begins at a token.
    fn length(self, at: usize, class: u32) -> Option<usize> {
        self.vocabulary.phrases.shortest(self.spoken, at, class)
    }
}

/// Minutes since midnight.
pub(super) type Minutes = i16;

pub(super) const NOON: Minutes = 12 * 60;
const DAY: Minutes = 24 * 60;

impl Clock {
    pub(super) fn new(written: &language::Clock, vocabulary: &mut Collecting) -> Self {
        let mut class = |name: &str, list: &str| {
            let class = vocabulary.class(name);
            alternatives(list).for_each(|phrase| vocabulary.add(class, phrase));
            class
        };
        let hour = class("#hour", &written.hour);
        let morning = class("#morning", &written.morning);
        let evening = class("#evening", &written.evening);
        let mut minutes = |side: &str, list: &std::collections::BTreeMap<String, i16>| {
            let each = list.iter().map(|(words, add)| (class(&format!("{side} {words}"), words), *add));
            each.collect()
        };
        let before = minutes("before", &written.before);
        let after = minutes("after", &written.after);
        let parts = written.parts.iter().filter_map(|(time, words)| {
            let (hours, minutes) = time.split_once(':')?;
            let at = hours.parse::<i16>().ok()? * 60 + minutes.parse::<i16>().ok()?;
            Some((class(&format!("part {time}"), words), at))
        });
        let parts = parts.collect();
        Self { hour, morning, evening, before, after, parts }
    }

    /// The time that begins at token `start`, and how many tokens it takes.
    pub(super) fn read(
        &self,
        text: Text,
        number: &dyn Fn(usize) -> Option<u8>,
        start: usize,
    ) -> Option<(Minutes, usize)> {
        let tokens = text.tokens;
        let after = |class: u32, at: usize| {
            if at == start || is_joined(tokens, at) { text.length(at, class) } else { None }
        };
        let longest = |minutes: &[(u32, Minutes)], at: usize| {
            let found = minutes.iter().filter_map(|(class, add)| Some((after(*class, at)?, *add)));
            found.max_by_key(|(length, _)| *length).unwrap_or_default()
        };
        let half_of_day = |at: usize| {
            let halves = [(self.morning, false), (self.evening, true)];
            halves.into_iter().find_map(|(class, evening)| Some((after(class, at)?, evening)))
        };
        let said_before = half_of_day(start);
        let mut at = start + said_before.map_or(0, |(length, _)| length);
        let (length, add_before) = longest(&self.before, at);
        at += length;
        if at > start && !is_joined(tokens, at) {
            return None;
        }
        let in_words = tokens.get(at)?.kind != Kind::Number;
        let bare = at == start;
        let (mut time, length) = Self::hour_and_minutes(tokens, number, at)?;
        at += length;
        let end_of_hour = at;
        if let Some(length) = after(self.hour, at) {
            at += length;
            if let Some(minutes) = minutes_at(tokens, at).filter(|_| time % 60 == 0) {
                time += minutes;
                at += 1;
            }
        }
        let (length, add_after) = longest(&self.after, at);
        at += length;
        let said_after = half_of_day(at);
        at += said_after.map_or(0, |(length, _)| length);
        // "One" alone is hardly ever a time.
        if in_words && bare && at == end_of_hour {
            return None;
        }
        let add = if length > 0 { add_after } else { add_before };
        let evening = said_after.or(said_before).map(|(_, evening)| evening);
        Some(((in_half(time, evening) + add).rem_euclid(DAY), at - start))
    }

    /// The hour that a part of the day stands for, if one begins at token `at`.
    pub(super) fn part(&self, text: Text, at: usize) -> Option<Minutes> {
        self.parts.iter().find(|(class, _)| text.length(at, *class).is_some()).map(|(_, time)| *time)
    }

    fn hour_and_minutes(
        tokens: &[Token],
        number: &dyn Fn(usize) -> Option<u8>,
        at: usize,
    ) -> Option<(Minutes, usize)> {
        let token = tokens.get(at)?;
        if token.kind != Kind::Number {
            let hour = i16::from(number(at).filter(|hour| (1..=12).contains(hour))?);
            let minutes = tokens.get(at + 1).filter(|token| token.before == Break::None);
            let minutes = minutes.and_then(|_| number(at + 1)).filter(|minutes| *minutes >= 13);
            let length = if minutes.is_some() { 2 } else { 1 };
            return Some((hour * 60 + i16::from(minutes.unwrap_or_default()), length));
        }
        let (hours, minutes) = match token.word.split_once([':', '.']) {
            Some((hours, minutes)) => (hours, two_digits(minutes)?),
            None if matches!(token.word.len(), 3 | 4) => {
                let (hours, minutes) = token.word.split_at(token.word.len() - 2);
                (hours, two_digits(minutes)?)
            }
            None => (token.word.as_str(), 0),
        };
        let hours: i16 = hours.parse().ok().filter(|hours| hours <= &23 && token.word != "0")?;
        // "7 30"
        let apart = minutes_at(tokens, at + 1).filter(|minutes| token.word.len() <= 2 && minutes % 5 == 0);
        let length = if apart.is_some() { 2 } else { 1 };
        Some((hours * 60 + minutes + apart.unwrap_or_default(), length))
    }
}

/// Whether at most a space stands before token `at`.
fn is_joined(tokens: &[Token], at: usize) -> bool {
    tokens.get(at).is_some_and(|token| token.before == Break::None)
}

/// The minutes that token `at` says after an hour: the `30` of `7h 30`.
fn minutes_at(tokens: &[Token], at: usize) -> Option<Minutes> {
    tokens.get(at).filter(|_| is_joined(tokens, at)).and_then(|token| two_digits(&token.word))
}

/// 7 in the evening is 19. Without a word, one to four o'clock are after noon: nobody wants to be
/// woken.
fn in_half(time: Minutes, evening: Option<bool>) -> Minutes {
    match evening {
        Some(true) if time < NOON => time + NOON,
        Some(false) if (NOON..NOON + 60).contains(&time) => time - NOON,
        None if (60..5 * 60).contains(&time) => time + NOON,
        _ => time,
    }
}

fn two_digits(text: &str) -> Option<Minutes> {
    text.parse().ok().filter(|minutes| text.len() == 2 && (0..60).contains(minutes))
}

/// `07:30`
pub(super) fn written(time: Minutes) -> String {
    format!("{:02}:{:02}", time / 60, time % 60)
}
