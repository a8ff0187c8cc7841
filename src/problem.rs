//! Errors as `application/problem+json` (RFC 9457), the same everywhere.

mod network;
mod objects;
mod read;

pub use network::why_broken;
pub use read::{read_form, read_json};

use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use std::borrow::Cow;

/// Why nothing can be done about a number that was erased.
pub const ERASED: &str =
    "this number was erased at its owner's request; only they can come back, by texting START";

/// An answer that says what went wrong, for programs and people. Internals never enter it.
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: Cow<'static, str>,
    errors: Vec<FieldError>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// What is wrong with one field.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FieldError {
    /// The field, as the caller named it.
    pub field: Cow<'static, str>,
    /// What was expected.
    pub message: Cow<'static, str>,
}

#[derive(Serialize)]
struct Body<'a> {
    r#type: &'static str,
    title: &'a str,
    status: u16,
    code: &'a str,
    detail: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
}

impl Problem {
    /// A problem with this status and a code that programs may branch on.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code, detail: detail.into(), errors: Vec::new(), headers: Vec::new() }
    }

    /// 400: a field is not what it should be.
    pub fn field(field: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        let error = FieldError { field: field.into(), message: message.into() };
        let detail = format!("{}: {}", error.field, error.message);
        Self { errors: vec![error], ..Self::new(StatusCode::BAD_REQUEST, "invalid_request", detail) }
    }

    /// 405: there is such an address, but not for this method.
    #[must_use]
    pub fn wrong_method() -> Self {
        let detail = "this address does not take that method";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail)
    }

    /// 413: more than any request of ours needs.
    #[must_use]
    pub fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "a body holds 1 MiB at most")
    }

    /// 400: several fields are not what they should be.
    pub fn fields(errors: impl IntoIterator<Item = FieldError>) -> Self {
        let errors: Vec<FieldError> = errors.into_iter().collect();
        let details: Vec<String> =
            errors.iter().map(|error| format!("{}: {}", error.field, error.message)).collect();
        Self { errors, ..Self::new(StatusCode::BAD_REQUEST, "invalid_request", details.join("; ")) }
    }

    /// The same, naming the field that it is about.
    #[must_use]
    pub fn about(mut self, field: &'static str) -> Self {
        self.errors.push(FieldError { field: field.into(), message: self.detail.clone() });
        self
    }

    /// The same, with a header whose value is a number.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: impl Into<HeaderValue>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// 404: there is no such thing.
    pub fn not_found(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", detail)
    }

    /// 409: the number was erased at its owner's request.
    #[must_use]
    pub fn erased() -> Self {
        Self::new(StatusCode::CONFLICT, "erased", ERASED)
    }

    /// 503: try again later.
    pub fn unavailable(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail)
    }

    /// What is wrong with each field.
    #[must_use]
    pub fn into_errors(self) -> Vec<FieldError> {
        self.errors
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        tracing::error!(error = %crate::store::explain(&error), "a request failed in the database");
        Self::unavailable("the database did not answer; try again")
    }
}

/// The code of the problem that an answer tells, for layers around whatever gave it.
#[derive(Clone, Copy, Debug)]
pub struct Code(pub &'static str);

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = Body {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            code: self.code,
            detail: &self.detail,
            errors: &self.errors,
        };
        let text = serde_json::to_string(&body).unwrap_or_default();
        let kind = (CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        let mut response = (self.status, [kind], text).into_response();
        response.extensions_mut().insert(Code(self.code));
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        headers.extend(self.headers);
        response
    }
}
