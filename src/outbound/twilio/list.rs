//! Reading Twilio's message list.

use super::{Twilio, TwilioError, parse_date, read, told_at};
use crate::clock::Clock;
use crate::delivery::Status;
use crate::sid::Sid;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use reqwest::Response;
use serde::Deserialize;
use std::sync::Once;

/// Most pages of the message list that one look reads.
const MAX_PAGES: usize = 5;
/// Most pages of a thousand that a look for missed texts reads.
const MAX_INBOUND_PAGES: usize = 100;

/// How far back before a message was made its copy in Twilio's list may be dated: clocks differ,
/// and Twilio's dates have no fractions.
pub(in crate::outbound) const CLOCK_SKEW: SignedDuration = SignedDuration::from_secs(30);

/// A message in Twilio's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub sid: Sid,
    /// How far it got.
    pub status: Status,
    /// Its words.
    pub body: String,
    /// When Twilio took it.
    pub created_at: Timestamp,
    /// The same by our clock as it is now.
    pub by_our_clock: Timestamp,
    /// Why it failed.
    pub error_code: Option<u32>,
    /// It was taken as the answer to a webhook, not by REST.
    pub is_reply: bool,
}

/// A text that Twilio received for us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Its name.
    pub sid: Sid,
    /// Who wrote it, as Twilio writes it.
    pub from: String,
    /// Its words.
    pub body: String,
    /// Segments it came in.
    pub segments: i64,
    /// Media that came with it.
    pub media: i64,
    /// When Twilio took it.
    pub created_at: Timestamp,
    /// The same by our clock as it is now.
    pub by_our_clock: Timestamp,
}

impl Listed {
    /// When Twilio took it at the latest by our clock, which may have been set since.
    pub(in crate::outbound) fn latest(&self) -> Timestamp {
        self.created_at.max(self.by_our_clock)
    }
}

impl Received {
    /// When Twilio took it at the latest by our clock, which may have been set since …
    fn latest(&self) -> Timestamp {
        self.created_at.max(self.by_our_clock)
    }

    /// … and at the earliest.
    #[must_use]
    pub fn earliest(&self) -> Timestamp {
        self.created_at.min(self.by_our_clock)
    }
}

#[derive(Deserialize)]
struct MessageBody {
    sid: String,
    from: Option<String>,
    status: String,
    body: Option<String>,
    direction: String,
    date_created: Option<String>,
    error_code: Option<u32>,
    #[serde(default)]
    num_segments: String,
    #[serde(default)]
    num_media: String,
}

#[derive(Deserialize)]
struct Page {
    messages: Vec<MessageBody>,
    next_page_uri: Option<String>,
}

impl Twilio {
    /// The messages sent to `to` since `since`, oldest first.
    ///
    /// Filtered by recipient only: `DateSent` goes by days and misses what was not sent yet.
    ///
    /// # Errors
    /// No answer, or not a list.
    pub async fn list(&self, to: &str, since: Timestamp, clock: &Clock) -> Result<Vec<Listed>, TwilioError> {
        let query = [("To", to), ("PageSize", "200")];
        let (found, _) = self.pages(&query, MAX_PAGES, since, clock, listed, Listed::latest).await?;
        Ok(oldest_first(found, |message| message.created_at))
    }

    /// The message of ours that is named `sid`.
    ///
    /// # Errors
    /// No answer, or no such message of ours.
    pub async fn fetch(&self, sid: Sid) -> Result<Listed, TwilioError> {
        let body: MessageBody = read(self.get(&self.url(&format!("Messages/{sid}.json"))).await?).await?;
        let other = || TwilioError::Refused { status: 200, message: "a message of another kind".to_owned() };
        listed(&body, SignedDuration::ZERO).ok_or_else(other)
    }

