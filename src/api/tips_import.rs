//! `POST /tips/import`: many tips at once, as CSV or as a JSON list. Each row is added, was there
//! already, or is named with what is wrong with it; none is lost without a word.

use super::Api;
use super::auth::{Allowed, TipsWrite};
use super::tips::{TipInput, field_error, new_tip, require_room};
use crate::problem::{FieldError, Problem};
use crate::store::{NewTip, TipRow};
use crate::tips::Entry;
use axum::Json;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The longest body.
const MAX_BYTES: usize = 1024 * 1024;
/// Rows in one statement.
const SLICE: usize = 1000;

/// What came of the rows.
#[derive(Debug, Default, Serialize)]
pub(super) struct Imported {
    created: usize,
    unchanged: usize,
    refused: usize,
    errors: Vec<RowErrors>,
}

/// What is wrong with one row.
#[derive(Debug, Serialize)]
struct RowErrors {
    /// Counted from 1; a CSV's header does not count.
    row: usize,
    errors: Vec<FieldError>,
}

/// A row as read: a tip, or what is wrong with it.
type Row = Result<Entry, Vec<FieldError>>;

/// `POST /tips/import`.
pub(super) async fn import(
    _: Allowed<TipsWrite>,
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Imported>, Problem> {
    let too_large = || Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "a body holds 1 MiB at most");
    let body = body.ok().filter(|body| body.len() <= MAX_BYTES).ok_or_else(too_large)?;
    let rows = read(&headers, &body)?;
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
    let rows: Vec<serde_json::Value> = serde_json::from_slice(body)
        .map_err(|error| Problem::field("body", format!("must be a list of tips: {error}")))?;
    let row = |value| match serde_path_to_error::deserialize::<serde_json::Value, TipInput>(value) {
        Ok(tip) => checked(&tip),
        Err(error) => Err(vec![unreadable(error.path().to_string(), error.inner().to_string())]),
    };
    Ok(rows.into_iter().map(row).collect())
}

fn read_csv(body: &[u8]) -> Result<Vec<Row>, Problem> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(body);
    let header = reader.headers().map_err(|error| Problem::field("body", error.to_string()))?;
    for column in ["locale", "body"] {
        if !header.iter().any(|name| name == column) {
            return Err(Problem::field("body", format!("the CSV's header lacks the column {column}")));
        }
    }
    let row = |record: Result<TipInput, csv::Error>| match record {
        Ok(tip) => checked(&tip),
        Err(error) => Err(vec![unreadable(String::new(), error.to_string())]),
    };
    Ok(reader.deserialize().map(row).collect())
}

fn checked(tip: &TipInput) -> Row {
    tip.parse().map_err(|errors| errors.into_iter().map(field_error).collect())
}

fn unreadable(path: String, message: String) -> FieldError {
    let field = if path.is_empty() || path == "." { "row".to_owned() } else { path };
    FieldError { field: field.into(), message: message.into() }
}
