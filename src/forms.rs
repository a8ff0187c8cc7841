//! Requests to fill in a form: their links, when to ask again, and whose look counts as a click.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use std::fmt;
use std::str::FromStr;
use url::Url;

/// The longest address of a form, in characters.
const MAX_URL: usize = 2000;

/// What makes a link nobody can guess: 128 random bits, 22 characters in the link.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Token([u8; 16]);

impl Token {
    /// A token of bytes that are random.
    #[must_use]
    pub fn new(random: [u8; 16]) -> Self {
        Self(random)
    }

    /// The link that people get.
    #[must_use]
    pub fn link(self, public_url: &str) -> String {
        format!("{public_url}/f/{self}")
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64_URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// The text is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a token")]
pub struct NoToken;

impl FromStr for Token {
    type Err = NoToken;

    fn from_str(text: &str) -> Result<Self, NoToken> {
        if text.len() != 22 {
            return Err(NoToken);
        }
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| NoToken)?;
        bytes.try_into().map(Self).map_err(|_| NoToken)
    }
}

/// Checks the address of a form: where people are sent must be a web page, and carry no password.
///
/// # Errors
/// In words for whoever wrote it.
pub fn check_url(text: &str) -> Result<String, &'static str> {
    if text.len() > MAX_URL {
        return Err("must have 2000 characters at most");
    }
    let url = Url::parse(text).map_err(|_| "must be an address such as https://example.org/form")?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err("must begin with https:// or http://");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not carry a user's name or password");
    }
    Ok(url.into())
}

/// An open request whose time has come.
#[derive(Clone, Copy, Debug)]
pub struct Due {
    /// How often the person was reminded.
    pub reminders: i64,
    /// How often they may be.
    pub max_reminders: i64,
    /// How long to wait between two messages.
    pub remind_after: SignedDuration,
    /// Whether the person has opted out.
    pub opted_out: bool,
    /// Whether an earlier message about it still waits to be sent.
    pub waiting: bool,
    /// The first moment at which a message may leave: later than now in the person's night.
    pub open_from: Timestamp,
}

/// What to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Send reminder `number`, and look again then, if ever.
    Remind {
        /// Counted from 1.
        number: i64,
        /// When it comes up again.
        next: Option<Timestamp>,
    },
    /// Look again then.
    Wait(Timestamp),
    /// No more reminders.
    End,
}

/// Decides about a request that has come up. However late that is, one reminder at most goes out, and
/// the wait for the next begins now: nobody wakes up to a night's worth of them.
#[must_use]
pub fn step(due: &Due, now: Timestamp) -> Step {
    let later = now.saturating_add(due.remind_after).unwrap_or(Timestamp::MAX);
    if due.opted_out || due.reminders >= due.max_reminders {
        Step::End
    } else if due.waiting {
        Step::Wait(later)
    } else if due.open_from > now {
        Step::Wait(due.open_from)
    } else {
        let number = due.reminders + 1;
        Step::Remind { number, next: (number < due.max_reminders).then_some(later) }
    }
}

/// Programs that look at a link for its preview or its safety, before or without its reader. The names
/// are as they stand in the header `User-Agent`, in lower case.
const PREVIEWS: [&str; 20] = [
    "facebookexternalhit",
    "facebot",
    "twitterbot",
    "telegrambot",
    "slackbot",
    "discordbot",
    "linkedinbot",
    "googlebot",
    "google-safety",
    "google-read-aloud",
    "googleother",
    "bingbot",
    "bingpreview",
    "applebot",
    "skypeuripreview",
    "whatsapp/",
    "pinterestbot",
    "yandexbot",
    "embedly",
    "iframely",
];

/// Whether whoever calls itself `agent` is such a program.
#[must_use]
pub fn is_preview(agent: &str) -> bool {
    let agent = agent.to_lowercase();
    PREVIEWS.iter().any(|name| agent.contains(name))
        || ["crawler", "spider", "+http", "bot/"].iter().any(|mark| agent.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tokens_round_trip_and_stay_out_of_logs() {
        let token = Token::new([0xfe; 16]);
        let text = token.to_string();
        assert_eq!((text.len(), text.parse()), (22, Ok(token)));
        assert!(!format!("{token:?}").contains(&text));
        for wrong in
            ["", "short", "ääääääääääääääääääääää", "++++++++++++++++++++++", "_________________________"]
        {
            assert!(wrong.parse::<Token>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_web_pages_are_addresses_of_forms() {
        assert_eq!(check_url("https://example.org/f?a=1").as_deref(), Ok("https://example.org/f?a=1"));
        for wrong in [
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://example.org",
            "example.org",
            "https://",
            "https://u:p@example.org",
            "//example.org",
        ] {
            assert!(check_url(wrong).is_err(), "{wrong}");
        }
        assert!(check_url(&format!("https://example.org/{}", "a".repeat(2000))).is_err());
    }

    #[test]
    fn previews_are_told_from_people() {
        for agent in [
            "WhatsApp/2.23.20.0",
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "facebookexternalhit/1.1 Facebot Twitterbot/1.0",
            "SomeBot/1.0",
        ] {
            assert!(is_preview(agent), "{agent}");
        }
        for agent in [
            "",
            "curl/8.5.0",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15",
            "Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20) Chrome/120",
        ] {
            assert!(!is_preview(agent), "{agent}");
        }
    }

    proptest! {
        #[test]
        fn reminders_end_and_never_come_twice_at_a_time(
            reminders in 0..12_i64,
            max_reminders in 0..10_i64,
            minutes in 1..50_000_i64,
            opted_out: bool,
            waiting: bool,
            night_minutes in 0..600_i64,
        ) {
            let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
            let remind_after = SignedDuration::from_mins(minutes);
            let open_from = now + SignedDuration::from_mins(night_minutes);
            let due = Due { reminders, max_reminders, remind_after, opted_out, waiting, open_from };
            match step(&due, now) {
                Step::Remind { number, next } => {
                    prop_assert!(!opted_out && !waiting && night_minutes == 0);
                    prop_assert!(number == reminders + 1 && number <= max_reminders);
                    prop_assert_eq!(next, (number < max_reminders).then_some(now + remind_after));
                }
                Step::Wait(until) => prop_assert!(until > now && !opted_out),
                Step::End => prop_assert!(opted_out || reminders >= max_reminders),
            }
        }
    }
}
