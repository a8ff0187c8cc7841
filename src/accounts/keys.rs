//! What must be unique of accounts, in the form that it has today. An earlier version kept some of it otherwise:
//! who signed up then would not be found.

use super::email::Email;
use super::staff::read_external_id;
use crate::store::{KeysRow, Store};

/// Brings the keys of accounts into today's form. Where two accounts would have one, the second stays as it was
/// and the log says so: somebody has to decide whose it is.
///
/// # Errors
/// The database did not answer.
pub async fn renew_keys(store: &Store) -> sqlx::Result<()> {
    let mut after = 0;
    loop {
        let rows = store.keys_after(after).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.id;
        for row in rows {
            let renewed = renewed(&row);
            if (&renewed.email_key, &renewed.external_id) == (&row.email_key, &row.external_id) {
                continue;
            }
            match store.put_keys(&renewed).await {
                Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
                    let what = "its email address or external_id is another account's, but for its spelling";
                    tracing::warn!(
                        account = row.id,
                        "{what}: nobody can sign in to this account; change or erase one"
                    );
                }
                other => other?,
            }
        }
    }
}

fn renewed(row: &KeysRow) -> KeysRow {
    let email_key = Email::parse(&row.email).map_or_else(|_| row.email_key.clone(), |email| email.key());
    let external_id =
        row.external_id.as_deref().map(|id| read_external_id(id).unwrap_or_else(|_| id.to_owned()));
    KeysRow { email_key, external_id, ..row.clone() }
}
