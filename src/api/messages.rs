//! `/messages`: everybody's messages.

use super::Api;
use super::auth::{Allowed, MessagesRead};
use super::contacts::address_of;
use super::page::{Bounds, Page};
use super::render::Message;
use crate::delivery::Status;
use crate::ids::Ids;
use crate::problem::Problem;
use crate::purpose::Purpose;
use crate::store::MessageFilter;
use axum::Json;
use axum::extract::{Query, State};
use axum::http::Uri;
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Arc;

/// What is asked of the list, beside its page.
#[derive(Debug, Deserialize)]
struct ListQuery {
    contact: Option<String>,
    phone_number: Option<String>,
    status: Option<String>,
    purpose: Option<String>,
    direction: Option<String>,
    created_after: Option<String>,
    created_before: Option<String>,
}

/// `GET /messages`.
pub(super) async fn list(
    _: Allowed<MessagesRead>,
    State(api): State<Arc<Api>>,
    bounds: Bounds,
    uri: Uri,
) -> Result<Json<Page<Message>>, Problem> {
    let query = Query::<ListQuery>::try_from_uri(&uri);
    let query = query.map_err(|error| Problem::field("query", error.body_text()))?.0;
    let before = time("created_before", query.created_before.as_deref())?.map_or(i64::MAX, Ids::floor);
    let mut filter = query.filter()?;
    if let Some(text) = query.contact.as_deref().or(query.phone_number.as_deref()) {
        let address = address_of(&api, "phone_number", text)?.to_string();
        // Of somebody unknown there are no messages; no contact has the id 0.
        filter.contact_id = Some(api.inbox.store.contact(&address).await?.map_or(0, |contact| contact.id));
    }
    let before = bounds.before.min(before);
    let rows = api.inbox.store.find_messages(&filter, before, bounds.limit + 1).await?;
    let contacts: Vec<i64> = rows.iter().map(|row| row.contact_id).collect();
    let addresses: HashMap<i64, String> = api.inbox.store.addresses(&contacts).await?.into_iter().collect();
    let show = |row: crate::store::MessageRow| {
        let address = addresses.get(&row.contact_id).cloned();
        Message::new(row, address.as_deref())
    };
    Ok(Json(Page::of(rows, bounds, |row| row.id, show)))
}

impl ListQuery {
    fn filter(&self) -> Result<MessageFilter, Problem> {
        if self.status.as_deref().is_some_and(|name| name != "received" && Status::from_name(name).is_none())
        {
            return Err(Problem::field("status", "must be a message's status, such as queued or delivered"));
        }
        if self.purpose.as_deref().is_some_and(|name| Purpose::from_name(name).is_none()) {
            let names = Purpose::all().map(Purpose::as_str).join(", ");
            return Err(Problem::field("purpose", format!("must be one of {names}")));
        }
        let outbound = match self.direction.as_deref() {
            None => None,
            Some("outbound") => Some(true),
            Some("inbound") => Some(false),
            Some(_) => return Err(Problem::field("direction", "must be inbound or outbound")),
        };
        // Ids grow with time, so that a span of time is a span of ids.
        let after = time("created_after", self.created_after.as_deref())?.map_or(0, |at| Ids::floor(at) - 1);
        let (status, purpose) = (self.status.clone(), self.purpose.clone());
        Ok(MessageFilter { contact_id: None, status, purpose, outbound, after })
    }
}

fn time(field: &'static str, text: Option<&str>) -> Result<Option<Timestamp>, Problem> {
    let expected = "must be a time in RFC 3339, such as 2026-11-21T12:00:00Z";
    text.map(|text| text.parse().map_err(|_| Problem::field(field, expected))).transpose()
}
