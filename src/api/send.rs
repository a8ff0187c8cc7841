//! `POST /messages`, and what may be done with a message that waits.

use super::Api;
use super::auth::{Allowed, MessagesRead, MessagesSend};
use super::campaigns::Id;
use super::input::Input;
use super::openapi::{Accepted, Routes};
use super::render::Message;
use crate::campaign::Reader;
use crate::conversation::{Content, Queued};
use crate::gate::PREMIUM_RATE;
use crate::left_out;
use crate::outbound::campaigns::{Saying, SayingError};
use crate::phone::{Address, Phone};
use crate::problem::Problem;
use crate::purpose::Purpose;
use crate::store::{MessageRow, Tx};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How far ahead a message may be planned.
const FARTHEST: SignedDuration = SignedDuration::from_hours(24 * 30);
/// How long after its time it may leave; with [`FARTHEST`] within what the gate counts back.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 5);
/// How long after its time it may leave where nothing is said.
const USUAL: SignedDuration = SignedDuration::from_hours(24);

/// What programs may send; codes and answers are the conversation's own.
const PURPOSES: [Purpose; 6] =
    [Purpose::Reminder, Purpose::Form, Purpose::Tip, Purpose::Campaign, Purpose::Alert, Purpose::Test];

pub(super) fn routes() -> Routes {
    Routes::about("Messages", "Everybody's messages, both ways.")
        .post("/messages", send, "Send a message, now or later")
        .shows(json!({ "status": "queued", "twilio_sid": null, "sent_at": null, "attempts": 0, "purpose": "alert" }))
        .more("Give a template and its variables, or the words.")
        .or("erased")
        .get("/messages/{id}", show, "Read a message")
        .post("/messages/{id}/cancel", cancel, "Cancel a message that waits")
        .or("wrong_state")
}

/// A message to send.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({ "to": "+14155550101", "body": "Your results are in. Please call us.", "purpose": "alert" }))]
struct ToSend {
    to: String,
    template: Option<String>,
    body: Option<String>,
    #[serde(default, deserialize_with = "left_out::or_default")]
    variables: BTreeMap<String, String>,
    /// A content template of Twilio's (`HX…`), the only thing `WhatsApp` takes outside its 24 hours.
    #[schemars(regex(pattern = "^HX[0-9a-fA-F]{32}$"))]
    content_sid: Option<String>,
    #[serde(default, deserialize_with = "left_out::or_default")]
    content_variables: BTreeMap<String, String>,
    /// What it is for.
    #[schemars(extend("enum" = PURPOSES.map(Purpose::as_str)))]
    purpose: String,
    /// When it is to leave, within 30 days.
    #[serde(default, deserialize_with = "crate::moment::maybe")]
    send_at: Option<Timestamp>,
    /// When it is not worth sending any more: after `send_at`, by 5 days at most.
    #[serde(default, deserialize_with = "crate::moment::maybe")]
    expires_at: Option<Timestamp>,
}

/// `POST /messages`.
async fn send(
    allowed: Allowed<MessagesSend>,
    State(api): State<Arc<Api>>,
    Input(input): Input<ToSend>,
) -> Result<Accepted<Message>, Problem> {
    let now = api.inbox.clock.now();
    let purpose = input.purpose()?;
    let (due_at, expires_at) = input.times(now)?;
    let address = input.address(&api)?;
    let content = input.content(&address)?;
    let saying = Saying::new(input.template.as_deref(), input.stored_body(), &input.variables)
        .map_err(saying_error)?;

    let mut tx = api.inbox.store.begin().await?;
    let (contact_id, body) = words_for(&api, &mut tx, &address, &saying).await?;
    let queued = Queued {
        content: content.as_ref().map(|(sid, variables)| Content { sid, variables }),
        contact_id,
        purpose,
        body: &body,
        what_for: None,
        source_id: None,
        due_at,
        expires_at,
    };
    let id = api.inbox.ids.next(now);
    tx.save_slice(&[queued.row(id, now)], &[]).await?;
    api.inbox.restrain(&mut tx, &[id], allowed.reach).await?;
    tx.commit().await?;
    api.wake.notify_one();
    Ok(Accepted(Message::new(stored(&api, id).await?, Some(&address))))
}

/// The contact at an address, locked, and the words that it is to get.
pub(super) async fn words_for(
    api: &Api,
    tx: &mut Tx,
    address: &str,
    saying: &Saying,
) -> Result<(i64, String), Problem> {
    let people = api.inbox.contacts(tx, vec![address.to_owned()]).await?;
    let Some(person) = people.first() else { return Err(sqlx::Error::RowNotFound.into()) };
    if person.erased_at.is_some() {
        return Err(Problem::erased());
    }
    let name = name(&person.person)?;
    let reader = Reader { name: name.as_deref(), organisation: &api.campaigns.organisation };
    let body = saying.render(&api.inbox.texts, reader, &person.locale).map_err(saying_error)?;
    Ok((person.id, body))
}

