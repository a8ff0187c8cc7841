//! Lists: `{items, next_cursor}`, newest first.

use super::openapi::{Asks, Sheet};
use super::query::Asked;
use crate::problem::Problem;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const DEFAULT_LIMIT: i64 = 50;
const MAX_LIMIT: i64 = 200;

/// Which part of a list: `limit` items older than `cursor`.
#[derive(Debug, Deserialize, JsonSchema)]
struct PageQuery {
    /// How many to list.
    #[schemars(with = "Option<i64>", range(min = 1, max = 200), extend("default" = 50))]
    limit: Option<String>,
    #[schemars(regex(pattern = "^[0-9]{1,18}$"))]
    cursor: Option<String>,
}

/// Bounds for a statement.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Only rows with a smaller id.
    pub(super) before: i64,
    /// At most this many.
    pub(super) limit: i64,
}

/// Which part of a short list: `limit` items after `cursor`.
#[derive(Debug, Deserialize, JsonSchema)]
struct PartQuery {
    /// How many to list; all, if it is left out.
    #[schemars(with = "Option<i64>", range(min = 1, max = 200))]
    limit: Option<String>,
    #[schemars(regex(pattern = "^[0-9]{1,18}$"))]
    cursor: Option<String>,
}

/// Bounds for a list that is held whole, because it is short.
#[derive(Clone, Debug)]
pub(super) struct Part {
    after: Option<String>,
    limit: usize,
}

/// A part of a list.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "{T}Page")]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) next_cursor: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for Bounds {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Asked(query) = Asked::<PageQuery>::from_request_parts(parts, &()).await?;
        query.bounds()
    }
}

impl Asks for Bounds {
    fn asks(sheet: &mut Sheet) {
        sheet.query::<PageQuery>();
    }
}

impl PageQuery {
    fn bounds(&self) -> Result<Bounds, Problem> {
        let limit = self.limit.as_deref().map(limit).transpose()?.unwrap_or(DEFAULT_LIMIT);
        let before = match &self.cursor {
            None => i64::MAX,
            Some(text) => text.parse().map_err(|_| no_cursor())?,
        };
        Ok(Bounds { before, limit })
    }
}

impl<S: Sync> FromRequestParts<S> for Part {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Asked(query) = Asked::<PartQuery>::from_request_parts(parts, &()).await?;
        let limit = query.limit.as_deref().map(limit).transpose()?;
        let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
        let is_place =
            |text: &String| (1..=18).contains(&text.len()) && text.bytes().all(|one| one.is_ascii_digit());
        if query.cursor.as_ref().is_some_and(|text| !is_place(text)) {
            return Err(no_cursor());
        }
        Ok(Self { after: query.cursor, limit })
    }
}

impl Asks for Part {
    fn asks(sheet: &mut Sheet) {
        sheet.query::<PartQuery>();
    }
}

impl Part {
    /// The page of `all`, each with its place: digits that as text go up from one to the next.
    pub(super) fn of<T>(self, all: impl IntoIterator<Item = (String, T)>) -> Page<T> {
        let is_wanted = |place: &String| self.after.as_ref().is_none_or(|after| place > after);
        let mut rest = all.into_iter().filter(|(place, _)| is_wanted(place));
        let mut page = Page { items: Vec::new(), next_cursor: None };
        let mut last = None;
        while page.items.len() < self.limit {
            let Some((place, item)) = rest.next() else { return page };
            page.items.push(item);
            last = Some(place);
        }
        page.next_cursor = rest.next().and(last);
        page
    }

    /// The page of `all`, whose order never changes.
    pub(super) fn of_fixed<T>(self, all: impl IntoIterator<Item = T>) -> Page<T> {
        self.of(all.into_iter().enumerate().map(|(at, item)| (format!("{at:06}"), item)))
    }
}

fn limit(text: &str) -> Result<i64, Problem> {
    let limit = text.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
    limit.ok_or_else(|| Problem::field("limit", format!("must be a whole number from 1 to {MAX_LIMIT}")))
}

fn no_cursor() -> Problem {
    Problem::field("cursor", "must be the next_cursor of a page")
}

impl<T> Page<T> {
    /// A page of `rows`, of which one more than the limit was asked for.
    pub(super) fn of<R>(
        mut rows: Vec<R>,
        bounds: Bounds,
        id: impl Fn(&R) -> i64,
        show: impl FnMut(R) -> T,
    ) -> Self {
        let limit = usize::try_from(bounds.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = more.then(|| rows.last().map(|row| id(row).to_string())).flatten();
        Self { items: rows.into_iter().map(show).collect(), next_cursor }
    }
}
