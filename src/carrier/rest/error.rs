//! Errors as Twilio's REST API writes them.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// A refusal: `{"code", "message", "more_info", "status"}`.
#[derive(Debug)]
pub(in crate::carrier) struct RestError {
    status: StatusCode,
    code: u32,
    message: String,
    retry_after_seconds: u64,
}

impl RestError {
    /// A refusal of what was asked: 400.
    pub(super) fn bad(code: u32, message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code, message: message.into(), retry_after_seconds: 0 }
    }

    pub(super) fn unauthorized() -> Self {
        Self { status: StatusCode::UNAUTHORIZED, ..Self::bad(20003, "Authenticate") }
    }

    pub(in crate::carrier) fn not_found(path: &str) -> Self {
        let message = format!("The requested resource {path} was not found");
        Self { status: StatusCode::NOT_FOUND, ..Self::bad(20404, message) }
    }

    pub(super) fn too_many(retry_after_seconds: u64) -> Self {
        let status = StatusCode::TOO_MANY_REQUESTS;
        Self { status, retry_after_seconds, ..Self::bad(20429, "Too Many Requests") }
    }

    pub(super) fn internal() -> Self {
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, ..Self::bad(20500, "Internal Server Error") }
    }

    pub(super) fn conflict(code: u32, message: &str) -> Self {
        Self { status: StatusCode::CONFLICT, ..Self::bad(code, message) }
    }
}

impl IntoResponse for RestError {
    fn into_response(self) -> Response {
        let body = json!({
            "code": self.code,
            "message": self.message,
            "more_info": format!("https://www.twilio.com/docs/errors/{}", self.code),
            "status": self.status.as_u16(),
        });
        let mut response = (self.status, Json(body)).into_response();
        if self.retry_after_seconds > 0 {
            response.headers_mut().insert(header::RETRY_AFTER, self.retry_after_seconds.into());
        }
        if self.status == StatusCode::UNAUTHORIZED {
            let realm = HeaderValue::from_static("Basic realm=\"Twilio API\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, realm);
        }
        response
    }
}
