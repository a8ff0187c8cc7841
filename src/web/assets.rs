//! Style sheets, scripts and pictures, embedded in the binary and served under `/assets/`.

use crate::problem::Problem;
use axum::Router;
use axum::extract::Path;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderValue, IF_NONE_MATCH, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use include_dir::{Dir, include_dir};
use sha2::{Digest as _, Sha256};

static ASSETS: Dir = include_dir!("$CARGO_MANIFEST_DIR/assets");

/// The routes.
pub fn router() -> Router {
    Router::new().route("/assets/{name}", get(asset))
}

/// Asked for anew each time, and sent only when it has changed: after an upgrade no page is served with
/// an older version's script.
async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    let file = ASSETS.get_file(&name).ok_or_else(|| Problem::not_found("there is no such file"))?;
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(Sha256::digest(file.contents())));
    let tag = HeaderValue::from_str(&tag).map_err(|_| Problem::not_found("there is no such file"))?;
    let known = headers.get(IF_NONE_MATCH) == Some(&tag);
    let about = [
        (CONTENT_TYPE, HeaderValue::from_static(media_type(&name))),
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (ETAG, tag),
    ];
    if known {
        return Ok((StatusCode::NOT_MODIFIED, about).into_response());
    }
    Ok((about, file.contents()).into_response())
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        _ => "application/octet-stream",
    }
}
