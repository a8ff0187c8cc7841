//! `POST /contacts/{phone}/messages`: somebody on our side answers in the conversation.

use super::Api;
use super::auth::{Allowed, MessagesWrite};
use super::contacts::{Number, find};
use super::input::Input;
use super::openapi::{Accepted, Routes};
use super::render::Message;
use super::send::{saying_error, stored, words_for};
use crate::conversation::{Note, Queued};
use crate::left_out;
use crate::outbound::campaigns::Saying;
use crate::problem::Problem;
use crate::purpose::Purpose;
use crate::store::{ContactRow, MessageFilter};
use axum::extract::State;
use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How long after a person wrote they may be answered: later it is a message that nobody asked for.
const MEMORY: SignedDuration = SignedDuration::from_hours(24 * 7);
/// How long an answer is worth sending.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24);

pub(super) fn routes() -> Routes {
    Routes::about("Contacts", "")
        .post("/contacts/{phone}/messages", answer, "Answer somebody in their conversation")
        .more("Only within 7 days after they wrote. Give a template and its variables, or the words.")
        .or("nothing_to_answer")
        .or("opted_out")
        .or("erased")
}

/// An answer.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({ "body": "We are open until six." }))]
struct Answer {
    template: Option<String>,
    body: Option<String>,
    #[serde(default, deserialize_with = "left_out::or_default")]
    variables: BTreeMap<String, String>,
}

/// `POST /contacts/{phone}/messages`. The gate has the last word, as for every message.
async fn answer(
    allowed: Allowed<MessagesWrite>,
    State(api): State<Arc<Api>>,
    phone: Number,
    Input(answer): Input<Answer>,
) -> Result<Accepted<Message>, Problem> {
    let now = api.inbox.clock.now();
    let saying = Saying::new(answer.template.as_deref(), answer.body.as_deref(), &answer.variables);
    let saying = saying.map_err(saying_error)?;
    let contact = find(&api, phone).await?;
    require_question(&api, &contact, now).await?;
    let address = contact.address;
    let mut tx = api.inbox.store.begin().await?;
    let (contact_id, body) = words_for(&api, &mut tx, &address, &saying).await?;
    let queued = Queued {
        content: None,
        contact_id,
        purpose: Purpose::Reply,
        body: &body,
        what_for: None,
        source_id: None,
        due_at: now,
        expires_at: now + LIFETIME,
    };
    let id = api.inbox.ids.next(now);
    let actor = allowed.actor();
    let note = Note { actor: &actor, reason: None, evidence: None };
    api.inbox.answer_person(&mut tx, &address, (id, &queued), note).await?;
    api.inbox.restrain(&mut tx, &[id], allowed.reach).await?;
    tx.commit().await?;
    api.wake.notify_one();
    Ok(Accepted(Message::new(stored(&api, id).await?, Some(&address))))
}

/// Only what was asked lately can be answered.
async fn require_question(api: &Api, contact: &ContactRow, now: Timestamp) -> Result<(), Problem> {
    let filter =
        MessageFilter { contact_id: Some(contact.id), outbound: Some(false), ..MessageFilter::default() };
    let last = api.inbox.store.find_messages(&filter, i64::MAX, 1).await?;
    let since = (now - MEMORY).as_millisecond();
    if last.first().is_some_and(|text| text.created_at >= since) {
        return Ok(());
    }
    let detail = "this person has not written within 7 days; send with POST /messages and what it is for";
    Err(Problem::new(StatusCode::CONFLICT, "nothing_to_answer", detail))
}
