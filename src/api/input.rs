//! Bodies of requests: JSON whose every fault is told by field.

use super::openapi::{Asks, Sheet};
use crate::problem::{Problem, read_json};
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

/// The longest body.
pub(super) const MAX_BYTES: usize = 1024 * 1024;

/// A body, read as JSON. Types say which fields there are: they deny unknown ones.
#[derive(Debug)]
pub(super) struct Input<T>(pub(super) T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Input<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let kind =
            request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            let detail = "expected the header Content-Type: application/json";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail));
        }
        if request.headers().contains_key(CONTENT_ENCODING) {
            let detail = "expected no header Content-Encoding: send the body as it is, not compressed";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail));
        }
        let body = Limited::new(request.into_body(), MAX_BYTES).collect().await;
        let body = body.map_err(|error| match error.downcast_ref::<LengthLimitError>() {
            Some(_) => Problem::too_large(),
            None => Problem::field("body", "broke off before its end"),
        })?;
        read(&body.to_bytes()).map(Self)
    }
}

impl<T: JsonSchema> Asks for Input<T> {
    fn asks(sheet: &mut Sheet) {
        sheet.body::<T>("application/json");
    }
}

/// Refuses U+0000, which PostgreSQL keeps in no text.
pub(super) fn without_nul(body: &[u8]) -> Result<(), Problem> {
    let mut rest = body;
    let mut found = body.contains(&0);
    while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
        found |= rest[at + 1..].starts_with(b"u0000");
        rest = rest.get(at + 2..).unwrap_or_default();
    }
    if found { Err(Problem::field("body", "must not hold the character U+0000")) } else { Ok(()) }
}

fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Problem> {
    let value = read_json(body)?;
    without_nul(body)?;
    Ok(value)
}

#[test]
fn nul_is_found_however_it_is_written() {
    for (body, right) in [
        (r#"{"a":"b"}"#, true),
        (r#"{"a":"\u0000"}"#, false),
        (r#"{"a":"\\u0000"}"#, true),
        (r#""\\\u0000""#, false),
        ("a,\0", false),
        ("\\", true),
    ] {
        assert_eq!(without_nul(body.as_bytes()).is_ok(), right, "{body}");
    }
}
