//! `/webhook-endpoints`: who is told of what happens.

use super::Api;
use super::auth::{Allowed, WebhooksRead, WebhooksWrite};
use super::input::Input;
use super::moment::{Time, time};
use super::openapi::{Created, NoContent, Routes};
use super::page::{Bounds, Page};
use crate::events::{EventKind, check_url};
use crate::listeners::EVERYTHING;
use crate::problem::Problem;
use crate::store::{EndpointChange, EndpointRow, NewEndpoint, explain};
use crate::visible;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The most endpoints there may be: each event is written once for each.
const MAX_ENDPOINTS: i64 = 20;
const MAX_DESCRIPTION: usize = 200;
/// How long a secret still signs after it was replaced.
const OVERLAP: SignedDuration = SignedDuration::from_hours(24);

/// The id in the path, as written.
pub(super) type Id = Result<Path<String>, PathRejection>;

pub(super) fn routes() -> Routes {
    Routes::about("Webhooks", "Systems of yours that are told of what happens.")
        .get("/webhook-endpoints", list, "List webhook endpoints")
        .post("/webhook-endpoints", create, "Add a webhook endpoint")
        .more("Beside a rotation's, this is the only answer with the secret.")
        .or("too_many_endpoints")
        .get("/webhook-endpoints/{id}", show, "Read a webhook endpoint")
        .patch("/webhook-endpoints/{id}", change, "Change a webhook endpoint")
        .more("What is left out stays.")
        .delete("/webhook-endpoints/{id}", remove, "Delete a webhook endpoint")
        .post("/webhook-endpoints/{id}/rotate-secret", rotate_secret, "Give it another secret")
        .more("For a day both secrets sign.")
}

/// An endpoint as shown; its secret only when it is made.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Endpoint {
    id: String,
    url: String,
    description: String,
    /// What it is told of; `*` is everything.
    #[schemars(example = ["*"])]
    events: Vec<String>,
    /// Whether it is told.
    enabled: bool,
    /// Why it is not.
    #[schemars(extend("examples" = [null]))]
    disabled_reason: Option<String>,
    /// Since when it has not taken anything.
    #[schemars(extend("examples" = [null]))]
    failing_since: Option<Time>,
    /// What its webhooks are signed with.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")]
    secret: Option<String>,
    /// Until when the secret before it signs too.
    #[schemars(extend("examples" = [null]))]
    previous_secret_valid_until: Option<Time>,
    created_at: Option<Time>,
    updated_at: Option<Time>,
}

impl From<EndpointRow> for Endpoint {
    fn from(row: EndpointRow) -> Self {
        Self {
            id: row.id.to_string(),
            url: row.url,
            description: row.description,
            events: row.events.split(' ').map(str::to_owned).collect(),
            enabled: row.enabled,
            disabled_reason: row.disabled_reason,
            failing_since: row.failing_since.and_then(time),
            secret: None,
            previous_secret_valid_until: row.previous_until.and_then(time),
            created_at: time(row.created_at),
            updated_at: time(row.updated_at),
        }
    }
}

impl Endpoint {
    fn with_secret(row: EndpointRow, api: &Api) -> Self {
        let secret = Some(api.webhook_key.secret(&row.nonce).expose());
        Self { secret, ..row.into() }
    }
}

/// What may be said of an endpoint; on creation the URL must be.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Wanted {
    #[schemars(extend("format" = "uri"), example = &"https://example.org/hooks/tidings")]
    url: Option<String>,
    #[schemars(length(max = MAX_DESCRIPTION))]
    description: Option<String>,
    /// What it is to be told of; `*` is everything.
    #[schemars(length(min = 1), example = ["message.delivered"])]
    events: Option<Vec<String>>,
    /// Whether it is to be told.
    enabled: Option<bool>,
}

impl Wanted {
    /// The events as stored, if all is as it should be.
    fn check(&self, api: &Api) -> Result<Option<String>, Problem> {
        if let Some(url) = &self.url {
            check_url(url, api.webhook_allow_private)
                .map_err(|error| Problem::field("url", error.to_string()))?;
        }
        if let Some(text) = &self.description {
            visible::note(text, MAX_DESCRIPTION).map_err(|error| Problem::field("description", error))?;
        }
        self.events.as_deref().map(events).transpose()
    }
}

fn events(names: &[String]) -> Result<String, Problem> {
    if names.is_empty() {
        return Err(Problem::field("events", "must name events, or [\"*\"] for all"));
    }
    if names.iter().any(|name| name == EVERYTHING) {
        return Ok(EVERYTHING.to_owned());
    }
    if let Some(at) = names.iter().position(|name| EventKind::from_name(name).is_none()) {
        let known = EventKind::all().map(EventKind::as_str).join(", ");
        return Err(Problem::field(format!("events[{at}]"), format!("must be * or one of {known}")));
    }
    let mut names = names.to_vec();
    names.sort_unstable();
    names.dedup();
    Ok(names.join(" "))
}

