//! What staff say about a person's consent, and erasing a person.

use super::Api;
use super::auth::{Allowed, ContactsWrite};
use super::contacts::{Number, find};
use super::input::Input;
use super::openapi::{NoContent, Routes};
use crate::conversation::{Note, StaffError};
use crate::problem::{FieldError, Problem};
use crate::visible;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The longest reason, in characters.
pub(super) const MAX_WORDS: usize = 500;

pub(super) fn routes() -> Routes {
    Routes::about("Contacts", "")
        .post("/contacts/{phone}/consent", change, "Record that somebody opted in or out")
        .or("opted_out_by_person")
        .or("opted_out")
        .delete("/contacts/{phone}", erase, "Erase a person")
        .more("What stays is a keyed hash of the number.")
}

/// What staff do.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Action {
    /// The person may be written to.
    OptIn,
    /// The person may not be written to.
    OptOut,
}

/// What is posted.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Act {
    /// What is recorded.
    action: Action,
    /// Why.
    #[schemars(length(min = 1, max = MAX_WORDS), example = &"She asked at the desk")]
    reason: String,
    /// Where it is on record that the person agreed anew.
    #[schemars(length(min = 1, max = MAX_WORDS), example = &"Form of 20 November")]
    evidence: Option<String>,
}

/// How a person's consent stands now.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsentStanding")]
pub(super) struct Standing {
    phone_number: String,
    consent: String,
    /// Whether nothing may be sent.
    #[schemars(example = false)]
    opted_out: bool,
    /// Whether this request changed it.
    changed: bool,
}

/// `POST /contacts/{phone}/consent`.
async fn change(
    allowed: Allowed<ContactsWrite>,
    State(api): State<Arc<Api>>,
    phone: Number,
    Input(act): Input<Act>,
) -> Result<Json<Standing>, Problem> {
    act.check()?;
    let contact = find(&api, phone).await?;
    let actor = allowed.actor();
    let evidence = act.evidence.as_deref().map(str::trim);
    let note = Note { actor: &actor, reason: Some(act.reason.trim()), evidence };
    let address = contact.address;
    let changed = match act.action {
        Action::OptIn => api.inbox.opt_in(&address, note).await?,
        Action::OptOut => api.inbox.opt_out(std::slice::from_ref(&address), false, note, false).await? > 0,
    };
    let contact = api.inbox.store.contact(&address).await?.ok_or(StaffError::NotFound)?;
    let opted_out = contact.consent == "withdrawn";
    Ok(Json(Standing { phone_number: address, opted_out, consent: contact.consent, changed }))
}

/// `DELETE /contacts/{phone}`: what stays is a keyed hash of the number.
async fn erase(
    allowed: Allowed<ContactsWrite>,
    State(api): State<Arc<Api>>,
    phone: Number,
) -> Result<NoContent, Problem> {
    let contact = find(&api, phone).await?;
    let actor = allowed.actor();
    let note = Note { actor: &actor, reason: None, evidence: None };
    api.inbox.erase_person(&contact.address, note).await?;
    Ok(NoContent)
}

impl Act {
    fn check(&self) -> Result<(), Problem> {
        let words = [("reason", Some(self.reason.as_str())), ("evidence", self.evidence.as_deref())];
        let errors: Vec<FieldError> =
            words.into_iter().filter_map(|(field, text)| check_words(field, text?).err()).collect();
        if errors.is_empty() { Ok(()) } else { Err(Problem::fields(errors)) }
    }
}

/// Checks words that the ledger keeps.
pub(super) fn check_words(field: &'static str, text: &str) -> Result<(), FieldError> {
    if visible::note(text, MAX_WORDS).is_ok_and(|words| !words.is_empty()) {
        return Ok(());
    }
    let message = format!("must have 1 to {MAX_WORDS} characters that can be read").into();
    Err(FieldError { field: field.into(), message })
}

impl From<StaffError> for Problem {
    fn from(error: StaffError) -> Self {
        let words = error.to_string();
        match error {
            StaffError::NotFound => Self::not_found(words),
            StaffError::OwnWord => {
                Self::new(StatusCode::CONFLICT, "opted_out_by_person", words).about("evidence")
            }
            StaffError::OptedOut => Self::new(StatusCode::CONFLICT, "opted_out", words),
            StaffError::Store(error) => error.into(),
        }
    }
}
