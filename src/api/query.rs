//! What is asked in the query of an address.

use super::openapi::{Asks, Sheet};
use crate::problem::{Problem, read_form};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

/// The fields of `T`, from the query.
#[derive(Debug)]
pub(super) struct Asked<T>(pub(super) T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        read_form(parts.uri.query().unwrap_or_default().as_bytes()).map(Self)
    }
}

impl<T: JsonSchema> Asks for Asked<T> {
    fn asks(sheet: &mut Sheet) {
        sheet.query::<T>();
    }
}
