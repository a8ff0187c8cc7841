//! Rows that follow from people and proofs.

use crate::dialog::{Name, Nonce, Person, Proof, Road, State};
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

/// A nonce from the operating system's random source.
///
/// # Errors
/// It has none to give.
pub fn fresh_nonce() -> sqlx::Result<Nonce> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| sqlx::Error::Io(std::io::Error::other(error)))?;
    Ok(Nonce(bytes))
}
