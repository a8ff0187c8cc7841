//! What staff say about a person's consent, and erasing a person.

use super::Api;
use super::auth::{Allowed, ContactsWrite};
use super::contacts::{Number, find};
use super::input::Input;
use super::openapi::{NoContent, Routes};
use crate::conversation::{Note, StaffError};
use crate::problem::{FieldError, Problem};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The longest reason, in characters.
const MAX_WORDS: usize = 500;

pub(super) fn routes() -> Routes {
    Routes::about("Contacts", "")
        .post("/contacts/{phone}/consent", change, "Note that a contact allowed or took back")
        .more("Who took it back with their own words needs `evidence` that they agreed anew.")
        .or("opted_out_by_person")
        .delete("/contacts/{phone}", erase, "Erase a contact")
        .more("What stays is a keyed hash of the number, so that nobody writes to it again.")
}

/// What staff do.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Action {
    /// The person may be written to.
    OptIn,
    /// The person may not be written to.
    OptOut,
}

/// What is posted.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Act {
    action: Action,
    /// Why.
    #[schemars(length(min = 1, max = MAX_WORDS), example = &"Asked on the phone")]
    reason: String,
    /// Where it is on record that the person agreed anew.
    #[schemars(length(min = 1, max = MAX_WORDS), example = &"Paper form of 20 November 2026")]
    evidence: Option<String>,
}

/// How a person's consent stands now.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsentStanding")]
struct Standing {
    phone_number: String,
    /// `given`, `withdrawn` or `none`.
    #[schemars(example = &"given")]
    consent: String,
    /// Whether nothing may be sent to them.
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
