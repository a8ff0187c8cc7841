//! `/contacts/{phone}` and what hangs on it.

use super::Api;
use super::auth::{Allowed, ContactsRead, MessagesRead};
use super::contact_list::{Tagged, tagged};
use super::openapi::Routes;
use super::page::{Bounds, Page};
use super::render::{ConsentEntry, Message};
use crate::phone::{Address, Phone};
use crate::problem::Problem;
use crate::store::ContactRow;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use std::sync::Arc;

/// The number in the path, as written.
pub(super) type Number = Result<Path<String>, PathRejection>;

pub(super) fn routes() -> Routes {
    Routes::about("Contacts", "The people who texted us or were written to.")
        .get("/contacts/{phone}", show, "Read a contact")
        .get("/contacts/{phone}/messages", messages, "List a contact's messages, both ways")
        .get("/contacts/{phone}/consent", consent, "List what a contact allowed and took back")
        .merge(super::answers::routes())
        .merge(super::consent::routes())
        .merge(super::export::routes())
}

/// `GET /contacts/{phone}`.
async fn show(
    _: Allowed<ContactsRead>,
    State(api): State<Arc<Api>>,
    phone: Number,
) -> Result<Json<Tagged>, Problem> {
    let contact = find(&api, phone).await?;
    Ok(Json(tagged(&api, contact).await?))
}

/// `GET /contacts/{phone}/messages`.
async fn messages(
    _: Allowed<MessagesRead>,
    State(api): State<Arc<Api>>,
    phone: Number,
    bounds: Bounds,
) -> Result<Json<Page<Message>>, Problem> {
    let contact = find(&api, phone).await?;
    let rows = api.inbox.store.conversation(contact.id, bounds.before, bounds.limit + 1).await?;
    Ok(Json(Page::of(rows, bounds, |row| row.id, |row| Message::new(row, Some(&contact.address)))))
}

/// `GET /contacts/{phone}/consent`.
async fn consent(
    _: Allowed<ContactsRead>,
    State(api): State<Arc<Api>>,
    phone: Number,
    bounds: Bounds,
) -> Result<Json<Page<ConsentEntry>>, Problem> {
    let contact = find(&api, phone).await?;
    let rows = api.inbox.store.ledger(contact.id, bounds.before, bounds.limit + 1).await?;
    Ok(Json(Page::of(rows, bounds, |row| row.id, ConsentEntry::from)))
}

/// The contact that a path names, as people write numbers or as Twilio writes addresses.
pub(super) async fn find(api: &Api, phone: Number) -> Result<ContactRow, Problem> {
    let Path(text) = phone.map_err(|_| Problem::field("phone", "is not UTF-8 text"))?;
    find_text(api, &text).await
}

/// The contact with a number written so.
pub(super) async fn find_text(api: &Api, text: &str) -> Result<ContactRow, Problem> {
    let address = address_of(api, "phone", text)?;
    let contact = api.inbox.store.contact(&address.to_string()).await?;
    contact.ok_or_else(|| Problem::not_found("no contact has this number"))
}

/// The address that somebody wrote: as people write numbers, or as Twilio writes addresses.
pub(super) fn address_of(api: &Api, field: &'static str, text: &str) -> Result<Address, Problem> {
    match Address::parse(text) {
        Ok(address) if !matches!(address, Address::Other(_)) => Ok(address),
        _ => match Phone::parse(text, api.default_region) {
            Ok(phone) => Ok(Address::Phone(phone)),
            Err(error) => Err(Problem::field(field, error.to_string())),
        },
    }
}
