//! `/opt-outs`: who must not be written to, as a list, one by one, and as CSV in and out.

use super::Api;
use super::auth::{Allowed, ContactsRead, ContactsWrite};
use super::consent::{MAX_WORDS, check_words};
use super::contact_list::prefix_of;
use super::contacts::address_of;
use super::input::{Input, MAX_BYTES, without_nul};
use super::moment::{Time, time};
use super::openapi::{Asks, CsvFile, MadeOrThere, Routes, Sheet};
use super::page::{Bounds, Page};
use super::query::Asked;
use crate::conversation::{Note, OptOutList, write_opt_outs};
use crate::problem::{FieldError, Problem};
use crate::store::{OptOutFilter, OptOutRow, Prefix, Store};
use axum::Json;
use axum::body::Body;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use bytes::Bytes;
use futures_util::stream;
use schemars::JsonSchema;
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

pub(super) fn routes() -> Routes {
    Routes::about("Opt-outs", "Who must not be written to.")
        .get("/opt-outs", list, "List opt-outs")
        .post("/opt-outs", add, "Opt a number out")
        .post("/opt-outs/import", import, "Opt many numbers out")
        .more("CSV with the column `phone_number`.")
        .get("/opt-outs/export", export, "Read all opt-outs as CSV")
}

/// What is asked of the list, beside its page.
#[derive(Debug, Deserialize, JsonSchema)]
struct ListQuery {
    /// A number or its beginning.
    #[schemars(example = &"+1415")]
    search: Option<String>,
    /// Only those that came about so.
    #[schemars(extend("enum" = HOW))]
    how: Option<String>,
}

/// Somebody who is opted out.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct OptOut {
    phone_number: String,
    name: Option<String>,
    how: Option<String>,
    actor: Option<String>,
    /// What the person wrote, or the reason that staff gave.
    text: Option<String>,
    opted_out_at: Option<Time>,
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
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewOptOut {
    phone_number: String,
    /// Why.
    #[schemars(length(min = 1, max = MAX_WORDS), example = &"She asked at the desk")]
    reason: String,
}

/// A number that is opted out.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Added {
    phone_number: String,
    /// Whether it was not before.
    changed: bool,
}

/// What is asked of an import.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ImportQuery {
    /// Only say what would be done.
    #[serde(default)]
    dry_run: bool,
}

/// The list, as it came in.
pub(super) struct Lines(Bytes);

impl<S: Send + Sync> FromRequest<S> for Lines {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("text/csv") {
            let detail = "expected the header Content-Type: text/csv";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail));
        }
        let body: Result<Bytes, BytesRejection> = Bytes::from_request(request, state).await;
        let body = body.ok().filter(|body| body.len() <= MAX_BYTES).ok_or_else(Problem::too_large)?;
        without_nul(&body)?;
        Ok(Self(body))
    }
}

impl Asks for Lines {
    fn asks(sheet: &mut Sheet) {
        sheet.body::<OptOutFile>("text/csv");
    }
}

/// A CSV file.
#[derive(JsonSchema)]
#[schemars(example = &"phone_number\n+14155550101\n")]
#[expect(dead_code, reason = "it is there to be described")]
struct OptOutFile(String);

/// What came of a list.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ImportedOptOuts")]
pub(super) struct Imported {
    /// Numbers that were opted out.
    #[schemars(example = 40)]
    opted_out: usize,
    /// Numbers that were before.
    already: usize,
    /// Lines that were not read.
    refused: usize,
    /// Whether it was only tried.
    dry_run: bool,
    /// What is wrong with them.
    errors: Vec<LineErrors>,
}

/// What is wrong with a line; the header is line 1.
#[derive(Debug, Serialize, JsonSchema)]
struct LineErrors {
    /// The line.
    line: u64,
    /// What is wrong with it.
    errors: Vec<FieldError>,
}

/// `GET /opt-outs`.
async fn list(
    _: Allowed<ContactsRead>,
    State(api): State<Arc<Api>>,
    bounds: Bounds,
    Asked(query): Asked<ListQuery>,
) -> Result<Json<Page<OptOut>>, Problem> {
    let filter = query.filter(&api)?;
    let rows = api.inbox.store.find_opted_out(&filter, bounds.before, bounds.limit + 1).await?;
    Ok(Json(Page::of(rows, bounds, |row| row.id, OptOut::from)))
}

/// `POST /opt-outs`. Numbers that nobody knows yet are opted out as well.
async fn add(
    allowed: Allowed<ContactsWrite>,
    State(api): State<Arc<Api>>,
    Input(input): Input<NewOptOut>,
) -> Result<MadeOrThere<Added>, Problem> {
    check_words("reason", &input.reason).map_err(|error| Problem::fields([error]))?;
    let address = address_of(&api, "phone_number", &input.phone_number)?.to_string();
    let actor = allowed.actor();
    let note = Note { actor: &actor, reason: Some(input.reason.trim()), evidence: None };
    let changed = api.inbox.opt_out(std::slice::from_ref(&address), false, note, false).await? > 0;
    Ok(MadeOrThere { made: changed, body: Added { phone_number: address, changed } })
}

/// `POST /opt-outs/import`: CSV with the column `phone_number`, as `tidings opt-outs import` reads it.
async fn import(
    allowed: Allowed<ContactsWrite>,
    State(api): State<Arc<Api>>,
    Asked(query): Asked<ImportQuery>,
    Lines(body): Lines,
) -> Result<Json<Imported>, Problem> {
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
async fn export(_: Allowed<ContactsRead>, State(api): State<Arc<Api>>) -> CsvFile {
    let store = api.inbox.store.clone();
    let slices = stream::try_unfold(Some(0), move |after| {
        let store = store.clone();
        async move {
            let Some(after) = after else { return Ok::<_, std::io::Error>(None) };
            slice(&store, after).await.map(Some)
        }
    });
    CsvFile { name: "opt-outs.csv", body: Body::from_stream(slices) }
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
