//! What staff say about a person's consent, and erasing a person.

use super::Api;
use super::auth::{Allowed, ContactsWrite};
use super::contacts::{Number, find};
use super::input::Input;
use crate::conversation::{Note, StaffError};
use crate::problem::{FieldError, Problem};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The longest reason, in characters.
const MAX_WORDS: usize = 500;

/// What staff do.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Action {
    /// The person may be written to.
    OptIn,
    /// The person may not be written to.
    OptOut,
}

/// What is posted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Act {
    action: Action,
    reason: String,
    /// Where it is on record that the person agreed anew.
    evidence: Option<String>,
}

/// How a person's consent stands now.
#[derive(Debug, Serialize)]
pub(super) struct Standing {
    phone_number: String,
    consent: String,
    opted_out: bool,
    /// Whether this request changed it.
    changed: bool,
}

/// `POST /contacts/{phone}/consent`.
pub(super) async fn change(
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
pub(super) async fn erase(
    allowed: Allowed<ContactsWrite>,
    State(api): State<Arc<Api>>,
    phone: Number,
) -> Result<StatusCode, Problem> {
    let contact = find(&api, phone).await?;
    let actor = allowed.actor();
    let note = Note { actor: &actor, reason: None, evidence: None };
    api.inbox.erase_person(&contact.address, note).await?;
    Ok(StatusCode::NO_CONTENT)
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
    if (1..=MAX_WORDS).contains(&text.trim().chars().count()) {
        return Ok(());
    }
    let message = format!("must have 1 to {MAX_WORDS} characters").into();
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
