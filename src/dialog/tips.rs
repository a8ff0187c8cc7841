//! Daily tips in the conversation: TIPS ON, TIPS OFF, TIPS 7:30.

use super::step::{ConsentChange, Ground, Turn};
use super::words::{Context, Intent, Meaning, Understood, understand};
use super::{Consent, Person, Reply};
use crate::booking::{Language, clock};
use crate::phone::{Address, zones_of};
use jiff::SignedDuration;
use jiff::civil::Time;
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

    /// The time as people read it in the language of `locale`, `7:30 AM`; empty for the usual one.
    #[must_use]
    pub fn shown(self, locale: &str) -> String {
        let Some(minutes) = self.minutes else { return String::new() };
        let time = Time::midnight().saturating_add(SignedDuration::from_mins(minutes.into()));
        clock(Language::of(locale), time)
    }
}

impl Turn {
    /// A member's word about tips. Asking for them is an opt-in, too, from somebody who was never
    /// asked; whoever opted out of everything does not get here.
    pub(super) fn choose_tips(&mut self, argument: Option<&str>, body: &str, ground: &Ground) -> Reply {
        let mut choice = self.person.tips;
        match self.intent {
            Intent::TipsOff => choice.on = false,
            Intent::TipsOn => choice.on = true,
            _ => {
                let Some(minutes) = tip_time(argument.unwrap_or(body)) else {
                    self.person.hour_asked = true;
                    return Reply::TipTimeExpected;
                };
                choice = TipChoice { on: true, minutes: Some(minutes) };
            }
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
        let zone_open = Address::parse(ground.subject).is_ok_and(|address| zones_of(&address).len() > 1);
        Reply::TipsOn { time: choice.shown(ground.locale), zone_open }
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

/// What TIPS alone, or with a time behind it, asks for. Where what is behind it is no time and nothing else that we
/// understand, as in `TIPS 7 days`, nothing comes with it, and the person is told how times are written.
#[must_use]
pub fn tips_time(text: &str, understood: &[Meaning]) -> Option<Meaning> {
    let plain = text.trim().to_lowercase();
    let said = time_argument(&plain)?;
    let argument = tip_time(said).map(|minutes| format!("{:02}:{:02}", minutes / 60, minutes % 60));
    let is_said = |meaning: &Meaning| meaning.intent != Intent::Other;
    if argument.is_none() && !said.is_empty() && understood.iter().any(is_said) {
        return None;
    }
    let why = if argument.is_some() || said.is_empty() {
        "begins with \"tips\"".to_owned()
    } else {
        format!("begins with \"tips\", but \"{said}\" is no time: they are told how to write one")
    };
    Some(Meaning { intent: Intent::TipTime, why, argument })
}

/// The hour of tips, where that was asked and the text says nothing else: `9 pm`, `at 9 please`.
pub(super) fn answered_hour(person: &Person, body: &str, understood: &Understood) -> Option<Meaning> {
    let says_nothing = understood.meanings.iter().all(|meaning| meaning.intent == Intent::Other);
    if !person.hour_asked || !says_nothing || understood.doubt.is_some() {
        return None;
    }
    let mut meanings = understand(&format!("tips {body}"), Context::Nothing, understood.language).meanings;
    let is_time = |meaning: &Meaning| meaning.intent == Intent::TipTime && meaning.argument.is_some();
    meanings.pop().filter(|meaning| meanings.is_empty() && is_time(meaning))
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
    // "7h30"
    if let Some(minute) = half.strip_prefix('h').filter(|minute| minute.chars().all(|c| digit(c).is_some())) {
        return if minute.is_empty() { tip_time(clock) } else { tip_time(&format!("{clock}:{minute}")) };
    }
    let (hour, minute) = clock_of(clock.trim_end_matches('.'))?;
    let half: String = half.chars().filter(|c| !matches!(c, '.' | ' ')).collect();
    let hour = match (half.as_str(), hour) {
        ("am" | "a", 12) => 0,
        ("" | "hrs", 0..=23) | ("am" | "a", 1..=11) | ("pm" | "p", 12) => hour,
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
    use crate::dialog::{CodeKey, Nonce};
    use proptest::prelude::*;

    fn chosen(time: &str, subject: &str, locale: &str) -> Reply {
        let ground = Ground {
            locale,
            now: jiff::Timestamp::UNIX_EPOCH,
            nonce: Nonce([7; 16]),
            key: &CodeKey::new(b"a secret of the tests, 32 bytes or more"),
            subject,
            numbers_offered: false,
            twilio_answers: false,
            bookings: &[],
        };
        Turn::new(&Person::default(), Intent::TipTime, String::new()).choose_tips(Some(time), "", &ground)
    }

    #[test]
    fn no_hour_is_promised_whose_zone_nobody_knows() {
        for (subject, zone_open) in
            [("+14155550123", false), ("+61412345678", true), ("whatsapp:+18005550123", true)]
        {
            let expected = Reply::TipsOn { time: "7:30 AM".to_owned(), zone_open };
            assert_eq!(chosen("7:30", subject, "en"), expected, "{subject}");
        }
    }

    #[test]
    fn an_hour_is_told_as_the_language_writes_it() {
        for (locale, time) in [
            ("en", "7:30 PM"),
            ("es", "19:30"),
            ("fr", "19h30"),
            ("ne", "\u{938}\u{93e}\u{901}\u{91d} \u{96d}:\u{969}\u{966} \u{92c}\u{91c}\u{947}"),
        ] {
            let expected = Reply::TipsOn { time: time.to_owned(), zone_open: false };
            assert_eq!(chosen("7:30 pm", "+14155550123", locale), expected);
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
            ("TIPS 7h30", Some(450)),
            ("19h", Some(1140)),
            ("7h3", None),
            ("7:30h15", None),
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

    #[test]
    fn figures_behind_tips_are_a_time_or_are_asked_about() {
        let read = |text: &str| {
            let understood = understand(text, Context::Nothing, None);
            let keyword = tips_time(text, &understood.meanings);
            let meaning = keyword.unwrap_or_else(|| understood.meanings[0].clone());
            (meaning.intent, meaning.argument)
        };
        for (text, expected) in [
            ("TIPS 7:30", Some("07:30")),
            ("TIPS", None),
            ("tips 7 days", None),
            ("tips 7:60", None),
            ("tips 13 pm", Some("13:00")),
            ("tips 7:30 please", Some("07:30")),
            ("tips at 7 in the evening", Some("19:00")),
            ("tips at 9 not 7", Some("09:00")),
            ("tips at 8 rather than 7", Some("08:00")),
        ] {
            assert_eq!(read(text), (Intent::TipTime, expected.map(str::to_owned)), "{text}");
        }
        assert_eq!(read("tips at 7? unsubscribe").0, Intent::Stop);
    }

    proptest! {
        #[test]
        fn what_is_shown_is_understood(minutes in 0_u16..1440) {
            let choice = TipChoice { on: true, minutes: Some(minutes) };
            for locale in ["en", "es", "fr"] {
                prop_assert_eq!(tip_time(&choice.shown(locale)), Some(minutes));
            }
            prop_assert_eq!(tip_time(&format!("TIPS {:02}:{:02}", minutes / 60, minutes % 60)), Some(minutes));
            prop_assert_eq!(tip_time(&format!("{:02}{:02}", minutes / 60, minutes % 60)), Some(minutes));
        }

        #[test]
        fn no_text_is_too_much(text in "\\PC{0,40}") {
            prop_assert!(tip_time(&text).is_none_or(|minutes| minutes < 1440));
        }
    }
}
