//! In a debug build, an answer that the document does not know is a bug that tells: every test that calls
//! the API is a test of the document too.

use super::document::{BASE, document};
use crate::problem::Code;
use axum::extract::{MatchedPath, Request};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

/// Compares what is answered with what the document says.
///
/// # Panics
/// In a debug build, where the document does not have the answer.
pub(in crate::api) async fn documented(path: Option<MatchedPath>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let response = next.run(request).await;
    if cfg!(debug_assertions)
        && let Some(path) = path.as_ref().map(MatchedPath::as_str).filter(|path| path.starts_with(BASE))
        && response.status() != StatusCode::METHOD_NOT_ALLOWED
    {
        let code = response.extensions().get::<Code>().map(|Code(code)| *code);
        let known = knows(&method, path, response.status(), code);
        let status = response.status();
        assert!(
            known,
            "the document has no {status} {code:?} for {method} {path}; say `.or(\"code\")` where its route is"
        );
    }
    response
}

fn knows(method: &Method, path: &str, status: StatusCode, code: Option<&str>) -> bool {
    let method = if method == Method::HEAD { "get".to_owned() } else { method.as_str().to_ascii_lowercase() };
    let answer = &document()["paths"][path][method]["responses"][status.as_str()];
    match (answer["$ref"].as_str(), code) {
        (Some(name), Some(code)) => {
            name.rsplit('/').next().is_some_and(|names| names.split('.').any(|known| known == code))
        }
        _ => answer.is_object(),
    }
}
