//! `/messages`: everybody's messages.

use super::Api;
use super::auth::{Allowed, MessagesRead};
use super::contacts::address_of;
use super::openapi::Routes;
use super::page::{Bounds, Page};
use super::query::Asked;
use super::render::Message;
use crate::delivery::Status;
use crate::ids::Ids;
use crate::moment;
use crate::problem::Problem;
use crate::purpose::Purpose;
use crate::store::MessageFilter;
use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Arc;

pub(super) fn routes() -> Routes {
    Routes::about("Messages", "Everybody's messages, both ways.")
        .get("/messages", list, "List messages")
        .merge(super::send::routes())
}

/// What is asked of the list, beside its page.
#[derive(Debug, Deserialize, JsonSchema)]
struct ListQuery {
    /// The same as `phone_number`.
    #[schemars(example = &"+14155550101")]
    contact: Option<String>,
    phone_number: Option<String>,
    #[schemars(extend("enum" = statuses()))]
    status: Option<String>,
    /// What they are for.
    #[schemars(extend("enum" = Purpose::all().map(Purpose::as_str)))]
    purpose: Option<String>,
    /// Which way they went.
    #[schemars(extend("enum" = ["inbound", "outbound"]))]
    direction: Option<String>,
    /// Only those made at this time or later.
    #[schemars(with = "Option<Timestamp>", example = &"2026-11-01T00:00:00Z")]
    created_after: Option<String>,
    /// Only those made before this time.
    #[schemars(with = "Option<Timestamp>", example = &"2026-12-01T00:00:00Z")]
    created_before: Option<String>,
}

/// `GET /messages`.
async fn list(
    _: Allowed<MessagesRead>,
    State(api): State<Arc<Api>>,
    bounds: Bounds,
    Asked(query): Asked<ListQuery>,
) -> Result<Json<Page<Message>>, Problem> {
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

/// The status of a message of either direction.
pub(super) fn statuses() -> Vec<&'static str> {
    std::iter::once("received").chain(Status::names()).collect()
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
    text.map(|text| moment::read(text).ok_or_else(|| Problem::field(field, expected))).transpose()
}
