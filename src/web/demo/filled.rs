//! The demo's forms and queries, whose faults are told by field as everywhere.

use crate::problem::{Problem, read_form};
use axum::extract::rejection::RawFormRejection;
use axum::extract::{FromRequest, RawForm, Request};
use axum::http::{Method, StatusCode};
use axum::response::IntoResponse as _;
use serde::de::DeserializeOwned;

/// The fields of `T`: of a POST from its form, of a GET or HEAD from its query.
pub(super) struct Filled<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Filled<T> {
    type Rejection = Problem;

    async fn from_request(mut request: Request, state: &S) -> Result<Self, Problem> {
        if request.method() == Method::HEAD {
            *request.method_mut() = Method::GET;
        }
        let RawForm(form) = RawForm::from_request(request, state).await.map_err(refused)?;
        read_form(&form).map(Self)
    }
}

fn refused(rejection: RawFormRejection) -> Problem {
    match rejection.into_response().status() {
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "expected the header Content-Type: application/x-www-form-urlencoded",
        ),
        StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "a form holds 32 KiB at most")
        }
        _ => Problem::field("body", "broke off before its end"),
    }
}
