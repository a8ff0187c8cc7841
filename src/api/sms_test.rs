//! `/sms/test`: a test message to a number, and what becomes of it.

use super::Api;
use super::auth::{OwnOr, TestsRead, TestsSend};
use super::input::Input;
use super::moment::{Time, time};
use super::openapi::{Created, Routes};
use super::page::{Bounds, Page, Part};
use super::render::has_left;
use crate::conversation::TestError;
use crate::phone::Phone;
use crate::problem::Problem;
use crate::segments::{self, Encoding};
use crate::sid::Sid;
use crate::store::TestRow;
use crate::visible::is_visible;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The longest message that Twilio takes.
const MAX_CHARACTERS: usize = 1600;

pub(super) fn routes() -> Routes {
    Routes::about("Test messages", "A message to a number, and what becomes of it.")
        .post("/sms/test", send, "Send a test message")
        .shows(json!({ "status": "queued", "twilio_sid": null, "sent_at": null, "delivered_at": null, "updated_at": null }))
        .more("Give a template, which is sent with sample values, or the words. A person's test goes to a verified number of their own, ten in an hour at most.")
        .or("too_many_requests")
        .or("erased")
        .get("/sms/test/history", history, "List test messages")
        .get("/sms/test/templates", templates, "List the templates for test messages")
        .get("/sms/test/{test_id}", show, "Read a test message")
}

/// What to send where: a template with sample values, or a message.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({ "phone_number": "+14155550101", "message": "The test of today." }))]
struct Wanted {
    phone_number: String,
    template: Option<String>,
    #[schemars(length(min = 1, max = MAX_CHARACTERS))]
    message: Option<String>,
}

/// A test as it stands now.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "TestMessage")]
struct Test {
    #[serde(rename = "test_id")]
    id: String,
    phone_number: String,
    message: String,
    status: String,
    status_reason: Option<String>,
    #[schemars(extend("examples" = [null]))]
    error_code: Option<i64>,
    twilio_sid: Option<String>,
    segments: i64,
    /// How it is written on the air.
    encoding: Encoding,
    created_at: Option<Time>,
    sent_at: Option<Time>,
    /// When it arrived.
    #[schemars(example = &"2026-11-21T12:00:03Z")]
    delivered_at: Option<Time>,
    #[schemars(example = &"2026-11-21T12:00:03Z")]
    updated_at: Option<Time>,
}

impl From<TestRow> for Test {
    fn from(row: TestRow) -> Self {
        let left = has_left(&row.status) || row.sid.is_some();
        Self {
            id: row.id.to_string(),
            phone_number: row.address,
            encoding: segments::count(&row.body).encoding,
            message: row.body,
            status: row.status,
            status_reason: row.status_reason,
            error_code: row.error_code,
            twilio_sid: row.sid.map(|id| Sid { mms: row.mms, id }.to_string()),
            segments: row.segments,
            created_at: time(row.created_at),
            sent_at: row.sent_at.filter(|_| left).and_then(time),
            delivered_at: row.delivered_at.and_then(time),
            updated_at: row.updated_at.and_then(time),
        }
    }
}

/// A template with values such as a person may have.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "TestTemplate")]
struct Template {
    #[schemars(example = &"code")]
    name: &'static str,
    /// Its words with sample values.
    #[schemars(example = &"Your code is 493817.")]
    sample: String,
    segments: usize,
    encoding: Encoding,
}

/// `POST /sms/test`.
async fn send(
    allowed: OwnOr<TestsSend>,
    State(api): State<Arc<Api>>,
    Input(wanted): Input<Wanted>,
) -> Result<Created<Test>, Problem> {
    let phone = Phone::parse(&wanted.phone_number, api.default_region)
        .map_err(|error| Problem::field("phone_number", error.to_string()))?;
    let body = words(&api, wanted)?;
    let id = match allowed.own {
        Some(account_id) => api.accounts.send_test(account_id, phone, &body).await?,
        None => api.inbox.send_test(phone, &body, allowed.reach, allowed.account_id).await?,
    };
    api.wake.notify_one();
    let row = api.inbox.store.test_message(id, allowed.own).await?.ok_or_else(gone)?;
    Ok(Created(row.into()))
}

/// What the test says.
fn words(api: &Api, wanted: Wanted) -> Result<String, Problem> {
    let message = match (wanted.template, wanted.message) {
        (Some(name), None) => {
            return samples(api)?.remove(name.as_str()).ok_or_else(|| {
                Problem::field("template", "is not among those that GET /sms/test/templates lists")
            });
        }
        (None, Some(message)) => message,
        (None, None) => return Err(Problem::field("message", "is missing; give a message or a template")),
        (Some(_), Some(_)) => {
            return Err(Problem::field("message", "give a message or a template, not both"));
        }
    };
    if !is_visible(&message) {
        return Err(Problem::field("message", "must not be empty"));
    }
    if message.chars().count() > MAX_CHARACTERS {
        return Err(Problem::field("message", "must be at most 1600 characters"));
    }
    if message.contains('\0') {
        return Err(Problem::field("message", "must not hold the character NUL"));
    }
    Ok(message)
}

/// `GET /sms/test/{test_id}`.
async fn show(
    allowed: OwnOr<TestsRead>,
    State(api): State<Arc<Api>>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Test>, Problem> {
    let id = id.ok().and_then(|Path(text)| text.parse().ok()).ok_or_else(gone)?;
    Ok(Json(api.inbox.store.test_message(id, allowed.own).await?.ok_or_else(gone)?.into()))
}

/// `GET /sms/test/history`.
async fn history(
    allowed: OwnOr<TestsRead>,
    State(api): State<Arc<Api>>,
    bounds: Bounds,
) -> Result<Json<Page<Test>>, Problem> {
    let rows = api.inbox.store.test_messages(allowed.own, bounds.before, bounds.limit + 1).await?;
    Ok(Json(Page::of(rows, bounds, |row| row.id, Test::from)))
}

/// `GET /sms/test/templates`.
async fn templates(
    _: OwnOr<TestsRead>,
    State(api): State<Arc<Api>>,
    part: Part,
) -> Result<Json<Page<Template>>, Problem> {
    let items = samples(&api)?.into_iter().map(|(name, sample)| {
        let size = segments::count(&sample);
        Template { name, sample, segments: size.segments, encoding: size.encoding }
    });
    Ok(Json(part.of_fixed(items)))
}

fn samples(api: &Api) -> Result<BTreeMap<&'static str, String>, Problem> {
    let inbox = &api.inbox;
    inbox.texts.samples(&inbox.settings.default_locale).map_err(|error| {
        tracing::error!(%error, "a template could not be rendered");
        Problem::unavailable("a template could not be rendered; the log says which")
    })
}

impl From<TestError> for Problem {
    fn from(error: TestError) -> Self {
        match error {
            TestError::Erased => Self::erased(),
            TestError::Store(error) => error.into(),
        }
    }
}

fn gone() -> Problem {
    Problem::not_found("there is no such test")
}
