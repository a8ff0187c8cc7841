//! `/audit`: what staff and programs did.

use super::Api;
use super::auth::{Allowed, AuditRead};
use super::moment::{Time, time};
use super::openapi::Routes;
use super::page::{Bounds, Page};
use crate::problem::Problem;
use crate::store::AuditRow;
use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

pub(super) fn routes() -> Routes {
    Routes::about("Audit log", "What staff and programs did.").get("/audit", list, "List acts")
}

/// An act.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Act {
    id: String,
    /// When it was done.
    at: Option<Time>,
    actor: String,
    /// What was done.
    #[schemars(example = &"POST /bookings/{id}/cancel")]
    action: String,
    /// To what it was done.
    #[schemars(example = &"id 1884072960000001")]
    subject: String,
    /// Chains it to the act before.
    hash: String,
}

impl From<AuditRow> for Act {
    fn from(row: AuditRow) -> Self {
        Self {
            id: row.id.to_string(),
            at: time(row.at),
            actor: row.actor,
            action: row.action,
            subject: row.subject,
            hash: row.hash,
        }
    }
}

/// `GET /audit`.
async fn list(
    _: Allowed<AuditRead>,
    State(api): State<Arc<Api>>,
    bounds: Bounds,
) -> Result<Json<Page<Act>>, Problem> {
    let rows = api.inbox.store.audit(bounds.before, bounds.limit + 1).await?;
    Ok(Json(Page::of(rows, bounds, |row| row.id, Act::from)))
}
