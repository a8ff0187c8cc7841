//! A parameter that the document does not know is refused: a filter with a slip in its name would list
//! everything, and whoever asked would take that for the answer.

use super::document::{BASE, document};
use crate::problem::Problem;
use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use std::collections::HashSet;

/// The longest name that is told back.
const LONGEST: usize = 60;

/// Lets a request through whose query has only parameters that the document names, each once.
///
/// # Errors
/// The parameters that it does not name, and those that it does.
pub(in crate::api) async fn only_known(
    path: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    if let Some(query) = request.uri().query()
        && let Some(path) = path.as_ref().map(MatchedPath::as_str).filter(|path| path.starts_with(BASE))
        && let Some(known) = parameters(request.method(), path)
    {
        check(query, &known)?;
    }
    Ok(next.run(request).await)
}

/// The names of the parameters in the query of an operation; none where there is no such operation.
fn parameters(method: &Method, path: &str) -> Option<Vec<&'static str>> {
    let method = if method == Method::HEAD { "get".to_owned() } else { method.as_str().to_ascii_lowercase() };
    let all = document()["paths"][path][method]["parameters"].as_array()?;
    let query = all.iter().filter(|parameter| parameter["in"] == "query");
    Some(query.filter_map(|parameter| parameter["name"].as_str()).collect())
}

fn check(query: &str, known: &[&str]) -> Result<(), Problem> {
    let all = match known {
        [] => "there are none here".to_owned(),
        known => format!("known are {}", known.join(", ")),
    };
    let mut seen = HashSet::new();
    for (name, _) in form_urlencoded::parse(query.as_bytes()) {
        let field: String = name.chars().take(LONGEST).collect();
        let field = if field.is_empty() { "query".to_owned() } else { field };
        if !known.contains(&&*name) {
            return Err(Problem::field(field, format!("is not a parameter that is known here; {all}")));
        }
        if !seen.insert(name) {
            return Err(Problem::field(field, "may be given only once"));
        }
    }
    Ok(())
}
