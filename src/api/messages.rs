//! `/messages`: everybody's messages.

use super::Api;
use super::auth::{Allowed, MessagesRead};
use super::page::{Bounds, Page};
use super::render::Message;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use std::collections::HashMap;
use std::sync::Arc;

/// `GET /messages`.
pub(super) async fn list(
    _: Allowed<MessagesRead>,
    State(api): State<Arc<Api>>,
    bounds: Bounds,
) -> Result<Json<Page<Message>>, Problem> {
    let rows = api.inbox.store.messages(bounds.before, bounds.limit + 1).await?;
    let contacts: Vec<i64> = rows.iter().map(|row| row.contact_id).collect();
    let addresses: HashMap<i64, String> = api.inbox.store.addresses(&contacts).await?.into_iter().collect();
    let show = |row: crate::store::MessageRow| {
        let address = addresses.get(&row.contact_id).cloned();
        Message::new(row, address.as_deref())
    };
    Ok(Json(Page::of(rows, bounds, |row| row.id, show)))
}
