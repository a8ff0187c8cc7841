//! A body that may be left out.

use super::input::Input;
use super::openapi::{Asks, Sheet};
use crate::problem::Problem;
use axum::extract::{FromRequest, OptionalFromRequest, Request};
use hyper::body::Body as _;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

impl<T: DeserializeOwned, S: Sync> OptionalFromRequest<S> for Input<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, Problem> {
        // Whatever kind of nothing a program says it sends.
        if request.body().is_end_stream() {
            return Ok(None);
        }
        <Self as FromRequest<S>>::from_request(request, state).await.map(Some)
    }
}

impl<T: JsonSchema> Asks for Option<Input<T>> {
    fn asks(sheet: &mut Sheet) {
        Input::<T>::asks(sheet);
        sheet.body_may_be_left_out();
    }
}
