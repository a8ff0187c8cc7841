//! A reply as a row of the outbox.

use super::{AnswerBy, Handed, Inbox};
use crate::delivery::Status;
use crate::dialog::{CODE_LIFETIME, Reply};
use crate::purpose::Purpose;
use crate::segments;
use crate::store::{NewMessage, SpeakerRow};
use crate::texts::reveal;
use jiff::{SignedDuration, Timestamp};

/// How long an answer is still worth sending.
const REPLY_LIFETIME: SignedDuration = SignedDuration::from_hours(1);
/// A confirmation of opting out is presumed fine within five minutes: 47 CFR 64.1200(a)(12).
const STOP_CONFIRMATION_LIFETIME: SignedDuration = SignedDuration::from_mins(5);

/// The row for `reply`, before which something else may be said, and beside which a language may be offered, and the reply itself with its code revealed if the webhook is to carry it.
pub(super) fn compose<'a>(
    inbox: &Inbox,
    contact: &SpeakerRow,
    (reply, also, offer): (&Reply, Option<&Reply>, Option<&str>),
    id: i64,
    now: Timestamp,
    by: AnswerBy,
) -> sqlx::Result<(NewMessage<'a>, Option<Handed>)> {
    let render = |reply, locale: &str| {
        inbox.texts.render(reply, locale).map_err(|error| sqlx::Error::Encode(error.into()))
    };
    let mut body = render(reply, &contact.locale)?;
    if let Some(also) = also {
        body = format!("{}\n{body}", render(also, &contact.locale)?);
    }
    if let Some(offered) = offer {
        body = format!("{body} {}", render(&Reply::OfferLanguage, offered)?);
    }
    let nonce = match reply {
        Reply::Code { nonce } => Some(*nonce),
        _ => None,
    };
    let purpose = reply.purpose();
    let millis = now.as_millisecond();
    let handed = (by == AnswerBy::Webhook).then(|| {
        let shown = match nonce {
            Some(nonce) => reveal(&body, &inbox.code_key.code(&contact.address, nonce)),
            None => body.clone(),
        };
        Handed { message_id: id, attempt: 1, body: shown }
    });
    let status = if handed.is_some() { Status::Handed } else { Status::Queued };
    let row = NewMessage {
        id,
        contact_id: contact.id,
        outbound: true,
        segments: segments::count(&body).segments.try_into().unwrap_or(i64::MAX),
        body: body.into(),
        created_at: millis,
        purpose: Some(purpose.as_str()),
        nonce: nonce.map(|nonce| nonce.to_string()),
        status: status.as_str(),
        rank: status.rank(),
        priority: purpose.priority(),
        due_at: Some(if handed.is_some() { look_at(inbox, now) } else { millis }),
        expires_at: Some((now + lifetime(purpose)).as_millisecond()),
        by_rest: handed.is_none(),
        attempts: i64::from(handed.is_some()),
        sent_at: handed.is_some().then_some(millis),
        ..NewMessage::default()
    };
    Ok((row, handed))
}

/// A template that WhatsApp has approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Content<'a> {
    /// `HX` and 32 hex digits.
    pub sid: &'a str,
    /// Its variables as a JSON object, such as `{"1": "Asha"}`.
    pub variables: &'a str,
}

/// A message that nobody's text asked for.
#[derive(Clone, Debug)]
pub struct Queued<'a> {
    /// Whom it is for.
    pub contact_id: i64,
    /// What it is for.
    pub purpose: Purpose,
    /// The words; with a template, those that Twilio will make of it.
    pub body: &'a str,
    /// The approved template to send on WhatsApp.
    pub content: Option<Content<'a>>,
    /// Tells it from every other message: it is queued once, whoever tries again.
    pub what_for: Option<String>,
    /// The booking, form or campaign behind it.
    pub source_id: Option<i64>,
    /// When it is to leave at the earliest.
    pub due_at: Timestamp,
    /// When it is no longer worth sending.
    pub expires_at: Timestamp,
}

impl Queued<'_> {
    /// The row of the outbox.
    #[must_use]
    pub fn row(&self, id: i64, now: Timestamp) -> NewMessage<'_> {
        NewMessage {
            id,
            contact_id: self.contact_id,
            outbound: true,
            body: self.body.into(),
            segments: segments::count(self.body).segments.try_into().unwrap_or(i64::MAX),
            created_at: now.as_millisecond(),
            purpose: Some(self.purpose.as_str()),
            status: Status::Queued.as_str(),
            rank: Status::Queued.rank(),
            priority: self.purpose.priority(),
            due_at: Some(self.due_at.as_millisecond()),
            expires_at: Some(self.expires_at.as_millisecond()),
            by_rest: true,
            what_for: self.what_for.clone(),
            source_id: self.source_id,
            content_sid: self.content.map(|content| content.sid),
            content_variables: self.content.map(|content| content.variables),
            ..NewMessage::default()
        }
    }
}

/// When a reply handed over at `now` is looked up if nothing confirms it; in milliseconds since 1970.
pub(super) fn look_at(inbox: &Inbox, now: Timestamp) -> i64 {
    (now + inbox.settings.settle_after).as_millisecond()
}

fn lifetime(purpose: Purpose) -> SignedDuration {
    match purpose {
        Purpose::Code => CODE_LIFETIME,
        Purpose::StopConfirmation => STOP_CONFIRMATION_LIFETIME,
        _ => REPLY_LIFETIME,
    }
}