/// `GET /webhook-endpoints`.
async fn list(
    _: Allowed<WebhooksRead>,
    State(api): State<Arc<Api>>,
    bounds: Bounds,
) -> Result<Json<Page<Endpoint>>, Problem> {
    // They are few, and so read whole.
    let mut rows = api.inbox.store.endpoints().await?;
    rows.retain(|row| row.id < bounds.before);
    Ok(Json(Page::of(rows, bounds, |row| row.id, Endpoint::from)))
}

/// `GET /webhook-endpoints/{id}`.
async fn show(
    _: Allowed<WebhooksRead>,
    State(api): State<Arc<Api>>,
    id: Id,
) -> Result<Json<Endpoint>, Problem> {
    Ok(Json(find(&api, id).await?.into()))
}

/// `POST /webhook-endpoints`: the one answer, beside a rotation's, that shows the secret.
async fn create(
    _: Allowed<WebhooksWrite>,
    State(api): State<Arc<Api>>,
    Input(wanted): Input<Wanted>,
) -> Result<Created<Endpoint>, Problem> {
    let Some(url) = &wanted.url else { return Err(Problem::field("url", "is missing")) };
    if wanted.enabled == Some(false) {
        return Err(Problem::field("enabled", "a new endpoint is enabled"));
    }
    let events = wanted.check(&api)?.unwrap_or_else(|| EVERYTHING.to_owned());
    let now = api.inbox.clock.now();
    let new = NewEndpoint {
        id: api.inbox.ids.next(now),
        url,
        description: wanted.description.as_deref().unwrap_or_default(),
        events: &events,
        nonce: &fresh_nonce()?,
        now: now.as_millisecond(),
    };
    let mut tx = api.inbox.store.begin().await?;
    if !tx.add_endpoint(&new, MAX_ENDPOINTS).await? {
        let detail = "there are 20 webhook endpoints already; delete one";
        return Err(Problem::new(StatusCode::CONFLICT, "too_many_endpoints", detail));
    }
    tx.commit().await?;
    noticed(&api).await;
    let row = api.inbox.store.endpoint(new.id).await?.ok_or_else(gone)?;
    Ok(Created(Endpoint::with_secret(row, &api)))
}

/// `PATCH /webhook-endpoints/{id}`.
async fn change(
    _: Allowed<WebhooksWrite>,
    State(api): State<Arc<Api>>,
    id: Id,
    Input(wanted): Input<Wanted>,
) -> Result<Json<Endpoint>, Problem> {
    let events = wanted.check(&api)?;
    let change = EndpointChange {
        url: wanted.url.as_deref(),
        description: wanted.description.as_deref(),
        events: events.as_deref(),
        enabled: wanted.enabled,
    };
    let mut tx = api.inbox.store.begin().await?;
    let row = tx.change_endpoint(number(id)?, change, api.inbox.clock.now().as_millisecond()).await?;
    let row = row.ok_or_else(gone)?;
    tx.commit().await?;
    noticed(&api).await;
    Ok(Json(row.into()))
}

/// `DELETE /webhook-endpoints/{id}`, with all that waits for it.
async fn remove(
    _: Allowed<WebhooksWrite>,
    State(api): State<Arc<Api>>,
    id: Id,
) -> Result<NoContent, Problem> {
    let mut tx = api.inbox.store.begin().await?;
    if !tx.delete_endpoint(number(id)?).await? {
        return Err(gone());
    }
    tx.commit().await?;
    noticed(&api).await;
    Ok(NoContent)
}

/// `POST /webhook-endpoints/{id}/rotate-secret`: for a day both secrets sign.
async fn rotate_secret(
    _: Allowed<WebhooksWrite>,
    State(api): State<Arc<Api>>,
    id: Id,
) -> Result<Json<Endpoint>, Problem> {
    let now = api.inbox.clock.now();
    let until = (now + OVERLAP).as_millisecond();
    let mut tx = api.inbox.store.begin().await?;
    let row = tx.rotate_secret(number(id)?, &fresh_nonce()?, until, now.as_millisecond()).await?;
    let row = row.ok_or_else(gone)?;
    tx.commit().await?;
    Ok(Json(Endpoint::with_secret(row, &api)))
}

/// The endpoint that a path names.
pub(super) async fn find(api: &Api, id: Id) -> Result<EndpointRow, Problem> {
    api.inbox.store.endpoint(number(id)?).await?.ok_or_else(gone)
}

fn number(id: Id) -> Result<i64, Problem> {
    id.ok().and_then(|Path(text)| text.parse().ok()).ok_or_else(gone)
}

fn gone() -> Problem {
    Problem::not_found("there is no such webhook endpoint")
}

/// This node listens for the change at once, the others within a second.
async fn noticed(api: &Api) {
    if let Err(error) = api.inbox.listeners.refresh(&api.inbox.store).await {
        tracing::warn!(error = %explain(&error), "a change of webhook endpoints is seen a little later");
    }
    api.inbox.listeners.changed.notify_one();
}

/// What a new secret follows from: 128 random bits.
fn fresh_nonce() -> Result<String, Problem> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| Problem::unavailable("this machine has no random bytes"))?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}
