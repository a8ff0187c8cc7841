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

/// A part of a list.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "{T}Page")]
pub(super) struct Page<T> {
    items: Vec<T>,
    next_cursor: Option<String>,
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
        let limit = match &self.limit {
            None => DEFAULT_LIMIT,
            Some(text) => {
                text.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit)).ok_or_else(|| {
                    Problem::field("limit", format!("must be a whole number from 1 to {MAX_LIMIT}"))
                })?
            }
        };
        let before = match &self.cursor {
            None => i64::MAX,
            Some(text) => {
                text.parse().map_err(|_| Problem::field("cursor", "must be the next_cursor of a page"))?
            }
        };
        Ok(Bounds { before, limit })
    }
}

impl<T> Page<T> {
    /// All there are: they are few.
    pub(super) fn whole(items: impl IntoIterator<Item = T>) -> Self {
        Self { items: items.into_iter().collect(), next_cursor: None }
    }

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
