//! Daily tips in the conversation: TIPS ON, TIPS OFF, TIPS 7:30.

use super::step::{ConsentChange, Turn};
use super::words::{Intent, Meaning};
use super::{Consent, Reply};
use crate::phone::{Address, zones_of};
use serde::{Deserialize, Serialize};

/// What somebody chose about daily tips.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TipChoice {
    /// Whether they want them.
    pub on: bool,
    /// The minute of the local day at which they come; none for the usual one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u16>,
}

impl TipChoice {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
    pub(super) fn is_blank(&self) -> bool {
        *self == Self::default()
    }

    /// The time as people read it, `7:30 AM`; empty for the usual one.
    #[must_use]
    pub fn shown(self) -> String {
        let Some(minutes) = self.minutes else { return String::new() };
        let (hour, minute) = (minutes / 60, minutes % 60);
        let half = if hour < 12 { "AM" } else { "PM" };
        let hour = if hour % 12 == 0 { 12 } else { hour % 12 };
        format!("{hour}:{minute:02} {half}")
    }
}

impl Turn {
    /// A member's word about tips. Asking for them is an opt-in, too, from somebody who was never
    /// asked; whoever opted out of everything does not get here. `subject` is their address.
    pub(super) fn choose_tips(&mut self, argument: Option<&str>, body: &str, subject: &str) -> Reply {
        let mut choice = self.person.tips;
        match self.intent {
            Intent::TipsOff => choice.on = false,
            Intent::TipsOn => choice.on = true,
            _ => match tip_time(argument.unwrap_or(body)) {
                Some(minutes) => choice = TipChoice { on: true, minutes: Some(minutes) },
                None => return Reply::TipTimeExpected,
            },
        }
        if choice.on && self.person.consent == Consent::Unasked {
            self.person.consent = Consent::Given;
            self.consent = Some(ConsentChange { given: true, how: "keyword" });
        }
        self.person.tips = choice;
        self.tips = Some(choice);
        if !choice.on {
            return Reply::TipsOff;
        }
        let zone_open = Address::parse(subject).is_ok_and(|address| zones_of(&address).len() > 1);
        Reply::TipsOn { time: choice.shown(), zone_open }
    }
}

/// What follows TIPS in `plain` (lower case, single spaces) if that is about the time: `tips 7:30`.
/// A bare `tips` asks how.
pub(super) fn time_argument(plain: &str) -> Option<&str> {
    if plain == "tips" {
        return Some("");
    }
    let rest = plain.strip_prefix("tips ").or_else(|| plain.strip_prefix("tip "))?;
    let rest = ["time ", "at "].iter().find_map(|word| rest.strip_prefix(word)).unwrap_or(rest);
    rest.chars().next().filter(|first| digit(*first).is_some()).map(|_| rest)
}

/// What TIPS and figures behind it ask for: tips at that time, as `HH:MM`. Where it is none, as in `TIPS 13 pm`,
/// nothing comes with it, and the person is told how times are written.
#[must_use]
pub fn tips_time(text: &str) -> Option<Meaning> {
    let plain = text.trim().to_lowercase();
    let said = time_argument(&plain).filter(|said| !said.is_empty())?;
    let argument = tip_time(said).map(|minutes| format!("{:02}:{:02}", minutes / 60, minutes % 60));
    let why = match &argument {
        Some(_) => "begins with \"tips\"".to_owned(),
        None => format!("begins with \"tips\", but \"{said}\" is no time: they are told how to write one"),
    };
    Some(Meaning { intent: Intent::TipTime, why, argument })
}

/// The minute of the day that a text names: `7:30`, `7.30`, `0730`, `7`, `7 pm`, `7:30 p.m.`; with or
/// without TIPS before it.
#[must_use]
pub fn tip_time(text: &str) -> Option<u16> {
    let plain = text.trim().to_lowercase();
    let plain = time_argument(&plain).unwrap_or(&plain);
    let clock_end =
        plain.find(|c: char| digit(c).is_none() && !matches!(c, ':' | '.')).unwrap_or(plain.len());
    let (clock, half) = plain.split_at(clock_end);
    let (hour, minute) = clock_of(clock.trim_end_matches('.'))?;
    let half: String = half.chars().filter(|c| !matches!(c, '.' | ' ')).collect();
    let hour = match (half.as_str(), hour) {
        ("am" | "a", 12) => 0,
        ("" | "h" | "hrs", 0..=23) | ("am" | "a", 1..=11) | ("pm" | "p", 12) => hour,
        ("pm" | "p", 1..=11) => hour + 12,
        _ => return None,
    };
    (minute < 60).then_some(hour * 60 + minute)
}

