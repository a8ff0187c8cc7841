//! `/opt-outs`: who must not be written to, as a list, one by one, and as CSV in and out.

use super::Api;
use super::auth::{Allowed, ContactsRead, ContactsWrite};
use super::consent::check_words;
use super::contact_list::prefix_of;
use super::contacts::address_of;
use super::input::{Input, MAX_BYTES};
use super::page::{Bounds, Page};
use super::render::time;
use crate::conversation::{Note, OptOutList, write_opt_outs};
use crate::problem::{FieldError, Problem};
use crate::store::{OptOutFilter, OptOutRow, Prefix, Store};
use axum::body::Body;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderName};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::routing::{get, post};
use axum::{Json, Router};
use bytes::Bytes;
use futures_util::stream;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Rows of the export that are in memory at a time.
const SLICE: i64 = 1000;
/// How opt-outs come about.
const HOW: [&str; 8] = [
    "keyword",
    "plain_words",
    "wrong_number",
    "opt_out_type",
    "forget_me",
    "error_21610",
    "import",
    "operator",
];

/// The routes of opt-outs.
pub(super) fn routes() -> Router<Arc<Api>> {
    Router::new()
        .route("/opt-outs", get(list).post(add))
        .route("/opt-outs/import", post(import))
        .route("/opt-outs/export", get(export))
}

/// What is asked of the list, beside its page.
#[derive(Debug, Deserialize)]
struct ListQuery {
    search: Option<String>,
    how: Option<String>,
}

/// Somebody who is opted out.
#[derive(Debug, Serialize)]
pub(super) struct OptOut {
    phone_number: String,
    name: Option<String>,
    how: Option<String>,
    actor: Option<String>,
    /// What the person wrote, or the reason that staff gave.
    text: Option<String>,
    opted_out_at: Option<Timestamp>,
}

impl From<OptOutRow> for OptOut {
    fn from(row: OptOutRow) -> Self {
        Self {
            phone_number: row.address,
            name: row.name,
            how: row.how,
            actor: row.actor,
            text: row.body,
            opted_out_at: row.created_at.and_then(time),
        }
    }
}

/// A number to opt out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewOptOut {
    phone_number: String,
    reason: String,
}

/// A number that is opted out.
#[derive(Debug, Serialize)]
pub(super) struct Added {
    phone_number: String,
    /// Whether it was not before.
    changed: bool,
}

/// What is asked of an import.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ImportQuery {
    /// Only say what would be done.
    #[serde(default)]
    dry_run: bool,
}

/// What came of a list.
#[derive(Debug, Serialize)]
pub(super) struct Imported {
    opted_out: usize,
    already: usize,
    refused: usize,
    dry_run: bool,
    errors: Vec<LineErrors>,
}

/// What is wrong with a line; the header is line 1.
#[derive(Debug, Serialize)]
struct LineErrors {
    line: u64,
    errors: Vec<FieldError>,
}

/// `GET /opt-outs`.
pub(super) async fn list(
    _: Allowed<ContactsRead>,
    State(api): State<Arc<Api>>,
    bounds: Bounds,
    uri: Uri,
) -> Result<Json<Page<OptOut>>, Problem> {
    let query = Query::<ListQuery>::try_from_uri(&uri);
    let query = query.map_err(|error| Problem::field("query", error.body_text()))?.0;
    let filter = query.filter(&api)?;
    let rows = api.inbox.store.find_opted_out(&filter, bounds.before, bounds.limit + 1).await?;
    Ok(Json(Page::of(rows, bounds, |row| row.id, OptOut::from)))
}

/// `POST /opt-outs`. Numbers that nobody knows yet are opted out as well.
pub(super) async fn add(
    allowed: Allowed<ContactsWrite>,
    State(api): State<Arc<Api>>,
    Input(input): Input<NewOptOut>,
) -> Result<(StatusCode, Json<Added>), Problem> {
    check_words("reason", &input.reason).map_err(|error| Problem::fields([error]))?;
    let address = address_of(&api, "phone_number", &input.phone_number)?.to_string();
    let actor = allowed.actor();
    let note = Note { actor: &actor, reason: Some(input.reason.trim()), evidence: None };
    let changed = api.inbox.opt_out(std::slice::from_ref(&address), false, note, false).await? > 0;
    let status = if changed { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(Added { phone_number: address, changed })))
}

/// `POST /opt-outs/import`: CSV with the column `phone_number`, as `tidings opt-outs import` reads it.
pub(super) async fn import(
    allowed: Allowed<ContactsWrite>,
    State(api): State<Arc<Api>>,
    query: Result<Query<ImportQuery>, QueryRejection>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Imported>, Problem> {
    let Query(query) = query.map_err(|error| Problem::field("dry_run", error.body_text()))?;
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("text/csv") {
        let detail = "expected the header Content-Type: text/csv";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail));
    }
    let body = body.ok().filter(|body| body.len() <= MAX_BYTES).ok_or_else(Problem::too_large)?;
    let list = OptOutList::read(body.as_ref(), api.default_region);
    let list = list.map_err(|error| Problem::field("body", error.to_string()))?;
    let actor = allowed.actor();
    let note = Note { actor: &actor, reason: None, evidence: None };
    let opted_out = api.inbox.import_opt_outs(&list.phones, note, query.dry_run).await?;
    Ok(Json(Imported {
        opted_out,
        already: list.phones.len() - opted_out,
        refused: list.refused.len(),
        dry_run: query.dry_run,
        errors: list.refused.into_iter().map(line_errors).collect(),
    }))
}

fn line_errors((line, message): (u64, String)) -> LineErrors {
    LineErrors { line, errors: vec![FieldError { field: "phone_number".into(), message: message.into() }] }
}

/// `GET /opt-outs/export`: everybody who is opted out, as CSV, a slice at a time.
pub(super) async fn export(
    _: Allowed<ContactsRead>,
    State(api): State<Arc<Api>>,
) -> ([(HeaderName, &'static str); 2], Body) {
    let store = api.inbox.store.clone();
    let slices = stream::try_unfold(Some(0), move |after| {
        let store = store.clone();
        async move {
            let Some(after) = after else { return Ok::<_, std::io::Error>(None) };
            slice(&store, after).await.map(Some)
        }
    });
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"opt-outs.csv\""),
    ];
    (headers, Body::from_stream(slices))
}

/// The lines behind the contact `after`, and behind which the next ones are, if there are any.
async fn slice(store: &Store, after: i64) -> std::io::Result<(Bytes, Option<i64>)> {
    let rows = store.opted_out(after, SLICE).await.map_err(std::io::Error::other)?;
    let mut lines = Vec::new();
    write_opt_outs(&mut lines, &rows, after == 0).map_err(std::io::Error::other)?;
    Ok((lines.into(), rows.last().map(|last| last.id)))
}

impl ListQuery {
    fn filter(self, api: &Api) -> Result<OptOutFilter, Problem> {
        if self.how.as_deref().is_some_and(|how| !HOW.contains(&how)) {
            return Err(Problem::field("how", format!("must be one of {}", HOW.join(", "))));
        }
        let search = self.search.as_deref().map(str::trim).filter(|search| !search.is_empty());
        let prefix = match search.map(|search| prefix_of(search, api)) {
            None => None,
            Some(Prefix::Number(prefix)) => Some(prefix),
            Some(Prefix::Name(_)) => {
                return Err(Problem::field("search", "must be a number or its beginning"));
            }
        };
        Ok(OptOutFilter { how: self.how, prefix })
    }
}
