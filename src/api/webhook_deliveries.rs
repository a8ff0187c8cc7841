//! What became of webhooks, and sending them again.

use super::Api;
use super::auth::{Allowed, WebhooksRead, WebhooksWrite};
use super::input::Input;
use super::moment::{Time, time};
use super::openapi::{Accepted, Routes};
use super::page::{Bounds, Page};
use super::webhook_endpoints::{Id, find};
use crate::deliveries::Attempt;
use crate::ids::Ids;
use crate::problem::Problem;
use crate::store::{DeliveryRow, EndpointRow};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

/// The most that one replay sends again: it is one statement.
const MAX_REPLAY: i64 = 50_000;

pub(super) fn routes() -> Routes {
    Routes::about("Webhooks", "")
        .get("/webhook-endpoints/{id}/deliveries", list, "List deliveries to an endpoint")
        .post("/webhook-endpoints/{id}/replay", replay, "Deliver again")
        .more("Everything since a time, or a single delivery.")
        .or("endpoint_disabled")
        .post("/webhook-endpoints/{id}/test", test, "Send a test event")
        .or("endpoint_disabled")
}

/// One event on its way to one endpoint.
#[derive(Debug, Serialize, JsonSchema)]
struct Delivery {
    id: String,
    /// The header `webhook-id` of every attempt.
    #[schemars(example = &"msg_1884072960000001")]
    webhook_id: String,
    /// What happened.
    #[schemars(example = &"message.delivered")]
    r#type: String,
    status: String,
    /// Every attempt.
    attempts: Vec<Attempt>,
    /// When it is tried next.
    #[schemars(extend("examples" = [null]))]
    next_try_at: Option<Time>,
    created_at: Option<Time>,
    /// When it was taken.
    delivered_at: Option<Time>,
}

impl From<DeliveryRow> for Delivery {
    fn from(row: DeliveryRow) -> Self {
        Self {
            id: row.id.to_string(),
            webhook_id: format!("msg_{}", row.event_id),
            r#type: row.kind,
            status: row.status,
            attempts: serde_json::from_str(&row.history).unwrap_or_default(),
            next_try_at: row.due_at.and_then(time),
            created_at: time(row.created_at),
            delivered_at: row.delivered_at.and_then(time),
        }
    }
}

/// Which deliveries to make again: everything since a time, or a single one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({ "since": "2026-11-20T12:00:00Z" }))]
struct Again {
    /// From this time on.
    #[serde(default, deserialize_with = "crate::moment::maybe")]
    since: Option<Timestamp>,
    /// Or only this one.
    delivery_id: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Replayed {
    /// How many.
    queued: u64,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Tested {
    /// The delivery of the test event.
    #[schemars(example = &"1884072960000001")]
    delivery_id: String,
}

/// `GET /webhook-endpoints/{id}/deliveries`.
async fn list(
    _: Allowed<WebhooksRead>,
    State(api): State<Arc<Api>>,
    id: Id,
    bounds: Bounds,
) -> Result<Json<Page<Delivery>>, Problem> {
    let endpoint = find(&api, id).await?;
    let rows = api.inbox.store.deliveries(endpoint.id, bounds.before, bounds.limit + 1).await?;
    Ok(Json(Page::of(rows, bounds, |row| row.id, Delivery::from)))
}

/// `POST /webhook-endpoints/{id}/replay`: the same webhooks with the same ids, once more.
async fn replay(
    _: Allowed<WebhooksWrite>,
    State(api): State<Arc<Api>>,
    id: Id,
    Input(again): Input<Again>,
) -> Result<Accepted<Replayed>, Problem> {
    let endpoint = find(&api, id).await?;
    enabled(&endpoint)?;
    let store = &api.inbox.store;
    let now = api.inbox.clock.now().as_millisecond();
    let queued = match (again.since, again.delivery_id) {
        (Some(since), None) => {
            let from = Ids::floor(since);
            if store.deliveries_since(endpoint.id, from, MAX_REPLAY + 1).await? > MAX_REPLAY {
                return Err(Problem::field("since", "more than 50000 deliveries; choose a later time"));
            }
            store.replay(endpoint.id, from, i64::MAX, now).await?
        }
        (None, Some(delivery)) => match delivery.parse() {
            Ok(delivery) => store.replay(endpoint.id, delivery, delivery, now).await?,
            Err(_) => 0,
        },
        _ => return Err(Problem::field("since", "give either since or delivery_id")),
    };
    if queued == 0 && again.since.is_none() {
        return Err(Problem::not_found("this endpoint has no such delivery"));
    }
    api.inbox.listeners.changed.notify_one();
    Ok(Accepted(Replayed { queued }))
}

/// `POST /webhook-endpoints/{id}/test`: an event of the type `test`.
async fn test(
    _: Allowed<WebhooksWrite>,
    State(api): State<Arc<Api>>,
    id: Id,
) -> Result<Accepted<Tested>, Problem> {
    let endpoint = find(&api, id).await?;
    enabled(&endpoint)?;
    let inbox = &api.inbox;
    let now = inbox.clock.now();
    let delivery = inbox.listeners.announce_test(&inbox.store, &inbox.ids, now, endpoint.id).await?;
    Ok(Accepted(Tested { delivery_id: delivery.to_string() }))
}

fn enabled(endpoint: &EndpointRow) -> Result<(), Problem> {
    if endpoint.enabled {
        return Ok(());
    }
    let detail = "this endpoint is switched off; enable it first";
    Err(Problem::new(StatusCode::CONFLICT, "endpoint_disabled", detail))
}
