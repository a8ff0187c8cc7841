//! What is asked in the query of an address.

use super::openapi::{Asks, Sheet};
use crate::problem::Problem;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

/// The fields of `T`, from the query.
#[derive(Debug)]
pub(super) struct Asked<T>(pub(super) T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = Query::<T>::try_from_uri(&parts.uri);
        query.map(|Query(asked)| Self(asked)).map_err(|error| Problem::field("query", error.body_text()))
    }
}

impl<T: JsonSchema> Asks for Asked<T> {
    fn asks(sheet: &mut Sheet) {
        sheet.query::<T>();
    }
}
