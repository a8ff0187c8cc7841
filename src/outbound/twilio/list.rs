//! Reading Twilio's message list.

use super::{Twilio, TwilioError, parse_date, read};
use crate::delivery::Status;
use crate::sid::Sid;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

/// Most pages of the message list that one look reads.
const MAX_PAGES: usize = 5;

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
    /// Why it failed.
    pub error_code: Option<u32>,
    /// It was taken as the answer to a webhook, not by REST.
    pub is_reply: bool,
}

#[derive(Deserialize)]
struct MessageBody {
    sid: String,
    status: String,
    body: Option<String>,
    direction: String,
    date_created: Option<String>,
    error_code: Option<u32>,
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
    pub async fn list(&self, to: &str, since: Timestamp) -> Result<Vec<Listed>, TwilioError> {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("To", to)
            .append_pair("PageSize", "200")
            .finish();
        let mut url = format!("{}?{query}", self.url("Messages.json"));
        let mut found = Vec::new();
        for _ in 0..MAX_PAGES {
            let page: Page = read(self.get(&url).await?).await?;
            let mut reached_older = false;
            for message in &page.messages {
                match listed(message) {
                    Some(message) if message.created_at >= since => found.push(message),
                    Some(_) => reached_older = true,
                    None => {}
                }
            }
            match page.next_page_uri {
                Some(next) if !reached_older => url = format!("{}{next}", self.base),
                _ => return Ok(oldest_first(found)),
            }
        }
        // What was not read must not pass for what is not there.
        let message = format!("more than {MAX_PAGES} pages of messages to one number");
        Err(TwilioError::Refused { status: 200, message })
    }
}

/// The list is newest first and its dates have no fractions: within a second its order counts.
fn oldest_first(mut found: Vec<Listed>) -> Vec<Listed> {
    found.reverse();
    found.sort_by_key(|message| message.created_at);
    found
}

/// A list entry, if it is a message of ours that we can make sense of.
fn listed(message: &MessageBody) -> Option<Listed> {
    if !message.direction.starts_with("outbound") {
        return None;
    }
    Some(Listed {
        sid: message.sid.parse().ok()?,
        // A word we don't know is no reason to think that Twilio doesn't have it.
        status: Status::from_twilio(&message.status).unwrap_or(Status::Accepted),
        body: message.body.clone().unwrap_or_default(),
        created_at: message.date_created.as_deref().and_then(parse_date)?,
        error_code: message.error_code,
        is_reply: message.direction == "outbound-reply",
    })
}
