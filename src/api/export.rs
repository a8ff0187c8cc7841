//! `GET /contacts/{phone}/export`: a copy of everything that is kept about one person.

use super::Api;
use super::auth::{Allowed, ContactsExport};
use super::bookings::Booking;
use super::contact_list::{Tagged, tagged};
use super::contacts::{Number, find};
use super::corrections::Example;
use super::forms::Form;
use super::openapi::Routes;
use super::render::{ConsentEntry, Message};
use super::tips::{SubscriptionView, subscription_of};
use crate::ids::Ids;
use crate::problem::Problem;
use crate::store::{BookingFilter, ClaimantRow, ConsentRow, ContactRow, FormFilter, MessageRow, ReceivedRow};
use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

/// Most messages of one export; older ones are behind `messages_next_cursor`.
const MOST_MESSAGES: usize = 20_000;
/// Most of each other kind.
const MOST: i64 = 10_000;
/// Rows of one question.
const SLICE: i64 = 1000;

pub(super) fn routes() -> Routes {
    Routes::about("Contacts", "").get(
        "/contacts/{phone}/export",
        export,
        "Read everything that is kept about one person",
    )
}

/// Everything about one person.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Export {
    contact: Tagged,
    consent: Vec<ConsentEntry>,
    messages: Vec<Message>,
    /// Where `GET /contacts/{phone}/messages?cursor=` goes on, should there be more.
    messages_next_cursor: Option<String>,
    tips: SubscriptionView,
    bookings: Vec<Booking>,
    forms: Vec<Form>,
    campaigns: Vec<Received>,
    groups: Vec<String>,
    corrections: Vec<Example>,
    accounts: Vec<Claimant>,
}

/// A campaign that wrote to the person.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ReceivedCampaign")]
struct Received {
    id: String,
    name: String,
    message_id: String,
    status: String,
}

/// An account that has proven the number.
#[derive(Debug, Serialize, JsonSchema)]
struct Claimant {
    id: String,
    email: String,
    full_name: String,
    external_id: Option<String>,
    is_verified: bool,
}

/// `GET /contacts/{phone}/export`.
async fn export(
    _: Allowed<ContactsExport>,
    State(api): State<Arc<Api>>,
    phone: Number,
) -> Result<Json<Export>, Problem> {
    let contact = find(&api, phone).await?;
    let (id, address, store) = (contact.id, contact.address.clone(), &api.inbox.store);
    // What is older is somebody else's.
    let since = contact.changed_hands_at.and_then(|at| Timestamp::from_millisecond(at).ok());
    let own = |id: i64| since.is_none_or(|since| id >= Ids::floor(since));
    let now = api.inbox.clock.now();
    let (messages, messages_next_cursor) = messages(&api, &contact).await?;
    let filter = BookingFilter { address: Some(address.clone()), status: None };
    let bookings = store.bookings(&filter, now.as_millisecond(), i64::MAX, MOST).await?;
    let forms = store.forms(FormFilter { contact_id: Some(id), status: None }, i64::MAX, MOST).await?;
    let campaigns = store.campaigns_of(id, MOST).await?;
    let corrections = store.corrections_of(id, MOST).await?;
    Ok(Json(Export {
        consent: consent(&api, id)
            .await?
            .into_iter()
            .filter(|row| own(row.id))
            .map(ConsentEntry::from)
            .collect(),
        messages: messages
            .into_iter()
            .filter(|row| own(row.id))
            .map(|row| Message::new(row, Some(&address)))
            .collect(),
        messages_next_cursor: messages_next_cursor.filter(|cursor| cursor.parse().is_ok_and(own)),
        tips: subscription_of(&api, id).await?,
        bookings: bookings.into_iter().filter(|row| own(row.id)).map(|row| Booking::new(row, now)).collect(),
        forms: forms.into_iter().filter(|row| own(row.id)).map(|row| Form::new(&api, row)).collect(),
        campaigns: campaigns.into_iter().filter(|row| own(row.message_id)).map(Received::from).collect(),
        groups: store.groups_of(id).await?,
        corrections: corrections.into_iter().filter(|row| own(row.message_id)).map(Example::from).collect(),
        accounts: store.accounts_of(&address).await?.into_iter().map(Claimant::from).collect(),
        contact: tagged(&api, contact).await?,
    }))
}

/// The newest messages, and where the older ones are if there are any.
async fn messages(api: &Api, contact: &ContactRow) -> Result<(Vec<MessageRow>, Option<String>), Problem> {
    let mut all: Vec<MessageRow> = Vec::new();
    while all.len() < MOST_MESSAGES {
        let before = all.last().map_or(i64::MAX, |row| row.id);
        let rows = api.inbox.store.conversation(contact.id, before, SLICE).await?;
        let was_last = rows.len() < usize::try_from(SLICE).unwrap_or(usize::MAX);
        all.extend(rows);
        if was_last {
            return Ok((all, None));
        }
    }
    let next = all.last().map(|row| row.id.to_string());
    Ok((all, next))
}

/// The whole ledger.
async fn consent(api: &Api, contact_id: i64) -> Result<Vec<ConsentRow>, Problem> {
    let mut all: Vec<ConsentRow> = Vec::new();
    loop {
        let before = all.last().map_or(i64::MAX, |row| row.id);
        let rows = api.inbox.store.ledger(contact_id, before, SLICE).await?;
        if rows.is_empty() {
            return Ok(all);
        }
        all.extend(rows);
    }
}

impl From<ReceivedRow> for Received {
    fn from(row: ReceivedRow) -> Self {
        let ReceivedRow { id, name, message_id, status } = row;
        Self { id: id.to_string(), name, message_id: message_id.to_string(), status }
    }
}

impl From<ClaimantRow> for Claimant {
    fn from(row: ClaimantRow) -> Self {
        let ClaimantRow { id, email, full_name, external_id, is_verified } = row;
        Self { id: id.to_string(), email, full_name, external_id, is_verified }
    }
}
