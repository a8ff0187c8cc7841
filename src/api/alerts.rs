//! `/alerts`: telling groups of staff.

use super::Api;
use super::auth::{AlertsSend, Allowed, GroupsRead};
use super::groups::{MAX_MEMBERS, MAX_NAME, id_of};
use super::input::Input;
use super::moment::{Time, time};
use super::openapi::{Accepted, Routes};
use super::page::{Bounds, Page};
use super::render::has_left;
use crate::left_out;
use crate::notice::Notice;
use crate::outbound::{self, Alert as Telling};
use crate::problem::Problem;
use crate::store::{AlertRow, GroupRow, SourceMessageRow};
use crate::visible::{self, is_visible};
use axum::Json;
use axum::extract::{Path, State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The longest words, in characters: Twilio takes no more (error 21617).
const MAX_BODY: usize = 1600;
/// The longest variable: its template stays well below that.
const MAX_VARIABLE: usize = 1000;

pub(super) fn routes() -> Routes {
    Routes::about("Alerts", "Telling groups of staff.")
        .get("/alerts", list, "List alerts")
        .post("/alerts", create, "Alert a group")
        .more("Give a template and its variables, or the words.")
        .get("/alerts/{id}", show, "Read an alert and what became of its messages")
}

/// An alert.
#[derive(Debug, Serialize, JsonSchema)]
struct Alert {
    id: String,
    group_id: String,
    group: String,
    template: Option<String>,
    body: String,
    created_at: Option<Time>,
    /// How many messages have which status.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = json!({ "delivered": 11, "undelivered": 1 }))]
    counts: Option<BTreeMap<String, usize>>,
    /// The message to each member.
    #[serde(skip_serializing_if = "Option::is_none")]
    messages: Option<Vec<Message>>,
}

/// One member's message.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AlertMessage")]
struct Message {
    id: String,
    to: String,
    status: String,
    status_reason: Option<String>,
    #[schemars(extend("examples" = [null]))]
    error_code: Option<i64>,
    sent_at: Option<Time>,
}

impl From<SourceMessageRow> for Message {
    fn from(row: SourceMessageRow) -> Self {
        Self {
            id: row.id.to_string(),
            to: row.address,
            sent_at: row.sent_at.filter(|_| has_left(&row.status)).and_then(time),
            status: row.status,
            status_reason: row.status_reason,
            error_code: row.error_code,
        }
    }
}

impl From<AlertRow> for Alert {
    fn from(row: AlertRow) -> Self {
        Self {
            id: row.id.to_string(),
            group_id: row.group_id.to_string(),
            group: row.group_name,
            template: row.template,
            body: row.body,
            created_at: time(row.created_at),
            counts: None,
            messages: None,
        }
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({ "group": "Nurses", "template": "alert", "variables": { "text": "Please come to ward 3." } }))]
struct NewAlert {
    /// A group's name or id.
    group: String,
    /// `alert`, with the variable `text`; or give a body.
    #[schemars(extend("enum" = ["alert", null]))]
    template: Option<String>,
    #[schemars(length(min = 1, max = MAX_BODY))]
    body: Option<String>,
    #[serde(default, deserialize_with = "left_out::or_default")]
    variables: BTreeMap<String, String>,
}

/// `POST /alerts`.
async fn create(
    allowed: Allowed<AlertsSend>,
    State(api): State<Arc<Api>>,
    Input(new): Input<NewAlert>,
) -> Result<Accepted<Alert>, Problem> {
    let telling = telling(&new)?;
    let group = group(&api, &new.group).await?;
    let members = api.inbox.store.group_members(group.id).await?;
    if members.is_empty() {
        return Err(Problem::field("group", "nobody is in this group"));
    }
    let row = outbound::raise(&api.inbox, &group, &members, &telling, allowed.reach).await?;
    // Shown as it was made, before the sender takes it.
    let alert = with_messages(&api, row).await?;
    api.wake.notify_one();
    Ok(Accepted(alert))
}

/// `GET /alerts`.
async fn list(
    _: Allowed<GroupsRead>,
    State(api): State<Arc<Api>>,
    bounds: Bounds,
) -> Result<Json<Page<Alert>>, Problem> {
    let rows = api.inbox.store.alerts(bounds.before, bounds.limit + 1).await?;
    Ok(Json(Page::of(rows, bounds, |row| row.id, Alert::from)))
}

/// `GET /alerts/{id}`.
async fn show(
    _: Allowed<GroupsRead>,
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
) -> Result<Json<Alert>, Problem> {
    let row = api.inbox.store.alert(id_of(&id)?).await?;
    let row = row.ok_or_else(|| Problem::not_found("no alert has this id"))?;
    Ok(Json(with_messages(&api, row).await?))
}

async fn with_messages(api: &Api, row: AlertRow) -> Result<Alert, Problem> {
    let limit = i64::try_from(MAX_MEMBERS).unwrap_or(i64::MAX);
    let messages = api.inbox.store.messages_of_source(row.id, limit).await?;
    let mut counts = BTreeMap::new();
    for message in &messages {
        *counts.entry(message.status.clone()).or_default() += 1;
    }
    let messages = messages.into_iter().map(Message::from).collect();
    Ok(Alert { counts: Some(counts), messages: Some(messages), ..row.into() })
}

/// The group with this name, or else with this id.
async fn group(api: &Api, text: &str) -> Result<GroupRow, Problem> {
    let store = &api.inbox.store;
    let name = visible::name(text, MAX_NAME).unwrap_or_default();
    let mut group = store.group_by_name(&name).await?;
    if let (None, Ok(id)) = (&group, name.parse()) {
        group = store.group(id).await?;
    }
    group.ok_or_else(|| Problem::field("group", "no group has this name or id"))
}

/// What is to be told: a template that was made for alerts, or words.
fn telling(new: &NewAlert) -> Result<Telling, Problem> {
    let unknown =
        |wanted: Option<&str>| new.variables.keys().find(|name| Some(name.as_str()) != wanted).cloned();
    match (new.template.as_deref(), new.body.as_deref()) {
        (Some("alert"), None) => {
            if let Some(name) = unknown(Some("text")) {
                return Err(Problem::field(format!("variables.{name}"), "the template alert has only text"));
            }
            let text = new.variables.get("text").map(String::as_str).unwrap_or_default();
            Ok(Telling::Notice(Notice::Alert { text: words("variables.text", text, MAX_VARIABLE)? }))
        }
        (Some(_), None) => Err(Problem::field("template", "must be alert, or send the words as body")),
        (None, Some(body)) => match unknown(None) {
            Some(name) => Err(Problem::field(format!("variables.{name}"), "a body has no variables")),
            None => Ok(Telling::Words(words("body", body, MAX_BODY)?)),
        },
        (None, None) => Err(Problem::field("body", "is missing; or give a template")),
        (Some(_), Some(_)) => Err(Problem::field("body", "can't go with a template")),
    }
}

fn words(field: &'static str, text: &str, most: usize) -> Result<String, Problem> {
    let text = text.trim();
    if !is_visible(text) || text.chars().count() > most || text.contains('\0') {
        return Err(Problem::field(field, format!("must have 1 to {most} characters")));
    }
    Ok(text.to_owned())
}
