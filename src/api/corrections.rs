//! What a person on our side says that a text asks for: kept as a labelled example.

use super::Api;
use super::auth::{Allowed, ContactsWrite, MessagesRead};
use super::contacts::find_text;
use super::input::Input;
use super::openapi::{Created, Routes};
use super::page::{Bounds, Page};
use crate::dialog::Reply;
use crate::dialog::words::{Context, Intent, language_codes, understand};
use crate::problem::Problem;
use crate::store::CorrectionRow;
use crate::visible;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The longest note.
const MAX_NOTE: usize = 500;
/// How many messages before a text are looked at for what we said last.
const LOOKED_AT: i64 = 10;

pub(super) fn routes() -> Routes {
    Routes::about("Corrections", "What staff say that a text asks for: examples to learn from.")
        .post("/contacts/{phone}/messages/{id}/correction", correct, "Say what a text asks for")
        .get("/corrections", list, "List corrections")
}

/// What is posted.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewCorrection {
    #[schemars(extend("enum" = Intent::names()), example = &"confirm")]
    intent: String,
    /// One of those that we understand; left out, what we take it for.
    #[schemars(extend("enum" = languages()), example = &"en")]
    language: Option<String>,
    /// Why.
    #[schemars(length(max = MAX_NOTE), example = &"A typo of yes")]
    note: Option<String>,
}

/// What a correction may name.
fn languages() -> Vec<Option<&'static str>> {
    language_codes().into_iter().map(Some).chain([None]).collect()
}

/// A labelled example, in the shape of the corpus under `tests/corpus`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Correction")]
pub(super) struct Example {
    /// The text.
    #[schemars(example = &"yess")]
    text: String,
    /// Its language.
    #[schemars(example = &"en")]
    lang: Option<String>,
    intent: String,
    context: Option<String>,
    source: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

impl From<CorrectionRow> for Example {
    fn from(row: CorrectionRow) -> Self {
        let CorrectionRow { body, intent, language, note, context, .. } = row;
        Self { text: body, lang: language, intent, context, source: "operator", note }
    }
}

/// `POST /contacts/{phone}/messages/{id}/correction`.
async fn correct(
    _: Allowed<ContactsWrite>,
    State(api): State<Arc<Api>>,
    path: Result<Path<(String, String)>, PathRejection>,
    Input(correction): Input<NewCorrection>,
) -> Result<Created<Example>, Problem> {
    let Path((phone, id)) = path.map_err(|_| Problem::field("phone", "is not UTF-8 text"))?;
    check(&correction)?;
    let contact = find_text(&api, &phone).await?;
    let no_such_text = || Problem::not_found("this contact has no such inbound message");
    let message_id: i64 = id.parse().map_err(|_| no_such_text())?;
    let text = api.inbox.store.inbound_body(contact.id, message_id).await?.ok_or_else(no_such_text)?;
    let noticed = || understand(&text, Context::Nothing, None).language.map(str::to_owned);
    let row = CorrectionRow {
        message_id,
        intent: correction.intent,
        language: correction.language.or_else(noticed),
        note: correction.note,
        context: context_of(&api, contact.id, message_id).await?,
        body: text,
        created_at: api.inbox.clock.now().as_millisecond(),
    };
    api.inbox.store.put_correction(contact.id, &row).await?;
    Ok(Created(row.into()))
}

/// What our last message before a text had asked for, as far as that message shows it.
async fn context_of(api: &Api, contact_id: i64, message_id: i64) -> Result<Option<String>, Problem> {
    let before = api.inbox.store.conversation(contact_id, message_id, LOOKED_AT).await?;
    let Some(last) = before.into_iter().find(|message| message.outbound) else { return Ok(None) };
    let texts = &api.inbox.texts;
    let asks = |reply| {
        let mut said = texts.locales().iter().filter_map(|locale| texts.render(reply, locale).ok());
        said.any(|words| words == last.body)
    };
    let context = match last.purpose.as_deref() {
        Some("code") => "code_sent",
        Some("reminder") => "booking_open",
        _ if asks(&Reply::AskName) || asks(&Reply::AskNameAgain) => "asked_name",
        _ => return Ok(None),
    };
    Ok(Some(context.to_owned()))
}

/// `GET /corrections`.
async fn list(
    _: Allowed<MessagesRead>,
    State(api): State<Arc<Api>>,
    bounds: Bounds,
) -> Result<Json<Page<Example>>, Problem> {
    let rows = api.inbox.store.corrections(bounds.before, bounds.limit + 1).await?;
    Ok(Json(Page::of(rows, bounds, |row| row.message_id, Example::from)))
}

fn check(correction: &NewCorrection) -> Result<(), Problem> {
    if Intent::from_name(&correction.intent).is_none() {
        return Err(Problem::field("intent", "is none that we know"));
    }
    let known = language_codes();
    if correction.language.as_ref().is_some_and(|code| !known.contains(&code.as_str())) {
        return Err(Problem::field("language", format!("must be one of {}", known.join(", "))));
    }
    if let Some(note) = &correction.note {
        visible::note(note, MAX_NOTE).map_err(|error| Problem::field("note", error))?;
    }
    Ok(())
}
