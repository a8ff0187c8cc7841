//! Bounds on every request.

use crate::listen::REQUEST_TIMEOUT;
use crate::problem::{Code, Problem};
use axum::Router;
use axum::extract::Request;
use axum::http::header::ALLOW;
use axum::http::{StatusCode, Uri};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use percent_encoding::percent_decode_str;
use tower_http::catch_panic::CatchPanicLayer;

/// Bounds on every request.
pub fn with_limits(router: Router) -> Router {
    router
        .layer(CatchPanicLayer::custom(|_| {
            let detail = "something went wrong here; it was logged";
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail).into_response()
        }))
        .layer(from_fn(bounded))
}

/// One layer for all, because each costs every request a copy of what is below it. Addresses of the API that
/// are no text are turned away before anything reads them.
async fn bounded(request: Request, next: Next) -> Result<Response, Problem> {
    if request.uri().path().starts_with("/api/") && !is_text(request.uri()) {
        return Err(Problem::field("address", "must be UTF-8 text without the character U+0000"));
    }
    let answer = tokio::time::timeout(REQUEST_TIMEOUT, next.run(request)).await;
    answer.map(told).map_err(|_| Problem::unavailable("this took too long; try again"))
}

/// Says what is wrong with a method where nothing else says it; `Allow` names those that are right.
fn told(answer: Response) -> Response {
    if answer.status() != StatusCode::METHOD_NOT_ALLOWED || answer.extensions().get::<Code>().is_some() {
        return answer;
    }
    let mut problem = Problem::wrong_method().into_response();
    if let Some(allowed) = answer.headers().get(ALLOW) {
        problem.headers_mut().insert(ALLOW, allowed.clone());
    }
    problem
}

fn is_text(uri: &Uri) -> bool {
    [uri.path(), uri.query().unwrap_or_default()]
        .iter()
        .all(|part| percent_decode_str(part).decode_utf8().is_ok_and(|text| !text.contains('\0')))
}

#[test]
fn addresses_that_are_no_text_are_told_from_others() {
    for (address, right) in [
        ("/a?b=c%20d", true),
        ("/%E2%82%AC", true),
        ("/%ff", false),
        ("/a%00", false),
        ("/?a=%00", false),
        ("/%", true),
    ] {
        assert_eq!(is_text(&address.parse().unwrap()), right, "{address}");
    }
}