/// What is wrong with a message's words, by field.
#[expect(clippy::needless_pass_by_value, reason = "map_err hands it over")]
pub(super) fn saying_error(error: SayingError) -> Problem {
    Problem::fields(error.faults())
}

/// `GET /messages/{id}`.
async fn show(
    _: Allowed<MessagesRead>,
    State(api): State<Arc<Api>>,
    id: Id,
) -> Result<Json<Message>, Problem> {
    shown(&api, stored(&api, number(&id)?).await?).await
}

/// `POST /messages/{id}/cancel`.
async fn cancel(
    _: Allowed<MessagesSend>,
    State(api): State<Arc<Api>>,
    id: Id,
) -> Result<Json<Message>, Problem> {
    let id = number(&id)?;
    let now = api.inbox.clock.now().as_millisecond();
    let mut tx = api.inbox.store.begin().await?;
    let cancelled = tx.cancel_message(id, "it was cancelled by staff", now).await?;
    api.inbox.announce_fates(&mut tx, cancelled.then_some(id)).await?;
    tx.commit().await?;
    let row = stored(&api, id).await?;
    if !cancelled {
        let detail = format!("this message is {}: only one that is queued can be cancelled", row.status);
        return Err(Problem::new(StatusCode::CONFLICT, "wrong_state", detail));
    }
    shown(&api, row).await
}

impl ToSend {
    /// The template's SID and its variables as JSON.
    fn content(&self, address: &str) -> Result<Option<(&str, String)>, Problem> {
        let Some(sid) = self.content_sid.as_deref() else { return Ok(None) };
        let hex = sid.strip_prefix("HX").unwrap_or_default();
        if hex.len() != 32 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Problem::field("content_sid", "must be HX and 32 hex digits"));
        }
        if !address.starts_with("whatsapp:") {
            return Err(Problem::field(
                "content_sid",
                "is for WhatsApp; write `to` as whatsapp: and a number",
            ));
        }
        let variables = serde_json::to_string(&self.content_variables);
        let variables = variables.map_err(|error| Problem::field("content_variables", error.to_string()))?;
        Ok(Some((sid, variables)))
    }

    /// The words we keep: of a template of Twilio's we know only its name.
    fn stored_body(&self) -> Option<&str> {
        let unknown = self.template.is_none() && self.content_sid.is_some();
        self.body.as_deref().or(unknown.then_some("(a WhatsApp template)"))
    }

    fn purpose(&self) -> Result<Purpose, Problem> {
        let found = PURPOSES.into_iter().find(|purpose| purpose.as_str() == self.purpose);
        let names = PURPOSES.map(Purpose::as_str).join(", ");
        found.ok_or_else(|| Problem::field("purpose", format!("must be one of {names}")))
    }

    /// When it may leave, and until when.
    fn times(&self, now: Timestamp) -> Result<(Timestamp, Timestamp), Problem> {
        let due_at = self.send_at.unwrap_or(now).max(now);
        if due_at > now + FARTHEST {
            return Err(Problem::field("send_at", "must be within 30 days"));
        }
        let expires_at = self.expires_at.unwrap_or(due_at + USUAL);
        if expires_at <= due_at || expires_at > due_at + LONGEST {
            return Err(Problem::field("expires_at", "must be later than send_at, by 5 days at most"));
        }
        Ok((due_at, expires_at))
    }

    fn address(&self, api: &Api) -> Result<String, Problem> {
        let phone = match Address::parse(&self.to) {
            Ok(address @ Address::WhatsApp(_)) => return Ok(address.to_string()),
            _ => Phone::parse(&self.to, api.default_region),
        };
        match phone.map_err(|error| Problem::field("to", error.to_string()))? {
            phone if phone.is_premium_rate() => Err(Problem::field("to", PREMIUM_RATE)),
            phone => Ok(phone.to_string()),
        }
    }
}

/// The name in a stored person.
fn name(person: &str) -> Result<Option<String>, Problem> {
    let person: crate::dialog::Person =
        serde_json::from_str(person).map_err(|error| sqlx::Error::Decode(error.into()))?;
    Ok(person.name.map(|name| name.as_str().to_owned()))
}

async fn shown(api: &Api, row: MessageRow) -> Result<Json<Message>, Problem> {
    let addresses = api.inbox.store.addresses(&[row.contact_id]).await?;
    let address = addresses.into_iter().next().map(|(_, address)| address);
    Ok(Json(Message::new(row, address.as_deref())))
}

/// The message with this id.
pub(super) async fn stored(api: &Api, id: i64) -> Result<MessageRow, Problem> {
    api.inbox.store.message(id).await?.ok_or_else(|| Problem::not_found("there is no such message"))
}

fn number(id: &Id) -> Result<i64, Problem> {
    let id = id.as_ref().ok().and_then(|Path(id)| id.parse().ok());
    id.ok_or_else(|| Problem::not_found("there is no such message"))
}
