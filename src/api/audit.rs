//! `/audit`: what staff and programs did.

use super::Api;
use super::auth::{Allowed, AuditRead};
use super::page::{Bounds, Page};
use crate::problem::Problem;
use crate::store::AuditRow;
use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use std::sync::Arc;

/// An act.
#[derive(Debug, Serialize)]
pub(super) struct Act {
    id: String,
    at: Option<Timestamp>,
    actor: String,
    action: String,
    subject: String,
    hash: String,
}

impl From<AuditRow> for Act {
    fn from(row: AuditRow) -> Self {
        Self {
            id: row.id.to_string(),
            at: Timestamp::from_millisecond(row.at).ok(),
            actor: row.actor,
            action: row.action,
            subject: row.subject,
            hash: row.hash,
        }
    }
}

/// `GET /audit`.
pub(super) async fn list(
    _: Allowed<AuditRead>,
    State(api): State<Arc<Api>>,
    bounds: Bounds,
) -> Result<Json<Page<Act>>, Problem> {
    let rows = api.inbox.store.audit(bounds.before, bounds.limit + 1).await?;
    Ok(Json(Page::of(rows, bounds, |row| row.id, Act::from)))
}
