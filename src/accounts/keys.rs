//! What must be unique of accounts, in the form that it has today. An earlier version kept some of it otherwise:
//! who signed up then would not be found.

use super::email::Email;
use super::staff::read_external_id;
use crate::store::{KeysRow, Store};

/// The bookmark of the form that the keys have …
const BOOKMARK: &str = "form of account keys";
/// … and the number of today's, which goes up with every change of it.
const FORM: i64 = 1;

/// Brings the keys of accounts into today's form, once. Where two accounts would have one, the second stays as it
/// was and the log says so: somebody has to decide whose it is.
///
/// # Errors
/// The database did not answer.
pub async fn renew_keys(store: &Store) -> sqlx::Result<()> {
    if store.bookmark(BOOKMARK).await? >= Some(FORM) {
        return Ok(());
    }
    let (mut after, mut twins) = (0, false);
    loop {
        let rows = store.keys_after(after).await?;
        let Some(last) = rows.last() else { break };
        after = last.id;
        for row in rows {
            let renewed = renewed(&row);
            if (&renewed.email_key, &renewed.external_id) == (&row.email_key, &row.external_id) {
                continue;
            }
            match store.put_keys(&renewed).await {
                Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
                    twins = true;
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
    // Where there are twins, one may have gone by the next start.
    if twins { Ok(()) } else { store.put_bookmark(BOOKMARK, FORM).await }
}

fn renewed(row: &KeysRow) -> KeysRow {
    let email_key = Email::parse(&row.email).map_or_else(|_| row.email_key.clone(), |email| email.key());
    let external_id =
        row.external_id.as_deref().map(|id| read_external_id(id).unwrap_or_else(|_| id.to_owned()));
    KeysRow { email_key, external_id, ..row.clone() }
}
