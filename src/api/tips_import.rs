//! `POST /tips/import`: many tips at once, as CSV or as a JSON list. Each row is added, was there
//! already, or is named with what is wrong with it; none is lost without a word.

use super::Api;
use super::auth::{Allowed, TipsWrite};
use super::input::without_nul;
use super::openapi::{Asks, Routes, Sheet};
use super::tips::{TipInput, field_error, new_tip, require_room};
use crate::problem::{self, FieldError, Problem};
use crate::store::{NewTip, TipRow};
use crate::table::{Table, TableError, column_name};
use crate::tips::Entry;
use axum::Json;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use schemars::JsonSchema;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The longest body.
const MAX_BYTES: usize = 1024 * 1024;
/// The columns of a CSV, those it must have first.
const COLUMNS: [&str; 4] = ["locale", "body", "position", "date"];
const NEEDED: usize = 2;
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

/// A row as read.
#[derive(Debug)]
struct Row {
    /// Where it stands in a CSV.
    line: Option<u64>,
    /// A tip, or what is wrong with it.
    tip: Result<Entry, Vec<FieldError>>,
}

/// `POST /tips/import`.
async fn import(
    _: Allowed<TipsWrite>,
    State(api): State<Arc<Api>>,
    Rows(rows): Rows,
) -> Result<Json<Imported>, Problem> {
    require_room(&api, rows.iter().filter(|row| row.tip.is_ok()).count()).await?;
    let (mut imported, mut tips) = (Imported::default(), Vec::new());
    for (index, Row { line, tip }) in rows.into_iter().enumerate() {
        let tip = tip.and_then(|entry| match check_locale(&api, &entry) {
            Ok(()) => Ok(entry),
            Err(error) => Err(vec![error]),
        });
        match tip {
            Ok(entry) => tips.push((index + 1, new_tip(&api, entry))),
            Err(errors) => {
                let errors = errors.into_iter().map(|error| in_line(line, error)).collect();
                imported.refuse(index + 1, errors);
            }
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

/// Refuses what nobody could ever get: people have one of the languages that we speak.
pub(super) fn check_locale(api: &Api, entry: &Entry) -> Result<(), FieldError> {
    let known = api.inbox.texts.locales();
    if known.contains(&entry.locale) {
        return Ok(());
    }
    Err(FieldError { field: "locale".into(), message: format!("must be one of {}", known.join(", ")).into() })
}

/// In a CSV, its line is what somebody looks for.
fn in_line(line: Option<u64>, error: FieldError) -> FieldError {
    let Some(line) = line else { return error };
    FieldError { message: format!("line {line}: {}", error.message).into(), ..error }
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
    let tip = |row: serde_json::Value| match problem::read_json::<TipInput>(row.to_string().as_bytes()) {
        Ok(tip) => checked(&tip),
        Err(wrong) => Err(wrong.into_errors().into_iter().map(about_row).collect()),
    };
    Ok(rows.into_iter().map(|value| Row { line: None, tip: tip(value) }).collect())
}

/// Which column is where.
struct Columns([Option<usize>; COLUMNS.len()]);

impl Columns {
    fn read(header: &[&[u8]]) -> Result<Self, Problem> {
        let mut at = [None; COLUMNS.len()];
        for (place, cell) in header.iter().enumerate() {
            let name = column_name(cell);
            match COLUMNS.iter().position(|known| *known == name) {
                Some(column) if at[column].is_none() => at[column] = Some(place),
                Some(_) => return Err(wrong_file(format!("the CSV's header has the column {name} twice"))),
                None if name.is_empty() => {}
                None => {
                    let known = COLUMNS.join(", ");
                    return Err(wrong_file(format!(
                        "the CSV's header has the column {name}; known are {known}"
                    )));
                }
            }
        }
        match COLUMNS[..NEEDED].iter().zip(at).find(|(_, place)| place.is_none()) {
            Some((name, _)) => Err(wrong_file(format!("the CSV's header lacks the column {name}"))),
            None => Ok(Self(at)),
        }
    }

    fn tip(&self, cells: &[&[u8]]) -> Result<TipInput, FieldError> {
        let cell = |column: usize| {
            let cell = self.0[column].and_then(|place| cells.get(place)).copied().unwrap_or_default();
            let text = std::str::from_utf8(cell.trim_ascii()).map(str::to_owned);
            text.map_err(|_| fault(COLUMNS[column], "is not UTF-8 text: save the file as “CSV UTF-8”"))
        };
        let [locale, body, position, date] = [cell(0)?, cell(1)?, cell(2)?, cell(3)?];
        let whole = "must be a whole number from 1 to 1000000";
        let position = Some(position).filter(|text| !text.is_empty()).map(|text| text.parse()).transpose();
        let position = position.map_err(|_| fault("position", whole))?;
        Ok(TipInput { locale, body, position, date: Some(date).filter(|text| !text.is_empty()) })
    }
}

fn read_csv(body: &[u8]) -> Result<Vec<Row>, Problem> {
    let broken = |error: TableError| wrong_file(error.to_string());
    let mut table = Table::open(body).map_err(broken)?;
    let header = table.header().map_err(broken)?;
    let (width, columns) = (header.len(), Columns::read(&header)?);
    let mut rows = Vec::new();
    while let Some(record) = table.next_record().map_err(broken)? {
        if record.is_blank() {
            continue;
        }
        let extra = record.cells.iter().skip(width).any(|cell| !cell.trim_ascii().is_empty());
        let tip = if extra {
            let message = format!(
                "has {} cells, the header {width}: a cell with a separator in it needs quotes",
                record.cells.len()
            );
            Err(vec![fault("row", message)])
        } else {
            columns.tip(&record.cells).map_err(|error| vec![error]).and_then(|tip| checked(&tip))
        };
        rows.push(Row { line: Some(*record.lines.start()), tip });
    }
    Ok(rows)
}

fn wrong_file(message: String) -> Problem {
    Problem::field("body", message)
}

fn fault(field: &'static str, message: impl Into<Cow<'static, str>>) -> FieldError {
    FieldError { field: field.into(), message: message.into() }
}

fn checked(tip: &TipInput) -> Result<Entry, Vec<FieldError>> {
    tip.parse().map_err(|errors| errors.into_iter().map(field_error).collect())
}

/// What is wrong with a row as a whole is not wrong with the body.
fn about_row(error: FieldError) -> FieldError {
    if error.field == "body" && error.message.contains("JSON") {
        return FieldError { field: "row".into(), ..error };
    }
    error
}
