//! A name that staff give somebody.

use super::Inbox;
use super::rows::change;
use crate::dialog::{Name, Person};
use crate::store::Tx;

impl Inbox {
    /// Gives the person at `address` another name; changes nothing where there is no contact.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn rename(&self, tx: &mut Tx, address: &str, name: Name) -> sqlx::Result<()> {
        let Some(row) = tx.contacts(&[address]).await?.into_iter().next() else { return Ok(()) };
        let person: Person =
            serde_json::from_str(&row.person).map_err(|error| sqlx::Error::Decode(error.into()))?;
        let person = Person { name: Some(name), ..person };
        tx.save_contacts(&[change(&row, &person)?]).await
    }
}
