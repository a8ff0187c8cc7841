//! `/contacts/{phone}` and what hangs on it.

use super::Api;
use super::auth::{Allowed, ContactsRead, MessagesRead};
use super::page::{Page, PageQuery};
use super::render::{ConsentEntry, Contact, Message};
use crate::phone::{Address, Phone};
use crate::problem::Problem;
use crate::store::ContactRow;
use axum::Json;
use axum::extract::{Path, Query, State};
use std::sync::Arc;

/// `GET /contacts/{phone}`.
pub(super) async fn show(
    _: Allowed<ContactsRead>,
    State(api): State<Arc<Api>>,
    Path(phone): Path<String>,
) -> Result<Json<Contact>, Problem> {
    Ok(Json(find(&api, &phone).await?.into()))
}

/// `GET /contacts/{phone}/messages`.
pub(super) async fn messages(
    _: Allowed<MessagesRead>,
    State(api): State<Arc<Api>>,
    Path(phone): Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Message>>, Problem> {
    let bounds = query.bounds()?;
    let contact = find(&api, &phone).await?;
    let rows = api.store.conversation(contact.id, bounds.before, bounds.limit + 1).await?;
    Ok(Json(Page::of(rows, bounds, |row| row.id, |row| Message::new(row, Some(&contact.address)))))
}

/// `GET /contacts/{phone}/consent`.
pub(super) async fn consent(
    _: Allowed<ContactsRead>,
    State(api): State<Arc<Api>>,
    Path(phone): Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<ConsentEntry>>, Problem> {
    let bounds = query.bounds()?;
    let contact = find(&api, &phone).await?;
    let rows = api.store.ledger(contact.id, bounds.before, bounds.limit + 1).await?;
    Ok(Json(Page::of(rows, bounds, |row| row.id, ConsentEntry::from)))
}

/// The contact that a path names, as people write numbers or as Twilio writes addresses.
async fn find(api: &Api, text: &str) -> Result<ContactRow, Problem> {
    let address = match Address::parse(text) {
        Ok(address) if !matches!(address, Address::Other(_)) => address,
        _ => match Phone::parse(text, api.default_region) {
            Ok(phone) => Address::Phone(phone),
            Err(error) => return Err(Problem::field("phone", error.to_string())),
        },
    };
    let contact = api.store.contact(&address.to_string()).await?;
    contact.ok_or_else(|| Problem::not_found("no contact has this number"))
}
