//! Pages: Tera templates, embedded in the binary, and the headers that every page carries.

use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue};
use axum::http::header::{REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use include_dir::{Dir, include_dir};
use serde::Serialize;
use std::sync::Arc;
use tera::{Context, Tera};

static TEMPLATES: Dir = include_dir!("$CARGO_MANIFEST_DIR/templates/web");

/// Scripts, styles and data from this server only, none of them inline; in nobody's frame.
const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; object-src 'none'; \
                      base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 5] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "same-origin"),
    // A page shows people and their texts: neither a proxy nor the history keeps it.
    (CACHE_CONTROL, "no-store"),
];

/// Every page.
#[derive(Clone, Debug)]
pub struct Pages(Arc<Tera>);

impl Pages {
    /// Loads the embedded templates. What is written into them is escaped.
    ///
    /// # Errors
    /// A template that does not parse.
    pub fn load() -> Result<Self, tera::Error> {
        let mut tera = Tera::new();
        let files = TEMPLATES.files().filter_map(|file| Some((file.path().to_str()?, file.contents_utf8()?)));
        tera.add_raw_templates(files.collect::<Vec<_>>())?;
        Ok(Self(Arc::new(tera)))
    }

    /// The page `name` with what `model` says.
    #[must_use]
    pub fn render(&self, status: StatusCode, name: &str, model: &impl Serialize) -> Response {
        let text = Context::from_serialize(model).and_then(|context| self.0.render(name, &context));
        match text {
            Ok(text) => (status, headers(), Html(text)).into_response(),
            Err(error) => {
                tracing::error!(page = name, %error, "a page could not be rendered");
                (StatusCode::INTERNAL_SERVER_ERROR, headers(), "This page can't be shown; it was logged.\n")
                    .into_response()
            }
        }
    }
}

/// Whether whoever asks can read this.
pub(super) fn accepts(headers: &HeaderMap, kind: &str) -> bool {
    headers.get(ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|accept| accept.contains(kind))
}

/// The headers that every page carries.
fn headers() -> HeaderMap {
    HEADERS.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect()
}
