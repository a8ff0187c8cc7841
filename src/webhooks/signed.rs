//! The signature extractor: a handler that takes [`Signed`] sees only what Twilio sent.

use super::Webhooks;
use crate::problem::Problem;
use crate::signature::{Rejection, verify};
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Uri};
use bytes::Bytes;
use http_body_util::LengthLimitError;
use std::borrow::Cow;
use std::sync::Arc;

/// The largest body taken.
pub const MAX_BODY_BYTES: usize = 64 * 1024;
/// The most form fields taken.
pub const MAX_PARAMETERS: usize = 100;

/// The fields of a webhook whose signature is right.
#[derive(Debug)]
pub struct Signed {
    form: Form,
    query: Option<String>,
}

/// Form fields, as they came: all names and values in one text, and where each of them ends.
#[derive(Debug)]
struct Form {
    text: String,
    ends: Vec<(usize, usize)>,
}

impl Form {
    fn parse(body: &Bytes) -> Result<Self, Problem> {
        if std::str::from_utf8(body).is_err() {
            return Err(Problem::field("body", "expected a form in UTF-8"));
        }
        let mut form = Self { text: String::with_capacity(body.len()), ends: Vec::with_capacity(24) };
        for (name, value) in form_urlencoded::parse(body) {
            if form.ends.len() == MAX_PARAMETERS {
                return Err(Problem::field("body", "expected at most 100 form fields"));
            }
            form.text.push_str(&name);
            let end = form.text.len();
            form.text.push_str(&value);
            form.ends.push((end, form.text.len()));
        }
        Ok(form)
    }

    fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        let begins = std::iter::once(0).chain(self.ends.iter().map(|(_, end)| *end));
        begins
            .zip(&self.ends)
            .map(|(begin, (middle, end))| (&self.text[begin..*middle], &self.text[*middle..*end]))
    }
}

impl Signed {
    /// The first value of the form field `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields().find(|(field, _)| *field == name).map(|(_, value)| value)
    }

    /// All form fields, as they came.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.form.fields()
    }

    /// The value of `name` in the URL's query, which the signature covers.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<Cow<'_, str>> {
        let query = self.query.as_deref()?;
        form_urlencoded::parse(query.as_bytes()).find(|(field, _)| field == name).map(|(_, value)| value)
    }
}

impl FromRequest<Arc<Webhooks>> for Signed {
    type Rejection = Problem;

    async fn from_request(request: Request, webhooks: &Arc<Webhooks>) -> Result<Self, Problem> {
        check_content_type(request.headers())?;
        let (head, body) = request.into_parts();
        let body = axum::body::to_bytes(body, MAX_BODY_BYTES).await.map_err(|error| unread(&error))?;
        let form = Form::parse(&body)?;
        check_signature(webhooks, &head.uri, &head.headers, &form)?;
        Ok(Self { form, query: head.uri.query().map(str::to_owned) })
    }
}

fn check_content_type(headers: &HeaderMap) -> Result<(), Problem> {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = media_type.and_then(|text| text.split(';').next()).unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Ok(());
    }
    let detail = "expected a form: application/x-www-form-urlencoded";
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail))
}

/// Why a body was not read: it is too long, or it broke off.
fn unread(error: &axum::Error) -> Problem {
    if !std::error::Error::source(error).is_some_and(<dyn std::error::Error>::is::<LengthLimitError>) {
        return Problem::field("body", "could not be read to its end");
    }
    let detail = "expected at most 64 kB";
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
}

fn check_signature(webhooks: &Webhooks, uri: &Uri, headers: &HeaderMap, form: &Form) -> Result<(), Problem> {
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let url = format!("{}{target}", webhooks.public_url);
    let given = headers.get("x-twilio-signature").map(|value| value.to_str().unwrap_or("?"));
    let fields: Vec<(Cow<str>, Cow<str>)> =
        form.fields().map(|(name, value)| (name.into(), value.into())).collect();
    let result = match given {
        Some(signature) => verify(&webhooks.tokens, &url, &fields, None, signature),
        None => Err(Rejection::Missing),
    };
    result.map_err(|reason| {
        // The URL is what people get wrong; the query may hold anything, so only its path is told.
        tracing::warn!(%reason, url = %format_args!("{}{}", webhooks.public_url, uri.path()), "a webhook was refused");
        let detail = "the X-Twilio-Signature is missing or wrong; the server's log says which URL it was checked with";
        Problem::new(StatusCode::FORBIDDEN, "bad_signature", detail)
    })
}