    /// The texts received since `since`, oldest first; of one number of ours if `to` is given.
    ///
    /// # Errors
    /// No answer, not a list, or more texts than can be read at once.
    pub async fn received(
        &self,
        to: Option<&str>,
        since: Timestamp,
        clock: &Clock,
    ) -> Result<Vec<Received>, TwilioError> {
        let day = |ahead: SignedDuration| (since - ahead).to_zoned(TimeZone::UTC).date();
        // The first answer tells whether the day asked for was too late by Twilio's clock.
        let mut ahead = SignedDuration::ZERO;
        loop {
            let asked = day(ahead).to_string();
            let mut query = vec![("DateSent>", asked.as_str()), ("PageSize", "1000")];
            query.extend(to.map(|to| ("To", to)));
            let (found, told) =
                self.pages(&query, MAX_INBOUND_PAGES, since, clock, received, Received::latest).await?;
            if day(told) >= day(ahead) {
                return Ok(oldest_first(found, |text| text.created_at));
            }
            ahead = told;
        }
    }

    /// What `read_one` makes of the list's messages, page by page, newest first, back to `since`; and how far our clock
    /// is ahead of Twilio's.
    async fn pages<T>(
        &self,
        query: &[(&str, &str)],
        most: usize,
        since: Timestamp,
        clock: &Clock,
        read_one: impl Fn(&MessageBody, SignedDuration) -> Option<T>,
        latest: impl Fn(&T) -> Timestamp,
    ) -> Result<(Vec<T>, SignedDuration), TwilioError> {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        let mut url = format!("{}?{query}", self.url("Messages.json"));
        let mut found = Vec::new();
        let mut ahead = None;
        for _ in 0..most {
            let response = self.get(&url).await?;
            let ahead = *ahead.get_or_insert_with(|| clock_ahead(&response, clock.now()));
            let page: Page = read(response).await?;
            let mut reached_older = false;
            for message in page.messages.iter().filter_map(|message| read_one(message, ahead)) {
                if latest(&message) >= since {
                    found.push(message);
                } else {
                    reached_older = true;
                }
            }
            match page.next_page_uri {
                Some(next) if !reached_older => url = format!("{}{next}", self.base),
                _ => return Ok((found, ahead)),
            }
        }
        // What was not read must not pass for what is not there.
        let message = format!("more than {most} pages of messages");
        Err(TwilioError::Refused { status: 200, message })
    }
}

/// The list is newest first and its dates have no fractions: within a second its order counts.
fn oldest_first<T>(mut found: Vec<T>, created_at: impl Fn(&T) -> Timestamp) -> Vec<T> {
    found.reverse();
    found.sort_by_key(created_at);
    found
}

/// How far our clock is ahead of Twilio's, whose answer tells its time; none where that is little.
fn clock_ahead(response: &Response, now: Timestamp) -> SignedDuration {
    static TOLD: Once = Once::new();
    let ahead = told_at(response).map_or(SignedDuration::ZERO, |told_at| now.duration_since(told_at));
    if ahead.abs() <= CLOCK_SKEW {
        return SignedDuration::ZERO;
    }
    TOLD.call_once(|| {
        tracing::warn!(
            seconds = ahead.as_secs(),
            "this machine's clock is ahead of Twilio's by so many seconds (behind, if negative): let it keep time, or \
             people are written to at the wrong hours"
        );
    });
    ahead
}

/// A list entry, if it is a message of ours that we can make sense of.
fn listed(message: &MessageBody, ahead: SignedDuration) -> Option<Listed> {
    if !message.direction.starts_with("outbound") {
        return None;
    }
    let created_at = message.date_created.as_deref().and_then(parse_date)?;
    Some(Listed {
        sid: message.sid.parse().ok()?,
        // A word we don't know is no reason to think that Twilio doesn't have it.
        status: Status::from_twilio(&message.status).unwrap_or(Status::Accepted),
        body: message.body.clone().unwrap_or_default(),
        created_at,
        by_our_clock: created_at.checked_add(ahead).ok()?,
        error_code: message.error_code,
        is_reply: message.direction == "outbound-reply",
    })
}

/// A list entry, if it is a text to us.
fn received(message: &MessageBody, ahead: SignedDuration) -> Option<Received> {
    if message.direction != "inbound" {
        return None;
    }
    let created_at = message.date_created.as_deref().and_then(parse_date)?;
    Some(Received {
        sid: message.sid.parse().ok()?,
        from: message.from.clone()?,
        body: message.body.clone().unwrap_or_default(),
        segments: message.num_segments.parse().unwrap_or(1),
        media: message.num_media.parse().unwrap_or(0),
        created_at,
        by_our_clock: created_at.checked_add(ahead).ok()?,
    })
}
