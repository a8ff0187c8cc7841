//! Rows that follow from people and proofs.

use super::Inbox;
use crate::dialog::{Event, Ground, Name, Nonce, Person, Proof, Road, State, Turn, step};
use crate::store::{ContactChange, NumberRow, ProofChange, SpeakerRow, Standing};
use jiff::Timestamp;

/// Everything about a contact that follows from the person behind it.
///
/// # Errors
/// The person can't be written as JSON, which does not happen.
pub fn change<'a>(row: &'a SpeakerRow, person: &'a Person) -> sqlx::Result<ContactChange<'a>> {
    Ok(ContactChange {
        id: row.id,
        locale: &row.locale,
        person: serde_json::to_string(person).map_err(|error| sqlx::Error::Encode(error.into()))?,
        last_heard_at: None,
        standing: Some(standing(person, row.erased_at)),
        was: None,
    })
}

/// Where the contact of a person stands.
pub(super) fn standing(person: &Person, erased_at: Option<i64>) -> Standing<'_> {
    Standing {
        state: person.state.as_str(),
        consent: person.consent.as_str(),
        name: person.name.as_ref().map(Name::as_str),
        promotion_paused: person.doubts.promotion_paused,
        registered_at: match person.state {
            State::Member { since } => Some(since.as_millisecond()),
            _ => None,
        },
        erased_at,
    }
}

/// Everything about an account's number that follows from its proof.
///
/// # Errors
/// The proof can't be written as JSON, which does not happen.
pub fn change_of(row: &NumberRow, proof: &Proof) -> sqlx::Result<ProofChange> {
    Ok(ProofChange {
        id: row.id,
        address: row.address.clone(),
        proof: serde_json::to_string(proof).map_err(|error| sqlx::Error::Encode(error.into()))?,
        verification_method: proof.road().map(Road::as_str),
        is_verified: proof.is_proven(),
        expires_at: proof.expires_at().map(Timestamp::as_millisecond),
    })
}

impl Inbox {
    /// Moves a person by something that is no text of theirs, and that answers with no code.
    pub(super) fn moved(&self, row: &SpeakerRow, before: &Person, event: &Event, now: Timestamp) -> Turn {
        let ground = Ground {
            now,
            nonce: Nonce([0; 16]),
            key: &self.code_key,
            subject: &row.address,
            numbers_offered: false,
            twilio_answers: self.settings.twilio_answers,
            locale: &row.locale,
            bookings: &[],
        };
        step(before, event, &ground)
    }
}

/// A nonce from the operating system's random source.
///
/// # Errors
/// It has none to give.
pub fn fresh_nonce() -> sqlx::Result<Nonce> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| sqlx::Error::Io(std::io::Error::other(error)))?;
    Ok(Nonce(bytes))
}