/// Hour and minute of `7`, `07`, `7:30`, `7.30`, `730` and `0730`.
fn clock_of(text: &str) -> Option<(u16, u16)> {
    let digits = |text: &str| -> Option<u16> {
        let digits = text.chars().map(digit).collect::<Option<Vec<u16>>>()?;
        (1..=4).contains(&digits.len()).then(|| digits.iter().fold(0, |all, digit| all * 10 + digit))
    };
    if let Some((hour, minute)) = text.split_once([':', '.']) {
        let right = hour.chars().count() <= 2 && minute.chars().count() == 2;
        return right.then(|| Some((digits(hour)?, digits(minute)?))).flatten();
    }
    let number = digits(text)?;
    if text.chars().count() <= 2 { Some((number, 0)) } else { Some((number / 100, number % 100)) }
}

/// A digit, as typed on English or Nepali keyboards.
fn digit(c: char) -> Option<u16> {
    match c {
        '0'..='9' => u16::try_from(u32::from(c) - u32::from('0')).ok(),
        '\u{966}'..='\u{96f}' => u16::try_from(u32::from(c) - 0x966).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialog::Person;
    use proptest::prelude::*;

    #[test]
    fn no_hour_is_promised_whose_zone_nobody_knows() {
        for (subject, zone_open) in
            [("+14155550123", false), ("+61412345678", true), ("whatsapp:+18005550123", true)]
        {
            let mut turn = Turn::new(&Person::default(), Intent::TipTime, String::new());
            let time = "7:30 AM".to_owned();
            let expected = Reply::TipsOn { time, zone_open };
            assert_eq!(turn.choose_tips(Some("7:30"), "", subject), expected, "{subject}");
        }
    }

    #[test]
    fn times_as_people_write_them() {
        for (text, minutes) in [
            ("TIPS 7:30", Some(450)),
            ("tips 7.30", Some(450)),
            ("Tips 0730", Some(450)),
            ("tips at 730", Some(450)),
            ("tip 7", Some(420)),
            ("TIPS 7:30 pm", Some(1170)),
            ("TIPS 7:30pm.", Some(1170)),
            ("tips time 7.30 P.M.", Some(1170)),
            ("7 p.m.", Some(1140)),
            ("19:30", Some(1170)),
            ("12am", Some(0)),
            ("12 pm", Some(720)),
            ("00:00", Some(0)),
            ("23:59", Some(1439)),
            ("\u{96d}:\u{969}\u{966}", Some(450)),
            ("tips", None),
            ("tips 24:00", None),
            ("7:60", None),
            ("7:3", None),
            ("13 pm", None),
            ("0 am", None),
            ("07:30:00", None),
            ("7 days", None),
            ("73000", None),
            ("", None),
        ] {
            assert_eq!(tip_time(text), minutes, "{text}");
        }
        assert_eq!(time_argument("tips"), Some(""));
        // It may be a name.
        assert_eq!(time_argument("tip"), None);
        assert_eq!(time_argument("tipster 7"), None);
        assert_eq!(time_argument("tips for 7 days"), None);
    }

    proptest! {
        #[test]
        fn what_is_shown_is_understood(minutes in 0_u16..1440) {
            let shown = TipChoice { on: true, minutes: Some(minutes) }.shown();
            prop_assert_eq!(tip_time(&shown), Some(minutes));
            prop_assert_eq!(tip_time(&format!("TIPS {:02}:{:02}", minutes / 60, minutes % 60)), Some(minutes));
            prop_assert_eq!(tip_time(&format!("{:02}{:02}", minutes / 60, minutes % 60)), Some(minutes));
        }

        #[test]
        fn no_text_is_too_much(text in "\\PC{0,40}") {
            prop_assert!(tip_time(&text).is_none_or(|minutes| minutes < 1440));
        }
    }
}
