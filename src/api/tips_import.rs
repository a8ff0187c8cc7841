//! `POST /tips/import`: many tips at once, as CSV or as a JSON list. Each row is added, was there
//! already, or is named with what is wrong with it; none is lost without a word.

use super::Api;
use super::auth::{Allowed, TipsWrite};
use super::input::without_nul;
use super::openapi::{Asks, Routes, Sheet};
use super::tips::{TipInput, field_error, new_tip, require_room};
use crate::problem::{self, FieldError, Problem};
use crate::store::{NewTip, TipRow};
use crate::tips::Entry;
use axum::Json;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The longest body.
const MAX_BYTES: usize = 1024 * 1024;
/// Rows in one statement.
const SLICE: usize = 1000;

pub(super) fn routes() -> Routes {
    Routes::about("Tips", "")
        .post("/tips/import", import, "Add many tips")
        .more("A JSON list, or CSV with a header that has `locale` and `body` and may have `position` and `date`.")
        .or("library_full")
}

/// What came of the rows.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(super) struct Imported {
    /// Rows that were added.
    created: usize,
    /// Rows that were there.
    unchanged: usize,
    /// Rows that were not added.
    refused: usize,
    /// Why not.
    errors: Vec<RowErrors>,
}

/// What is wrong with one row.
#[derive(Debug, Serialize, JsonSchema)]
struct RowErrors {
    /// Counted from 1; a CSV's header does not count.
    row: usize,
    /// What is wrong with it.
    errors: Vec<FieldError>,
}

/// The rows, as they came in.
#[derive(Debug)]
pub(super) struct Rows(Vec<Row>);

impl<S: Send + Sync> FromRequest<S> for Rows {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let headers = request.headers().clone();
        let body: Result<Bytes, BytesRejection> = Bytes::from_request(request, state).await;
        let body = body.ok().filter(|body| body.len() <= MAX_BYTES).ok_or_else(Problem::too_large)?;
        without_nul(&body)?;
        read(&headers, &body).map(Self)
    }
}

impl Asks for Rows {
    fn asks(sheet: &mut Sheet) {
        sheet.body::<Vec<TipInput>>("application/json");
        sheet.body::<Csv>("text/csv");
    }
}

/// A CSV file.
#[derive(JsonSchema)]
#[schemars(example = &"locale,body,position\nen,Drink a glass of water.,1\n")]
#[expect(dead_code, reason = "it is there to be described")]
struct Csv(String);

/// A row as read: a tip, or what is wrong with it.
type Row = Result<Entry, Vec<FieldError>>;

/// `POST /tips/import`.
async fn import(
    _: Allowed<TipsWrite>,
    State(api): State<Arc<Api>>,
    Rows(rows): Rows,
) -> Result<Json<Imported>, Problem> {
    require_room(&api, rows.iter().filter(|row| row.is_ok()).count()).await?;
    let (mut imported, mut tips) = (Imported::default(), Vec::new());
    for (index, row) in rows.into_iter().enumerate() {
        match row {
            Ok(entry) => tips.push((index + 1, new_tip(&api, entry))),
            Err(errors) => imported.refuse(index + 1, errors),
        }
    }
    for slice in tips.chunks(SLICE) {
        add(&api, slice, &mut imported).await?;
    }
    imported.errors.sort_by_key(|error| error.row);
    Ok(Json(imported))
}

async fn add(api: &Api, slice: &[(usize, NewTip)], imported: &mut Imported) -> Result<(), Problem> {
    let tips: Vec<NewTip> = slice.iter().map(|(_, tip)| tip.clone()).collect();
    let added: HashSet<i64> = api.inbox.store.add_tips(&tips).await?.into_iter().collect();
    imported.created += added.len();
    if added.len() == slice.len() {
        return Ok(());
    }
    let there = api.inbox.store.tips_at(&tips).await?;
    let there: HashMap<_, &TipRow> =
        there.iter().map(|row| ((row.locale.as_str(), row.position, row.date.as_deref()), row)).collect();
    for (row, tip) in slice.iter().filter(|(_, tip)| !added.contains(&tip.id)) {
        match there.get(&(tip.locale.as_str(), tip.position, tip.date.as_deref())) {
            Some(old) if old.body == tip.body => imported.unchanged += 1,
            old => {
                let field = if tip.position.is_some() { "position" } else { "date" };
                let message = match old {
                    Some(old) => format!("is taken by tip {}, whose words are others", old.id),
                    None => "was taken and given up just now; try again".to_owned(),
                };
                imported.refuse(*row, vec![FieldError { field: field.into(), message: message.into() }]);
            }
        }
    }
    Ok(())
}

impl Imported {
    fn refuse(&mut self, row: usize, errors: Vec<FieldError>) {
        self.refused += 1;
        self.errors.push(RowErrors { row, errors });
    }
}

fn read(headers: &HeaderMap, body: &[u8]) -> Result<Vec<Row>, Problem> {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "application/json" => read_json(body),
        "text/csv" => read_csv(body),
        _ => {
            let detail = "expected the header Content-Type: application/json or text/csv";
            Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail))
        }
    }
}

fn read_json(body: &[u8]) -> Result<Vec<Row>, Problem> {
    let rows: Vec<serde_json::Value> = problem::read_json(body)?;
    let row = |row: serde_json::Value| match problem::read_json::<TipInput>(row.to_string().as_bytes()) {
        Ok(tip) => checked(&tip),
        Err(wrong) => Err(wrong.into_errors().into_iter().map(about_row).collect()),
    };
    Ok(rows.into_iter().map(row).collect())
}

fn read_csv(body: &[u8]) -> Result<Vec<Row>, Problem> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(body);
    let header = reader.headers().map_err(|_| Problem::field("body", "must be CSV in UTF-8"))?.clone();
    for column in ["locale", "body"] {
        if !header.iter().any(|name| name == column) {
            return Err(Problem::field("body", format!("the CSV's header lacks the column {column}")));
        }
    }
    let row = |record: Result<TipInput, csv::Error>| match record {
        Ok(tip) => checked(&tip),
        Err(error) => Err(vec![unreadable(&error, &header)]),
    };
    Ok(reader.deserialize().map(row).collect())
}

fn checked(tip: &TipInput) -> Row {
    tip.parse().map_err(|errors| errors.into_iter().map(field_error).collect())
}

/// What is wrong with a row as a whole is not wrong with the body.
fn about_row(error: FieldError) -> FieldError {
    if error.field == "body" && error.message.contains("JSON") {
        return FieldError { field: "row".into(), ..error };
    }
    error
}

/// What is wrong with a row of a CSV file, by column where one is to blame.
fn unreadable(error: &csv::Error, header: &csv::StringRecord) -> FieldError {
    let (field, message) = match error.kind() {
        csv::ErrorKind::Deserialize { err, .. } => {
            let column = err.field().and_then(|at| header.get(usize::try_from(at).ok()?));
            (column.unwrap_or("row").to_owned(), "must be a whole number, or nothing".to_owned())
        }
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            ("row".to_owned(), format!("has {len} columns, and the header has {expected_len}"))
        }
        csv::ErrorKind::Utf8 { .. } => ("row".to_owned(), "must be written in UTF-8".to_owned()),
        _ => ("row".to_owned(), "can't be read as CSV".to_owned()),
    };
    FieldError { field: field.into(), message: message.into() }
}
